"""Every DECLARE template over random histories against its definition in plain Python."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import declare_by_hand as by_hand
import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itsm_bridge.checking.lint import lint, to_spark
from itsm_bridge.process.constraint import Constraint
from itsm_bridge.process.statement import statement
from itsm_bridge.process.templates import TEMPLATES

A, B, RESET = ("resolve", "cancel"), ("close",), ("reopen",)
START = datetime(2026, 3, 1)
PERIOD = {"period_from": START, "period_to": START + timedelta(days=30)}
traces = st.lists(
    st.tuples(st.lists(st.sampled_from(["create", "start", *A, *B, *RESET]), max_size=7), st.booleans()),
    min_size=1, max_size=40,
)  # fmt: skip


def constraint(template: str, **changes: Any) -> Constraint:
    about = TEMPLATES[template]
    rest = {"b": B if about.has_b else (), "times": 2 if about.has_times else 0, **changes}
    return Constraint(template, "", template, ("incident",), A, **rest)


def by_definition(made: Constraint, trace: list[str], is_over: bool) -> by_hand.Numbers:
    if made.template in by_hand.COUNTED:
        return by_hand.COUNTED[made.template](trace, made.a, made.times, is_over)
    if made.template in by_hand.ONE:
        return by_hand.ONE[made.template](trace, made.a, is_over)
    if made.reset:
        return by_hand.RESETTABLE[made.template](trace, made.a, made.b, is_over, made.reset)
    return by_hand.TWO[made.template](trace, made.a, made.b, is_over)


def filled(traces: list[tuple[list[str], bool]]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:", config={"threads": 1})
    records = [
        {"work_item_id": f"R{n:02}", "source_id": "prod", "record_type": "incident", "history_level": "full",
         "state": "closed" if is_over else "new", "opened_at": START, "closed_at": None, "updated_at": START}
        for n, (_, is_over) in enumerate(traces)
    ]  # fmt: skip
    events = [
        {"work_item_id": f"R{n:02}", "at": START + timedelta(minutes=place), "seq": place, "activity": name}
        for n, (trace, _) in enumerate(traces)
        for place, name in enumerate(trace, 1)
    ]
    columns = [
        ("work_item_id", pa.string()),
        ("at", pa.timestamp("us")),
        ("seq", pa.int64()),
        ("activity", pa.string()),
    ]
    for name, rows in (
        ("w", pa.Table.from_pylist(records)),
        ("activity", pa.Table.from_pylist(events, pa.schema(columns))),
    ):
        connection.register("incoming", rows)
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM incoming").fetchall()
    connection.execute("ALTER TABLE w ALTER closed_at TYPE TIMESTAMP").fetchall()
    return connection


WITH_RESET = [constraint(name, reset=RESET) for name in by_hand.RESETTABLE]


@settings(max_examples=12, deadline=None)
@given(traces)
def test_each_template_tells_what_its_definition_says(traces: list[tuple[list[str], bool]]) -> None:
    connection = filled(traces)
    for made in [*map(constraint, TEMPLATES), *WITH_RESET]:
        rows = connection.execute(statement(made), PERIOD).fetchall()
        found = {row[1]: row[3:] for row in rows}
        wanted = {f"R{n:02}": by_definition(made, trace, over) for n, (trace, over) in enumerate(traces)}
        assert found == wanted, made.formula
        assert all(row[2] is None for row in rows)
    connection.close()


@pytest.mark.parametrize("made", [*map(constraint, TEMPLATES), *WITH_RESET], ids=lambda made: made.formula)
def test_the_sql_of_each_template_carries_over_to_other_engines(made: Constraint) -> None:
    assert lint(statement(made)) == []
    assert to_spark(statement(made))


def test_every_template_has_a_definition_to_be_compared_with() -> None:
    assert set(TEMPLATES) == {*by_hand.ONE, *by_hand.COUNTED, *by_hand.TWO}
