"""Which records exist, which were deleted, where they can be looked at, and when metrics are read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from incident_rows import NOW, START, ids, incidents
from servicenow_source import Made

from itsm_bridge_servicenow.testing.records import Row, stamp
from itsm_bridge_servicenow.testing.server import SimulatedServiceNow

Maker = Callable[..., Made]
CURSOR = stamp(START + 86400)


def test_the_census_lists_what_the_account_sees_beside_what_there_is(source: Maker) -> None:
    with SimulatedServiceNow({"incident": incidents(50)}, now=NOW) as instance:
        instance.hide("incident", {row["sys_id"] for row in incidents(50)[10:30]})
        made = source(instance.url)
        census = made.adapter.census(made.stream("incident"))
        assert sorted(census.ids) == ids(instance.visible("incident"))
        assert census.total == 50


def deletion(number: int, table: str, key: str, at: int) -> Row:
    return {
        "sys_id": f"{number:032x}", "tablename": table, "documentkey": key, "sys_created_on": stamp(at),
        "sys_updated_on": stamp(at),
    }  # fmt: skip


def deleted(source: Maker, instance: SimulatedServiceNow, table: str, cursor: str | None = CURSOR) -> object:
    made = source(instance.url)
    return made.adapter.deleted(made.stream(table), cursor)


def test_deletions_are_found_under_the_real_class_of_a_record(source: Maker) -> None:
    log = [
        deletion(1, "incident", "old", START),
        deletion(2, "cmdb_ci_server", "server", START + 2 * 86400),
        deletion(3, "incident", "ticket", START + 2 * 86400),
    ]
    server = {"sys_id": "e" * 32, "name": "db1", "sys_class_name": "cmdb_ci_server", "sys_updated_on": stamp(START)}
    with SimulatedServiceNow({"sys_audit_delete": log, "cmdb_ci_server": [server]}, now=NOW) as instance:
        assert deleted(source, instance, "cmdb_ci") == ["server"]
        assert deleted(source, instance, "incident") == ["ticket"]
        assert deleted(source, instance, "problem") == []


def test_a_record_that_was_restored_is_not_deleted(source: Maker) -> None:
    row = incidents(1)[0]
    log = [deletion(1, "problem", "old", START), deletion(2, "incident", row["sys_id"], START + 2 * 86400)]
    with SimulatedServiceNow({"incident": [row], "sys_audit_delete": log}, now=NOW) as instance:
        assert deleted(source, instance, "incident") == []


@pytest.mark.parametrize("trouble", ["denied", "begins later", "empty"])
def test_a_log_of_deletions_that_cannot_be_relied_on_says_nothing(source: Maker, trouble: str) -> None:
    log = [] if trouble == "empty" else [deletion(1, "incident", "x", START + 2 * 86400)]
    with SimulatedServiceNow({"sys_audit_delete": log}, now=NOW) as instance:
        if trouble == "denied":
            instance.deny_table("sys_audit_delete")
        assert deleted(source, instance, "incident") is None


def test_metrics_are_read_only_where_there_is_no_history(source: Maker) -> None:
    metric = {
        "sys_id": "d" * 32, "id": "c" * 32, "table": "incident", "field": "state", "field_value": "1",
        "start": stamp(START), "sys_updated_on": stamp(START),
    }  # fmt: skip
    audit = {
        "sys_id": "f" * 32, "tablename": "incident", "fieldname": "state", "documentkey": "c" * 32,
        "sys_created_on": stamp(START),
    }  # fmt: skip
    with SimulatedServiceNow({"metric_instance": [metric], "sys_audit": [audit]}, now=NOW) as instance:
        assert source(instance.url).windows("metric_instance") == []
        instance.deny_table("sys_audit")
        assert source(instance.url).read("metric_instance") == ["d" * 32]


def test_links_lead_to_forms(source: Maker) -> None:
    adapter = source().adapter
    assert adapter.link("incident") == "https://acme.service-now.com/nav_to.do?uri=incident.do%3Fsys_id%3D{key}"
    assert adapter.link("sys_audit") is None
