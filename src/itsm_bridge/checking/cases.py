"""The cases of a check: rows of canonical tables in, the verdict of each subject out.

A case names only the columns that matter; `DEFAULTS` and the rules below fill the rest. All cases of a
check run in one database, each as a source of its own, so that the whole set takes seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa

from itsm_bridge.checking.definition import Check
from itsm_bridge.checking.frame import Frame, Verdict
from itsm_bridge.checking.run import run_checks
from itsm_bridge.errors import CheckError
from itsm_bridge.schema import TABLES, Table
from itsm_bridge.suggestions import did_you_mean

NOW = datetime(2026, 4, 1)
PERIOD_FROM = datetime(2026, 3, 1)
OPENED = datetime(2026, 3, 2, 9)
OUT_OF_SCOPE = "out_of_scope"
VERDICTS = ("pass", "fail", "not_assessable", OUT_OF_SCOPE)
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
    "capability": {"record_type": "*", "level": "none", "reason": "this source cannot tell"},
    "stream_run": {"snapshot": 1, "status": "complete", "finished_at": NOW - timedelta(hours=2)},
    "support_group": {"kind": "team"},
}  # fmt: skip
_SETTINGS = ("name", "expect", "reason", "now", "period_from", "period_to", "parameters", "calendar")
_POLICY = frozenset(name for name, table in TABLES.items() if table.origin == "policy")


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of one case: `differences` says what was expected and what came instead."""

    check_id: str
    name: str
    differences: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        """Whether every subject got the verdict expected of it."""
        return not self.differences


@dataclass(slots=True)
class _World:
    """Cases that share a frame and a policy, and may therefore share a database."""

    frame: Frame
    policy: Mapping[str, list[dict[str, Any]]]
    cases: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list)


def run_cases(check: Check) -> list[CaseResult]:
    """Run the cases of a check, in their order; CheckError where a case is not written as it should be."""
    results: dict[int, CaseResult] = {}
    for world in _worlds(check):
        results.update(_run(check, world))
    return [results[number] for number in sorted(results)]


def verdict_names(check: Check) -> frozenset[str]:
    """Return the verdicts that the cases of a check expect of any subject."""
    return frozenset(verdict for case in check.cases for verdict in _expected(case).values())


def _run(check: Check, world: _World) -> Iterator[tuple[int, CaseResult]]:
    connection = _template()
    rows: dict[str, list[dict[str, Any]]] = {name: list(each) for name, each in world.policy.items()}
    wanted: dict[str, Verdict | str] = {}
    for number, case in world.cases:
        for table, made in _rows(check, case, number).items():
            rows.setdefault(table, []).extend(made)
        wanted |= {_inside(number, subject): verdict for subject, verdict in _expected(case, rows, number).items()}
    _fill(connection, rows)
    frame = Frame(
        world.frame.now, world.frame.period_from, world.frame.period_to, world.frame.parameters,
        watched={check.id: list(wanted)},
    )  # fmt: skip
    run = run_checks(connection, [check], frame)
    if run.problems:
        raise CheckError(run.problems[0][1], where=f"{check.path}: {check.id}", hint="Correct the SQL of the check.")
    reasons = {row["source_id"]: row["reasons"] for row in run.counts.to_pylist()}
    for number, case in world.cases:
        differences = []
        for subject, verdict in _expected(case, rows, number).items():
            came = run.verdicts.get((check.id, _inside(number, subject)), OUT_OF_SCOPE)
            if came != verdict:
                differences.append(f"{subject}: expected {verdict}, came {came} {reasons.get(_source(number), '')}".rstrip())
        said = case.get("reason", "")
        if said and said not in (reasons.get(_source(number)) or ""):
            differences.append(f"expected the reason {said!r}, came {reasons.get(_source(number))}")
        yield number, CaseResult(check.id, str(case.get("name", number)), tuple(differences))


def _worlds(check: Check) -> list[_World]:
    worlds: dict[str, _World] = {}
    for number, case in enumerate(check.cases, 1):
        _verify(check, case, number)
        frame = Frame(
            case.get("now", NOW), case.get("period_from", PERIOD_FROM), case.get("period_to", NOW),
            case.get("parameters", {}),
        )  # fmt: skip
        policy = {name: [dict(row) for row in _listed(case[name])] for name in case if name in _POLICY}
        calendars = [each for each in _listed(case.get("calendar", []))]
        if calendars:
            policy["calendar_bucket"] = [row for each in calendars for row in calendar_rows(**each)]
        for_sources = any("source_id" in row for rows in policy.values() for row in rows)
        key = repr((frame.now, frame.period_from, frame.period_to, frame.parameters, policy, for_sources and number))
        if key not in worlds:
            worlds[key] = _World(frame, {name: [_complete(name, r, number, n) for n, r in enumerate(rows)] for name, rows in policy.items()})
        worlds[key].cases.append((number, case))
    return list(worlds.values())


def _verify(check: Check, case: Mapping[str, Any], number: int) -> None:
    where = f"{check.path}: cases[{number}]"
    for name, rows in case.items():
        if name in _SETTINGS:
            continue
        if name not in TABLES:
            raise CheckError(
                f"{name!r} is no table{did_you_mean(name, [*TABLES, *_SETTINGS])}", where=where, hint="Name a table of the schema."
            )
        for row in _listed(rows):
            for column in row:
                if column not in TABLES[name].names:
                    raise CheckError(
                        f"{name} has no column {column!r}{did_you_mean(column, TABLES[name].names)}",
                        where=where,
                        hint="`itsm-bridge schema` lists the columns.",
                    )
    for verdict in _expected(case).values():
        if verdict not in VERDICTS:
            raise CheckError(f"expects {verdict!r}", where=where, hint=f"Expect one of {', '.join(VERDICTS)}.")


def _rows(check: Check, case: Mapping[str, Any], number: int) -> dict[str, list[dict[str, Any]]]:
    rows = {name: _listed(each) for name, each in case.items() if name in TABLES and name not in _POLICY}
    items = [dict(row) for row in rows.pop("work_item", [])]
    for n, item in enumerate(items, 1):
        item.setdefault("work_item_id", f"R{n}")
        item.setdefault("record_type", check.record_types[0] if check.record_types else "incident")
        item.setdefault("number", item["work_item_id"])
        item.setdefault("source_key", item["work_item_id"])
        item.setdefault("opened_at", OPENED)
        item.setdefault("created_at", item["opened_at"])
        known = [item[name] for name in ("opened_at", "resolved_at", "closed_at") if item.get(name)]
        item.setdefault("updated_at", max(known, default=""))
    made = {"source": [{"source_id": _source(number)}], "work_item": [_complete("work_item", item, number, n) for n, item in enumerate(items)]}
    for name, each in rows.items():
        filled = []
        for n, row in enumerate(each, 1):
            row = dict(row)
            if "work_item_id" in TABLES[name].names and len(items) == 1:
                row.setdefault("work_item_id", items[0]["work_item_id"])
            if name == "transition":
                row.setdefault("seq", n)
            filled.append(_complete(name, row, number, n))
        made.setdefault(name, []).extend(filled)
    return made


def _complete(name: str, row: Mapping[str, Any], number: int, n: int) -> dict[str, Any]:
    """Fill a row with defaults and a key, and move its ids into the source that stands for the case."""
    table = TABLES[name]
    full = {**DEFAULTS.get(name, {}), **row}
    full = {column: (None if value == "" and column != "source_schedule" else value) for column, value in full.items()}
    if name not in _POLICY:
        full["source_id"] = _source(number)
    elif full.get("source_id"):
        full["source_id"] = _source(number)
    key = table.key[0]
    if len(table.key) == 1 and table.column(key).type == pa.string() and name != "source":
        full.setdefault(key, f"{name}-{n}")
    for column in table.columns:
        value = full.get(column.name)
        is_id = column.references not in ("", "source") or (column.name == key and len(table.key) == 1)
        if is_id and isinstance(value, str) and name != "source" and name not in _POLICY:
            full[column.name] = _inside(number, value)
    return full


def _expected(
    case: Mapping[str, Any], rows: Mapping[str, Sequence[Mapping[str, Any]]] | None = None, number: int = 0
) -> dict[str, str]:
    """Return verdict by subject; a bare verdict is that of the only record."""
    expect = case.get("expect", {})
    if isinstance(expect, str):
        items = _listed(case.get("work_item", [{}]))
        return {str((items[0] if items else {}).get("work_item_id", "R1")): expect}
    return {str(subject): verdict for subject, verdict in expect.items()}


def calendar_rows(calendar_id: str, first: date, days: int, opens: str, closes: str) -> list[dict[str, Any]]:
    """Return buckets of a calendar that is open on working days from `opens` to `closes`, in UTC."""
    start, end = (_second(each) for each in (opens, closes))
    rows, before = [], 0
    midnight = int(datetime.combine(first, time(), UTC).timestamp())
    for day in range(days):
        works = (first + timedelta(days=day)).weekday() < 5
        for bucket in range(96):
            at = bucket * 900
            from_ = min(max(start - at, 0), 900) if works else 0
            to = min(max(end - at, 0), 900) if works else 0
            is_open = to > from_
            rows.append(
                {
                    "calendar_id": calendar_id, "bucket": (midnight + day * 86400 + at) // 900,
                    "open_from": from_ if is_open else 0, "open_to": to if is_open else 0, "open_before": before,
                }
            )  # fmt: skip
            before += to - from_ if is_open else 0
    return rows


@cache
def _template() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:", config={"threads": 2})
    for table in TABLES.values():
        connection.execute(create_table(table)).fetchall()
    return connection


def create_table(table: Table) -> str:
    """Return the statement that makes a table of the schema as checks see it: instants without a zone."""
    columns = ", ".join(f'"{column.name}" {_sql_type(column.type)}' for column in table.columns)
    return f"CREATE TABLE {table.name} ({columns})"


def _fill(connection: duckdb.DuckDBPyConnection, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    for table in TABLES.values():
        connection.execute(f"DELETE FROM {table.name}").fetchall()
        if rows.get(table.name):
            schema = pa.schema([(c.name, pa.timestamp("us") if pa.types.is_timestamp(c.type) else c.type) for c in table.columns])
            connection.register("incoming", pa.Table.from_pylist(list(rows[table.name]), schema=schema))
            connection.execute(f"INSERT INTO {table.name} SELECT * FROM incoming").fetchall()
            connection.unregister("incoming")


def _sql_type(type_: pa.DataType) -> str:
    if pa.types.is_timestamp(type_):
        return "TIMESTAMP"
    return {pa.string(): "VARCHAR", pa.int64(): "BIGINT", pa.float64(): "DOUBLE", pa.bool_(): "BOOLEAN"}[type_]


def _listed(rows: Any) -> list[Mapping[str, Any]]:
    return [rows] if isinstance(rows, Mapping) else list(rows)


def _source(number: int) -> str:
    return f"case{number}"


def _inside(number: int, name: str) -> str:
    return f"case{number}:{name}"


def _second(clock: str) -> int:
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    return hours * 3600 + minutes * 60 + sum(seconds)


def all_cases(checks: Iterable[Check]) -> list[CaseResult]:
    """Run the cases of several checks."""
    return [result for check in checks for result in run_cases(check)]
