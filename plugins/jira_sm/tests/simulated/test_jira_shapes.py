"""What the simulation answers has the shapes that the vendor publishes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jira_asset_shapes
import jira_desk_shapes
import jira_shapes
import msgspec
import pytest
from asking_jira import NOW, Asking

from itsm_bridge_jira_sm.testing import Company, SimulatedJira, seeded_company

EVERYTHING = {"jql": "project in (ITSM, OPS) ORDER BY key", "fields": ["*all"], "maxResults": 100}


@pytest.fixture(scope="module")
def company() -> Company:
    return seeded_company(now=NOW, size=120)


@pytest.fixture(scope="module")
def asking(company: Company) -> Iterator[Asking]:
    with SimulatedJira(site=company.site) as jira, Asking(jira) as asking:
        yield asking


def holds(answer: Any, shape: Any) -> None:
    """Hold a whole answer against a shape; msgspec says where it does not fit."""
    msgspec.json.decode(answer.content, type=shape, strict=True)


def test_searches(asking: Asking) -> None:
    holds(asking.request("search/jql", {**EVERYTHING, "expand": "names,schema,changelog"}), jira_shapes.SearchByToken)
    keys = [f"ITSM-{number}" for number in range(1, 90)]
    holds(asking.request("issue/bulkfetch", {"issueIdsOrKeys": keys, "fields": ["*all"]}), jira_shapes.Fetched)
    holds(asking.request("changelog/bulkfetch", {"issueIdsOrKeys": keys}), jira_shapes.Histories)
    holds(asking.request("search/approximate-count", {"jql": "project = ITSM"}), dict[str, int])


def test_one_issue(asking: Asking) -> None:
    key = asking.ids("project = ITSM AND statusCategory = Done")[0]
    holds(asking.request(f"issue/{key}", expand="changelog"), jira_shapes.Issue)
    holds(asking.request(f"issue/{key}/changelog"), jira_shapes.by_offset(jira_shapes.History))
    holds(asking.request(f"issue/{key}/comment"), jira_shapes.Comments)


KINDS = {
    "Time to resolution": jira_desk_shapes.Clock, "approvals": list[jira_desk_shapes.Approval], "request_type": jira_desk_shapes.RequestTypeValue,
    "organizations": list[jira_desk_shapes.Organization], "approvers": list[jira_shapes.Person], "change_type": jira_shapes.Option,
    "planned_start": jira_shapes.Iso, "affected_services": list[dict[str, str]], "satisfaction": dict[str, int],
}  # fmt: skip


@pytest.mark.parametrize(("name", "shape"), KINDS.items(), ids=KINDS)
def test_custom_fields(asking: Asking, name: str, shape: Any) -> None:
    field = asking.served.field_id(name)
    pages = asking.pages(EVERYTHING["jql"], fields=[field], maxResults=100)  # type: ignore[arg-type]
    values = [issue["fields"][field] for page in pages for issue in page["issues"]]
    met = [value for value in values if value]
    assert met
    for value in met:
        msgspec.convert(value, type=shape, strict=True)


LISTS = {
    "field": list[jira_shapes.Field], "status": list[jira_shapes.Status], "priority": list[jira_shapes.Term],
    "resolution": list[jira_shapes.Term], "issuetype": list[jira_shapes.IssueType], "issueLinkType": jira_shapes.LinkTypes,
    "myself": jira_shapes.Person, "serverInfo": jira_shapes.Server, "project": list[jira_shapes.Project],
    "project/search": jira_shapes.by_offset(jira_shapes.Project), "project/ITSM": jira_shapes.Project,
    "project/ITSM/statuses": list[jira_shapes.WithStatuses], "project/ITSM/components": list[jira_shapes.Component],
    "project/ITSM/component": jira_shapes.by_offset(jira_shapes.Component), "project/ITSM/versions": list[jira_shapes.Version],
    "project/ITSM/version": jira_shapes.by_offset(jira_shapes.Version), "users/search": list[jira_shapes.Person],
    "group/bulk": jira_shapes.by_offset(jira_shapes.Group),
    "group/member?groupname=service-desk": jira_shapes.by_offset(jira_shapes.Person),
}  # fmt: skip


@pytest.mark.parametrize(("path", "shape"), LISTS.items(), ids=LISTS)
def test_lists(asking: Asking, path: str, shape: Any) -> None:
    holds(asking.request(path), shape)


def test_the_service_desk(asking: Asking) -> None:
    changes = asking.ids("project = ITSM AND issuetype = '[System] Change' AND 'Change type' = Normal")
    for path, member in {
        "servicedesk": jira_desk_shapes.Desk, "servicedesk/1/requesttype": jira_desk_shapes.RequestType,
        "organization": jira_desk_shapes.Organization, f"request/{changes[0]}/approval": jira_desk_shapes.Approval,
        "request/ITSM-1/sla": jira_desk_shapes.Clock,
    }.items():  # fmt: skip
        holds(asking.request(f"rest/servicedeskapi/{path}"), jira_desk_shapes.of_desk(member))


def test_assets(asking: Asking) -> None:
    [workspace] = asking.get("rest/servicedeskapi/assets/workspace")["values"]
    place = f"{asking.served.url}/gateway/api/jsm/assets/workspace/{workspace['workspaceId']}/v1"
    schemas = jira_shapes.by_offset(jira_asset_shapes.Schema)
    holds(asking.session.get(f"{place}/objectschema/list", timeout=10), schemas)
    attributes = list[jira_asset_shapes.Attribute]
    holds(asking.session.get(f"{place}/objectschema/1/attributes", timeout=10), attributes)
    found = asking.session.post(f"{place}/object/aql", json=jira_asset_shapes.QUERY, timeout=10)
    holds(found, jira_asset_shapes.CloudObjects)
    assert found.json()["values"]


def test_data_center() -> None:
    company = seeded_company(now=NOW, size=60, is_cloud=False)
    with SimulatedJira(site=company.site) as jira, Asking(jira) as asking:
        everything = {"jql": "project = ITSM", "fields": ["*all"], "expand": ["changelog"], "maxResults": 1000}
        holds(asking.request("search", everything), jira_shapes.SearchByOffset)
        holds(asking.request("myself"), jira_shapes.OwnPerson)
        holds(asking.request("user/search", username="."), list[jira_shapes.OwnPerson])
        holds(asking.request("serverInfo"), jira_shapes.Server)
        found = asking.request("rest/assets/1.0/aql/objects", **jira_asset_shapes.QUERY)
        holds(found, jira_asset_shapes.OwnObjects)
        assert found.json()["objectEntries"]
        holds(asking.request("rest/assets/1.0/objectschema/list"), jira_asset_shapes.OwnSchemas)


def test_refusals(asking: Asking) -> None:
    holds(asking.request("search/jql", {"jql": "nonsense"}), jira_shapes.Refused)
    holds(asking.request("search", {"jql": "nonsense"}), jira_shapes.Refused)
    holds(asking.request("issue/ITSM-4711"), jira_shapes.Refused)
    holds(asking.request("rest/servicedeskapi/request/ITSM-4711/sla"), jira_desk_shapes.DeskRefused)


def test_a_shape_that_does_not_fit_is_noticed(asking: Asking) -> None:
    answer = asking.request("changelog/bulkfetch", {"issueIdsOrKeys": ["ITSM-1"]})
    answer._content = answer.content.replace(b'"created":1', b'"created":"1').replace(b',"items"', b'","items"')
    with pytest.raises(msgspec.ValidationError, match="created"):
        holds(answer, jira_shapes.Histories)
