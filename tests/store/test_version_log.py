"""The version log against a dictionary, over random histories; and what a hash can and cannot be fooled by."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itsm_bridge.store.hashing import content_hash
from itsm_bridge.store.log import Log
from itsm_bridge.store.store import Store
from itsm_bridge.store.versions import VersionWriter

KEYS = st.sampled_from(["a", "b", "c", "ä'\"{}"])
VALUES = st.one_of(st.none(), st.sampled_from(["", "x", "y=1", "x\x1fv=2:yy"]))
UPSERT = st.tuples(st.just("upsert"), st.lists(st.tuples(KEYS, VALUES, VALUES), max_size=4))
DELETE = st.tuples(st.just("delete"), st.lists(KEYS, max_size=2))
SNAPSHOT = st.tuples(st.just("snapshot"), st.just(()))
State = dict[str, tuple[str | None, str | None]]


def rows(items: list[tuple[str, str | None, str | None]]) -> pa.Table:
    columns = list(zip(*items, strict=True)) or [(), (), ()]
    names = ("_key", "v", "w")
    return pa.table({name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)})


def state(store: Store, log: Log, number: int) -> State:
    if not log.exists:
        return {}
    held = store.current(log, number, ["_key", "v", "w"])
    assert held.num_rows == len(set(held["_key"].to_pylist())), "one row a key"
    return {row["_key"]: (row["v"], row["w"]) for row in held.to_pylist()}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(UPSERT, UPSERT, DELETE, SNAPSHOT), max_size=9))
def test_the_state_as_of_every_snapshot_equals_the_model(acts: list[tuple[str, list]]) -> None:  # type: ignore[type-arg]
    with tempfile.TemporaryDirectory() as folder:
        store = Store(folder)
        log = store.canonical_log("thing")
        model: State = {}
        past: list[State] = []
        writer = VersionWriter(log, store.scratch(), 1)
        writer.compare_all()
        for act, items in [*acts, ("snapshot", [])]:
            if act == "upsert":
                writer.add(rows(items))
                model |= {key: (v, w) for key, v, w in items}
                writer.flush()
                writer.compare_all()
            elif act == "delete":
                writer.delete(items)
                model = {key: value for key, value in model.items() if key not in items}
            else:
                writer.close()
                past.append(dict(model))
                writer = VersionWriter(log, store.scratch(), len(past) + 1)
        for number, expected in enumerate(past, start=1):
            assert state(store, log, number) == expected


def writer_at(store: Store, number: int) -> VersionWriter:
    return VersionWriter(store.canonical_log("thing"), store.scratch(), number)


def test_rows_that_do_not_differ_are_not_appended(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first = writer_at(store, 1)
    first.add(rows([("a", "1", None), ("b", "1", "2")]))
    assert first.close().appended == 2
    second = writer_at(store, 2)
    second.add(rows([("a", "1", None), ("b", "1", "3")]))
    assert (second.close().received, second.written.appended) == (2, 1)


def test_of_two_readings_in_one_run_the_later_state_of_the_record_holds(tmp_path: Path) -> None:
    store = Store(tmp_path)
    log = store.source_log("desk", "incident")
    for batch in (["new", "2026-02-02"], ["old", "2026-01-01"]):
        writer = VersionWriter(log, store.scratch(), 1)
        columns = {"_key": ["a"], "state": batch[:1], "_cursor": batch[1:]}
        writer.add(pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()}))
        writer.close()
    assert store.current(log, 1, ["state"]).to_pylist() == [{"state": "new"}]


def test_new_columns_leave_the_hashes_of_old_rows_right(tmp_path: Path) -> None:
    store = Store(tmp_path)
    writer = writer_at(store, 1)
    writer.add(rows([("a", "1", None)]))
    writer.close()
    second = writer_at(store, 2)
    second.add(rows([("a", "1", None)]).append_column("more", pa.array([None], pa.string())))
    second.add(rows([("b", "1", None)]).append_column("more", pa.array(["x"], pa.string())))
    assert second.close().appended == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"v": "x\x1fw=1:y", "w": None}, {"v": "x", "w": "y"}),
        ({"v": "x\x1fw=y", "w": None}, {"v": "x", "w": "y"}),
        ({"v": "", "w": None}, {"v": None, "w": None}),
        ({"v": None, "w": "x"}, {"v": "x", "w": None}),
        ({"v": "1:2", "w": ""}, {"v": "1", "w": "2"}),
    ],
)
def test_no_text_passes_for_the_content_of_another_column(
    one: dict[str, str | None], other: dict[str, str | None]
) -> None:
    made = [pa.table({k: pa.array([v], pa.string()) for k, v in row.items()}) for row in (one, other)]
    with duckdb.connect() as connection:
        hashes = set()
        for table in made:
            connection.register("given", table)
            hashes |= set(connection.execute(f"SELECT {content_hash(table.schema)} FROM given").fetchall())
    assert len(hashes) == 2


def test_rows_that_lack_a_newer_column_are_neither_lost_nor_found_by_a_filter_on_it(tmp_path: Path) -> None:
    store = Store(tmp_path)
    log = store.canonical_log("thing")
    first = writer_at(store, 1)
    first.add(rows([("a", "1", None), ("b", "1", None)]))
    first.close()
    second = writer_at(store, 2)
    second.add(rows([("c", "1", None)]).append_column("more", pa.array(["x"], pa.string())))
    second.close()
    with duckdb.connect() as connection:
        connection.register("log", log.dataset())
        found = {
            condition: [
                key for (key,) in connection.execute(f"SELECT _key FROM log WHERE {condition} ORDER BY 1").fetchall()
            ]
            for condition in (
                "more IS NULL",
                "more IS NOT NULL",
                "more = 'x'",
                "_snapshot > 1",
                "_snapshot <= 1",
                "w IS NULL",
            )
        }
    assert found == {
        "more IS NULL": ["a", "b"], "more IS NOT NULL": ["c"], "more = 'x'": ["c"], "_snapshot > 1": ["c"],
        "_snapshot <= 1": ["a", "b"], "w IS NULL": ["a", "b", "c"],
    }  # fmt: skip


def test_column_names_with_quotes_and_braces_are_only_names(tmp_path: Path) -> None:
    store = Store(tmp_path)
    log = store.canonical_log("thing")
    name = 'it\'s "a" {field}; DROP TABLE x'
    for number, value in ((1, "1"), (2, "2")):
        writer = writer_at(store, number)
        writer.add(pa.table({"_key": ["a"], name: [value]}))
        writer.close()
    assert store.current(log, 2, [name]).to_pylist() == [{name: "2"}]
    assert store.current(log, 1, [name]).to_pylist() == [{name: "1"}]


def test_what_was_never_published_can_be_taken_out(tmp_path: Path) -> None:
    store = Store(tmp_path)
    log = store.canonical_log("thing")
    for number in (1, 2):
        writer = writer_at(store, number)
        writer.add(rows([("a", str(number), None)]))
        writer.close()
    log.discard(2)
    log.discard(2)
    assert state(store, log, 9) == {"a": ("1", None)}


def test_a_column_that_only_rows_taken_back_had_makes_no_table_unreadable(tmp_path: Path) -> None:
    log = Store(tmp_path).canonical_log("thing")
    connection = duckdb.connect()
    for snapshot, columns in ((1, {"_key": ["a"], "x": ["1"]}), (2, {"_key": ["b"], "x": ["1"], "new": ["n"]})):
        writer = VersionWriter(log, connection, snapshot)
        writer.add(pa.table(columns))
        writer.close()
    log.discard(2)
    log.register(connection, "held")
    assert connection.sql("SELECT _key, x, new FROM held").fetchall() == [("a", "1", None)]
