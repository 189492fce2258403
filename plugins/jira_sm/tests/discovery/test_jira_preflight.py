"""What doctor tells of a site: who we are, what shows, what not, and whom to ask for what."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from jira_doctor import WANTED, access, level, looked_at

from itsm_bridge.adapter import Right
from itsm_bridge.errors import PermissionDenied
from itsm_bridge.schema.lifecycles import CAPABILITIES
from itsm_bridge_jira_sm.testing import SimulatedJira

KINDS = ("cloud", "data_center")


@pytest.fixture(autouse=True)
def _passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIRA_TOKEN", "ATATT-bridge-over-the-river")
    monkeypatch.setenv("JIRA_SCOPED", "ATSTT-under-the-bridge")
    monkeypatch.setenv("JIRA_PASSWORD", "bridge-over-the-river")


@pytest.fixture(params=KINDS)
def jira(request: pytest.FixtureRequest) -> Iterator[SimulatedJira]:
    with served(request.param) as site:
        yield site


@pytest.fixture
def cloud() -> Iterator[SimulatedJira]:
    with served("cloud") as site:
        yield site


def served(kind: str) -> SimulatedJira:
    site = SimulatedJira("cloud" if kind == "cloud" else "data_center", zone="America/Los_Angeles")
    issue = site.insert("IT", "Incident", request_type="Report a system problem")
    site.start_sla(issue, "Time to resolution", 14_400)
    site.insert("IT", "Change")
    return site


def test_it_says_who_we_are_and_that_our_timezone_does_not_matter(jira: SimulatedJira) -> None:
    found = looked_at(jira)
    name = jira.site.account if not jira.site.is_cloud else jira.person(jira.site.account)
    assert found.identity == f"ITSM Bridge ({name})"
    assert found.product == ("Jira Cloud" if jira.site.is_cloud else "Jira Data Center")
    assert (found.version != "", found.timezone) == (True, "UTC")
    assert "America/Los_Angeles, does not matter" in found.timezone_note
    assert found.problems == ()


def test_all_that_is_read_is_open_to_an_agent(jira: SimulatedJira) -> None:
    found = looked_at(jira)
    assert [item.stream for item in found.access] == list(WANTED)
    closed = {item.stream for item in found.access if not item.is_readable}
    assert closed == (set() if jira.site.is_cloud else {"issue_service"})
    assert not any(item.reason for item in found.access if item.is_readable)
    assert (access(found, "issue").rows, access(found, "project").rows) == (2, 1)
    assert jira.writes_attempted == []


def test_every_capability_is_declared_and_none_without_a_reason(jira: SimulatedJira) -> None:
    found = looked_at(jira)
    assert {item.name for item in found.capabilities} == set(CAPABILITIES)
    assert [item for item in found.capabilities if item.level != "full" and not item.reason] == []
    keys = [(item.name, item.record_type) for item in found.capabilities]
    assert len(keys) == len(set(keys))


def test_clocks_that_are_all_empty_are_not_observed_where_the_account_is_no_agent(jira: SimulatedJira) -> None:
    jira.site.is_agent = False
    found = looked_at(jira)
    seen = access(found, "issue_sla")
    assert not seen.is_readable
    assert "no issue shows a clock, though the site has 2" in seen.reason
    (right,) = seen.rights
    assert (right.grant.startswith("project permission Service Desk Agent in IT"), right.on) == (True, "issue_sla")
    assert level(found, "sla.claim")[0] == "none"
    assert (access(found, "service_desk").rows, access(found, "request_type").reason) == (
        0, "no service desk shows to the account"
    )  # fmt: skip


def test_clocks_that_no_issue_has_yet_are_no_missing_right(jira: SimulatedJira) -> None:
    jira.add_project("NEW")
    jira.insert("NEW", "Incident")
    seen = access(looked_at(jira, projects=["NEW"]), "issue_sla")
    assert (seen.is_readable, seen.reason) == (True, "")


def test_a_site_without_fields_for_clocks_has_none_to_ask_for(jira: SimulatedJira) -> None:
    for field in [field for field in jira.site.fields.values() if field.kind == "sla"]:
        jira.hide_field(field.id)
    found = looked_at(jira)
    assert (access(found, "issue_sla").exists, access(found, "sla_metric").exists) == (False, False)
    assert "the site has no field for it" in level(found, "sla.claim")[1]


def test_a_field_that_the_site_does_not_have_is_a_limit_and_no_missing_right(jira: SimulatedJira) -> None:
    jira.rename_field("impact", "Auswirkung")
    found = looked_at(jira)
    seen = access(found, "issue")
    assert (seen.missing_fields, seen.absent_fields) == (("impact.value",), ("impact.value",))
    assert level(found, "field.impact") == ("none", "issue.impact.value does not exist on this site")
    assert found.problems == ()
    assert access(looked_at(jira, fields={"impact": "Auswirkung"}), "issue").missing_fields == ()


def test_a_field_that_is_there_twice_is_asked_for(jira: SimulatedJira) -> None:
    other = jira.add_field("Change type", "option")
    found = looked_at(jira)
    seen = access(found, "issue")
    assert (seen.missing_fields, seen.absent_fields) == (("change_type.value",), ())
    assert "which field is meant" in seen.remedy
    (problem,) = found.problems
    assert (other in problem, "fields.change_type" in problem) == (True, True)
    assert level(found, "change.type") == ("none", "issue.change_type.value is not decided on")


def test_a_field_of_jira_itself_that_is_hidden_is_a_right_to_ask_for(jira: SimulatedJira) -> None:
    jira.hide_field("priority")
    seen = access(looked_at(jira), "issue")
    assert (seen.missing_fields, seen.absent_fields) == (("priority.name",), ())
    assert [right.on for right in seen.rights] == ["issue.priority.name"]


def test_without_a_project_nothing_of_issues_can_be_read(jira: SimulatedJira) -> None:
    jira.lose_project("IT")
    found = looked_at(jira)
    closed = {item.stream for item in found.access if not item.is_readable}
    assert {"issue", "issue_history", "issue_comment", "component", "version"} <= closed
    assert access(found, "issue").rights == (Right("project permission Browse Projects", "issue"),)
    assert access(found, "issue_history").rights == (Right("project permission Browse Projects", "issue_history"),)
    assert level(found, "history.state")[0] == "none"


def test_issues_that_are_all_hidden_are_no_empty_project(jira: SimulatedJira) -> None:
    jira.hide(lambda issue: True)
    seen = access(looked_at(jira), "issue")
    assert (seen.rows, "issue security" in seen.reason) == (0, True)


def test_people_that_may_not_be_listed_are_told_with_the_permission(jira: SimulatedJira) -> None:
    jira.routes.reference.may_list_people = False
    found = looked_at(jira)
    seen = access(found, "person")
    assert (seen.is_readable, seen.rights) == (False, (Right("global permission Browse users and groups", "person"),))
    assert level(found, "membership")[0] == "none"


def test_a_site_without_service_management_says_so(jira: SimulatedJira) -> None:
    jira.routes.desk.is_licensed = False
    seen = access(looked_at(jira), "service_desk")
    assert seen.rights == (Right("product access to Jira Service Management", "service_desk"),)


def test_a_scope_that_a_token_lacks_is_named(cloud: SimulatedJira) -> None:
    scope, streams = "read:servicedesk-request", {"service_desk", "request_type", "organization"}
    cloud.sign_in.scopes = tuple(one for one in cloud.sign_in.scopes if one != scope)
    found = looked_at(cloud, cloud_id="detect")
    closed = {item.stream: item.rights for item in found.access if not item.is_readable}
    streams |= {"asset", "asset_relation"}  # which workspace is asked of the service desk
    assert closed == {stream: (Right(f"scope {scope}", stream),) for stream in streams}


def test_a_scope_for_objects_alone_is_missed_before_anything_is_read(cloud: SimulatedJira) -> None:
    cloud.sign_in.scopes = tuple(one for one in cloud.sign_in.scopes if "cmdb" not in one)
    found = looked_at(cloud, cloud_id="detect")
    assert {item.stream for item in found.access if not item.is_readable} == {"asset", "asset_relation"}
    assert "read:cmdb-object:jira" in access(found, "asset").remedy


def test_a_token_without_the_scope_for_work_is_told_at_once(cloud: SimulatedJira) -> None:
    cloud.sign_in.scopes = ("read:jira-user",)
    with pytest.raises(PermissionDenied) as caught:
        looked_at(cloud, cloud_id="detect")
    assert "read:jira-work" in str(caught.value.hint)


def test_clocks_that_are_apart_are_a_problem(jira: SimulatedJira) -> None:
    jira.clock_skew_seconds = 600
    found = looked_at(jira)
    assert found.clock_difference_seconds is not None
    assert 590 < found.clock_difference_seconds < 610
    assert "time server" in found.problems[0]
