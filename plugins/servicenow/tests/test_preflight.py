from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from incident_rows import NOW, START, incidents
from servicenow_source import OAUTH, Made

from itsm_bridge.adapter import Access, Preflight, Right
from itsm_bridge.errors import AuthenticationFailed, Unreachable
from itsm_bridge.schema.lifecycles import CAPABILITIES
from itsm_bridge_servicenow.testing.records import Row, Tables, stamp
from itsm_bridge_servicenow.testing.server import SimulatedServiceNow

Maker = Callable[..., Made]


def audit(number: int, table: str, field: str) -> Row:
    return {
        "sys_id": f"{number:032x}", "tablename": table, "fieldname": field, "documentkey": "d", "oldvalue": "1",
        "newvalue": "2", "user": "admin", "record_checkpoint": "1", "sys_created_on": stamp(START + number),
    }  # fmt: skip


def company() -> Tables:
    problem = {"sys_id": "b" * 32, "number": "PRB1", "state": "101", "sys_updated_on": stamp(START)}
    change = {"sys_id": "c" * 32, "number": "CHG1", "state": "-5", "sys_updated_on": stamp(START)}
    fields = [("incident", "state"), ("incident", "priority"), ("incident", "assignment_group"), ("problem", "state")]
    metric = {
        "sys_id": "d" * 32, "id": "c" * 32, "table": "change_request", "field": "state", "field_value": "-5",
        "start": stamp(START), "sys_updated_on": stamp(START),
    }  # fmt: skip
    return {
        "incident": incidents(3), "problem": [problem], "change_request": [change], "metric_instance": [metric],
        "sys_audit": [audit(number, *pair) for number, pair in enumerate(fields)],
    }  # fmt: skip


@pytest.fixture
def instance() -> Iterator[SimulatedServiceNow]:
    with SimulatedServiceNow(company(), now=NOW) as served:
        yield served


def look(instance: SimulatedServiceNow, source: Maker, **more: object) -> Preflight:
    return source(instance.url, **more).adapter.preflight()


def access(found: Preflight, stream: str) -> Access:
    return next(item for item in found.access if item.stream == stream)


def level(found: Preflight, name: str, record_type: str = "*") -> tuple[str, str]:
    return next((c.level, c.reason) for c in found.capabilities if (c.name, c.record_type) == (name, record_type))


def test_it_says_who_we_are_and_how_far_the_clocks_are_apart(instance: SimulatedServiceNow, source: Maker) -> None:
    found = look(instance, source)
    assert (found.identity, found.timezone) == ("svc_bridge", "UTC")
    assert found.clock_difference_seconds is not None


def test_every_capability_is_declared_and_none_without_a_reason(instance: SimulatedServiceNow, source: Maker) -> None:
    found = look(instance, source)
    assert {c.name for c in found.capabilities} == set(CAPABILITIES)
    assert [c for c in found.capabilities if c.level != "full" and not c.reason] == []
    keys = [(c.name, c.record_type) for c in found.capabilities]
    assert len(keys) == len(set(keys))


def test_a_closed_table_is_told_with_what_is_lost_and_whom_to_ask(instance: SimulatedServiceNow, source: Maker) -> None:
    instance.deny_table("sys_audit")
    instance.deny_table("sysapproval_approver")
    found = look(instance, source)
    assert not access(found, "sys_audit").is_readable
    assert "read ACL on sys_audit" in access(found, "sys_audit").remedy
    assert level(found, "history.priority", "incident")[0] == "none"
    assert level(found, "history.state", "incident")[0] == "none"
    assert level(found, "history.state", "change")[0] == "partial"
    assert level(found, "approval.rollup") == ("none", level(found, "approval.rollup")[1])
    assert "sysapproval_approver cannot be read" in level(found, "approval.vote")[1]
    assert [right.on for right in access(found, "sys_audit").rights] == ["sys_audit"]


def test_histories_are_judged_table_by_table(instance: SimulatedServiceNow, source: Maker) -> None:
    found = look(instance, source)
    assert level(found, "history.state", "incident") == ("full", "")
    assert level(found, "history.priority", "problem") == ("full", "")
    assert level(found, "history.state", "service_request") == ("full", "")
    kind, reason = level(found, "history.priority", "change")
    assert (kind, "auditing of the table may be off" in reason) == ("none", True)
    assert level(found, "history.state", "change")[0] == "partial"


def test_releases_and_the_history_of_items_can_be_told_where_there_are_some(
    instance: SimulatedServiceNow, source: Maker
) -> None:
    assert level(look(instance, source), "release") == ("none", "rm_release has no rows")
    assert level(look(instance, source), "ci.history") == ("none", "sys_audit_cmdb has no rows")
    instance.load("rm_release", [{"sys_id": "e" * 32, "number": "RLSE1", "sys_updated_on": stamp(START)}])
    instance.load("sys_audit", [audit(9, "cmdb_ci_server", "version")])
    found = look(instance, source)
    assert (level(found, "release"), level(found, "ci.history")[0]) == (("full", ""), "partial")
    instance.deny_table("rm_release")
    instance.deny_table("sys_audit")
    found = look(instance, source)
    assert "rm_release cannot be read" in level(found, "release.detail")[1]
    assert access(found, "rm_release").rights == (Right("role sn_release_read (or itil)", "rm_release"),)
    assert "sys_audit_cmdb cannot be read" in level(found, "ci.history")[1]
    assert [right.on for right in access(found, "sys_audit_cmdb").rights] == ["sys_audit"]


def test_rows_that_are_all_hidden_are_no_empty_table(instance: SimulatedServiceNow, source: Maker) -> None:
    instance.hide("problem", lambda row: True)
    seen = access(look(instance, source), "problem")
    assert (seen.is_readable, seen.rows) == (False, 1)
    assert "none of them is shown" in seen.reason


def test_a_field_that_does_not_show_is_named_and_costs_its_capability(
    instance: SimulatedServiceNow, source: Maker
) -> None:
    instance.deny_field("change_request", "risk")
    instance.deny_field("incident", "hold_reason")
    found = look(instance, source)
    assert access(found, "change_request").missing_fields == ("risk",)
    assert level(found, "change.risk", "change") == ("none", "change_request.risk does not show")
    assert level(found, "state.pending_reason", "incident") == ("none", "incident.hold_reason does not show")
    (right,) = access(found, "incident").rights
    assert (right.on, "read ACL" in right.grant) == ("incident.hold_reason", True)


def test_a_table_that_cannot_be_paged_is_not_read(instance: SimulatedServiceNow, source: Maker) -> None:
    instance.deny_field("incident", "sys_updated_on")
    seen = access(look(instance, source), "incident")
    assert (seen.is_readable, "sys_updated_on" in seen.reason) == (False, True)


@pytest.mark.parametrize("column", ["sys_updated_on", "sys_id"])
def test_a_column_that_query_acls_close_is_found_before_it_is_relied_on(source: Maker, column: str) -> None:
    with SimulatedServiceNow(company() | {"incident": incidents(12)}, now=NOW) as instance:
        instance.deny_range("incident", column)
        seen = access(look(instance, source), "incident")
        assert (seen.is_readable, f"order of {column} are refused" in seen.reason) == (False, True)
        (right,) = seen.rights
        assert (right.on, "query_range" in right.grant) == (f"incident.{column}", True)
        assert f"query_range ACLs on incident.{column}" in seen.remedy


def test_a_query_that_gives_no_rows_where_rows_are_known_is_refused(source: Maker) -> None:
    with SimulatedServiceNow(company(), now=NOW, invalid_query_returns_no_rows=True) as instance:
        instance.deny_range("incident", "sys_updated_on")
        seen = access(look(instance, source), "incident")
    assert not seen.is_readable
    assert "incident.sys_updated_on" in [right.on for right in seen.rights]


def test_where_no_table_shows_the_api_itself_is_asked_for(instance: SimulatedServiceNow, source: Maker) -> None:
    for table in ("sys_user", "incident", "problem"):
        instance.deny_table(table)
    found = look(instance, source, streams=["incident", "problem"])
    assert {right for item in found.access for right in item.rights} == {
        Right("role snc_platform_rest_api_access", "REST API ACL `Table API`")
    }
    found = look(instance, source, streams=["incident", "problem", "change_request"])
    assert "sn_incident_read" in access(found, "incident").remedy


def test_the_release_and_the_zone_of_the_account_are_told_where_they_show(source: Maker) -> None:
    release = [
        {"sys_id": f"{n:032x}", "name": name, "value": value, "sys_updated_on": stamp(START)}
        for n, (name, value) in enumerate({"glide.buildname": "Xanadu", "glide.other": "no"}.items())
    ]
    berlin = {"sys_id": "e" * 32, "user_name": "svc_bridge", "time_zone": "Europe/Berlin"}
    tables = company() | {"sys_properties": release, "sys_user": [berlin]}
    with SimulatedServiceNow(tables, now=NOW) as instance:
        found = look(instance, source)
        assert (found.product, found.version) == ("ServiceNow", "Xanadu")
        assert "Europe/Berlin, does not matter" in found.timezone_note
        instance.deny_table("sys_properties")
        instance.deny_field("sys_user", "time_zone")
        found = look(instance, source)
        assert (found.version, "not told" in found.timezone_note) == ("", True)


def test_empty_tables_are_said_and_never_silently_fine(instance: SimulatedServiceNow, source: Maker) -> None:
    found = look(instance, source)
    assert access(found, "task_sla").reason.startswith("it has no rows")
    assert level(found, "sla.claim") == ("none", "task_sla has no rows")
    assert access(found, "task_sla").remedy
    assert not access(found, "sys_audit_delete").reason, "nothing may have been deleted"


def test_clocks_that_are_far_apart_are_a_problem(source: Maker) -> None:
    with SimulatedServiceNow(company(), clock_skew_seconds=600) as instance:
        found = look(instance, source)
    assert 590 < (found.clock_difference_seconds or 0) < 610
    assert any("clock" in problem for problem in found.problems)


def test_a_wrong_password_is_one_clear_error(
    instance: SimulatedServiceNow, source: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRIDGE_PASSWORD", "wrong-password")
    made = source(instance.url)
    with pytest.raises(AuthenticationFailed, match="refused the credentials") as caught:
        made.adapter.preflight()
    assert made.waits == []
    assert "wrong-password" not in str(caught.value)


def test_a_host_that_is_not_there_is_told_within_three_tries(source: Maker) -> None:
    made = source("http://127.0.0.1:9")
    with pytest.raises(Unreachable):
        made.adapter.preflight()
    assert len(made.waits) == 2


@pytest.mark.parametrize("grant", ["client_credentials", "password"])
def test_a_token_that_ends_in_between_is_renewed(instance: SimulatedServiceNow, source: Maker, grant: str) -> None:
    user = {"username": "svc_bridge", "password": {"env": "BRIDGE_PASSWORD"}} if grant == "password" else {}
    made = source(instance.url, **OAUTH, **user)
    assert len(made.read("incident")) == 3
    instance.expire_tokens()
    assert len(made.read("incident")) == 3
    assert made.waits == []


def test_only_the_streams_that_are_wanted_are_looked_at(instance: SimulatedServiceNow, source: Maker) -> None:
    found = look(instance, source, streams=["incident", "sys_audit"])
    assert [item.stream for item in found.access] == ["incident", "sys_audit"]
    assert "leaves it out" in level(found, "sla.claim")[1]
