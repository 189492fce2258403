"""Records change as they do in the real tool: counters, history, deletions."""

from __future__ import annotations

from datetime import UTC, datetime

from itsm_bridge_servicenow.testing import SimulatedServiceNow

KEY = f"{1:032x}"


def test_an_update_moves_the_time_and_leaves_history(server: SimulatedServiceNow) -> None:
    server.now = datetime(2026, 11, 23, 10, tzinfo=UTC)
    server.update("incident", KEY, {"state": "6", "priority": "1"}, user="anna")
    row = server.find("incident", sys_id=KEY)[0]
    assert (row["state"], row["sys_mod_count"], row["sys_updated_on"]) == ("6", "1", "2026-11-23 10:00:00")
    history = {entry["fieldname"]: entry for entry in server.find("sys_audit", documentkey=KEY)}
    assert history["state"]["oldvalue"] == "2"
    assert history["priority"]["newvalue"] == "1"
    assert {entry["record_checkpoint"] for entry in history.values()} == {"1"}
    assert history["state"]["user"] == "anna"


def test_a_silent_update_leaves_none(server: SimulatedServiceNow) -> None:
    server.update("incident", KEY, {"state": "6"}, audit=False)
    server.update("sys_user", "a" * 32, {"name": "Anna Maria"})
    assert server.rows("sys_audit") == []


def test_a_note_becomes_a_journal_entry(server: SimulatedServiceNow) -> None:
    server.update("incident", KEY, {"work_notes": "looked into it"}, user="anna")
    entry = server.find("sys_journal_field", element_id=KEY)[0]
    assert (entry["element"], entry["value"], entry["sys_created_by"]) == ("work_notes", "looked into it", "anna")
    assert server.find("incident", sys_id=KEY)[0]["work_notes"] == ""


def test_a_deletion_is_filed_under_the_real_class(server: SimulatedServiceNow) -> None:
    server.delete("task", KEY, user="anna")
    assert server.find("incident", sys_id=KEY) == []
    entry = server.rows("sys_audit_delete")[0]
    assert (entry["tablename"], entry["documentkey"], entry["display_value"]) == ("incident", KEY, "INC0000001")


def test_a_deletion_can_go_unrecorded(server: SimulatedServiceNow) -> None:
    server.delete("incident", KEY, record=False)
    assert server.rows("sys_audit_delete") == []


def test_an_insertion_gets_its_system_fields(server: SimulatedServiceNow) -> None:
    key = server.insert("incident", {"number": "INC0000077"}, user="ben")
    row = server.find("incident", sys_id=key)[0]
    assert (row["sys_class_name"], row["sys_created_by"], row["sys_mod_count"]) == ("incident", "ben", "0")
    assert row["sys_created_on"] == row["sys_updated_on"] == "2026-11-22 09:00:00"
