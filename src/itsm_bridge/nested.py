"""Columns out of nested JSON: objects within records, lists within objects, for tools that do not answer flat.

Which values become columns of which table is said by paths: `("status", "id")` is a value of the record,
`("comments", "*", "author", "id")` one of each element of a list, and `#` in the place of a name is the element's place
in the innermost list, from 0. A table has one row for each element of the deepest list of its paths; values of lists
further out, and of the record, are repeated beside it. Only what a path leads to is decoded.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from types import NoneType
from typing import Any

import msgspec

from itsm_bridge.columns import as_text
from itsm_bridge.errors import BadAnswer

EACH, PLACE = "*", "#"
Path = tuple[str, ...]
Column = Sequence[str | None]

_PLAIN = {str, NoneType}


@dataclass(frozen=True, slots=True)
class Columns:
    """The rows of one table: its columns by name, and how many rows there are."""

    columns: Mapping[str, Column]
    count: int


@dataclass(frozen=True, slots=True)
class NestedPage:
    """One decoded answer: every table, what lay beside the list of records, and records that were none.

    `has_records` is False when the list of records itself was missing.
    """

    tables: Mapping[str, Columns]
    envelope: Mapping[str, Any]
    has_records: bool
    quarantined: int


class NestedDecoder:
    """Decodes answers whose records lie in the list `records`; "" where the answer itself is the list.

    `tables` gives the path of every column of every table; `beside` names what is wanted from beside the list.
    """

    def __init__(
        self, records: str, tables: Mapping[str, Mapping[str, Path]], beside: Iterable[str] = ()
    ) -> None:  # fmt: skip
        self._tables = {name: dict(columns) for name, columns in tables.items()}
        self._record = _Node()
        for path in chain.from_iterable(columns.values() for columns in self._tables.values()):
            self._record.grow(path)
        self._records = records
        self._beside = tuple(beside)
        record: Any = self._record.type() | None
        listed: Any = list[record]
        fields = [("records", listed | None, None), *((f"b{i}", Any, None) for i in range(len(self._beside)))]
        rename = {"records": records} | {f"b{i}": name for i, name in enumerate(self._beside)}
        answer: Any = msgspec.defstruct("Answer", fields, rename=rename) if records else listed
        self._decode = msgspec.json.Decoder(answer).decode

    def __call__(self, body: bytes) -> NestedPage:
        """Decode one body; raises BadAnswer when it is not the JSON that it should be."""
        try:
            answer: Any = self._decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._decode_loosely(body)
        if not self._records:
            return self._page(answer, {}, has_records=True)
        beside = {name: getattr(answer, f"b{i}") for i, name in enumerate(self._beside)}
        return self._page(answer.records or [], beside, has_records=answer.records is not None)

    def _decode_loosely(self, body: bytes) -> NestedPage:
        try:
            answer = json.loads(body.decode(errors="replace"))
        except (ValueError, RecursionError) as error:
            raise BadAnswer(f"the answer is cut or is not JSON ({error})") from error
        if not isinstance(answer, dict if self._records else list):
            raise BadAnswer(f"the answer is a JSON {type(answer).__name__}, which was not expected")
        around: dict[str, Any] = answer if isinstance(answer, dict) else {"": answer}
        listed = around.get(self._records)
        beside = {name: around.get(name) for name in self._beside}
        found = listed if isinstance(listed, list) else []
        return self._page(list(map(self._record.fit, found)), beside, has_records=isinstance(listed, list))

    def _page(self, records: Sequence[Any], beside: Mapping[str, Any], *, has_records: bool) -> NestedPage:
        good = [record for record in records if record is not None]
        levels: dict[Path, _Level] = {(): _Level(len(good))}
        self._record.unfold(good, (), (), levels)
        tables = {name: _table(columns, levels) for name, columns in self._tables.items()}
        return NestedPage(tables, beside, has_records, len(records) - len(good))


@dataclass(slots=True)
class _Level:
    """The elements of one list in all records, one after the other; `within` names of each its element further out."""

    count: int
    within: Sequence[int] = ()
    places: Sequence[int] = ()
    values: dict[Path, Column] = field(default_factory=dict)


class _Node:
    """A place in the record: an object with names in it, a list of such, or a value."""

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self._struct: Any = None

    def grow(self, path: Path) -> None:
        if path and path[0] != PLACE:
            self.children.setdefault(path[0], _Node()).grow(path[1:])

    def type(self) -> Any:
        if not self.children:
            return str | int | float | bool | None
        if set(self.children) == {EACH}:
            return list[self.children[EACH].type() | None]  # type: ignore[misc]
        fields = [(f"f{i}", child.type() | None, None) for i, child in enumerate(self.children.values())]
        rename = {f"f{i}": name for i, name in enumerate(self.children)}
        self._struct = msgspec.defstruct("Object", fields, rename=rename, gc=False)
        return self._struct

    def fit(self, value: Any) -> Any:
        """Return a value of any JSON as the decoder would have it; None where it is of another kind."""
        if not self.children:
            return as_text(value)
        if EACH in self.children:
            return list(map(self.children[EACH].fit, value)) if isinstance(value, list) else None
        if not isinstance(value, dict):
            return None
        return self._struct(
            **{f"f{i}": child.fit(value.get(name)) for i, (name, child) in enumerate(self.children.items())}
        )

    def unfold(self, objects: Sequence[Any], path: Path, level: Path, levels: dict[Path, _Level]) -> None:
        """Put the values of objects into columns; `level` is the path of the innermost list around them."""
        if not self.children:
            levels[level].values[path] = _texts(objects)
            return
        if EACH in self.children:
            inner = (*path, EACH)
            listed = [value or () for value in objects]
            counts = list(map(len, listed))
            within = list(chain.from_iterable(map(repeat, range(len(counts)), counts)))
            places = list(chain.from_iterable(map(range, counts)))
            levels[inner] = _Level(len(within), within, places)
            self.children[EACH].unfold(list(chain.from_iterable(listed)), inner, inner, levels)
            return
        empty = self._struct()
        whole = [empty if value is None else value for value in objects] if None in objects else objects
        columns = zip(*map(msgspec.structs.astuple, whole), strict=True) if whole else repeat(())
        for (name, child), column in zip(self.children.items(), columns, strict=False):
            child.unfold(column, (*path, name), level, levels)


def _table(columns: Mapping[str, Path], levels: Mapping[Path, _Level]) -> Columns:
    homes = {name: _home(path) for name, path in columns.items()}
    deepest = max(homes.values(), key=len, default=())
    count = levels[deepest].count if deepest in levels else 0
    return Columns(
        {name: _brought(columns[name], homes[name], deepest, levels) for name in columns} if count else {}, count
    )


def _brought(path: Path, home: Path, deepest: Path, levels: Mapping[Path, _Level]) -> Column:
    """Return the column of a path, repeated for each element of the deepest list."""
    level = levels[home]
    column: Column = list(map(str, level.places)) if path[-1] == PLACE else level.values[path]
    rows: Sequence[int] | None = None
    while deepest != home:
        within = levels[deepest].within
        rows = within if rows is None else [within[row] for row in rows]
        deepest = _home(deepest[:-1])
    return column if rows is None else [column[row] for row in rows]


def _home(path: Path) -> Path:
    """Return the path of the innermost list that a path goes through."""
    return path[: len(path) - path[::-1].index(EACH)] if EACH in path else ()


def _texts(values: Sequence[Any]) -> Column:
    return values if set(map(type, values)) <= _PLAIN else list(map(as_text, values))
