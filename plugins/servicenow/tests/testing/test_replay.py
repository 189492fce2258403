"""The replay of the real incident log holds to what is known about it."""

from __future__ import annotations

import csv
import os
from collections import Counter
from pathlib import Path

import pytest

from itsm_bridge_servicenow.testing import SimulatedServiceNow, replay_incident_log
from itsm_bridge_servicenow.testing.records import Tables

DATA = Path(os.environ.get("ITSM_BRIDGE_TEST_DATA", Path(__file__).parents[5] / "shared" / "data"))
LOG = DATA / "uci_incident" / "incident_event_log.csv.gz"
FIRST = {
    "number": "INC1", "incident_state": "New", "active": "true", "reassignment_count": "0", "reopen_count": "0",
    "sys_mod_count": "0", "made_sla": "true", "caller_id": "Caller 1", "opened_by": "Opened by  8",
    "opened_at": "29/2/2016 01:16", "sys_created_by": "?", "sys_created_at": "?", "sys_updated_by": "Updated by 21",
    "sys_updated_at": "29/2/2016 01:23", "contact_type": "Phone", "location": "?", "category": "Category 5",
    "subcategory": "?", "u_symptom": "?", "cmdb_ci": "?", "impact": "2 - Medium", "urgency": "2 - Medium",
    "priority": "3 - Moderate", "assignment_group": "Group 56", "assigned_to": "?", "knowledge": "true",
    "u_priority_confirmation": "false", "notify": "Do Not Notify", "problem_id": "?", "rfc": "?", "vendor": "?",
    "caused_by": "?", "closed_code": "code 5", "resolved_by": "Resolved by 1", "resolved_at": "1/3/2016 11:29",
    "closed_at": "?",
}  # fmt: skip
SECOND = FIRST | {
    "incident_state": "-100", "urgency": "1 - High", "sys_mod_count": "2", "sys_updated_by": "Updated by 6",
    "sys_updated_at": "29/2/2016 08:53",
}  # fmt: skip
THIRD = SECOND | {"sys_mod_count": "3", "sys_updated_at": "29/2/2016 08:54"}


@pytest.fixture
def small(tmp_path: Path) -> Tables:
    path = tmp_path / "log.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(FIRST))
        writer.writeheader()
        writer.writerows([FIRST, SECOND, THIRD])
    return replay_incident_log(path)


def test_the_last_event_gives_the_record_in_the_instances_own_words(small: Tables) -> None:
    (row,) = small["incident"]
    assert (row["state"], row["incident_state"], row["urgency"], row["priority"]) == ("-100", "-100", "1", "3")
    assert (row["opened_at"], row["resolved_at"], row["closed_at"]) == (
        "2016-02-29 01:16:00",
        "2016-03-01 11:29:00",
        "",
    )
    assert (row["close_code"], row["cmdb_ci"], row["sys_mod_count"]) == ("code 5", "", "3")
    people = {person["sys_id"]: person["user_name"] for person in small["sys_user"]}
    assert people[row["caller_id"]] == "Caller 1"


def test_each_change_is_history_and_an_update_without_one_is_a_note(small: Tables) -> None:
    found = [
        (row["record_checkpoint"], row["fieldname"], row["oldvalue"], row["newvalue"]) for row in small["sys_audit"]
    ]
    assert found == [
        ("2", "state", "1", "-100"),
        ("2", "incident_state", "1", "-100"),
        ("2", "urgency", "2", "1"),
        ("3", "work_notes", "", ""),
    ]
    assert small["sys_audit"][0]["sys_created_on"] == "2016-02-29 08:53:00"
    assert small["sys_audit"][0]["user"] == "Updated by 6"


def test_the_unknown_state_has_no_label(small: Tables) -> None:
    states = {row["value"] for row in small["sys_choice"] if row["element"] == "state"}
    assert states == {"1", "2", "3", "4", "5", "6", "7", "8"}


def test_the_replay_can_be_served(small: Tables) -> None:
    with SimulatedServiceNow(small) as server:
        assert len(server.visible("incident")) == 1


@pytest.mark.skipif(not LOG.exists(), reason=f"needs the real incident log at {LOG}")
def test_the_real_log_comes_out_with_the_published_figures() -> None:
    tables = replay_incident_log(LOG)
    incidents = tables["incident"]
    moves = Counter((row["oldvalue"], row["newvalue"]) for row in tables["sys_audit"] if row["fieldname"] == "state")
    assert len(incidents) == 24_918
    assert sum(row["made_sla"] == "false" for row in incidents) == 9_115
    assert sum(row["resolved_at"] == "" for row in incidents) == 1_556
    assert {row["state"] for row in incidents} == {"7"}
    assert (moves["1", "7"], moves["7", "2"], moves["6", "2"]) == (11, 12, 317)
    assert sum(moves.values()) == 64_033
    updates = {(row["documentkey"], row["sys_created_on"], row["record_checkpoint"]) for row in tables["sys_audit"]}
    assert len(updates) == 141_712 - 24_918
