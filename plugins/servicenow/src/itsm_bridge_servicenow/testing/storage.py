"""The instance's database: rows of text in an SQLite database in memory, one table per class."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence

from itsm_bridge_servicenow.testing import dictionary
from itsm_bridge_servicenow.testing.conditions import Columns, Compiled, compiled, quoted
from itsm_bridge_servicenow.testing.encoded_query import parse
from itsm_bridge_servicenow.testing.records import Row, Tables
from itsm_bridge_servicenow.testing.table_list import TABLES

_INDEXES = {
    "sys_audit": (
        ("sys_created_on", "sys_id", "tablename", "fieldname"),
        ("sys_id", "tablename", "fieldname"),
        ("documentkey",),
    ),
    "sys_journal_field": (("element_id",),),
    "task_sla": (("task",),),
    "sysapproval_approver": (("sysapproval",),),
    "sys_user": (("user_name",),),
}


class Storage:
    """All tables. Safe to use from several threads; each call is one transaction."""

    def __init__(self, tables: Tables) -> None:
        self._database = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._lock = threading.RLock()
        self._columns: dict[str, tuple[str, ...]] = {}
        self._counts: dict[tuple[str, tuple[str, ...]], int] = {}
        for name in sorted({*TABLES, *tables}):
            self._create(name, tables.get(name, []))
        for name in TABLES:
            if _is_extended(name):
                self._create_view(name)
        self.known = {table: frozenset(columns) for table, columns in self._columns.items()}

    def columns(self, table: str) -> tuple[str, ...] | None:
        """Return the columns of a table in order; None where there is no such table."""
        return self._columns.get(table)

    def compile(self, table: str, text: str, columns: Columns) -> Compiled:
        """Translate an encoded query on a table."""
        return compiled(parse(text), table, columns)

    def select(
        self, table: str, columns: Sequence[str], query: Compiled, limit: int, offset: int
    ) -> list[tuple[str, ...]]:
        """Return rows of SQL expressions, in the query's order and then by sys_id."""
        key = f"{quoted(table)}.{quoted('sys_id')}"
        ends_in_key = query.order.endswith(key)  # named twice it would be sorted once more, past every index
        order = query.order if ends_in_key else f"{query.order}, {key}" if query.order else key
        sql = f"SELECT {', '.join(columns)} FROM {quoted(table)} WHERE {query.where} ORDER BY {order} LIMIT ? OFFSET ?"
        return self._fetch(sql, [*query.parameters, limit, offset])

    def count(self, table: str, query: Compiled) -> int:
        """Return how many rows match; remembered until something is written."""
        key = (f"SELECT count(*) FROM {quoted(table)} WHERE {query.where}", tuple(query.parameters))
        if key not in self._counts:
            self._counts[key] = int(self._fetch(*key)[0][0])
        return self._counts[key]

    def aggregate(
        self, table: str, expressions: Sequence[str], groups: Sequence[str], query: Compiled
    ) -> list[tuple[str, ...]]:
        """Return aggregates, after the values of the groups where any are given."""
        grouping = f" GROUP BY {', '.join(groups)} ORDER BY {', '.join(groups)}" if groups else ""
        chosen = ", ".join([*groups, *expressions])
        return self._fetch(f"SELECT {chosen} FROM {quoted(table)} WHERE {query.where}{grouping}", query.parameters)

    def rows(self, table: str) -> list[Row]:
        """Return every row of a table."""
        names = self._columns[table]
        found = self._fetch(f"SELECT {', '.join(map(quoted, names))} FROM {quoted(table)}", [])
        return [dict(zip(names, row, strict=True)) for row in found]

    def find(self, table: str, key: str, field: str = "sys_id") -> Row | None:
        """Return the first row whose field has this value."""
        if field not in self._columns.get(table, ()):
            return None
        return next(iter(self.matching(table, {field: key})), None)

    def matching(self, table: str, values: Row) -> list[Row]:
        """Return the rows whose fields have these values."""
        names = self._columns[table]
        condition = " AND ".join(f"{quoted(name)} = ?" for name in values)
        sql = f"SELECT {', '.join(map(quoted, names))} FROM {quoted(table)} WHERE {condition}"
        return [dict(zip(names, row, strict=True)) for row in self._fetch(sql, list(values.values()))]

    def insert(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows to a class; columns that it does not have are an error of the caller."""
        names = self._columns[table]
        marks = ", ".join("?" * len(names))
        defaults = [table if name == "sys_class_name" else "" for name in names]
        pairs = list(zip(names, defaults, strict=True))
        values = [tuple(row.get(name, default) for name, default in pairs) for row in rows]
        self._change(lambda: self._database.executemany(f"INSERT INTO {_stored(table)} VALUES ({marks})", values))

    def update(self, table: str, key: str, changes: Row) -> None:
        """Set fields of one row."""
        assignments = ", ".join(f"{quoted(name)} = ?" for name in changes)
        sql = f"UPDATE {_stored(table)} SET {assignments} WHERE sys_id = ?"
        self._change(lambda: self._database.execute(sql, [*changes.values(), key]))

    def delete(self, table: str, key: str) -> None:
        """Remove one row."""
        self._change(lambda: self._database.execute(f"DELETE FROM {_stored(table)} WHERE sys_id = ?", [key]))

    def close(self) -> None:
        """Give the memory back."""
        with self._lock:
            self._database.close()

    def _fetch(self, sql: str, parameters: Sequence[str | int]) -> list[tuple[str, ...]]:
        with self._lock:
            return self._database.execute(sql, parameters).fetchall()

    def _change(self, act: Callable[[], object]) -> None:
        with self._lock:
            self._counts.clear()
            act()

    def _create(self, table: str, rows: list[Row]) -> None:
        declared = tuple(dictionary.fields(table)) if table in TABLES else ("sys_id",)
        extra = set[str]() if _is_extended(table) else set[str]().union(*rows).difference(declared)
        names = (*declared, *sorted(extra))
        self._columns[table] = names
        stored = _stored(table)
        self._database.execute(f"CREATE TABLE {stored} ({', '.join(f'{quoted(name)} TEXT' for name in names)})")
        self.insert(table, rows)
        wide = _INDEXES.get(table, ())
        times = [(name, "sys_id") for name in ("sys_updated_on", "sys_created_on") if name in names]
        usual = [("sys_id",), *times]
        keys = [*(key for key in usual if all(index[: len(key)] != key for index in wide)), *wide]
        for number, index in enumerate(keys):
            chosen = ", ".join(map(quoted, index))
            self._database.execute(f"CREATE INDEX {quoted(f'{table}_{number}')} ON {stored} ({chosen})")

    def _create_view(self, table: str) -> None:
        names = ", ".join(map(quoted, self._columns[table]))
        parts = [f"SELECT {names} FROM {_stored(name)}" for name in dictionary.children(table)]
        self._database.execute(f"CREATE VIEW {quoted(table)} AS {' UNION ALL '.join(parts)}")


def _is_extended(table: str) -> bool:
    return len(dictionary.children(table)) > 1


def _stored(table: str) -> str:
    return quoted(f"{table}*" if _is_extended(table) else table)
