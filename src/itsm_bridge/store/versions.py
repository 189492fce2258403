"""Appends only what is new: rows whose content differs from the current version of their key (design §4)."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from itsm_bridge.store.hashing import change_marks, row_hashes
from itsm_bridge.store.log import Log, fetch

FLUSH_ROWS = 40_000


@dataclass(slots=True)
class Written:
    """What a writer did: rows offered, rows appended because they are new or differ, keys marked deleted.

    `added` counts appended rows whose key was not held, where rows were compared.
    """

    received: int = 0
    appended: int = 0
    added: int = 0
    deleted: int = 0


class VersionWriter:
    """Collects rows of one log for one snapshot and appends them in batches.

    Rows come as Arrow tables with `_key` (and `_cursor` for source tables) and the content columns. Those that
    come with their `_hash` were compared already.
    """

    def __init__(self, log: Log, connection: duckdb.DuckDBPyConnection, snapshot: int) -> None:
        self._log = log
        self._connection = connection
        self.snapshot = snapshot
        self._pending: list[pa.Table] = []
        self._pending_rows = 0
        self._had_rows = log.exists
        self._batch = self._next_batch()
        self.written = Written()

    def _next_batch(self) -> int:
        if not self._log.has_rows_since(self.snapshot - 1):
            return 1
        cursor = self._connection.cursor()
        self._log.register(cursor, "log")
        found = cursor.execute(f"SELECT max(_batch) FROM log WHERE _snapshot = {self.snapshot}").fetchall()
        return int(found[0][0] or 0) + 1

    def add(self, rows: pa.Table) -> None:
        """Take rows; they are on disk after the next flush."""
        if not rows.num_rows:
            return
        self._pending.append(rows)
        self._pending_rows += rows.num_rows
        self.written.received += rows.num_rows
        if self._pending_rows >= FLUSH_ROWS:
            self.flush()

    @property
    def compares(self) -> bool:
        """Whether rows are compared with what is held."""
        return self._had_rows

    def compare_all(self) -> None:
        """Compare with rows of this run too from here on: the rows to come may have been read before."""
        self.flush()
        self._had_rows = self._log.exists

    def flush(self) -> None:
        """Append what is pending and differs from what is held."""
        if not self._pending_rows:
            return
        rows = pa.concat_tables(self._pending, promote_options="default")
        self._pending, self._pending_rows = [], 0
        self._append(rows)

    def _append(self, rows: pa.Table) -> None:
        rows = self._latest_of_each_key(rows)
        new = rows if "_hash" in rows.column_names else self._compared(rows)
        for name, value in (("_snapshot", self.snapshot), ("_batch", self._batch), ("_deleted", False)):
            new = new.append_column(name, pa.repeat(pa.scalar(value), new.num_rows))
        self._write(new)
        self.written.appended += new.num_rows

    def _compared(self, rows: pa.Table) -> pa.Table:
        """Return the rows that are not held as they are, with their hashes."""
        hashes = (change_marks if self._log.is_derived else row_hashes)(rows, self._connection)
        if self._had_rows:
            changed = self._changed(rows["_key"], hashes)
            rows, hashes = rows.take(changed), hashes.take(changed)
        return rows.append_column("_hash", hashes)

    def _latest_of_each_key(self, rows: pa.Table) -> pa.Table:
        if pc.count_distinct(rows["_key"]).as_py() == rows.num_rows:
            return rows
        order = "_cursor DESC NULLS LAST, " if self._log.has_cursor else ""
        cursor = self._connection.cursor()
        names = ["_key", "_cursor"] if self._log.has_cursor else ["_key"]
        places = pa.array(range(rows.num_rows), pa.int64())
        cursor.register("incoming", rows.select(names).append_column("_row", places))
        latest = fetch(
            cursor,
            f"SELECT _row FROM incoming QUALIFY row_number() OVER (PARTITION BY _key ORDER BY {order}_row DESC) = 1 "
            "ORDER BY _row",
        )
        return rows.take(latest["_row"])

    def _changed(self, keys: pa.ChunkedArray, hashes: pa.Array) -> pa.ChunkedArray:
        """Return the places of rows that are not held as they are."""
        cursor = self._connection.cursor()
        places = pa.array(np.arange(len(keys)))
        cursor.register("incoming", pa.table({"_key": keys, "_hash": hashes, "_row": places}))
        self._log.register(cursor, "log")
        found = fetch(
            cursor,
            "SELECT n._row, c._key IS NULL OR c._deleted AS is_added FROM incoming n LEFT JOIN ("
            "SELECT _key, arg_max(_hash, version) AS _hash, arg_max(_deleted, version) AS _deleted FROM ("
            f"SELECT _key, _hash, _deleted, {self._log.order()} AS version FROM log "
            "WHERE _key IN (SELECT _key FROM incoming)) GROUP BY _key) c ON c._key = n._key "
            "WHERE c._key IS NULL OR c._deleted OR c._hash <> n._hash ORDER BY n._row",
        )
        self.written.added += pc.sum(found["is_added"]).as_py() or 0
        return found["_row"]

    def delete(self, keys: list[str]) -> int:
        """Mark keys as deleted; those not held now are passed over. Returns how many were marked."""
        self.flush()
        if not keys or not self._log.exists:
            return 0
        self._log.refresh()
        cursor = self._connection.cursor()
        self._log.register(cursor, "log")
        cursor.register("gone", pa.table({"_key": pa.array(keys, pa.string())}))
        versions = "(SELECT * FROM log WHERE _key IN (SELECT _key FROM gone))"
        current = self._log.current_sql(versions, self.snapshot)
        marked = fetch(
            cursor,
            f"SELECT * REPLACE (TRUE AS _deleted, {self.snapshot}::BIGINT AS _snapshot, "
            f"{self._batch}::BIGINT AS _batch) FROM ({current})",
        )
        self._write(marked)
        self.written.deleted += marked.num_rows
        return int(marked.num_rows)

    def _write(self, rows: pa.Table) -> None:
        if not rows.num_rows:
            return
        if self._log.is_derived:
            places = pa.array(np.arange(rows.num_rows, dtype=np.int32))
            rows = (rows.drop_columns("_row") if "_row" in rows.column_names else rows).append_column("_row", places)
            self._log.vouch(self.snapshot, self._batch, rows)
        self._log.append(rows)
        self._batch += 1

    def close(self) -> Written:
        """Flush, and say what was done."""
        self.flush()
        return self.written
