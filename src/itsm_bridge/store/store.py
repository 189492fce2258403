"""The store: a directory of Delta tables, published snapshot by snapshot (design §4)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import duckdb
import pyarrow as pa

from itsm_bridge.errors import StoreError, UsageError
from itsm_bridge.schema import Table
from itsm_bridge.sql import quoted
from itsm_bridge.store.contents import Contents
from itsm_bridge.store.hashing import VERSION_COLUMNS
from itsm_bridge.store.lock import WriterLock
from itsm_bridge.store.log import Log, fetch
from itsm_bridge.store.manifests import ASSESSMENT, SNAPSHOT, Chain, Manifest, last_by
from itsm_bridge.store.spill import spill_folder

WRITER_THREADS = 4
WRITER_MEMORY_PER_THREAD = 110
"""In MB: what DuckDB may take while a writer works; what does not fit goes to the spill folder."""
HIDDEN_COLUMNS = (*VERSION_COLUMNS, "_origin", "_stream", "_cursor", "_unmapped")


class Store:
    """A store at a path. Readers need no lock and see published snapshots only."""

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        self.chain = Chain(Log(f"{self.path}/manifests"))
        self.contents = Contents(Log(f"{self.path}/contents"))
        self._held: dict[str, Log] | None = None

    @cached_property
    def _engine(self) -> duckdb.DuckDBPyConnection:
        return new_connection()

    def scratch(self) -> duckdb.DuckDBPyConnection:
        """Return a connection for queries over registered tables; what it registers, others do not see."""
        return self._engine.cursor()

    @property
    def state_folder(self) -> Path:
        """Folder for what is not evidence: the lock, progress notes, the scheduler's jobs."""
        return Path(self.path) / "state"

    @contextmanager
    def lock(self, purpose: str) -> Iterator[None]:
        """Hold the lock that a writer must hold."""
        with WriterLock(self.state_folder, purpose), spill_folder(self.state_folder) as folder:
            self._held = {}
            self._engine = _writing_connection(folder)
            try:
                yield
            except duckdb.OutOfMemoryException as error:
                raise StoreError(
                    f"neither memory nor disk is enough: {' '.join(str(error).split())[:200]}", where=str(folder),
                    hint="Free space on that disk, then run it again; what was published before is untouched.",
                ) from error  # fmt: skip
            finally:
                self._held = None
                self.__dict__.pop("_engine").close()

    def source_log(self, source: str, stream: str) -> Log:
        """Return the log of a source table."""
        return self.log(f"source/{source}/{stream}")

    def canonical_log(self, table: str) -> Log:
        """Return the log of a canonical table."""
        return self.log(f"canonical/{table}")

    def assessment_log(self, table: str) -> Log:
        """Return the log of a table that assessments fill."""
        return self.log(f"assessment/{table}")

    def log(self, name: str) -> Log:
        """Return a log by its name in manifests: the same one while the lock is held, for nobody else appends."""
        known = self._held.get(name) if self._held is not None else None
        kind = name.partition("/")[0]
        found = known or Log(f"{self.path}/{name}", has_cursor=kind == "source", is_derived=kind == "canonical")
        if self._held is not None:
            self._held[name] = found
        return found

    def snapshots(self) -> list[Manifest]:
        """Return the published snapshots, oldest first."""
        return [manifest for manifest in self.chain.manifests() if manifest.kind == SNAPSHOT]

    def assessments(self) -> list[Manifest]:
        """Return the published assessments, oldest first."""
        return [manifest for manifest in self.chain.manifests() if manifest.kind == ASSESSMENT]

    def snapshot(self, number: int | None = None) -> Manifest:
        """Return one snapshot, the last one by default; raises UsageError where there is none."""
        snapshots = self.snapshots()
        if not snapshots:
            raise UsageError("the store holds no snapshot yet", where=self.path, hint="Run `itsm-bridge sync` first.")
        if number is None:
            return snapshots[-1]
        for manifest in snapshots:
            if manifest.number == number:
                return manifest
        known = f"{snapshots[0].number} to {snapshots[-1].number}"
        raise UsageError(f"there is no snapshot {number}", where=self.path, hint=f"Snapshots go from {known}.")

    def snapshot_at(self, as_of: str) -> Manifest:
        """Return the last snapshot published by a day or instant; raises UsageError where there is none."""
        return last_by(self.snapshots(), as_of, "snapshot") or self.snapshot()

    def head(self) -> str:
        """Return the hash of the last manifest: the anchor that reports print."""
        manifests = self.chain.manifests()
        return manifests[-1].hash if manifests else ""

    def current(self, log: Log, snapshot: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the rows of one log as of a snapshot, version columns left out."""
        cursor = self.scratch()
        log.register(cursor, "log")
        names = columns or [name for name in log.columns if name not in HIDDEN_COLUMNS]
        return fetch(cursor, log.current_sql("log", snapshot, names))

    def count(self, log: Log, snapshot: int) -> int:
        """Return how many rows of one log hold as of a snapshot."""
        if not log.exists:
            return 0
        cursor = self.scratch()
        log.register(cursor, "log")
        _, is_single = log.versions(cursor, "log", snapshot)
        current = log.current_sql("log", snapshot, ["_key"], is_single=is_single)
        found = cursor.execute(f"SELECT count(*) FROM ({current})").fetchall()
        return int(found[0][0])

    def log_names(self) -> list[str]:
        """Return the names of all logs with row versions that lie in the store's folder."""
        root = Path(self.path)
        kinds = ("source", "canonical", "assessment")
        found = [path.parent for kind in kinds for path in (root / kind).glob("**/_delta_log")]
        return sorted(str(path.relative_to(root)) for path in found)

    def digests(self, names: Iterable[str], number: int) -> dict[str, dict[str, Any]]:
        """Return digest and row count of what a snapshot or assessment appended to each log named."""
        found = {}
        for name in sorted(names):
            log = self.log(name)
            if log.has_rows_since(number - 1):
                digest, rows = log.digest(number)
                if rows:
                    found[name] = {"digest": digest, "rows": rows}
        return found


def new_connection() -> duckdb.DuckDBPyConnection:
    """Return an in-memory DuckDB connection that works in UTC and downloads nothing."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False, "preserve_insertion_order": True, "TimeZone": "UTC",
        "temp_directory": f"{gettempdir()}/itsm-bridge-spill-{os.getpid()}",  # DuckDB's own would be the working folder
        "checkpoint_threshold": "1 TB",  # tables in memory that live for minutes need no tidying up between statements
    }  # fmt: skip
    connection = duckdb.connect(config=settings)  # SET TimeZone would not hold for the connection's cursors
    connection.execute("SET enable_progress_bar = false").fetchall()
    return connection


def _writing_connection(spill: Path) -> duckdb.DuckDBPyConnection:
    connection = new_connection()
    threads = min(os.cpu_count() or 1, WRITER_THREADS)
    settings = {
        "temp_directory": str(spill), "threads": str(threads),
        "memory_limit": f"{max(threads, 2) * WRITER_MEMORY_PER_THREAD} MB",
        "preserve_insertion_order": "false", "streaming_buffer_size": "5 MB",
    }  # fmt: skip
    for name, value in settings.items():
        connection.execute(f"SET {name} = {quoted(value)}").fetchall()
    return connection


def run_rows(snapshot: Manifest) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of the run tables (source, capability, stream_run) that a snapshot's manifest holds."""
    sources, capabilities, runs = [], [], []
    for source_id, about in snapshot.body["sources"].items():
        named = {key: about.get(key) for key in ("adapter", "base_url", "timezone")}
        sources.append({"source_id": source_id, **named})
        capabilities += [{"source_id": source_id, **row} for row in about["capabilities"]]
        runs += [{"source_id": source_id, "stream": stream, **row} for stream, row in about["streams"].items()]
    return {"source": sources, "capability": capabilities, "stream_run": runs}


def insert_rows(connection: duckdb.DuckDBPyConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows given as mappings into a table of the schema; columns not given stay NULL."""
    if not rows:
        return
    names = [name for name in table.names if any(row.get(name) is not None for row in rows)]
    connection.register("rows_to_come", pa.table({name: [row.get(name) for row in rows] for name in names}))
    listed = ", ".join(f'"{name}"' for name in names)
    connection.execute(f"INSERT INTO {table.name} ({listed}) SELECT {listed} FROM rows_to_come").fetchall()
    connection.unregister("rows_to_come")


def table_sql(table: Table) -> str:
    """Return the statement that creates an empty table; instants are naive, in UTC."""
    kinds = {"int64": "BIGINT", "double": "DOUBLE", "bool": "BOOLEAN", "string": "VARCHAR"}
    columns = ", ".join(f'"{c.name}" {kinds.get(str(c.type), "TIMESTAMP")}' for c in table.columns)
    return f"CREATE TABLE {table.name} ({columns})"


def open_existing(path: str | Path) -> Store:
    """Open a store that must exist; raises StoreError where there is none."""
    store = Store(path)
    if "://" not in str(path) and not Path(path).is_dir():
        raise no_store(str(path))
    return store


def no_store(path: str) -> StoreError:
    """Return the error for a place where no store is."""
    return StoreError("there is no store here", where=path, hint="Run `itsm-bridge sync` first.")
