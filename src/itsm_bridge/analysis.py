"""The door for analysts: published snapshots and assessments as pandas frames and SQL (design §9).

Readers see published data only, so a sweep may be writing meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import pyarrow as pa

from itsm_bridge.errors import UsageError
from itsm_bridge.schema import RECORD_VIEWS, TABLES, assessment_tables, tool_tables
from itsm_bridge.sql import named
from itsm_bridge.store.damage import naming_damage
from itsm_bridge.store.log import Log
from itsm_bridge.store.manifests import Manifest, last_by
from itsm_bridge.store.reading import assessed_table, make_claims
from itsm_bridge.store.store import HIDDEN_COLUMNS, insert_rows, new_connection, open_existing, run_rows, table_sql
from itsm_bridge.unreadable import is_unreadable

if TYPE_CHECKING:
    from itsm_bridge.process import Process
    from itsm_bridge.store.store import Store

AsOf = int | str | date | datetime | None

_SINCE = {
    "transition": "at",
    "comment": "at",
    "approval": "requested_at",
    "sla_instance": "started_at",
    "outage": "started_at",
}


def open_store(path: str | Path) -> Bridge:
    """Open a store for analysis: the path of `itsm-bridge.toml`, or of the store itself."""
    path = Path(path)
    if path.suffix == ".toml":
        from itsm_bridge.plugins import build_plugin_manager
        from itsm_bridge.settings import load_config

        return Bridge(open_existing(load_config(path, build_plugin_manager()).store.path))
    return Bridge(open_existing(path))


class Bridge:
    """A store, read only. `as_of` is a snapshot's number, or an instant: the last one published by then."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._processes: dict[int, Process] = {}

    def load(self, name: str, *, since: str | datetime | None = None, as_of: AsOf = None) -> pd.DataFrame:
        """Return a table or record type (`incident`, `transition` …) with proper dtypes; instants are UTC.

        `since` keeps work items updated, and events that happened, at or after it. Raises UsageError for an
        unknown name.
        """
        names = {*tool_tables(), *RECORD_VIEWS, "source", "capability", "stream_run"}
        if name not in names:
            raise UsageError(f"there is no table `{name}`", hint=f"Tables are {', '.join(sorted(names))}.")
        condition = "" if since is None else f" WHERE {_since(name, since)}"
        with naming_damage(self._store.path):
            connection = new_connection()
            self._add_tables(
                connection, self._snapshot(as_of), [table for table in _tables_behind(name) if table in tool_tables()]
            )
            return as_frame(connection.sql(f"SELECT * FROM {name}{condition}").to_arrow_table())

    def sql(self, query: str, *, as_of: AsOf = None) -> pd.DataFrame:
        """Run DuckDB SQL over the canonical tables, `source_<name>.<stream>`, and the last assessment's tables.

        Raises UsageError, in DuckDB's words, for a query that cannot run.
        """
        with naming_damage(self._store.path):
            snapshot = self._snapshot(as_of)
            connection = new_connection()
            self._add_tables(connection, snapshot, tool_tables())
            self._add_source_tables(connection, snapshot)
            self._add_assessment(connection, as_of)
            return _queried(connection, query)

    def findings(self, *, as_of: AsOf = None) -> pd.DataFrame:
        """Return the findings of the last assessment, or of the last one by `as_of`."""
        return self._assessed("finding", as_of)

    def conclusions(self, *, as_of: AsOf = None) -> pd.DataFrame:
        """Return the conclusions per clause of the last assessment, or of the last one by `as_of`."""
        return self._assessed("conclusion", as_of)

    def kpis(self, *, as_of: AsOf = None) -> pd.DataFrame:
        """Return the figures of the last assessment, or of the last one by `as_of`: a row for each KPI and scope.

        Columns are those of `kpi_result`. A missing `value` says that nothing stands behind it, and `reason` why.
        """
        return self._assessed("kpi_result", as_of)

    def variants(self, *, as_of: AsOf = None) -> pd.DataFrame:
        """Return the paths of the records that the last assessment judged and that have come to their end.

        A row for each source, record type and path, the most frequent first.
        """
        return as_frame(self._process(as_of).variants)

    def constraints(self, *, as_of: AsOf = None) -> pd.DataFrame:
        """Return how the records of the last assessment stand to each rule about the order of activities.

        A row for each constraint and source, and one with source `*` for all of them.
        """
        return as_frame(self._process(as_of).constraints)

    def steps(self, *, as_of: AsOf = None) -> pd.DataFrame:
        """Return the steps between states in the period of the last assessment, and whether the model allows them."""
        return as_frame(self._process(as_of).steps)

    def snapshots(self) -> pd.DataFrame:
        """Return the published snapshots with their time and the hash of their manifest."""
        rows = [{"snapshot": m.number, "published_at": m.at, "hash": m.hash} for m in self._store.snapshots()]
        return pd.DataFrame(rows, columns=["snapshot", "published_at", "hash"])

    def _assessed(self, name: str, as_of: AsOf) -> pd.DataFrame:
        manifest = self._required_assessment(as_of)
        with naming_damage(self._store.path):
            return as_frame(assessed_table(self._store, name, manifest.number))

    def _process(self, as_of: AsOf) -> Process:
        from itsm_bridge.criteria import stored_criteria
        from itsm_bridge.trace import process_of

        manifest = self._required_assessment(as_of)
        if manifest.number not in self._processes:
            sources = list(self._store.snapshot(int(manifest.body["snapshot"])).body["sources"])
            criteria = stored_criteria(self._store, manifest, sources)
            self._processes[manifest.number] = process_of(self._store, manifest, criteria)
        return self._processes[manifest.number]

    def _required_assessment(self, as_of: AsOf) -> Manifest:
        manifest = self._assessment(as_of)
        if manifest is None:
            raise UsageError("the store holds no assessment yet", where=self._store.path,
                             hint="Run `itsm-bridge check` first.")  # fmt: skip
        return manifest

    def _snapshot(self, as_of: AsOf) -> Manifest:
        if as_of is None or isinstance(as_of, int):
            return self._store.snapshot(as_of)
        return last_by(self._store.snapshots(), as_of, "snapshot") or self._store.snapshot()

    def _assessment(self, as_of: AsOf) -> Manifest | None:
        assessments = self._store.assessments()
        if isinstance(as_of, int):
            return next((m for m in reversed(assessments) if m.body["snapshot"] == as_of), None)
        return last_by(assessments, as_of, "assessment")

    def _add_tables(self, connection: duckdb.DuckDBPyConnection, snapshot: Manifest, names: Iterable[str]) -> None:
        for name in names:
            log = self._store.canonical_log(name)
            if log.exists:
                _view(connection, name, log, snapshot.number)
            else:
                connection.register(name, TABLES[name].arrow.empty_table())
        for name, rows in run_rows(snapshot).items():
            connection.execute(table_sql(TABLES[name])).fetchall()
            insert_rows(connection, TABLES[name], rows)
        if "sla_instance" in names:
            make_claims(connection, self._store, snapshot)
        for name, query in RECORD_VIEWS.items():
            if "work_item" in names:
                connection.execute(f"CREATE VIEW {name} AS {query}").fetchall()

    def _add_source_tables(self, connection: duckdb.DuckDBPyConnection, snapshot: Manifest) -> None:
        for source, about in snapshot.body["sources"].items():
            schema = f"source_{source}"
            connection.execute(f"CREATE SCHEMA {named(schema)}").fetchall()
            for stream in about["streams"]:
                log = self._store.source_log(source, stream)
                if log.exists:
                    _view(connection, stream, log, snapshot.number, schema)

    def _add_assessment(self, connection: duckdb.DuckDBPyConnection, as_of: AsOf) -> None:
        try:
            assessment = self._assessment(as_of)
        except UsageError:  # none yet at that time
            assessment = None
        for name in assessment_tables():
            rows = (
                assessed_table(self._store, name, assessment.number) if assessment else TABLES[name].arrow.empty_table()
            )
            connection.register(name, rows)


def _tables_behind(name: str) -> tuple[str, ...]:
    return ("work_item",) if name in RECORD_VIEWS else (name,)


def _since(name: str, since: str | datetime) -> str:
    table = TABLES[_tables_behind(name)[0]]
    column = _SINCE.get(name, "updated_at")
    if column not in table.names:
        raise UsageError(f"`{name}` has no time of change, so `since` cannot be used", hint="Filter what it returns.")
    try:
        instant = pd.Timestamp(since)
    except ValueError as error:
        raise UsageError(f"{since!r} is no day or time", hint="Write 2026-01-31 or 2026-01-31T08:00.") from error
    instant = instant.tz_localize("UTC") if instant.tzinfo is None else instant.tz_convert("UTC")
    return f"{named(column)} >= TIMESTAMPTZ '{instant.isoformat()}'"


def _queried(connection: duckdb.DuckDBPyConnection, query: str) -> pd.DataFrame:
    try:
        found = connection.sql(query)
        if found is None:
            raise UsageError("the query returns no table", hint="Write a SELECT.")
        return as_frame(found.to_arrow_table())
    except duckdb.Error as error:
        if is_unreadable(error):
            raise
        raise UsageError(
            f"the query cannot run: {error}", hint="`itsm-bridge schema` lists tables and columns."
        ) from error


def as_frame(table: pa.Table) -> pd.DataFrame:
    """Return an Arrow table as a frame: nullable integers and flags, strings, UTC instants."""
    kinds: dict[pa.DataType, pd.api.extensions.ExtensionDtype] = {
        pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int32Dtype(), pa.bool_(): pd.BooleanDtype(),
    }  # fmt: skip
    mapper: Callable[[pa.DataType], pd.api.extensions.ExtensionDtype | None] = kinds.get
    frame: pd.DataFrame = table.to_pandas(types_mapper=mapper)
    return frame


def _view(connection: duckdb.DuckDBPyConnection, name: str, log: Log, snapshot: int, schema: str = "") -> None:
    relation = f"_log_{schema}_{name}"
    connection.register(relation, log.dataset())
    columns = [column for column in log.columns if column not in HIDDEN_COLUMNS]
    place = f"{named(schema)}.{named(name)}" if schema else named(name)
    connection.execute(f"CREATE VIEW {place} AS {log.current_sql(named(relation), snapshot, columns)}").fetchall()
