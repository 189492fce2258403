"""The two examples of a constraint, courses of a record that keep it and that break it, held against its SQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

import duckdb

from itsm_bridge.checking.case_worlds import CaseResult
from itsm_bridge.process.constraint import Constraint
from itsm_bridge.process.statement import statement

_BEGIN = datetime(2026, 3, 2, 9)
_PERIOD = {"period_from": datetime(2026, 3, 1), "period_to": datetime(2026, 4, 1)}
_TABLES = """
CREATE TABLE w (work_item_id VARCHAR, source_id VARCHAR, record_type VARCHAR, state VARCHAR, history_level VARCHAR,
  opened_at TIMESTAMP, closed_at TIMESTAMP, updated_at TIMESTAMP);
CREATE TABLE activity (work_item_id VARCHAR, source_id VARCHAR, "at" TIMESTAMP, seq BIGINT, activity VARCHAR)
"""


def run_examples(constraints: Iterable[Constraint]) -> Iterator[CaseResult]:
    """Yield what became of the examples of each constraint. A record is over in them, and the population left aside."""
    with closing(duckdb.connect(":memory:", config={"threads": 1})) as connection:
        connection.execute(_TABLES).fetchall()
        for each in constraints:
            for name, course in (("kept", each.kept), ("broken", each.broken)):
                if course:
                    yield CaseResult(
                        each.id, f"{name}: {', '.join(course)}", _differences(connection, each, name, course)
                    )


def _differences(
    connection: duckdb.DuckDBPyConnection, constraint: Constraint, expected: str, course: Sequence[str]
) -> tuple[str, ...]:
    kind = constraint.record_types[0] if constraint.record_types else "incident"
    connection.execute("DELETE FROM w").fetchall()
    connection.execute("DELETE FROM activity").fetchall()
    connection.execute("INSERT INTO w VALUES ('R1', 'here', ?, 'closed', 'full', ?, ?, ?)", [kind, *[_BEGIN] * 3])
    for seq, name in enumerate(course, 1):
        at = _BEGIN + timedelta(hours=seq)
        connection.execute("INSERT INTO activity VALUES ('R1', 'here', ?, ?, ?)", [at, seq, name])
    sql = statement(replace(constraint, population="TRUE"))
    told = f"SELECT s.reason, s.activations, s.violations FROM ({sql}) AS s"
    ((reason, activations, violations),) = connection.execute(told, _PERIOD).fetchall()
    came = reason or ("broken" if violations else "kept" if activations else "never activated")
    return () if came == expected else (f"expected {expected}, came {came}",)
