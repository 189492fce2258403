"""A log of row versions in one Delta table: appended to, never updated (design §4).

Every row carries `_key`, `_hash` (of its key and content), `_snapshot`, `_batch` (order within a snapshot) and
`_deleted`; a deleted row keeps the content that it had. Source tables also carry `_cursor`, the record's own
time of change, so that two readings of one record in one run are ordered by the record and not by the network.
Derived tables carry `_row`, the place within the batch: their `_hash` only marks a change, and a digest of each
batch vouches for them.
The state as of snapshot N is the latest version of each key at or before N.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from deltalake import ColumnProperties, CommitProperties, DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import DeltaError, TableNotFoundError

from itsm_bridge.disk import unwritten
from itsm_bridge.errors import StoreError
from itsm_bridge.sql import named, quoted
from itsm_bridge.store.batches import batch_digest, joint_digest
from itsm_bridge.store.damage import damaged_table, on_one_line
from itsm_bridge.store.hashing import DIGESTED, digest

_CONFIGURATION = {"delta.dataSkippingStatsColumns": "_snapshot"}
"""Of the others nobody asks for the least and the highest value, and telling them costs a third of the writing."""
_MEASURED = frozenset({"_snapshot", "_batch", "_cursor"})
_SAMPLE_ROWS = 1000


class Log:
    """One table of the store. `location` is a path or an object-store URL.

    `has_cursor` marks source tables, `is_derived` tables whose rows are made from those.
    """

    def __init__(self, location: str, *, has_cursor: bool = False, is_derived: bool = False) -> None:
        self.location = location
        self.has_cursor = has_cursor
        self.is_derived = is_derived
        self._appended: dict[int, dict[int, tuple[str, int]]] = {}
        self._counted: dict[tuple[int | None, int], tuple[int, bool]] = {}
        self._table: DeltaTable | None = None

    @property
    def exists(self) -> bool:
        """Whether anything was ever appended."""
        return self._open() is not None

    def _open(self) -> DeltaTable | None:
        if self._table is None:
            try:
                self._table = DeltaTable(self.location)
            except TableNotFoundError:
                return None
            except (DeltaError, OSError) as error:
                raise damaged_table(self.location, error) from error
        return self._table

    def refresh(self) -> None:
        """Forget what is known of the table, to see what others appended."""
        self._table = None
        self.__dict__.pop("columns", None)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns, the version columns included; empty when the table does not exist."""
        table = self._open()
        return tuple(field.name for field in table.schema().fields) if table else ()

    def append(self, rows: pa.Table, note: dict[str, str] | None = None) -> None:
        """Append rows in one atomic commit; new columns are added to the table. Raises StoreError."""
        held = self._open()
        try:
            write_deltalake(
                held or self._prepare(), rows, mode="append", schema_mode="merge", configuration=_CONFIGURATION,
                writer_properties=_writer_properties(rows),
                commit_properties=CommitProperties(custom_metadata=note or {}),
            )  # fmt: skip
        except (DeltaError, OSError) as error:
            raise self._unwritten(error) from error
        if held is None or not set(rows.column_names) <= set(self.columns):
            self.refresh()

    def discard(self, snapshot: int) -> None:
        """Take out the rows of a snapshot that was never published; raises StoreError.

        What a broken run derived may differ from what the next one derives, and would be published with it.
        """
        table = self._open()
        if table is None or not self.has_rows_since(snapshot - 1):
            return
        try:
            table.delete(f"_snapshot >= {snapshot}")
        except (DeltaError, OSError) as error:
            raise self._unwritten(error) from error
        self.refresh()

    def _unwritten(self, error: Exception) -> StoreError:
        message, hint = unwritten(error, Path(self.location))
        return StoreError(on_one_line(message), where=self.location, hint=hint)

    def _prepare(self) -> str:
        if "://" not in self.location:
            Path(self.location).mkdir(parents=True, exist_ok=True)
        return self.location

    def dataset(self) -> Any:
        """Return the table's rows as a pyarrow dataset."""
        table = self._open()
        if table is None:
            raise StoreError("there is no such table in the store", where=self.location)
        try:
            return _with_sound_guarantees(table)
        except (DeltaError, OSError, pa.ArrowException) as error:
            raise damaged_table(self.location, error) from error

    def relation(self) -> str | None:
        """Return SQL for the stored rows, all versions, as the engine itself reads them from local files.

        That takes half of what reading through a dataset takes. None where there is no file, or none on a disk.
        """
        table = self._open()
        if table is None or "://" in self.location:  # DuckDB would have to download an extension to read there
            return None
        paths = pa.table(table.get_add_actions(flatten=True))["path"].to_pylist()
        files = ", ".join(quoted(_as_pattern(f"{self.location}/{path}")) for path in paths)
        return f"read_parquet([{files}], union_by_name = true, hive_partitioning = false)" if files else None

    def register(self, cursor: duckdb.DuckDBPyConnection, name: str) -> None:
        """Make the stored rows, all versions, known to a cursor of the engine under a name; raises StoreDamaged."""
        relation = self.relation()
        if relation is None:
            cursor.register(name, self.dataset())
            return
        columns = ", ".join(map(named, self.columns))
        cursor.unregister(name)
        try:
            cursor.execute(f"CREATE OR REPLACE TEMP VIEW {named(name)} AS SELECT {columns} FROM {relation}").fetchall()
        except duckdb.BinderException:  # rows that were taken back were the only ones with a column
            cursor.register(name, self.dataset())
        except duckdb.Error as error:
            raise damaged_table(self.location, error) from error

    @property
    def rows_stored(self) -> int:
        """Return how many rows are stored, all versions, by what is known of files alone."""
        table = self._open()
        counts = pa.table(table.get_add_actions(flatten=True))["num_records"] if table else None
        return (pc.sum(counts).as_py() or 0) if counts is not None else 0

    def has_rows_since(self, snapshot: int) -> bool:
        """Tell by what is known of files alone whether rows may have been appended after a snapshot."""
        table = self._open()
        if table is None:
            return False
        actions = pa.table(table.get_add_actions(flatten=True))
        if "max._snapshot" not in actions.column_names or actions["max._snapshot"].null_count:
            return True
        highest = pc.max(actions["max._snapshot"]).as_py()
        return highest is not None and highest > snapshot

    def rows(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the stored rows, all versions; raises StoreDamaged where a file is missing or unreadable."""
        try:
            return self.dataset().to_table(columns=list(columns) if columns else None)
        except (DeltaError, OSError, pa.ArrowException) as error:
            raise damaged_table(self.location, error) from error

    def order(self, alias: str = "") -> str:
        """Return SQL for the place of a version among the versions of its key."""
        names = ("_snapshot", "coalesce({}_cursor, '')" if self.has_cursor else "", "_batch")
        return f"({', '.join(n.format(alias) if '{}' in n else f'{alias}{n}' for n in names if n)})"

    def versions(self, cursor: duckdb.DuckDBPyConnection, relation: str, snapshot: int) -> tuple[int, bool]:
        """Return how many versions there are as of a snapshot, and whether each is the only one of its key.

        Equal hashes of different keys only cost the time of grouping them.
        """
        place = (self._table.version() if self._table else None, snapshot)
        if place not in self._counted:
            rows, most = cursor.execute(
                "SELECT coalesce(sum(n), 0), coalesce(max(n), 0) FROM ("
                f"SELECT count(*) AS n FROM {relation} WHERE _snapshot <= {snapshot} GROUP BY hash(_key))"
            ).fetchall()[0]
            self._counted = {place: (int(rows), most <= 1)}
        return self._counted[place]

    def current_sql(
        self, relation: str, snapshot: int, columns: Sequence[str] | None = None, *, is_single: bool = False
    ) -> str:  # fmt: skip
        """Return SQL for the rows that hold as of a snapshot, over a registered relation of this log.

        `is_single` says that no key has several versions, so that none has to be chosen.
        """
        chosen = ", ".join(f"t.{named(name)}" for name in columns) if columns else "t.*"
        if is_single:
            return f"SELECT {chosen} FROM {relation} t WHERE t._snapshot <= {snapshot} AND NOT t._deleted"
        return (
            f"SELECT {chosen} FROM {relation} t LEFT JOIN ("
            f"SELECT _key, max({self.order()}) AS latest FROM {relation} WHERE _snapshot <= {snapshot} "
            f"GROUP BY _key HAVING count(*) > 1) v ON v._key = t._key "
            f"WHERE t._snapshot <= {snapshot} AND NOT t._deleted AND (v._key IS NULL OR v.latest = {self.order('t.')})"
        )

    def vouch(self, snapshot: int, batch: int, rows: pa.Table) -> None:
        """Keep the digest of a batch that is about to be appended."""
        self._appended.setdefault(snapshot, {})[batch] = batch_digest(rows), rows.num_rows

    def digest(self, snapshot: int) -> tuple[str, int]:
        """Return the digest of the rows that a snapshot appended, and how many rows these are."""
        is_of = pc.field("_snapshot") == snapshot
        try:
            dataset = self.dataset()
            if not self.is_derived:
                found = dataset.to_table(columns=list(DIGESTED), filter=is_of)
                return digest(found), found.num_rows
            batches = self._appended.get(snapshot, {})
            count = dataset.count_rows(filter=is_of)
            if count != sum(rows for _, rows in batches.values()):
                batches = dict(_digested(dataset, is_of))
        except (DeltaError, OSError, pa.ArrowException) as error:
            raise damaged_table(self.location, error) from error
        return (joint_digest({number: text for number, (text, _) in batches.items()}) if count else ""), count


def _digested(dataset: Any, is_of: pc.Expression) -> Iterator[tuple[int, tuple[str, int]]]:
    """Yield the digest of each batch of a snapshot as it is stored: one at a time, for they may be large."""
    for number in pc.unique(dataset.to_table(columns=["_batch"], filter=is_of)["_batch"]).to_pylist():
        is_batch = pc.field("_batch").is_null() if number is None else pc.field("_batch") == number
        rows = dataset.to_table(filter=is_of & is_batch).sort_by("_row")
        yield number or 0, (batch_digest(rows), rows.num_rows)


def _as_pattern(path: str) -> str:
    """Return a path as a pattern that matches nothing else."""
    return "".join(f"[{letter}]" if letter in "[*?" else letter for letter in path)


def _with_sound_guarantees(table: DeltaTable) -> ds.FileSystemDataset:
    """Return the dataset of a table, of whose files nothing is taken for granted but their snapshots.

    The guarantees that deltalake gives are wrong for files that lack a column: `IS NULL` would lose their rows.
    """
    given = table.to_pyarrow_dataset()
    actions = pa.table(table.get_add_actions(flatten=True))
    spans: dict[str, ds.Expression] = {}
    if {"min._snapshot", "max._snapshot"} <= set(actions.column_names):
        columns = (actions[name].to_pylist() for name in ("path", "min._snapshot", "max._snapshot"))
        for path, low, high in zip(*columns, strict=True):
            if low is not None and high is not None:
                spans[path] = (pc.field("_snapshot") >= low) & (pc.field("_snapshot") <= high)
    fragments = [
        given.format.make_fragment(file.path, filesystem=given.filesystem, partition_expression=spans.get(file.path))
        for file in given.get_fragments()
    ]
    return ds.FileSystemDataset(fragments, given.schema, given.format, given.filesystem)


def _writer_properties(rows: pa.Table) -> WriterProperties:
    """Return how Parquet is written: a dictionary only where values repeat; on ids and times it costs a third more."""
    sample = rows.slice(0, _SAMPLE_ROWS)
    columns = {
        name: ColumnProperties(
            dictionary_enabled=pc.count_distinct(sample[name], mode="all").as_py() * 2 <= sample.num_rows,
            statistics_enabled="CHUNK" if name in _MEASURED else "NONE",
        )
        for name in rows.column_names
    }
    return WriterProperties(
        compression="ZSTD", compression_level=1, max_row_group_size=100_000, column_properties=columns
    )


def fetch(cursor: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    """Run a query and return its result as an Arrow table."""
    return cursor.sql(sql).to_arrow_table()


def as_json(value: object) -> str:
    """Return a value as JSON in its one canonical spelling."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
