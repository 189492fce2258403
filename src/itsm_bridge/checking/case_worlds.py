"""Cases made into small worlds: those of one frame and policy share a database, each as a source of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
    listed,
    tool_rows,
)  # fmt: skip
from itsm_bridge.checking.definition import Question
from itsm_bridge.checking.frame import Frame
from itsm_bridge.checking.needs import has_no_source
from itsm_bridge.errors import CheckError
from itsm_bridge.schema import TABLES
from itsm_bridge.settings.period import period_before
from itsm_bridge.suggestions import did_you_mean

Case = Mapping[str, Any]

_FILLED_BY_RUNS = ("kpi_result",)
_SETTINGS = ("name", "expect", "reason", "now", "period_from", "period_to", "parameters", "calendar")


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of one case: `differences` says what was expected and what came instead."""

    id: str
    name: str
    differences: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        """Whether everything came as expected."""
        return not self.differences


@dataclass(slots=True)
class World:
    """Cases, by number, that share a frame and a policy and may therefore share a database."""

    frame: Frame
    policy: Mapping[str, list[Row]]
    cases: dict[int, Case] = field(default_factory=dict)

    def connection(self, question: Question) -> duckdb.DuckDBPyConnection:
        """Return the database with the rows of all cases; it is the same one for every world."""
        rows: dict[str, list[Row]] = {name: list(each) for name, each in self.policy.items()}
        for number, case in self.cases.items():
            for name, made in tool_rows(question, case, number).items():
                rows.setdefault(name, []).extend(made)
        connection, filled = _database()
        for name in [*filled, *_FILLED_BY_RUNS]:
            connection.execute(f"DELETE FROM {name}").fetchall()
        filled[:] = [name for name, made in rows.items() if made]
        for name in filled:
            fill(connection, TABLES[name], rows[name])
        return connection


def worlds(question: Question, verify_expected: Callable[[Case, str], None]) -> list[World]:
    """Return the worlds of the cases; CheckError where a case is not written as it should be."""
    found: dict[str, World] = {}
    for number, case in enumerate(question.cases, 1):
        where = f"{question.path}: cases[{number}]"
        _verify(case, where)
        verify_expected(case, where)
        period_from, period_to = case.get("period_from", PERIOD_FROM), case.get("period_to", NOW)
        frame = Frame(
            case.get("now", NOW), period_from, period_to, case.get("parameters", {}),
            previous_from=period_before(period_from, period_to, "UTC"),
        )  # fmt: skip
        policy = {name: [dict(row) for row in listed(case[name])] for name in case if name in POLICY}
        if "calendar" in case:
            policy["calendar_bucket"] = [row for each in listed(case["calendar"]) for row in calendar_rows(**each)]
        # A policy that names a source names that of the case, which then needs a database of its own;
        # so does what is asked of the organisation, which all cases in one database would share.
        names_source = any("source_id" in row for rows in policy.values() for row in rows)
        own = (names_source or has_no_source(question)) and number
        key = repr((frame.now, frame.period_from, frame.period_to, frame.parameters, policy, own))
        if key not in found:
            made = {name: [complete(name, row, number, n) for n, row in enumerate(policy[name])] for name in policy}
            found[key] = World(frame, made)
        found[key].cases[number] = case
    return list(found.values())


def _verify(case: Case, where: str) -> None:
    for name in case.keys() - set(_SETTINGS):
        if name not in TABLES:
            guess = did_you_mean(name, [*TABLES, *_SETTINGS])
            raise CheckError(f"there is no table {name!r}{guess}", where=where, hint="Name a table of the schema.")
        known = TABLES[name].names
        for column in (column for row in listed(case[name]) for column in row):
            if column not in known:
                guess = did_you_mean(column, known)
                raise CheckError(f"{name} has no column {column!r}{guess}", where=where, hint="See `docs/schema.md`.")


@cache
def _database() -> tuple[duckdb.DuckDBPyConnection, list[str]]:
    """Return the database, and the tables that the last world filled."""
    connection = duckdb.connect(":memory:")
    create_tables(connection)
    return connection, []
