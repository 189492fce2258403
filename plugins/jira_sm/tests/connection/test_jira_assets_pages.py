"""Assets: where it lies, pages that end where Assets says so, and which attribute is the status and the owner."""

from __future__ import annotations

from typing import Any

import pytest
import responses
from jira_answers import BEHIND, CLOUD_ID, DATA_CENTER, GATEWAY, PASSWORD, URL, answers_at, connected

from itsm_bridge.errors import BadAnswer
from itsm_bridge_jira_sm.asset_rights import SEE_SCHEMAS, SeenAssets, look_at_assets
from itsm_bridge_jira_sm.assets import ASSET, RELATION, Assets
from itsm_bridge_jira_sm.session import Site

WORKSPACE = "ws"
CLOUD = f"{GATEWAY}/jsm/assets/workspace/{WORKSPACE}/v1"
ON_SITE = f"{DATA_CENTER}/rest/assets/1.0"
STATUS = {"id": "7", "name": "Lifecycle", "type": 7}
WANTED = {ASSET: ("id", "status", "owner.accountId"), RELATION: ("id",)}


def attribute(number: int, name: str, kind: int) -> dict[str, Any]:
    return {"id": str(number), "name": name, "type": kind}


def thing(number: int, **values: str) -> dict[str, Any]:
    told = [
        {"objectTypeAttributeId": id_[1:], "objectAttributeValues": [{"value": value, "displayValue": value}]}
        for id_, value in values.items()
    ]
    return {"id": str(number), "objectKey": f"CMDB-{number}", "label": "x", "attributes": told}


def on_cloud(tool: responses.RequestsMock, *attributes: dict[str, Any]) -> Site:
    answers_at(tool, URL)
    tool.get(f"{URL}/rest/servicedeskapi/assets/workspace", json=one_page({"workspaceId": WORKSPACE}))
    tool.get(f"{CLOUD}/objectschema/list", json=one_page({"id": "1", "name": "IT", "objectCount": 3}))
    tool.get(f"{CLOUD}/objectschema/1/attributes", json=list(attributes))
    return connected()


def on_data_center(tool: responses.RequestsMock) -> Site:
    answers_at(tool, DATA_CENTER)
    tool.get(f"{ON_SITE}/objectschema/list", json={"objectschemas": [{"id": 1, "name": "IT", "objectCount": 3}]})
    tool.get(f"{ON_SITE}/objectschema/1/attributes", json=[])
    return connected(url=DATA_CENTER, **PASSWORD)


def one_page(*values: Any) -> dict[str, Any]:
    return {"values": list(values), "isLast": True, "isLastPage": True}


def column(site: Site, name: str = "id", **named: str) -> list[str | None]:
    return [value for columns, _ in Assets(site, named).read(ASSET) for value in columns[name]]


@pytest.mark.parametrize(
    ("more", "last"),
    [({"isLast": False, "total": 2}, {"isLast": True}), ({"hasMoreResults": True}, {"hasMoreResults": False})],
)
def test_neither_a_short_page_nor_a_capped_count_is_the_end_on_cloud(
    tool: responses.RequestsMock, more: dict[str, Any], last: dict[str, Any]
) -> None:
    site = on_cloud(tool)
    tool.post(f"{CLOUD}/object/aql", json={"values": [thing(1), thing(2)], **more})
    tool.post(f"{CLOUD}/object/aql", json={"values": [thing(3)], **last})
    assert column(site) == [f"{WORKSPACE}:{number}" for number in (1, 2, 3)]
    assert "startAt=2&" in str(tool.calls[-1].request.url)


def test_a_data_center_counts_its_objects(tool: responses.RequestsMock) -> None:
    site = on_data_center(tool)
    tool.get(f"{ON_SITE}/aql/objects", json={"objectEntries": [thing(1)], "totalFilterCount": 2})
    tool.get(f"{ON_SITE}/aql/objects", json={"objectEntries": [thing(2)], "totalFilterCount": 2})
    assert column(site) == ["CMDB-1", "CMDB-2"]
    assert "page=2&" in str(tool.calls[-1].request.url)


@pytest.mark.parametrize(
    ("pages", "said"), [([[1, 2], [1, 2]], "the same page came twice"), ([[1], []], "not the last")]
)
def test_a_list_that_would_never_end_is_an_error(
    tool: responses.RequestsMock, pages: list[list[int]], said: str
) -> None:
    site = on_cloud(tool)
    for numbers in pages:
        tool.post(f"{CLOUD}/object/aql", json={"values": list(map(thing, numbers)), "isLast": False})
    with pytest.raises(BadAnswer, match=said):
        column(site)


@pytest.mark.parametrize(
    ("attributes", "named", "expected"),
    [
        ((STATUS,), {}, "Live"),  # the only one of its type
        ((STATUS, attribute(8, "Status", 7)), {}, None),  # of two, the one with the name; it is empty here
        ((attribute(7, "status", 0),), {}, "Live"),  # by its name
        ((STATUS, attribute(8, "Contract", 7)), {}, None),  # not decided
        ((STATUS, attribute(8, "Contract", 7)), {"status": "lifecycle"}, "Live"),
        ((attribute(7, "Status", 7),), {"status": "Stage"}, None),  # what is named and missing is not made up for
    ],
)
def test_the_status_is_found_by_setting_type_or_name_and_never_guessed(
    tool: responses.RequestsMock, attributes: tuple[dict[str, Any], ...], named: dict[str, str], expected: str | None
) -> None:
    site = on_cloud(tool, *attributes)
    tool.post(f"{CLOUD}/object/aql", json={"values": [thing(1, a7="Live")], "isLast": True})
    assert column(site, "status", **named) == [expected]


def test_an_owner_that_is_only_written_down_is_no_account(tool: responses.RequestsMock) -> None:
    site = on_cloud(tool, attribute(7, "Owner", 0))
    tool.post(f"{CLOUD}/object/aql", json={"values": [thing(1, a7="Jane")], "isLast": True})
    assert column(site, "owner.accountId") == [None]


def test_tokens_with_scopes_reach_assets_through_the_gateway(tool: responses.RequestsMock) -> None:
    answers_at(tool, BEHIND, info={"deploymentType": "Cloud", "version": "1001"})
    site = connected(cloud_id=CLOUD_ID)
    assert site.assets("w", "object/aql") == f"{BEHIND}/jsm/assets/workspace/w/v1/object/aql"


def seen(site: Site) -> SeenAssets:
    return look_at_assets(site, {}, WANTED)


def test_what_nothing_decides_is_told_with_its_names(tool: responses.RequestsMock) -> None:
    tool.post(f"{CLOUD}/object/aql", json={"values": [], "isLast": True})
    found = seen(on_cloud(tool, STATUS, attribute(8, "Contract", 7), attribute(9, "Keeper", 2)))
    [problem] = found.problems
    assert "Contract, Lifecycle" in problem
    assert "asset_attributes" in problem
    assert (found.access[ASSET].rows, found.access[ASSET].missing_fields) == (3, ("status",))


@pytest.mark.parametrize("answer", [{"status": 404}, {"json": one_page()}])
def test_a_site_without_assets_has_no_such_streams(tool: responses.RequestsMock, answer: dict[str, Any]) -> None:
    answers_at(tool, URL)
    tool.get(f"{URL}/rest/servicedeskapi/assets/workspace", **answer)
    assert [(one.exists, one.is_readable) for one in seen(connected()).access.values()] == [(False, False)] * 2


def test_a_refusal_names_the_role_to_ask_for(tool: responses.RequestsMock) -> None:
    answers_at(tool, URL)
    tool.get(f"{URL}/rest/servicedeskapi/assets/workspace", json=one_page({"workspaceId": WORKSPACE}))
    tool.get(f"{CLOUD}/objectschema/list", status=403, json={"errorMessages": ["no"]})
    assert {SEE_SCHEMAS in one.remedy for one in seen(connected()).access.values()} == {True}
