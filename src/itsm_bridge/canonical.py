"""Rows of a canonical table as one projection makes them: appended where they differ from what is held.

Questions are asked over a cursor that knows what is held of them as the table `held`, where anything is.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from itsm_bridge.schema import Table
from itsm_bridge.sql import named
from itsm_bridge.store.hashing import change_mark
from itsm_bridge.store.versions import VersionWriter

_BATCH_ROWS = 10_000


def append_changed(
    cursor: duckdb.DuckDBPyConnection, writer: VersionWriter, made: str, table: Table, has_held: bool
) -> int:  # fmt: skip
    """Append the rows that are not held as they are; returns the number of values in them that are not mapped."""
    schema = _target_schema(table)
    columns = ", ".join(named(name) for name in schema.names if name != "_hash")
    marked = f"SELECT {columns}, {change_mark(schema)} AS _hash FROM ({made})"
    if has_held:
        marked = f"SELECT m.* FROM ({marked}) m ANTI JOIN held h ON h._key = m._key AND h._hash = m._hash"
    unmapped = 0
    written: Future[None] | None = None
    with ThreadPoolExecutor(1) as pool:  # rows are made while others are written
        for batch in cursor.sql(marked).to_arrow_reader(_BATCH_ROWS):
            unmapped += pc.sum(batch["_unmapped"]).as_py() or 0
            if written is not None:
                written.result()
            written = pool.submit(writer.add, pa.Table.from_batches([batch]).cast(schema))
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


def _target_schema(table: Table) -> pa.Schema:
    strings = [pa.field(name, pa.string()) for name in ("_key", "_origin", "_stream")]
    return pa.schema([*strings, pa.field("_unmapped", pa.int64()), *table.arrow, pa.field("_hash", pa.int64())])
