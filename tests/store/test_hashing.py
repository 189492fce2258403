from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itsm_bridge.store.hashing import change_marks, content_hash, row_hashes
from itsm_bridge.store.store import new_connection

SCHEMA = pa.schema(
    [("_key", pa.string()), ("_cursor", pa.string()), ("title", pa.string()), ("note", pa.string()),
     ("at", pa.timestamp("us", tz="UTC")), ("n", pa.int64()), ("share", pa.float64()), ("is_open", pa.bool_()),
     ("_snapshot", pa.int64())]
)  # fmt: skip
TEXT = st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
ROW = st.fixed_dictionaries({
    "_key": st.text("abc", min_size=1), "_cursor": TEXT, "title": TEXT, "note": TEXT,
    "at": st.none() | st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    "n": st.none() | st.integers(-(2**63), 2**63 - 1),
    "share": st.none() | st.floats(allow_nan=False, allow_infinity=False), "is_open": st.none() | st.booleans(),
    "_snapshot": st.integers(1, 9),
})  # fmt: skip


CONNECTION = new_connection()


def by_sql(rows: pa.Table) -> list[str]:
    connection = CONNECTION
    connection.register("hashed", rows)
    found: list[tuple[Any, ...]] = connection.sql(f"SELECT {content_hash(rows.schema)} FROM hashed").fetchall()
    return [row[0] for row in found]


@settings(deadline=None, max_examples=50)
@given(st.lists(ROW, min_size=1, max_size=20))
def test_hashes_are_those_that_verify_computes(rows: list[dict[str, Any]]) -> None:
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    assert row_hashes(table, CONNECTION).to_pylist() == by_sql(table)


def test_parts_of_a_table_hash_as_the_whole_does() -> None:
    rows = [{"_key": str(n), "title": None if n % 3 else f"t{n}"} for n in range(100)]
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    whole = row_hashes(table, new_connection()).to_pylist()
    assert row_hashes(table.slice(40, 20), new_connection()).to_pylist() == whole[40:60]
    assert row_hashes(pa.concat_tables([table, table]), new_connection()).to_pylist() == whole + whole


def test_no_rows_have_no_hashes() -> None:
    assert row_hashes(SCHEMA.empty_table(), new_connection()).to_pylist() == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"title": "a", "note": "a"}, {"title": "b", "note": "b"}),
        ({"title": "a", "note": None}, {"title": None, "note": "a"}),
        ({"title": "a", "note": "b"}, {"title": "b", "note": "a"}),
        ({"title": "", "note": None}, {"title": None, "note": None}),
        ({"n": 1, "is_open": None}, {"n": None, "is_open": True}),
    ],
)
def test_what_differs_is_marked_as_changed(one: dict[str, Any], other: dict[str, Any]) -> None:
    table = pa.Table.from_pylist([{"_key": "k", **one}, {"_key": "k", **other}], schema=SCHEMA)
    first, second = change_marks(table, new_connection()).to_pylist()
    assert first != second


def test_a_new_column_marks_no_row_as_changed_that_has_no_value_there() -> None:
    rows = pa.table({"_key": ["k"], "title": ["a"]})
    wider = rows.append_column("note", pa.nulls(1, pa.string()))
    assert change_marks(rows, new_connection()) == change_marks(wider, new_connection())
