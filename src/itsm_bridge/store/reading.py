"""What readers of the store get: a snapshot as DuckDB tables, and the tables of an assessment.

A snapshot is read from the store's files in place as far as that can be, within bounded memory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from itsm_bridge.errors import StoreError
from itsm_bridge.schema import TABLES, Table, tool_tables
from itsm_bridge.sql import named, quoted
from itsm_bridge.store.claims import CLAIM, CLAIMED, claim_sql
from itsm_bridge.store.damage import damaged_store
from itsm_bridge.store.evidence import LOSS, fill_losses
from itsm_bridge.store.spill import spill_folder
from itsm_bridge.store.store import insert_rows, new_connection, run_rows, table_sql
from itsm_bridge.unreadable import is_unreadable

if TYPE_CHECKING:
    from itsm_bridge.store.log import Log
    from itsm_bridge.store.manifests import Manifest
    from itsm_bridge.store.store import Store

MEMORY = "2 GB"
"""What DuckDB may take unless settings say otherwise; what does not fit goes to the spill folder."""
MANY_ROWS = 100_000
"""Tables with fewer rows are copied: opening their files for every query costs more than the copy.

Where all have fewer, there is one thread: handing parts of queries to others costs a fifth more, and saves no time.
"""
_UNITS = {"MB": 10**6, "GB": 10**9, "TB": 10**12, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


@contextmanager
def reading(
    store: Store, snapshot: Manifest, columns: Mapping[str, Collection[str]] | None = None, *, memory: str | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection with the canonical tables as of a snapshot; instants are naive and in UTC.

    `columns` names, per table that a tool fills, what will be read: tables and columns that it leaves out are
    not there, so that reading one is an error and never an empty answer. Policy tables are there and empty.
    `memory` is DuckDB's limit, as `2 GB`. Raises StoreDamaged where a file cannot be read, also while the
    caller reads, and StoreError where neither memory nor disk is enough.
    """
    with spill_folder(store.state_folder) as folder, closing(new_connection()) as connection:
        connection.execute(f"SET temp_directory = {quoted(str(folder))}").fetchall()
        connection.execute("SET parquet_metadata_cache = true").fetchall()
        connection.execute(f"SET memory_limit = {quoted(memory or _default_memory(connection))}").fetchall()
        try:
            if _make_tables(connection, store, snapshot, columns) < MANY_ROWS:
                connection.execute("SET threads = 1").fetchall()
            yield connection
        except (duckdb.Error, pa.ArrowException) as error:
            if isinstance(error, duckdb.OutOfMemoryException) or is_unreadable(error):
                raise _told(error, store, folder) from error
            raise


def _told(error: Exception, store: Store, folder: Path) -> StoreError:
    said = " ".join(str(error).split())
    if isinstance(error, duckdb.OutOfMemoryException) or str(folder) in said:
        hint = "Free space on that disk, or raise `memory` under [assessment]."
        return StoreError(f"neither memory nor disk is enough: {said}", where=str(folder.parent), hint=hint)
    return damaged_store(store.path, error)


def assessed_table(store: Store, name: str, number: int) -> pa.Table:
    """Return one table of one assessment, in the columns of the schema."""
    log, table = store.assessment_log(name), TABLES[name]
    if not log.exists:
        return table.arrow.empty_table()
    held = [name for name in table.names if name in log.columns]
    rows = store.current(log, number, held).filter(pc.field("assessment") == number)
    for name in table.names:
        if name not in held:  # of an assessment by an earlier version
            rows = rows.append_column(name, pa.nulls(rows.num_rows, table.arrow.field(name).type))
    return rows.select(table.names).cast(table.arrow)  # DuckDB does not hand on which columns are never empty


def in_bytes(size: str) -> float:
    """Return a size written as `2 GB` or `1.5GiB` in bytes; ValueError where it is none."""
    for unit, factor in _UNITS.items():
        if size.endswith(unit):
            return float(size.removesuffix(unit)) * factor
    raise ValueError(f"{size!r} is no size; write for example 2 GB")


def _default_memory(connection: duckdb.DuckDBPyConnection) -> str:
    """Return `MEMORY`, or what DuckDB takes by itself where that is less: a share of what the machine has."""
    most = str(connection.execute("SELECT current_setting('memory_limit')").fetchall()[0][0])
    return min(most, MEMORY, key=in_bytes)


def _make_tables(
    connection: duckdb.DuckDBPyConnection, store: Store, snapshot: Manifest,
    columns: Mapping[str, Collection[str]] | None,
) -> int:  # fmt: skip
    """Make all tables; returns how many rows the largest has that a tool fills."""
    tools, most = tool_tables(), 0
    for table in TABLES.values():
        if table.name not in tools and table.name != CLAIM:
            connection.execute(table_sql(table)).fetchall()
    for name, rows in run_rows(snapshot).items():
        insert_rows(connection, TABLES[name], rows)
    for table in tools.values():
        read = [name for name in table.names if columns is None or name in columns.get(table.name, ())]
        if read:
            made = _make_table(connection, table, read, store.canonical_log(table.name), snapshot.number)
            most = max(most, made)
    if columns is None or CLAIM in columns:
        make_claims(connection, store, snapshot)
    if columns is None or LOSS in columns:
        fill_losses(connection, store, snapshot, _relation)
    return most


def make_claims(connection: duckdb.DuckDBPyConnection, store: Store, snapshot: Manifest) -> None:
    """Make the table of claims a view: nothing is read before somebody asks for it."""
    clocks, log = TABLES["sla_instance"], store.canonical_log("sla_instance")
    relation = _relation(connection, clocks.name, log) if log.exists else None
    if relation is None:
        connection.execute(table_sql(TABLES[CLAIM])).fetchall()
        return
    held = {row[0]: row[1] for row in connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}
    listed = ", ".join(_column(clocks, name, held) for name in CLAIMED)
    made = claim_sql(relation, listed, store.snapshots(), snapshot.number)
    connection.execute(f"CREATE VIEW {CLAIM} AS {made}").fetchall()


def _make_table(connection: duckdb.DuckDBPyConnection, table: Table, read: list[str], log: Log, snapshot: int) -> int:
    """Make a table of the rows that are current: where each key has one version only, its files are the table.

    Returns how many rows its files have.
    """
    relation = _relation(connection, table.name, log) if log.exists else None
    if relation is None:
        listed = ", ".join(_column(table, name, {}) for name in read)
        connection.execute(f"CREATE TABLE {table.name} AS SELECT {listed} LIMIT 0").fetchall()
        return 0
    held = {row[0]: row[1] for row in connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}
    listed = ", ".join(_column(table, name, held) for name in read)
    rows, is_single = log.versions(connection, relation, snapshot)
    if is_single and rows >= MANY_ROWS:
        kind, current = "VIEW", relation
        if not _is_all_current(connection, relation, snapshot):
            current += f" WHERE _snapshot <= {snapshot} AND NOT _deleted"
    else:
        kind, current = "TABLE", f"({log.current_sql(relation, snapshot, [name for name in read if name in held])})"
    connection.execute(f"CREATE {kind} {table.name} AS SELECT {listed} FROM {current}").fetchall()
    return rows


def _relation(connection: duckdb.DuckDBPyConnection, name: str, log: Log) -> str:
    """Return SQL for the rows of a log."""
    relation = log.relation()
    if relation is None:
        connection.register(f"log_{name}", log.dataset())
    return relation or f"log_{name}"


def _is_all_current(connection: duckdb.DuckDBPyConnection, relation: str, snapshot: int) -> bool:
    """Tell whether no row has to be left out.

    A condition would keep the engine from knowing how many rows there are, by which it chooses how to join.
    """
    sql = f"SELECT count(*) = count(*) FILTER (WHERE _snapshot <= {snapshot} AND NOT _deleted) FROM {relation}"
    return bool(connection.execute(sql).fetchall()[0][0])


def _column(table: Table, name: str, held: Mapping[str, str]) -> str:
    """Return SQL for a column of a table, NULL where the log does not hold it; `held` has the engine's types."""
    kinds = {"int64": "BIGINT", "double": "DOUBLE", "bool": "BOOLEAN", "string": "VARCHAR"}
    kind = kinds.get(str(table.column(name).type), "TIMESTAMP")
    if name not in held:
        return f"CAST(NULL AS {kind}) AS {named(name)}"
    if kind == "TIMESTAMP" and held[name] == "TIMESTAMP WITH TIME ZONE":
        # The same as a cast in UTC, which would ask the calendar of every time zone first.
        return f"make_timestamp(epoch_us({named(name)})) AS {named(name)}"
    return f"CAST({named(name)} AS {kind}) AS {named(name)}"
