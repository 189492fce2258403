"""Cuts a long span of time into parts with few records, always at the same places.

The cuts lie on a fixed grid (halves of halves of all seconds until 2106), so that a run that starts later cuts where an
earlier one did and finds the windows that it finished.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

GRID = 2**32
FINEST = 4096
"""Seconds below which a part is not halved where nobody can tell how much it holds."""

Count = Callable[[int, int], int | None]


def cut(
    lower: int, upper: int, rows: int | None, most: int, count: Count, at_once: int = 1
) -> Iterator[tuple[int, int, int | None]]:
    """Yield parts of [lower, upper) in epoch seconds with at most `most` records each, and how many they hold.

    `rows` is how many the whole holds; `count` tells it of a part: None where counting takes the tool too long. It is
    asked `at_once` times side by side. Parts that hold nothing are left out; one of a single second is not cut any
    more.
    """
    parts = [_Part(0, GRID, lower, upper, rows)]
    with ThreadPoolExecutor(at_once) as pool:
        while too_large := [part for part in parts if part.holds_more_than(most)]:
            halves = dict(zip(too_large, pool.map(lambda part: part.halved(count), too_large), strict=True))
            parts = [half for part in parts for half in halves.get(part, (part,))]
    yield from ((part.lower, part.upper, part.rows) for part in parts if part.rows != 0)


@dataclass(frozen=True, slots=True)
class _Part:
    """Seconds from `lower` to `upper` within a block of the grid, and how many records they hold."""

    begin: int
    end: int
    lower: int
    upper: int
    rows: int | None

    def holds_more_than(self, most: int) -> bool:
        if self.rows is None:
            return self.upper - self.lower > FINEST
        return self.rows > most and self.upper - self.lower > 1

    def halved(self, count: Count) -> tuple[_Part, _Part]:
        """Return what lies before and behind the middle of the smallest block around it."""
        begin, end = self.begin, self.end
        while not self.lower < (middle := (begin + end) // 2) < self.upper:
            begin, end = (begin, middle) if self.upper <= middle else (middle, end)
        left = count(self.lower, middle)
        are_known = self.rows is not None and left is not None
        right = max((self.rows or 0) - (left or 0), 0) if are_known else count(middle, self.upper)
        return _Part(begin, middle, self.lower, middle, left), _Part(middle, end, middle, self.upper, right)
