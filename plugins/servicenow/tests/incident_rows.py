"""Incidents for page loops: what matters of them are their ids and times."""

from __future__ import annotations

from datetime import UTC, datetime

from itsm_bridge_servicenow.testing.records import Row, stamp, sys_id

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
START = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp())
MINUTE = 60


def incident(number: int, updated: int | None) -> Row:
    at = stamp(START)
    return {
        "sys_id": sys_id("incident", number), "number": f"INC{number:07}", "sys_class_name": "incident", "state": "1",
        "sys_created_on": at, "sys_updated_on": stamp(updated) if updated is not None else "", "opened_at": at,
        "sys_mod_count": "0", "short_description": f"Incident {number}",
    }  # fmt: skip


def incidents(count: int, every: int = MINUTE, first: int = 0) -> list[Row]:
    """Return incidents that were updated one after another."""
    return [incident(first + number, START + number * every) for number in range(count)]


def ids(rows: list[Row]) -> list[str]:
    return sorted(row["sys_id"] for row in rows)
