"""Rows of a canonical table as one projection makes them: appended where they differ from what is held.

Questions are asked over a cursor that knows what is held of them as the table `held`, where anything is.
"""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from itsm_bridge.schema import Table
from itsm_bridge.sql import named
from itsm_bridge.store.hashing import change_mark
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


def append_changed(
    cursor: duckdb.DuckDBPyConnection, writer: VersionWriter, rows: str, table: Table, has_held: bool
) -> int:  # fmt: skip
    """Append of marked rows those that are not held as they are; returns how many values in them are not mapped."""
    schema = _target_schema(table)
    if has_held:
        rows = f"SELECT m.* FROM ({rows}) m ANTI JOIN held h ON h._key = m._key AND h._hash = m._hash"
    unmapped = 0
    written: Future[None] | None = None
    with ThreadPoolExecutor(1) as pool:  # rows are made while others are written
        for batch in cursor.sql(rows).to_arrow_reader(_BATCH_ROWS):
            unmapped += pc.sum(batch["_unmapped"]).as_py() or 0
            if written is not None:
                written.result()
            written = pool.submit(writer.add, _complete(batch, schema))
        if written is not None:
            written.result()
    return unmapped


def stale_keys(cursor: duckdb.DuckDBPyConnection, made: str) -> list[str]:
    """Return the keys that are held and no longer made."""
    found = cursor.execute(
        f"SELECT h._key FROM held h ANTI JOIN (SELECT _key FROM ({made})) m ON m._key = h._key WHERE h.is_ours"
    ).fetchall()
    return [row[0] for row in found]


def takes_over(cursor: duckdb.DuckDBPyConnection) -> bool:
    """Tell whether rows with values that are not mapped are held of other streams: they may count there no longer."""
    found = cursor.execute("SELECT count(*) FROM held WHERE NOT is_ours AND _unmapped > 0").fetchall()
    return bool(found[0][0])


def unmapped_more(cursor: duckdb.DuckDBPyConnection, made: str) -> int:
    """Return by how many the values that are not mapped have become more."""
    now = f"SELECT coalesce(sum(_unmapped), 0) FROM ({made})"
    before = "SELECT coalesce(sum(_unmapped), 0) FROM held WHERE is_ours"
    return int(cursor.execute(f"SELECT ({now}) - ({before})").fetchall()[0][0])


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
