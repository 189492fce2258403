"""Details of records while these are read: all that a record has came with it, so what is missing was deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from itsm_bridge.adapter import Page
from itsm_bridge.readings import Reading
from itsm_bridge.sql import named
from itsm_bridge.store.log import Log, fetch


class Arrived(NamedTuple):
    """One detail's part of a page: its source columns, how many rows could not be decoded, whom it covers."""

    table: pa.Table
    quarantined: int
    covers: Sequence[str] | None


class Details:
    """The detail streams of one stream; `logs` are their source tables, by stream."""

    def __init__(
        self, readings: Iterable[Reading], logs: Mapping[str, Log], connection: duckdb.DuckDBPyConnection
    ) -> None:  # fmt: skip
        self.readings = {reading.stream.name: reading for reading in readings}
        self._logs = logs
        self._connection = connection
        self._records: dict[str, list[pa.ChunkedArray]] = {name: [] for name in self.readings}
        self._came: dict[str, list[pa.ChunkedArray]] = {name: [] for name in self.readings}

    def of(self, page: Page) -> dict[str, Arrived]:
        """Return what arrived of each detail on a page."""
        found = {name: detail for name, detail in page.details.items() if name in self.readings}
        return {name: Arrived(detail.table, detail.quarantined, detail.covers) for name, detail in found.items()}

    def add(self, records: pa.ChunkedArray, arrived: Mapping[str, Arrived]) -> None:
        """Take what came with records, given by their keys."""
        for name, (table, quarantined, covers) in arrived.items():
            reading = self.readings[name]
            whole = records if covers is None else pa.chunked_array([pa.array(covers, pa.string())])
            self._records[name].append(whole)
            good = keyed(table, reading.stream.key)
            reading.quarantined += quarantined + table.num_rows - good.num_rows
            keys = good[reading.stream.key]
            self._came[name].append(keys)
            missing = pa.nulls(good.num_rows, pa.string())
            reading.writer.add(good.append_column("_key", keys).append_column("_cursor", missing))

    def compare_all(self) -> None:
        """From here on, records come that may have come before in this run."""
        for reading in self.readings.values():
            reading.writer.compare_all()

    def flush(self) -> None:
        """Write what came, and mark as deleted what is held of the same records and did not come."""
        for name, reading in self.readings.items():
            reading.writer.flush()
            records, came = _chunks(self._records[name]), _chunks(self._came[name])
            if reading.writer.compares and not reading.stream.is_append_only and records:
                self._delete(name, pa.chunked_array(records, pa.string()), came)
            self._records[name], self._came[name] = [], []

    def remove(self, records: Iterable[str]) -> None:
        """Mark the details of deleted records as deleted; histories stay, for what happened has happened."""
        gone = pa.chunked_array([pa.array(records, pa.string())])
        for name, reading in self.readings.items():
            if len(gone) and not reading.stream.is_append_only:
                reading.writer.flush()
                self._delete(name, gone, [])

    def _delete(self, name: str, records: pa.ChunkedArray, came: list[pa.Array]) -> None:
        log, reading = self._logs[name], self.readings[name]
        log.refresh()
        if not log.exists:
            return
        cursor = self._connection.cursor()
        log.register(cursor, "details")
        cursor.register("records", pa.table({"_key": records}))
        cursor.register("came", pa.table({"_key": pa.chunked_array(came, pa.string())}))
        versions = f"(SELECT * FROM details WHERE {named(reading.stream.parent)} IN (SELECT _key FROM records))"
        current = log.current_sql(versions, reading.writer.snapshot, ["_key"])
        found = fetch(cursor, f"SELECT _key FROM ({current}) ANTI JOIN came USING (_key)")
        reading.writer.delete(found["_key"].to_pylist())


def keyed(table: pa.Table, key: str) -> pa.Table:
    """Return the rows that have a key; the others cannot be told apart."""
    has_key = pc.fill_null(pc.not_equal(table[key], ""), False)
    return table if pc.all(has_key).as_py() else table.filter(has_key)


def _chunks(columns: Iterable[pa.ChunkedArray]) -> list[pa.Array]:
    return [chunk for column in columns for chunk in column.chunks]
