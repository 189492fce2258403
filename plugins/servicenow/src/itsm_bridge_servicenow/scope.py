"""Which rows of a table a stream means."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from itsm_bridge.adapter import Stream
from itsm_bridge_servicenow.query import all_of, compare, one_of
from itsm_bridge_servicenow.streams import CHOICE_TABLES, ITEM_HISTORY, TASK_TABLES

KEY = "sys_id"


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows of one stream: `filters` name fields and the values that they must have.

    `beginnings` names fields and what their values must begin with; `stream` the stream, where its name is another one
    than the table's.
    """

    table: str
    cursor: str
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    beginnings: Mapping[str, str] = field(default_factory=dict)
    stream: str = ""

    @property
    def name(self) -> str:
        """Name of the stream."""
        return self.stream or self.table

    @property
    def filter(self) -> str:
        """The encoded query of the filters."""
        begun = (compare(name, "STARTSWITH", text) for name, text in self.beginnings.items())
        return all_of(*begun, *(one_of(name, values) for name, values in self.filters.items()))

    @property
    def query_fields(self) -> tuple[str, ...]:
        """Fields on which every query of the stream relies."""
        return (KEY, self.cursor, *self.beginnings, *self.filters)

    @property
    def undated(self) -> str:
        """Query for rows without a cursor value: no span of time holds them."""
        return all_of(self.filter, f"{self.cursor}ISEMPTY")

    def between(self, lower: str | None, upper: str | None) -> str:
        """Return the query for a span of time, without order."""
        return all_of(
            self.filter,
            compare(self.cursor, ">=", lower) if lower else "",
            compare(self.cursor, "<", upper) if upper else "",
        )


def scope_of(stream: Stream, audited: Sequence[str], of_items: Sequence[str] = ()) -> Scope:
    """Return the rows of a stream; `audited` are the fields whose history is wanted, of records and of items."""
    if stream.name == ITEM_HISTORY:
        # Histories are filed under the class of an item, of which there are hundreds: too many to name them all.
        return Scope("sys_audit", stream.cursor, {"fieldname": tuple(of_items)}, {"tablename": "cmdb"}, stream.name)
    filters: dict[str, tuple[str, ...]] = {}
    if stream.name == "sys_audit":
        filters = {"tablename": TASK_TABLES, "fieldname": tuple(audited)}
    elif stream.name == "sys_journal_field":
        filters = {"name": (*TASK_TABLES, "task"), "element": ("comments", "work_notes")}
    elif stream.name == "sys_choice":
        filters = {"name": CHOICE_TABLES}
    elif stream.name == "sys_dictionary":
        filters = {"name": (*TASK_TABLES, "task")}
    return Scope(stream.name, stream.cursor, filters)


def audited_fields(folders: Iterable[Path], more: Iterable[str]) -> tuple[str, ...]:
    """Return the fields whose history the mapping knows: those named in its switch `history`, and `more`."""
    named = set(more)
    for values in _values(folders):
        switch = values.get("switch", {}).get("history", {})
        named |= {case.partition(".")[2] for case in switch if case != "by"}
    return tuple(sorted(named - {"*", ""}))


def fields_of_items(folders: Iterable[Path]) -> tuple[str, ...]:
    """Return the fields of configuration items whose history the mapping knows: those in its value map `item_field`."""
    named = {name for values in _values(folders) for name in values.get("item_field", {}).get("codes", {})}
    return tuple(sorted(named - {"*"}))


def _values(folders: Iterable[Path]) -> Iterator[dict[str, Any]]:
    for path in (folder / "values.toml" for folder in folders):
        if path.is_file():
            yield tomllib.loads(path.read_text(encoding="utf-8"))
