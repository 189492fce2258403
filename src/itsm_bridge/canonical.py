"""Rows of a canonical table as one projection makes them: appended where they differ from what is held.

A row is made once: what of it changed, what is stale and what is not mapped is told by the same pass.
"""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from itsm_bridge.schema import Table
from itsm_bridge.sql import named
from itsm_bridge.store.hashing import change_mark
from itsm_bridge.store.log import fetch
from itsm_bridge.store.versions import VersionWriter

_BATCH_ROWS = 10_000
_BESIDE = pa.schema([
    ("_key", pa.string()), ("_origin", pa.string()), ("_stream", pa.string()), ("_unmapped", pa.int64()),
])  # fmt: skip
"""What is kept with each row beside the columns of the schema."""


def marked(made: str, table: Table, filled: Collection[str]) -> str:
    """Return SQL for rows that projections make, each with its mark; `filled` are the columns that any of them fills.

    The others are left out: to plan a hundred columns without a value costs more than to add them to what is written.
    """
    schema = pa.schema([field for field in _target_schema(table) if field.name in {*filled, *_BESIDE.names}])
    return f"SELECT {', '.join(map(named, schema.names))}, {change_mark(schema)} AS _hash FROM ({made})"


class Held:
    """What a table holds of rows to come: `held` in the engine, of which the marks lie here by their place in it."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor
        found = fetch(cursor, "SELECT rowid, _hash, _unmapped, is_ours FROM held")
        places, *columns = (column.to_numpy() for column in found.columns)
        self._hashes, self._unmapped, self._is_ours = (_by_place(places, column) for column in columns)
        self._is_made = np.zeros(len(self._is_ours), bool)

    def with_places(self, rows: str) -> str:
        """Return SQL for rows with their `_place` in what is held, if any.

        For an anti-join the engine might put the rows themselves, all columns of them, into its table of keys.
        """
        return f"SELECT m.*, (SELECT h.rowid FROM held h WHERE h._key = m._key) AS _place FROM ({rows}) m"

    def changed(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """Return of rows with their places those that are not held as they are, and note which ones are made."""
        places = rows["_place"].fill_null(-1).to_numpy()
        is_held = places >= 0
        self._is_made[places[is_held]] = True
        is_same = is_held.copy()
        is_same[is_held] = self._hashes[places[is_held]] == rows["_hash"].to_numpy()[is_held]
        return rows.filter(pa.array(~is_same)) if is_same.any() else rows

    def stale_keys(self) -> list[str]:
        """Return the keys that this stream made and that were not made again."""
        stale = np.flatnonzero(self._is_ours & ~self._is_made)
        if not len(stale):
            return []
        self._cursor.register("stale", pa.table({"place": stale}))
        found = self._cursor.execute("SELECT _key FROM held WHERE rowid IN (SELECT place FROM stale)").fetchall()
        return [row[0] for row in found]

    @property
    def unmapped(self) -> int:
        """How many values are not mapped in what this stream made."""
        return int(self._unmapped[self._is_ours].sum())

    @property
    def gives_way(self) -> bool:
        """Whether rows of other streams with values that are not mapped were made by this one: they count no longer."""
        return bool(np.any(self._is_made & ~self._is_ours & (self._unmapped > 0)))


def _by_place(places: npt.NDArray[np.int64], values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    found = np.zeros(places.max(initial=-1) + 1, values.dtype)
    found[places] = values
    return found


def append_changed(
    cursor: duckdb.DuckDBPyConnection, writer: VersionWriter, rows: str, table: Table, held: Held | None
) -> int:  # fmt: skip
    """Append of marked rows those that are not held as they are; returns how many values of all are not mapped."""
    schema = _target_schema(table)
    unmapped = 0
    written: Future[None] | None = None
    with ThreadPoolExecutor(1) as pool:  # rows are made while others are written
        for batch in cursor.sql(held.with_places(rows) if held else rows).to_arrow_reader(_BATCH_ROWS):
            unmapped += pc.sum(batch["_unmapped"]).as_py() or 0
            changed = held.changed(batch) if held else batch
            if written is not None:
                written.result()
            written = pool.submit(writer.add, _complete(changed, schema))
        if written is not None:
            written.result()
    return unmapped


def _complete(rows: pa.RecordBatch, schema: pa.Schema) -> pa.Table:
    """Return rows in all columns of their table."""
    found = set(rows.schema.names)
    columns = [
        rows[field.name].cast(field.type) if field.name in found else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _target_schema(table: Table) -> pa.Schema:
    return pa.schema([*_BESIDE, *table.arrow, pa.field("_hash", pa.int64())])
