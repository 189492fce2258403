"""What is seen, and what is not: late indexing, hidden and moved issues, lost projects, deletions, open work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from jira_site import JiraSite, about

from itsm_bridge.errors import ItsmBridgeError
from itsm_bridge_jira_sm.testing import SimulatedJira

pytestmark = pytest.mark.usefixtures("reading_only")

LONG_AGO = datetime.now(UTC) - timedelta(days=30)


def filled(server: SimulatedJira, count: int = 25, project: str = "IT") -> list[str]:
    """Issues of the last month, closed ones."""
    return [
        server.insert(project, at=LONG_AGO + timedelta(hours=number), status="Closed", summary=f"issue {number}")
        for number in range(count)
    ]


def test_what_search_shows_late_is_found_by_the_next_sync(cloud_site: JiraSite, cloud: SimulatedJira) -> None:
    old = filled(cloud)
    cloud_site.sync()
    cloud.site.index_delay = timedelta(hours=6)
    late = cloud.insert("IT", status="Closed", at=datetime.now(UTC) - timedelta(minutes=5))
    cloud.update(old[3], {"summary": "changed"}, at=datetime.now(UTC) - timedelta(minutes=4))
    later = cloud.insert("IT", status="Closed", at=datetime.now(UTC))
    cloud.site.index_delay = timedelta(0)
    cloud.insert("IT", status="Closed", at=datetime.now(UTC))  # moves the cursor beyond those
    cloud_site.sync()
    cloud.site.catch_up()
    cloud_site.sync()
    assert {late, later} <= set(cloud_site.keys("issue"))
    assert dict(cloud_site.held("issue", "updated"))[old[3]] == max(
        value for key, value in cloud_site.held("issue", "updated") if key == old[3]
    )  # fmt: skip
    assert len(cloud_site.held("issue_history")) == 1


def test_a_deleted_issue_goes_and_a_hidden_one_cannot_be_told_from_it(site: JiraSite, server: SimulatedJira) -> None:
    ids = filled(server)
    server.comment(ids[0], "words")
    site.sync()
    server.delete(ids[0])
    site.sync()
    assert ids[0] not in site.keys("issue")
    assert site.keys("issue_comment") == []


def test_a_project_that_the_account_lost_is_no_mass_deletion(site: JiraSite, server: SimulatedJira) -> None:
    server.add_project("OPS")
    filled(server, 12)
    lost = filled(server, 15, "OPS")
    site.sync()
    server.lose_project("OPS")
    report = about(site.sync())
    assert set(lost) <= set(site.keys("issue"))
    assert (report["status"], report["deleted"], report["hidden"], report["held"]) == ("partial", 0, 15, 27)
    assert "no longer sees" in report["reason"]


def test_a_project_that_lost_most_of_its_issues_at_once_is_not_believed(site: JiraSite, server: SimulatedJira) -> None:
    ids = filled(server, 40)
    site.sync()
    server.hide(ids[:25])
    assert (about(site.sync())["status"], len(site.keys("issue"))) == ("partial", 40)
    assert (about(site.sync(is_full=True))["status"], len(site.keys("issue"))) == ("complete", 15)


def test_few_issues_that_vanish_are_deletions(site: JiraSite, server: SimulatedJira) -> None:
    ids = filled(server, 40)
    site.sync()
    for gone in ids[:5]:
        server.delete(gone)
    report = about(site.sync())
    assert (report["status"], report["deleted"], report["held"]) == ("complete", 5, 35)


def test_a_deleted_project_takes_its_issues_with_it(cloud_site: JiraSite, cloud: SimulatedJira) -> None:
    cloud.add_project("OPS")
    filled(cloud, 5)
    filled(cloud, 8, "OPS")
    cloud_site.sync()
    cloud.site.project("OPS").state = "deleted"
    report = about(cloud_site.sync())
    assert (report["status"], report["deleted"], report["held"]) == ("complete", 8, 5)


def test_open_work_is_read_again_for_its_clocks(site: JiraSite, server: SimulatedJira) -> None:
    filled(server)
    opened = server.insert("IT", at=LONG_AGO, status="Open")
    server.start_sla(opened, "Time to resolution", 400 * 3600, at=LONG_AGO)
    site.sync()
    before = dict(site.held("issue_sla", "elapsed_seconds"))
    assert any(key.startswith(f"{opened}/") for key in before), before
    server.now = datetime.now(UTC) + timedelta(days=3)  # nothing changes but the clock
    site.sync()
    after = dict(site.held("issue_sla", "elapsed_seconds"))
    assert {key.partition("/")[0] for key in before if before[key] != after[key]} == {opened}


def test_clocks_that_no_longer_show_are_not_observed_and_not_deleted(site: JiraSite, server: SimulatedJira) -> None:
    opened = server.insert("IT", at=LONG_AGO, status="Open")
    server.start_sla(opened, "Time to resolution", 400 * 3600, at=LONG_AGO)
    site.settings["streams"] = ["issue", "issue_sla"]
    site.sync()
    for is_agent, status in ((False, "denied"), (True, "complete")):
        server.site.is_agent = is_agent
        assert about(site.sync(), "issue_sla")["status"] == status
        assert len(site.keys("issue_sla")) == 1


def test_a_named_project_that_vanished_leaves_the_others_readable(site: JiraSite, server: SimulatedJira) -> None:
    server.add_project("OPS")
    filled(server, 3)
    filled(server, 4, "OPS")
    site.settings |= {"projects": ["IT", "OPS"], "streams": ["issue"]}
    site.sync()
    server.lose_project("OPS")
    server.insert("IT", status="Closed")
    report = about(site.sync())
    assert (report["status"], report["deleted"], len(site.keys("issue"))) == ("partial", 0, 8)


def test_a_project_that_never_showed_is_refused(site: JiraSite, server: SimulatedJira) -> None:
    site.settings |= {"projects": ["IT", "ITX"], "streams": ["issue"]}
    with pytest.raises(ItsmBridgeError, match=r"names ITX, which the account does not see; did you mean 'IT'"):
        site.sync()
