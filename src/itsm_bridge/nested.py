"""Columns out of nested JSON: objects within records, lists within objects, for tools that do not answer flat.

Which values become columns of which table is said by paths: `("status", "id")` is a value of the record,
`("comments", "*", "author", "id")` one of each element of a list, and `#` in the place of a name is the element's place
in the innermost list, from 0. A table has one row for each element of the deepest list of its paths; values of lists
further out, and of the record, are repeated beside it. Only what a path leads to is decoded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from operator import itemgetter
from types import NoneType
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from itsm_bridge.columns import as_text, in_digits
from itsm_bridge.errors import BadAnswer

EACH, PLACE = "*", "#"
Path = tuple[str, ...]
Column = Sequence[str | None]
Places = npt.NDArray[np.intp]

_FLAGS = {None: None, True: "true", False: "false"}


@dataclass(frozen=True, slots=True)
class Columns:
    """The rows of one table: its columns by name, and how many rows there are."""

    columns: Mapping[str, Column]
    count: int


def one_below_other(tables: Iterable[Columns]) -> Columns:
    """Return tables with the same columns as one."""
    filled = [table for table in tables if table.count]
    if len(filled) == 1:
        return filled[0]
    names = filled[0].columns if filled else ()
    joined = {name: list(chain.from_iterable(table.columns[name] for table in filled)) for name in names}
    return Columns(joined, sum(table.count for table in filled))


class NestedPage:
    """One decoded answer, or several of them joined: every table, and what lay beside the list of records.

    `count` is how many records there are. `has_records` is False when the list of records itself was missing.
    `quarantined` counts records that were none, `misfits` values in them that were not of the kind that the paths lead
    through, and so are taken as missing.
    """

    def __init__(
        self, unfold: Callable[[Sequence[Any]], Mapping[str, Columns]], records: Sequence[Any],
        envelope: Mapping[str, Any], *, has_records: bool = True, misfits: int = 0, quarantined: int = 0,
    ) -> None:  # fmt: skip
        self._unfold = unfold
        self.records = [record for record in records if record is not None]
        self.envelope = envelope
        self.has_records = has_records
        self.quarantined = quarantined + len(records) - len(self.records)
        self.misfits = misfits
        self.count = len(self.records)

    @cached_property
    def tables(self) -> Mapping[str, Columns]:
        """The columns of every table, made when they are asked for first."""
        return self._unfold(self.records)

    def only(self, places: Iterable[int]) -> NestedPage:
        """Return the page with the records at these places only."""
        return self._with([self.records[place] for place in places], self.quarantined, self.misfits)

    def joined(self, others: Sequence[NestedPage]) -> NestedPage:
        """Return this page and those behind it, of the same decoder, as one: columns of many records cost less."""
        pages = (self, *others)
        records = list(chain.from_iterable(page.records for page in pages))
        return self._with(records, sum(page.quarantined for page in pages), sum(page.misfits for page in pages))

    def _with(self, records: Sequence[Any], quarantined: int, misfits: int) -> NestedPage:
        return NestedPage(
            self._unfold, records, self.envelope,
            has_records=self.has_records, quarantined=quarantined, misfits=misfits,
        )  # fmt: skip


class NestedDecoder:
    """Decodes answers whose records lie in the list `records`; "" where the answer itself is the list.

    `tables` gives the path of every column of every table; `beside` names what is wanted from beside the list.
    """

    def __init__(
        self, records: str, tables: Mapping[str, Mapping[str, Path]], beside: Iterable[str] = ()
    ) -> None:  # fmt: skip
        self._tables = {name: _Table(columns) for name, columns in tables.items()}
        self._record = _Node()
        for path in chain.from_iterable(columns.values() for columns in tables.values()):
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
            return NestedPage(self._unfold, answer, {})
        beside = {name: getattr(answer, f"b{i}") for i, name in enumerate(self._beside)}
        return NestedPage(self._unfold, answer.records or [], beside, has_records=answer.records is not None)

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
        misfits: list[Any] = []
        fitted = [self._record.fit(value, misfits) for value in found]
        is_list = isinstance(listed, list)
        return NestedPage(self._unfold, fitted, beside, has_records=is_list, misfits=len(misfits))

    def _unfold(self, records: Sequence[Any]) -> Mapping[str, Columns]:
        levels: dict[Path, _Level] = {(): _Level(len(records))}
        self._record.unfold(records, (), (), levels)
        return {name: table.columns(levels) for name, table in self._tables.items()}


@dataclass(slots=True)
class _Level:
    """The elements of one list in all records, one after the other.

    `within` and `places` tell of each in which element further out it lies and where in its list; None where each list
    has one element.
    """

    count: int
    within: Places | None = None
    places: Places | None = None
    values: dict[Path, Column] = field(default_factory=dict)

    @classmethod
    def of_lists(cls, lists: Sequence[Sequence[Any]]) -> _Level:
        """Return the level of the elements of these lists."""
        counts = np.fromiter(map(len, lists), np.intp, len(lists))
        if (counts == 1).all():
            return cls(len(lists))
        within = np.repeat(np.arange(len(lists)), counts)
        return cls(len(within), within, np.arange(len(within)) - (np.cumsum(counts) - counts)[within])

    def column(self, path: Path) -> Column:
        """Return the values of a path, or the places in the list."""
        if path[-1] != PLACE:
            return self.values[path]
        return ["0"] * self.count if self.places is None else in_digits(self.places.tolist())


class _Table:
    """The columns of one table by their paths; `deepest` is the list of which each element is a row."""

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self._paths = {name: (path, _home(path)) for name, path in paths.items()}
        self._homes = {home for _, home in self._paths.values()}
        self._deepest = max(self._homes, key=len, default=())

    def columns(self, levels: Mapping[Path, _Level]) -> Columns:
        """Return the columns, those of lists further out repeated for each row."""
        count = levels[self._deepest].count if self._deepest in levels else 0
        if not count:
            return Columns({}, 0)
        repeated = {home: _repeating(home, self._deepest, levels) for home in self._homes}
        found = {name: repeated[home](levels[home].column(path)) for name, (path, home) in self._paths.items()}
        return Columns(found, count)


def _repeating(home: Path, deepest: Path, levels: Mapping[Path, _Level]) -> Callable[[Column], Column]:
    """Return what repeats a column for each element of the deepest list."""
    rows: Places | None = None
    while deepest != home:
        within = levels[deepest].within
        if within is not None:
            rows = within if rows is None else within[rows]
        deepest = _home(deepest[:-1])
    if rows is None:
        return lambda column: column
    if len(rows) == 1:  # of one place, `itemgetter` returns the value itself
        only = int(rows[0])
        return lambda column: (column[only],)
    return itemgetter(*rows.tolist())


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
            return Any
        if set(self.children) == {EACH}:
            return list[self.children[EACH].type() | None]  # type: ignore[misc]
        fields = [(f"f{i}", child.type() | None, None) for i, child in enumerate(self.children.values())]
        rename = {f"f{i}": name for i, name in enumerate(self.children)}
        self._struct = msgspec.defstruct("Object", fields, rename=rename, gc=False)
        return self._struct

    @cached_property
    def values_below(self) -> list[Path]:
        """The paths of the values below, without those in lists."""
        named = ((name, child) for name, child in self.children.items() if name != EACH)
        return [(name, *path) for name, child in named for path in (child.values_below if child.children else [()])]

    def fit(self, value: Any, misfits: list[Any]) -> Any:
        """Return a value of any JSON as the decoder would have it; None, and a misfit, where it is of another kind."""
        if not self.children:
            return as_text(value)
        if value is None:
            return None
        if EACH in self.children and isinstance(value, list):
            return [self.children[EACH].fit(element, misfits) for element in value]
        if EACH in self.children or not isinstance(value, dict):
            misfits.append(value)
            return None
        children = enumerate(self.children.items())
        return self._struct(**{f"f{i}": child.fit(value.get(name), misfits) for i, (name, child) in children})

    def unfold(self, objects: Sequence[Any], path: Path, level: Path, levels: dict[Path, _Level]) -> None:
        """Put the values of objects into columns; `level` is the path of the innermost list around them."""
        if not self.children:
            levels[level].values[path] = _texts(objects)
            return
        if not any(objects):  # an object is true; so is a list with elements
            nothing = [None] * len(objects)
            levels[level].values |= {(*path, *below): nothing for below in self.values_below}
            return
        if EACH in self.children:
            inner = (*path, EACH)
            lists = [value or () for value in objects]
            elements = list(chain.from_iterable(lists))
            if elements:
                levels[inner] = _Level.of_lists(lists)
                self.children[EACH].unfold(elements, inner, inner, levels)
            return
        empty = self._struct()
        whole = objects if all(objects) else [value or empty for value in objects]
        # All values in a row, then every n-th: tuples that are gone at once cost no garbage collection.
        values = list(chain.from_iterable(map(msgspec.structs.astuple, whole)))
        width = len(self.children)
        for place, (name, child) in enumerate(self.children.items()):
            child.unfold(values[place::width], (*path, name), level, levels)


def _home(path: Path) -> Path:
    """Return the path of the innermost list that a path goes through."""
    return path[: len(path) - path[::-1].index(EACH)] if EACH in path else ()


def _texts(values: Sequence[Any]) -> Column:
    all_kinds = set(map(type, values))
    kinds = all_kinds - {NoneType}
    if kinds <= {str}:
        return values
    if kinds == {int}:
        return in_digits(values)
    return list(map(_FLAGS.__getitem__ if kinds == {bool} else as_text, values))
