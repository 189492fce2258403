"""What the instance itself says about its tables: their parents, their children, their fields."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Any

import pysnow

from itsm_bridge.errors import BadAnswer, PermissionDenied
from itsm_bridge_servicenow.order import ById
from itsm_bridge_servicenow.paging import read_pages
from itsm_bridge_servicenow.query import all_of, chunks, compare, one_of
from itsm_bridge_servicenow.tables import Cancelled, PlainRows, Tables

_UNLOGGED = "no_audit_delete"
_MOST = 10_000
_ALWAYS = "task"


class Discovery:
    """The instance's dictionary, read when it is first needed."""

    def __init__(self, tables: Tables, page_size: int) -> None:
        self._tables = tables
        self._page_size = page_size
        self._parents: dict[str, str] | None = None
        self._absent: dict[str, bool] = {}

    def parents(self) -> dict[str, str]:
        """Return the parent of every table that has one; empty when the account may not read sys_db_object."""
        if self._parents is None:
            try:
                rows = list(self._rows("sys_db_object", "", ("name", "super_class")))
            except PermissionDenied:
                rows = []
            names = {str(row["sys_id"]): str(row["name"]) for row in rows if row.get("name")}
            self._parents = {
                str(row["name"]): names[row["super_class"]]
                for row in rows if row.get("name") and row.get("super_class") in names
            }  # fmt: skip
        return self._parents

    def lacks(self, table: str) -> bool:
        """Tell whether the instance names a table that every instance has, and not this one."""
        if table not in self._absent:
            try:
                rows = self._tables.first("sys_db_object", one_of("name", (_ALWAYS, table)), ("name",), limit=2)
            except (PermissionDenied, BadAnswer, Cancelled):
                rows = []
            self._absent[table] = [row.get("name") for row in rows] == [_ALWAYS]
        return self._absent[table]

    def chain(self, table: str) -> tuple[str, ...]:
        """Return the table and its parents, nearest first."""
        found = [table]
        while (parent := self.parents().get(found[-1])) and parent not in found:
            found.append(parent)
        return tuple(found)

    def classes(self, table: str) -> tuple[str, ...]:
        """Return the table and everything that extends it, however far."""
        return (table, *sorted(name for name in self.parents() if name != table and table in self.chain(name)))

    @cached_property
    def unlogged(self) -> frozenset[str]:
        """Tables whose deletions the instance does not record; those that the account is told of."""
        query = all_of(compare("attributes", "LIKE", _UNLOGGED), "elementISEMPTY")
        try:
            rows = self._tables.first("sys_dictionary", query, ("name", "attributes"), limit=_MOST)
        except (PermissionDenied, Cancelled):
            return frozenset()
        return frozenset(str(row.get("name")) for row in rows if _UNLOGGED in str(row.get("attributes")))

    def fields(self, tables: Collection[str]) -> Mapping[str, frozenset[str]]:
        """Return the fields of each table, inherited ones included; a table that cannot be told is left out."""
        chains = {table: self.chain(table) for table in tables}
        names = sorted({name for chain in chains.values() for name in chain})
        own: dict[str, set[str]] = {}
        try:
            for part in chunks(names):
                query = str(pysnow.QueryBuilder().field("name").equals(part).AND().field("element").is_not_empty())
                for row in self._rows("sys_dictionary", query, ("name", "element")):
                    own.setdefault(str(row.get("name")), set()).add(str(row.get("element")))
        except PermissionDenied:
            return {}
        return {
            table: frozenset[str]().union(*(own.get(name, ()) for name in chain))
            for table, chain in chains.items() if table in own
        }  # fmt: skip

    def _rows(self, table: str, query: str, fields: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
        for page in read_pages(self._tables, ById(table, query), ("sys_id", *fields), self._page_size, PlainRows.read):
            yield from page.records
