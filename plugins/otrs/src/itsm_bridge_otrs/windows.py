"""Cuts the tickets to read into windows by their ids, which never change, on a grid that later runs meet again.

What is read "since" a moment are the tickets changed since then, and those that escalate.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from itsm_bridge.adapter import Window
from itsm_bridge.spans import cut
from itsm_bridge_otrs.streams import TICKET

_SINCE = "changed since "
_FEW = 1000
"""Tickets that are not worth more than one window, as each is a commit of every stream."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a window asks: tickets changed since a wall-clock text of the server, with ids in [lower, upper)."""

    since: str | None
    lower: int
    upper: int | None

    def of(self, ids: Sequence[str]) -> list[str]:
        """Return those of the ids that lie in the window, in their order as numbers."""
        numbers = sorted(map(int, ids))
        end = len(numbers) if self.upper is None else bisect_left(numbers, self.upper)
        return list(map(str, numbers[bisect_left(numbers, self.lower) : end]))


def plan(ids: Sequence[str], since: str | None, tail: str, most: int) -> Sequence[Window]:
    """Return the windows of the tickets found, and one for what changed since `tail`, while these were read."""
    numbers = sorted(map(int, ids))

    def count(lower: int, upper: int) -> int:
        return bisect_left(numbers, upper) - bisect_left(numbers, lower)

    begin = f"{_SINCE}{since}, " if since else ""
    windows = [
        Window(TICKET, f"{begin}tickets {lower} to {upper - 1}", str(lower), str(upper), rows)
        for lower, upper, rows in cut(numbers[0], numbers[-1] + 1, len(numbers), most, count)
    ] if numbers else []  # fmt: skip
    return [*windows, Window(TICKET, f"{_SINCE}{tail}", is_tail=True)]


def room(tickets: int, connections: int, most: int) -> int:
    """Return how many of so many tickets a window may hold, `most` or less: so that all connections have work."""
    return min(max(tickets // connections, _FEW), most)


def question(window: Window) -> Question:
    """Return what a window asks."""
    since, _, _ = window.name.removeprefix(_SINCE).partition(", tickets ")
    return Question(
        since if window.name.startswith(_SINCE) else None,
        int(window.lower) if window.lower else 0,
        int(window.upper) if window.upper else None,
    )
