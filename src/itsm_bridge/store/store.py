"""The store: a directory of Delta tables, published snapshot by snapshot (design §4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from itsm_bridge.errors import StoreDamaged, StoreError, UsageError
from itsm_bridge.schema import TABLES, Table, tool_tables
from itsm_bridge.store.contents import Contents
from itsm_bridge.store.lock import WriterLock
from itsm_bridge.store.log import VERSION_COLUMNS, Log, fetch
from itsm_bridge.store.manifests import ASSESSMENT, SNAPSHOT, Chain, Manifest, last_by

HIDDEN_COLUMNS = (*VERSION_COLUMNS, "_origin", "_stream", "_cursor", "_unmapped")


class Store:
    """A store at a path. Readers need no lock and see published snapshots only."""

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        self.chain = Chain(Log(f"{self.path}/manifests"))
        self.contents = Contents(Log(f"{self.path}/contents"))

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

    def lock(self, purpose: str) -> WriterLock:
        """Return the lock that a writer must hold."""
        return WriterLock(self.state_folder, purpose)

    def source_log(self, source: str, stream: str) -> Log:
        """Return the log of a source table."""
        return Log(f"{self.path}/source/{source}/{stream}", has_cursor=True)

    def canonical_log(self, table: str) -> Log:
        """Return the log of a canonical table."""
        return Log(f"{self.path}/canonical/{table}")

    def assessment_log(self, table: str) -> Log:
        """Return the log of a table that assessments fill."""
        return Log(f"{self.path}/assessment/{table}")

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

    def connect(self, snapshot: Manifest) -> duckdb.DuckDBPyConnection:
        """Return a DuckDB connection with every canonical table as of a snapshot; instants are naive and in UTC."""
        connection = new_connection()
        for table in TABLES.values():
            connection.execute(table_sql(table)).fetchall()
        for table in tool_tables().values():
            self._copy(connection, table, snapshot.number)
        for name, rows in run_rows(snapshot).items():
            insert_rows(connection, TABLES[name], rows)
        return connection

    def _copy(self, connection: duckdb.DuckDBPyConnection, table: Table, snapshot: int) -> None:
        log = self.canonical_log(table.name)
        if not log.exists:
            return
        cursor = connection.cursor()
        cursor.register("log", log.dataset())
        held = [name for name in table.names if name in log.columns]
        current = log.current_sql("log", snapshot, held)
        names = ", ".join(f'"{name}"' for name in held)
        try:
            cursor.execute(f"INSERT INTO {table.name} ({names}) {current}").fetchall()
        except (duckdb.InvalidInputException, duckdb.IOException, pa.ArrowException) as error:
            raise StoreDamaged(
                f"cannot be read: {' '.join(str(error).split())}", where=log.location, hint="Run `itsm-bridge verify`."
            ) from error

    def current(self, log: Log, snapshot: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the rows of one log as of a snapshot, version columns left out."""
        cursor = self.scratch()
        cursor.register("log", log.dataset())
        names = columns or [name for name in log.columns if name not in HIDDEN_COLUMNS]
        return fetch(cursor, log.current_sql("log", snapshot, names))

    def log_names(self) -> list[str]:
        """Return the names of all logs with row versions that lie in the store's folder."""
        root = Path(self.path)
        kinds = ("source", "canonical", "assessment")
        found = [path.parent for kind in kinds for path in (root / kind).glob("**/_delta_log")]
        return sorted(str(path.relative_to(root)) for path in found)

    def digests(self, names: Iterable[str], number: int) -> dict[str, dict[str, Any]]:
        """Return digest and row count of what a snapshot or assessment appended to each log named."""
        connection = self.scratch()
        found = {}
        for name in sorted(names):
            log = Log(f"{self.path}/{name}", has_cursor=name.startswith("source/"))
            if log.has_rows_since(number - 1):
                digest, rows = log.digest(connection, number)
                if rows:
                    found[name] = {"digest": digest, "rows": rows}
        return found


def new_connection() -> duckdb.DuckDBPyConnection:
    """Return an in-memory DuckDB connection that works in UTC, downloads nothing and spills to a temporary folder."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False, "preserve_insertion_order": True, "TimeZone": "UTC",
    }  # fmt: skip
    connection = duckdb.connect(config=settings)  # SET TimeZone would not hold for the connection's cursors
    connection.execute("SET enable_progress_bar = false").fetchall()
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
    values = [[row.get(name) for name in names] for row in rows]
    marks = ", ".join("?" for _ in names)
    listed = ", ".join(f'"{name}"' for name in names)
    connection.executemany(f"INSERT INTO {table.name} ({listed}) VALUES ({marks})", values)


def table_sql(table: Table) -> str:
    """Return the statement that creates an empty table; instants are naive, in UTC."""
    kinds = {"int64": "BIGINT", "double": "DOUBLE", "bool": "BOOLEAN", "string": "VARCHAR"}
    columns = ", ".join(f'"{c.name}" {kinds.get(str(c.type), "TIMESTAMP")}' for c in table.columns)
    return f"CREATE TABLE {table.name} ({columns})"


def open_existing(path: str | Path) -> Store:
    """Open a store that must exist; raises StoreError where there is none."""
    store = Store(path)
    if "://" not in str(path) and not Path(path).is_dir():
        raise StoreError("there is no store here", where=str(path), hint="Run `itsm-bridge sync` first.")
    return store
