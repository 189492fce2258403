"""The replay of a real incident log (UCI 498) as the tables of an instance: incidents, their history, who did it."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from itertools import groupby, pairwise
from pathlib import Path
from typing import TextIO

from itsm_bridge_servicenow.testing.company.choices import choices
from itsm_bridge_servicenow.testing.dictionary import describe
from itsm_bridge_servicenow.testing.records import Row, Tables, reference_row, sys_id
from itsm_bridge_servicenow.testing.table_list import TABLES

STATES = {
    "New": "1", "Active": "2", "Awaiting Problem": "3", "Awaiting User Info": "4", "Awaiting Evidence": "5",
    "Resolved": "6", "Closed": "7", "Awaiting Vendor": "8",
}  # fmt: skip
_BORN = 1_388_534_400
_PEOPLE = ("caller_id", "opened_by", "assigned_to", "resolved_by", "sys_created_by", "sys_updated_by")
_REFERENCES = {
    **dict.fromkeys(("caller_id", "opened_by", "assigned_to", "resolved_by"), "sys_user"),
    "assignment_group": "sys_user_group", "cmdb_ci": "cmdb_ci", "location": "cmn_location", "problem_id": "problem",
    "rfc": "change_request", "caused_by": "change_request",
}  # fmt: skip
_NAMED = {"assignment_group": "sys_user_group", "location": "cmn_location", "cmdb_ci": "cmdb_ci"}
_AUDITED = (
    "state", "incident_state", "active", "reassignment_count", "reopen_count", "made_sla", "caller_id", "contact_type",
    "location", "category", "subcategory", "u_symptom", "cmdb_ci", "impact", "urgency", "priority", "assignment_group",
    "assigned_to", "knowledge", "u_priority_confirmation", "notify", "problem_id", "rfc", "vendor", "caused_by",
)  # fmt: skip
_DATES = {"opened_at": "opened_at", "sys_created_at": "sys_created_on", "sys_updated_at": "sys_updated_on",
          "resolved_at": "resolved_at", "closed_at": "closed_at"}  # fmt: skip
_LABELS = {
    ("task", "priority"): {"1": "1 - Critical", "2": "2 - High", "3": "3 - Moderate", "4": "4 - Low"},
    ("task", "impact"): {"1": "1 - High", "2": "2 - Medium", "3": "3 - Low"},
    ("task", "urgency"): {"1": "1 - High", "2": "2 - Medium", "3": "3 - Low"},
    ("incident", "state"): {code: label for label, code in STATES.items()},
    ("incident", "incident_state"): {code: label for label, code in STATES.items()},
}


def replay_incident_log(path: Path | str) -> Tables:
    """Return the log as tables: one incident per number as its last event shows it, and a row per change of a field.

    Every event but the first of an incident is an update. Where none of the audited fields changed,
    something unaudited was written: that leaves one row for `work_notes`. Values that are the final
    ones in every row of the log (resolved_at, closed_at, close_code) have no history.
    """
    known: dict[str, set[str]] = {"sys_user": set(), **{table: set() for table in _NAMED.values()}}
    incidents: list[Row] = []
    audit: list[Row] = []
    for _, events in groupby(_events(Path(path), known), key=lambda row: row["number"]):
        history = list(events)
        incidents.append(_incident(history))
        audit.extend(_changes(history))
    tables: Tables = {"incident": incidents, "sys_audit": audit, "sys_choice": choices(_BORN, _LABELS)}
    tables["sys_user"] = [_person(name) for name in sorted(known["sys_user"])]
    for table in _NAMED.values():
        tables[table] = [reference_row(table, name, _BORN, name=name) for name in sorted(known[table])]
    return tables | describe({*TABLES, *tables})


def _events(path: Path, known: dict[str, set[str]]) -> Iterator[Row]:
    """Yield the events of the log in the instance's own words, noting the names they hold."""
    ids: dict[tuple[str, str], str] = {}
    dates: dict[str, str] = {"?": ""}
    with _open(path) as lines:
        for raw in csv.DictReader(lines):
            yield _event(raw, known, ids, dates)


def _open(path: Path) -> TextIO:
    return gzip.open(path, "rt", encoding="utf-8", newline="") if path.suffix == ".gz" else path.open(newline="")


def _event(raw: Row, known: dict[str, set[str]], ids: dict[tuple[str, str], str], dates: dict[str, str]) -> Row:
    row = {name: "" if value == "?" else value for name, value in raw.items()}
    for name in _PEOPLE:
        if row[name]:
            known["sys_user"].add(row[name])
    for name, table in _NAMED.items():
        if row[name]:
            known[table].add(row[name])
    for name, table in _REFERENCES.items():
        if row[name]:
            row[name] = ids.get((table, row[name])) or ids.setdefault((table, row[name]), sys_id(table, row[name]))
    for name, target in _DATES.items():
        text = raw[name]
        row[target] = dates.get(text) or dates.setdefault(text, _instant(text))
    for name in ("impact", "urgency", "priority"):
        row[name] = row[name][:1]
    row["state"] = row["incident_state"] = STATES.get(row["incident_state"], row["incident_state"])
    return row


def _instant(text: str) -> str:
    """Return a date of the log (day first, minutes, no zone) as the vendor writes it; empty where it is missing."""
    if text == "?":
        return ""
    date, time = text.split()
    day, month, year = date.split("/")
    return f"{year}-{month:0>2}-{day:0>2} {time:0>5}:00"


def _incident(history: list[Row]) -> Row:
    last = history[-1]
    kept = {
        name: value for name, value in last.items() if name not in ("sys_created_at", "sys_updated_at", "closed_code")
    }
    created = next((row["sys_created_on"] for row in history if row["sys_created_on"]), "")
    creator = next((row["sys_created_by"] for row in history if row["sys_created_by"]), "")
    return {
        **kept, "sys_id": sys_id("incident", last["number"]), "sys_class_name": "incident",
        "close_code": last["closed_code"], "sys_created_on": created, "sys_created_by": creator,
    }  # fmt: skip


def _changes(history: list[Row]) -> Iterator[Row]:
    key = sys_id("incident", history[0]["number"])
    for number, (before, after) in enumerate(pairwise(history), 1):
        changed = [name for name in _AUDITED if before[name] != after[name]]
        for name in changed or ["work_notes"]:
            yield {
                "sys_id": sys_id(key, number, name), "tablename": "incident", "documentkey": key, "fieldname": name,
                "oldvalue": before.get(name, ""), "newvalue": after.get(name, ""), "user": after["sys_updated_by"],
                "reason": "", "record_checkpoint": after["sys_mod_count"], "sys_created_on": after["sys_updated_on"],
                "sys_created_by": after["sys_updated_by"],
            }  # fmt: skip


def _person(name: str) -> Row:
    return reference_row("sys_user", name, _BORN, user_name=name, name=name, active="true")
