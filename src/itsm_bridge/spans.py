"""Cuts a long span of time into parts with few records, always at the same places.

The cuts lie on a fixed grid (halves of halves of all seconds until 2106), so that a run that starts later cuts where an
earlier one did and finds the windows that it finished.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

GRID = 2**32
FINEST = 4096
"""Seconds below which a part is not halved where nobody can tell how much it holds."""

Count = Callable[[int, int], int | None]


def cut(lower: int, upper: int, rows: int | None, most: int, count: Count) -> Iterator[tuple[int, int, int | None]]:
    """Yield parts of [lower, upper) in epoch seconds with at most `most` records each, and how many they hold.

    `rows` is how many the whole holds; `count` tells it of a part: None where counting takes the tool too long. Parts
    that hold nothing are left out; one of a single second is not cut any more.
    """
    yield from _halved((0, GRID), lower, upper, rows, most, count)


def _halved(
    block: tuple[int, int], lower: int, upper: int, rows: int | None, most: int, count: Count
) -> Iterator[tuple[int, int, int | None]]:
    if rows == 0:
        return
    if upper - lower <= (FINEST if rows is None else 1) or (rows is not None and rows <= most):
        yield lower, upper, rows
        return
    begin, end = block
    middle = (begin + end) // 2
    if upper <= middle:
        yield from _halved((begin, middle), lower, upper, rows, most, count)
    elif lower >= middle:
        yield from _halved((middle, end), lower, upper, rows, most, count)
    else:
        left = count(lower, middle)
        right = max(rows - left, 0) if rows is not None and left is not None else count(middle, upper)
        yield from _halved((begin, middle), lower, middle, left, most, count)
        yield from _halved((middle, end), middle, upper, right, most, count)
