"""Which rows of a table a stream means."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from itsm_bridge.adapter import Stream
from itsm_bridge_servicenow.query import all_of, compare, one_of
from itsm_bridge_servicenow.streams import CHOICE_TABLES, TASK_TABLES

KEY = "sys_id"


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows of one stream: `filters` name fields and the values that they must have."""

    table: str
    cursor: str
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def filter(self) -> str:
        """The encoded query of the filters."""
        return all_of(*(one_of(name, values) for name, values in self.filters.items()))

    @property
    def query_fields(self) -> tuple[str, ...]:
        """Fields on which every query of the stream relies."""
        return (KEY, self.cursor, *self.filters)

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


def scope_of(stream: Stream, audited: Sequence[str]) -> Scope:
    """Return the rows of a stream; `audited` are the fields whose history is wanted."""
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
    for folder in folders:
        path = folder / "values.toml"
        if path.is_file():
            switch = tomllib.loads(path.read_text(encoding="utf-8")).get("switch", {}).get("history", {})
            named |= {case.partition(".")[2] for case in switch if case != "by"}
    return tuple(sorted(named - {"*", ""}))
