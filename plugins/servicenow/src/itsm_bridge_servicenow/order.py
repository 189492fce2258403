"""Ordered ways through a table, and whether rows that came are the ones that were asked for.

ServiceNow ignores conditions on fields that it does not know or does not let the account use, and answers
as if nothing were wrong. So every page is held against the question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from itsm_bridge.errors import BadAnswer
from itsm_bridge_servicenow.query import all_of, any_of, compare, ordered
from itsm_bridge_servicenow.scope import KEY, Scope
from itsm_bridge_servicenow.tables import Rows

Place = tuple[str, str]
"""Cursor value and id of the last row seen."""

HEXADECIMAL = re.compile(r"[0-9a-f]{32}")
_IGNORED = (
    "The instance ignored a part of the query. Give the account read access (and query_range, where query ACLs are "
    "used) to the cursor and filter fields of this table, and check that they exist."
)


class Order(Protocol):
    """A way through a table that can go on behind any row."""

    @property
    def table(self) -> str:
        """Name of the table."""

    def after(self, place: Place | None) -> str:
        """Return the ordered query for the rows behind a place; for all rows at None."""

    def check(self, rows: Rows, place: Place | None) -> Place:
        """Return the place of the last row; raises BadAnswer when rows are not the ones that were asked for."""


@dataclass(frozen=True, slots=True)
class ById:
    """All rows that match a query, by id."""

    table: str
    query: str

    def after(self, place: Place | None) -> str:
        """Return the query for the rows with a higher id."""
        return ordered(all_of(self.query, compare(KEY, ">", place[1]) if place else ""), KEY)

    def check(self, rows: Rows, place: Place | None) -> Place:
        """Check that ids rise."""
        keys = _filled(rows.values(KEY), self.table, KEY)
        _check_order(self.table, [("", key) for key in keys], place)
        return "", keys[-1]


@dataclass(frozen=True, slots=True)
class ByTime:
    """The rows of a stream within a span of time (`lower` inclusive, `upper` exclusive), by time and id.

    `unseen` are filter fields that the rows are decoded without, so that they cannot be checked.
    """

    scope: Scope
    lower: str | None
    upper: str | None
    unseen: AbstractSet[str] = frozenset()

    @property
    def table(self) -> str:
        """Name of the table."""
        return self.scope.table

    def after(self, place: Place | None) -> str:
        """Return the query for the rows that are later, or of the same second with a higher id."""
        cursor = self.scope.cursor
        if place is None:
            return ordered(self.scope.between(self.lower, self.upper), cursor, KEY)
        at, key = place
        later = all_of(self.scope.between(None, self.upper), compare(cursor, ">", at))
        same = all_of(self.scope.filter, compare(cursor, "=", at), compare(KEY, ">", key))
        return ordered(any_of(later, same), cursor, KEY)

    def check(self, rows: Rows, place: Place | None) -> Place:
        """Check that times and ids rise, that no row lies outside, and that the filters hold."""
        keys = _filled(rows.values(KEY), self.table, KEY)
        moments = _filled(rows.values(self.scope.cursor), self.table, self.scope.cursor)
        first, last = min(moments), max(moments)
        if first < (self.lower or "") or (self.upper is not None and last >= self.upper):
            raise _ignored(self.table, f"rows from {first} to {last} came for {self.lower} to {self.upper}")
        _check_order(self.table, list(zip(moments, keys, strict=True)), place)
        for name, allowed in self.scope.filters.items():
            strange = set() if name in self.unseen else set(rows.values(name)) - set(allowed)
            if strange:
                raise _ignored(self.table, f"rows with {name} = {min(map(str, strange))!r} came")
        for name, text in self.scope.beginnings.items():
            values = () if name in self.unseen else rows.values(name)
            others = sorted(str(value) for value in values if not str(value).startswith(text))
            if others:
                raise _ignored(self.table, f"rows with {name} = {others[0]!r} came")
        return moments[-1], keys[-1]


def _check_order(table: str, places: Sequence[Place], last: Place | None) -> None:
    chain = [last, *places] if last else places
    if all(one < following for one, following in pairwise(chain)):
        return
    for (at, key), (next_at, next_key) in pairwise(chain):
        # Only plain ids sort alike in every database.
        are_plain = bool(HEXADECIMAL.fullmatch(key) and HEXADECIMAL.fullmatch(next_key))
        if next_at < at or (next_at == at and (key == next_key or (are_plain and next_key < key))):
            raise _ignored(table, f"rows came out of order ({next_at} {next_key} after {at} {key})")


def _ignored(table: str, what: str) -> BadAnswer:
    return BadAnswer(f"{what}, which was not asked for", where=table, hint=_IGNORED)


def _filled(values: Sequence[str | None], table: str, name: str) -> list[str]:
    filled = [value for value in values if value]
    if len(filled) != len(values):
        raise BadAnswer(
            f"rows came without {name}", where=table,
            hint=f"Give the account read access to the field {name}: without it the table cannot be paged.",
        )  # fmt: skip
    return filled
