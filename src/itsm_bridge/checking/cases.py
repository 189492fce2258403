"""The cases of a check: rows of canonical tables in, the verdict of each subject out.

A case names only the columns that matter (`case_rows` fills the rest). All cases of a check that share a
frame and a policy run in one database, each as a source of its own, so that the whole set takes seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import duckdb

from itsm_bridge.checking.case_rows import (
    NOW,
    PERIOD_FROM,
    POLICY,
    Row,
    calendar_rows,
    complete,
    create_tables,
    fill,
    inside,
    listed,
    source,
    tool_rows,
)  # fmt: skip
from itsm_bridge.checking.definition import Check
from itsm_bridge.checking.frame import CheckRun, Frame
from itsm_bridge.checking.run import run_checks
from itsm_bridge.errors import CheckError
from itsm_bridge.schema import TABLES
from itsm_bridge.suggestions import did_you_mean

OUT_OF_SCOPE = "out_of_scope"
VERDICTS = ("pass", "fail", "not_assessable", OUT_OF_SCOPE)
_SETTINGS = ("name", "expect", "reason", "now", "period_from", "period_to", "parameters", "calendar")


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
    """Cases, by number, that share a frame and a policy and may therefore share a database."""

    frame: Frame
    policy: Mapping[str, list[Row]]
    cases: dict[int, Mapping[str, Any]] = field(default_factory=dict)


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
    rows: dict[str, list[Row]] = {name: list(each) for name, each in world.policy.items()}
    wanted: list[str] = []
    for number, case in world.cases.items():
        for name, made in tool_rows(check, case, number).items():
            rows.setdefault(name, []).extend(made)
        wanted += [inside(number, subject) for subject in _expected(case)]
    connection = _database()
    for table in TABLES.values():
        connection.execute(f"DELETE FROM {table.name}").fetchall()
        if rows.get(table.name):
            fill(connection, table, rows[table.name])
    frame = Frame(
        world.frame.now, world.frame.period_from, world.frame.period_to, world.frame.parameters,
        watched={check.id: wanted},
    )  # fmt: skip
    run = run_checks(connection, [check], frame)
    if run.problems:
        raise CheckError(run.problems[0][1], where=str(check.path), hint="Correct the SQL of the check.")
    reasons = {row["source_id"]: row["reasons"] for row in run.counts.to_pylist()}
    for number, case in world.cases.items():
        differences = tuple(_differences(check, case, number, run, reasons.get(source(number), "{}")))
        yield number, CaseResult(check.id, str(case.get("name", number)), differences)


def _differences(check: Check, case: Mapping[str, Any], number: int, run: CheckRun, reasons: str) -> Iterator[str]:
    for subject, verdict in _expected(case).items():
        came = run.verdicts.get((check.id, inside(number, subject)), OUT_OF_SCOPE)
        if came != verdict:
            yield f"{subject}: expected {verdict}, came {came}{f' {reasons}' if reasons != '{}' else ''}"
    if case.get("reason", "") not in reasons:
        yield f"expected the reason {case['reason']!r}, came {reasons}"


def _worlds(check: Check) -> list[_World]:
    worlds: dict[str, _World] = {}
    for number, case in enumerate(check.cases, 1):
        _verify(check, case, number)
        frame = Frame(
            case.get("now", NOW), case.get("period_from", PERIOD_FROM), case.get("period_to", NOW),
            case.get("parameters", {}),
        )  # fmt: skip
        policy = {name: [dict(row) for row in listed(case[name])] for name in case if name in POLICY}
        if "calendar" in case:
            policy["calendar_bucket"] = [row for each in listed(case["calendar"]) for row in calendar_rows(**each)]
        # A policy that names a source names that of the case, which then needs a database of its own.
        own = any("source_id" in row for rows in policy.values() for row in rows) and number
        key = repr((frame.now, frame.period_from, frame.period_to, frame.parameters, policy, own))
        if key not in worlds:
            made = {name: [complete(name, row, number, n) for n, row in enumerate(policy[name])] for name in policy}
            worlds[key] = _World(frame, made)
        worlds[key].cases[number] = case
    return list(worlds.values())


def _verify(check: Check, case: Mapping[str, Any], number: int) -> None:
    where = f"{check.path}: cases[{number}]"
    for name in case.keys() - set(_SETTINGS):
        if name not in TABLES:
            guess = did_you_mean(name, [*TABLES, *_SETTINGS])
            raise CheckError(f"there is no table {name!r}{guess}", where=where, hint="Name a table of the schema.")
        known = TABLES[name].names
        for column in (column for row in listed(case[name]) for column in row):
            if column not in known:
                guess = did_you_mean(column, known)
                raise CheckError(f"{name} has no column {column!r}{guess}", where=where, hint="See `docs/schema.md`.")
    for verdict in _expected(case).values():
        if verdict not in VERDICTS:
            raise CheckError(f"expects {verdict!r}", where=where, hint=f"Expect one of {', '.join(VERDICTS)}.")


def _expected(case: Mapping[str, Any]) -> dict[str, str]:
    """Return verdict by subject; a bare verdict is that of the only record."""
    expect = case.get("expect", {})
    if isinstance(expect, str):
        items = listed(case.get("work_item", []))
        return {str(items[0].get("work_item_id", "R1")) if items else "R1": expect}
    return {str(subject): verdict for subject, verdict in expect.items()}


@cache
def _database() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    create_tables(connection)
    return connection
