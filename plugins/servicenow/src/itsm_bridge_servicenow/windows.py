"""Cuts the work of a stream into spans of time that are read in parallel and resumed singly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from itsm_bridge.adapter import Window
from itsm_bridge.spans import FINEST, cut
from itsm_bridge_servicenow.query import epoch, written
from itsm_bridge_servicenow.scope import Scope
from itsm_bridge_servicenow.tables import Cancelled

UNDATED = "without date"

Count = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Span:
    """What has to be read: from `lower` (None: from the beginning) to `tail`, and the tail from there on."""

    lower: int | None
    tail: int


def span_to_read(cursor: str | None, now: int, overlap: int) -> Span:
    """Return the span since a cursor, overlap included.

    Rows that change while others are read move behind `tail`; it lies an overlap before now, because the
    instance's nodes differ in their clocks and transactions end after the times that they write.
    """
    tail = (now - overlap) // FINEST * FINEST
    lower = epoch(cursor) - overlap if cursor else None
    return Span(lower, max(tail, lower) if lower is not None else tail)


def plan_windows(
    stream: str, scope: Scope, span: Span, most: int, count: Count, earliest: Callable[[], int | None],
    at_once: int = 1,
) -> list[Window]:  # fmt: skip
    """Return the windows of a span, the tail last; `earliest` tells the first time that is known to hold a row.

    `at_once` counts are asked for side by side.
    """
    planned: list[Window] = []
    if span.lower is None:
        try:
            undated: int | None = count(scope.undated)
        except Cancelled:
            undated = None
        if undated != 0:
            planned.append(Window(stream, UNDATED, expected=undated))
    planned.extend(_Cutter(stream, scope, most, count, earliest, at_once).cut(span))
    tail = written(span.tail)
    return [*planned, Window(stream, f"from {tail}", lower=tail, is_tail=True)]


class _Cutter:
    def __init__(
        self, stream: str, scope: Scope, most: int, count: Count, earliest: Callable[[], int | None], at_once: int
    ) -> None:
        self._stream = stream
        self._scope = scope
        self._most = most
        self._count = count
        self._earliest = earliest
        self._at_once = at_once
        self._beginning: int | None = None

    def cut(self, span: Span) -> Iterator[Window]:
        if span.lower is not None and span.lower >= span.tail:
            return
        total = self._counted(span.lower, span.tail)
        start = span.lower
        if start is None:
            is_small = total is not None and total <= self._most
            start = 0 if is_small else min(self._earliest() or 0, span.tail - 1)
            self._beginning = start
        for lower, upper, expected in cut(start, span.tail, total, self._most, self._counted, self._at_once):
            yield self._window(lower, upper, expected)

    def _counted(self, lower: int | None, upper: int) -> int | None:
        try:
            return self._count(self._scope.between(self._bound(lower), written(upper)))
        except Cancelled:
            return None

    def _bound(self, lower: int | None) -> str | None:
        return None if lower is None or lower == self._beginning else written(lower)

    def _window(self, lower: int, upper: int, expected: int | None) -> Window:
        start, end = self._bound(lower), written(upper)
        return Window(self._stream, f"{start or 'beginning'} to {end}", start, end, expected)
