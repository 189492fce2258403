"""Objects of Assets become configuration items, Cloud and Data Center, under the keys by which issues name them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from jira_site import JiraSite, about

from itsm_bridge_jira_sm.testing import SimulatedJira

OBJECTS = 120
STREAMS = ("issue", "issue_asset", "asset", "asset_relation", "person")
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def site(site: JiraSite) -> JiraSite:
    site.settings["streams"] = STREAMS
    return site


def stocked(server: SimulatedJira, count: int = OBJECTS) -> None:
    """Hosts that depend on the first of them, half of them retired."""
    for number in range(1, count + 1):
        more = {"Depends_on": [1]} if number > 1 else {}
        server.add_asset(
            number, "twin" if number > 2 else f"host {number}", at=AT, Owner="admin", Description="a host",
            Status="Retired" if number % 2 else "In Service", Last_verified="2026-03-01", **more,
        )  # fmt: skip


def test_objects_are_configuration_items_and_issues_name_them(site: JiraSite, server: SimulatedJira) -> None:
    stocked(server)
    issue = server.insert("IT", "Incident", status="Closed", assets=["2"])
    report = site.sync()
    assert {about(report, stream)["status"] for stream in ("asset", "asset_relation")} == {"complete"}
    items = site.load("configuration_item").set_index("configuration_item_id")
    assert len(items) == OBJECTS  # more than a page, whatever the page size that was asked for
    [link] = site.load("work_item_configuration_item").itertuples()
    item = items.loc[link.configuration_item_id]
    assert (item["name"], item["configuration_item_type"], item["status"]) == ("host 2", "Host", "in_use")
    assert (item["source_status"], str(item["last_verified_at"])[:10]) == ("In Service", "2026-03-01")
    assert str(item["updated_at"])[:10] == "2026-03-02"
    people = site.load("person").set_index("person_id")
    assert people.loc[item["owner_id"], "source_key"] == server.person("admin")
    assert issue in str(link.work_item_id)
    first = items.index[items["name"] == "host 1"][0]
    relations = site.load("configuration_item_relation")
    assert set(relations["to_id"]) == {first}
    assert (len(relations), set(relations["relation_type"])) == (OBJECTS - 1, {"Depends on"})


def test_a_site_says_which_types_are_not_under_control(
    tmp_path: Path, cloud_site: JiraSite, cloud: SimulatedJira
) -> None:
    cloud.add_asset(1, "host", at=AT)
    cloud.add_asset(2, "Berlin", kind="Office", at=AT)
    (tmp_path / "values.toml").write_text('[asset_scope.labels]\n"office" = false\n', encoding="utf-8")
    cloud_site.settings |= {"streams": STREAMS, "mappings": [tmp_path]}
    cloud_site.sync()
    items = cloud_site.load("configuration_item").set_index("name")
    assert items["is_in_scope"].to_dict() == {"host": True, "Berlin": False}


def test_a_site_without_assets_is_none_that_refuses(site: JiraSite, server: SimulatedJira) -> None:
    server.routes.desk.has_assets = server.routes.assets.is_licensed = False
    told = about(site.sync(), "asset")
    assert "no Assets" in str(told)
    assert site.load("configuration_item").empty


def test_what_the_account_may_not_see_does_not_stop_the_rest(site: JiraSite, server: SimulatedJira) -> None:
    stocked(server, 3)
    server.insert("IT", "Incident", status="Closed", assets=["2"])
    server.routes.assets.may_see = False
    report = site.sync()
    assert (site.keys("asset"), about(report)["status"]) == ([], "complete")
    assert len(site.keys("issue_asset")) == 1
