"""Which records exist, which were deleted, where they can be looked at, and when metrics are read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from incident_rows import NOW, START, ids, incidents
from servicenow_source import Made

from itsm_bridge.adapter import Census
from itsm_bridge_servicenow.streams import OF_PLUGINS, TASK_TABLES
from itsm_bridge_servicenow.testing import Fault, Faults
from itsm_bridge_servicenow.testing.records import Row, stamp, sys_id
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


def test_deletions_are_asked_for_in_questions_that_are_short_enough_for_any_instance(source: Maker) -> None:
    names = [f"cmdb_ci_of_a_long_name_{number:03}" for number in range(300)]
    parents = [{"sys_id": "0" * 32, "name": "cmdb_ci", "sys_updated_on": stamp(START)}]
    parents += [{"sys_id": sys_id(name), "name": name, "super_class": "0" * 32} for name in names]
    log = [deletion(0, "cmdb_ci", "old", START)]
    log += [deletion(n, name, sys_id("gone", name), START + 2 * 86400) for n, name in enumerate(names[::7], start=1)]
    tables = {"sys_db_object": parents, "sys_dictionary": [], "sys_audit_delete": log}
    with SimulatedServiceNow(tables, now=NOW, longest_address=2048) as instance:
        instance.load("sys_audit_delete", [deletion(900 + n, name, "x", START + 86400) for n, name in enumerate(names)])
        instance.hide("sys_audit_delete", lambda row: row["documentkey"] == "x")  # so that one page is not all
        assert deleted(source, instance, "cmdb_ci") == sorted(sys_id("gone", name) for name in names[::7])


def test_a_table_whose_deletions_are_not_recorded_has_its_ids_compared(source: Maker) -> None:
    log = [deletion(1, "incident", "old", START), deletion(2, "incident", "ticket", START + 2 * 86400)]
    with SimulatedServiceNow({"sys_audit_delete": log}, now=NOW) as instance:
        assert deleted(source, instance, "incident") == ["ticket"]
        (entry,) = instance.find("sys_dictionary", name="incident", element="")
        instance.update("sys_dictionary", entry["sys_id"], {"attributes": "text_index=true,no_audit_delete=true"})
        assert deleted(source, instance, "incident") is None
        assert deleted(source, instance, "problem") == []


def test_restored_records_are_found_on_short_pages_too(source: Maker) -> None:
    rows = incidents(9)
    log = [deletion(0, "problem", "old", START)]
    log += [deletion(number, "incident", row["sys_id"], START + 2 * 86400) for number, row in enumerate(rows, start=1)]
    faults = Faults().add(Fault("short_page", about="incident", every=2))
    with SimulatedServiceNow({"incident": rows, "sys_audit_delete": log}, now=NOW, faults=faults) as instance:
        assert deleted(source, instance, "incident") == []


def metric(number: int, table: str) -> Row:
    return {
        "sys_id": f"{number:032x}", "id": "c" * 32, "table": table, "field": "state", "field_value": "1",
        "start": stamp(START), "sys_updated_on": stamp(START),
    }  # fmt: skip


def audit(number: int, table: str) -> Row:
    return {
        "sys_id": f"{number:032x}", "tablename": table, "fieldname": "state", "documentkey": "c" * 32,
        "sys_created_on": stamp(START),
    }  # fmt: skip


def test_metrics_are_read_of_those_tables_that_have_no_history(source: Maker) -> None:
    metrics = [metric(number, table) for number, table in enumerate(TASK_TABLES)]
    tables = {"metric_instance": metrics, "sys_audit": [audit(1, "incident")]}
    with SimulatedServiceNow(tables, now=NOW) as instance:
        came = source(instance.url).read("metric_instance")
        assert sorted(map(str, came)) == [row["sys_id"] for row in metrics if row["table"] != "incident"]
        instance.deny_table("sys_audit")
        assert len(source(instance.url).read("metric_instance")) == len(TASK_TABLES)


def test_metrics_go_once_the_history_of_all_tables_shows(source: Maker) -> None:
    metrics = [metric(number, table) for number, table in enumerate(TASK_TABLES)]
    history = [audit(number, table) for number, table in enumerate(TASK_TABLES)]
    with SimulatedServiceNow({"metric_instance": metrics, "sys_audit": history}, now=NOW) as instance:
        made = source(instance.url)
        stream = made.stream("metric_instance")
        assert made.windows("metric_instance") == []
        assert made.adapter.deleted(stream, CURSOR) is None
        assert made.adapter.census(stream) == Census((), 0)


def test_a_table_of_a_plugin_that_the_instance_lacks_is_no_gap(source: Maker) -> None:
    task = {"sys_id": "a" * 32, "name": "task", "super_class": ""}
    audited = [audit(number, table) for number, table in enumerate(TASK_TABLES) if table not in OF_PLUGINS]
    tables = {"sys_db_object": [task], "sys_dictionary": [], "sys_audit": audited}
    with SimulatedServiceNow(tables, now=NOW) as instance:
        instance.deny_table("rm_release")
        made = source(instance.url)
        assert [made.windows(table) for table in (*OF_PLUGINS, "metric_instance")] == [[], [], []]
        assert made.adapter.census(made.stream("rm_release")) == Census((), 0)
        seen = {item.stream: item for item in made.adapter.preflight().access}
        assert [(seen[table].is_readable, seen[table].reason) for table in OF_PLUGINS] == [(True, ""), (True, "")]
        instance.deny_table("sys_db_object")
        assert not {item.stream: item for item in source(instance.url).adapter.preflight().access}[
            "rm_release"
        ].is_readable


def test_links_lead_to_forms(source: Maker) -> None:
    adapter = source().adapter
    assert adapter.link("incident") == "https://acme.service-now.com/nav_to.do?uri=incident.do%3Fsys_id%3D{key}"
    assert adapter.link("sys_audit") is None
