"""Rows of cases: what a case leaves out is filled in, and its ids move into a source of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from itsm_bridge.checking.definition import Question
from itsm_bridge.schema import TABLES, Table

NOW = datetime(2026, 4, 1)
PERIOD_FROM = datetime(2026, 3, 1)
OPENED = datetime(2026, 3, 2, 9)
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "work_item": {
        "record_type": "incident", "state": "in_progress", "opened_at": OPENED, "history_level": "full", "priority": 3,
        "mapping_confidence": 1.0,
    },
    "transition": {"field": "state", "origin": "native", "actor_kind": "agent"},
    "comment": {"author_role": "agent", "visibility": "public", "body_length": 100},
    "approval": {"level": "rollup", "decision": "approved", "decided_basis": "exact"},
    "change_detail": {"change_type": "normal", "risk": 3},
    "relation": {"relation_type": "related"},
    "service": {"is_in_scope": True},
    "sla_definition": {"kind": "sla", "metric": "resolution", "record_type": "incident", "is_active": True},
    "sla_instance": {"stage": "completed", "started_at": OPENED, "cycle": 1},
    "sla_claim": {"stage": "completed", "is_remapped": False},
    "capability": {"record_type": "*", "level": "none", "reason": "this source cannot tell"},
    "stream_run": {"snapshot": 1, "status": "complete", "finished_at": NOW - timedelta(hours=2)},
    "support_group": {"kind": "team"},
}  # fmt: skip
POLICY = frozenset(name for name, table in TABLES.items() if table.origin == "policy")

Row = dict[str, Any]


def source(number: int) -> str:
    """Name the source that stands for a case."""
    return f"case{number}"


def inside(number: int, name: str) -> str:
    """Move an id into the source of a case."""
    return f"{source(number)}:{name}"


def listed(rows: Any) -> list[Mapping[str, Any]]:
    """Return one row or several as a list."""
    return [rows] if isinstance(rows, Mapping) else list(rows)


def tool_rows(question: Question, case: Mapping[str, Any], number: int) -> dict[str, list[Row]]:
    """Return the rows of a case, by table, those of its policy aside."""
    given = {name: listed(rows) for name, rows in case.items() if name in TABLES and name not in POLICY}
    items = [_record(question, row, n) for n, row in enumerate(given.pop("work_item", []), 1)]
    made: dict[str, list[Row]] = {
        "source": [{"source_id": source(number)}],
        "work_item": [complete("work_item", item, number, n) for n, item in enumerate(items)],
    }
    for name, rows in given.items():
        for n, row in enumerate(rows, 1):
            filled = dict(row)
            if "work_item_id" in TABLES[name].names and len(items) == 1:
                filled.setdefault("work_item_id", items[0]["work_item_id"])
            if name == "transition":
                filled.setdefault("seq", n)
            made.setdefault(name, []).append(complete(name, filled, number, n))
    return made


def complete(name: str, row: Mapping[str, Any], number: int, n: int) -> Row:
    """Fill a row with defaults and a key, and move its ids into the source of its case; '' stands for NULL."""
    table = TABLES[name]
    full = {**DEFAULTS.get(name, {}), **row}
    full = {column: None if value == "" and column != "source_schedule" else value for column, value in full.items()}
    is_policy = name in POLICY
    if not is_policy or full.get("source_id"):
        full["source_id"] = source(number)
    if is_policy or name == "source":
        return full
    key = table.key[0] if len(table.key) == 1 else ""
    if key:
        full.setdefault(key, f"{name}-{n}")
    for column in table.columns:
        value = full.get(column.name)
        if isinstance(value, str) and (column.name == key or column.references not in ("", "source")):
            full[column.name] = inside(number, value)
    if name == "transition" and full.get("field") == "group":  # its values are ids, as those of support_group_id
        full |= {each: inside(number, full[each]) for each in ("old_value", "new_value") if full.get(each)}
    return full


def calendar_rows(calendar_id: str, first: date, days: int, opens: str, closes: str) -> list[Row]:
    """Return buckets of a calendar that is open on working days from `opens` to `closes`, in UTC."""
    start, end = _second(opens), _second(closes)
    midnight = int(datetime.combine(first, time(), UTC).timestamp())
    rows, before = [], 0
    for day in range(days):
        works = (first + timedelta(days=day)).weekday() < 5
        for at in range(0, 86400, 900):
            from_, to = min(max(start - at, 0), 900), min(max(end - at, 0), 900)
            if not works or to <= from_:
                from_ = to = 0
            bucket = (midnight + day * 86400 + at) // 900
            rows.append(
                {"calendar_id": calendar_id, "bucket": bucket, "open_from": from_, "open_to": to, "open_before": before}
            )
            before += to - from_
    return rows


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make every table of the schema as checks see it: instants are TIMESTAMP in UTC."""
    for table in TABLES.values():
        columns = ", ".join(f'"{column.name}" {_sql_type(column.type)}' for column in table.columns)
        connection.execute(f"CREATE TABLE {table.name} ({columns})").fetchall()


def fill(connection: duckdb.DuckDBPyConnection, table: Table, rows: list[Row]) -> None:
    """Add rows to a table of the schema."""
    schema = pa.schema([(each.name, _naive(each.type)) for each in table.columns])
    connection.register("incoming", pa.Table.from_pylist(rows, schema=schema))
    connection.execute(f"INSERT INTO {table.name} SELECT * FROM incoming").fetchall()
    connection.unregister("incoming")


def _record(question: Question, row: Mapping[str, Any], n: int) -> Row:
    item = dict(row)
    item.setdefault("work_item_id", f"R{n}")
    item.setdefault("record_type", question.record_types[0] if question.record_types else "incident")
    item.setdefault("number", item["work_item_id"])
    item.setdefault("source_key", item["work_item_id"])
    item.setdefault("opened_at", OPENED)
    item.setdefault("created_at", item["opened_at"])
    known = [item[name] for name in ("opened_at", "resolved_at", "closed_at") if item.get(name)]
    item.setdefault("updated_at", max(known, default=""))
    return item


def _sql_type(type_: pa.DataType) -> str:
    if pa.types.is_timestamp(type_):
        return "TIMESTAMP"
    return {pa.string(): "VARCHAR", pa.int64(): "BIGINT", pa.float64(): "DOUBLE", pa.bool_(): "BOOLEAN"}[type_]


def _naive(type_: pa.DataType) -> pa.DataType:
    return pa.timestamp("us") if pa.types.is_timestamp(type_) else type_


def _second(clock: str) -> int:
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    return hours * 3600 + minutes * 60 + sum(seconds)
