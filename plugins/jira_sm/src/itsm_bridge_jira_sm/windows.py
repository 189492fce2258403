"""Cuts the issues to read into windows: by creation, which never changes, and by the last change for what moves.

`updated` has no upper bound anywhere: an issue whose clock ticks every few minutes would slip past it for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from itsm_bridge.adapter import Window
from itsm_bridge.spans import FINEST, cut
from itsm_bridge_jira_sm.instants import epoch, written
from itsm_bridge_jira_sm.queries import all_of, between
from itsm_bridge_jira_sm.streams import ISSUE

CREATED, UPDATED = "created", "updated"
_OPEN = "open"
_UNFINISHED = "statusCategory != Done"

Count = Callable[[str], int | None]


@dataclass(frozen=True, slots=True)
class Question:
    """What a window asks: a condition, the instant by which it is ordered, and the span of that instant."""

    condition: str
    field: str
    lower: int | None
    upper: int | None

    @property
    def query(self) -> str:
        """The whole condition."""
        return all_of(self.condition, between(self.field, self.lower, self.upper))


def plan(
    cursor: str | None, now: int, overlap: int, most: int, count: Count, earliest: Callable[[], int | None],
    at_once: int = 1,
) -> Sequence[Window]:  # fmt: skip
    """Return the windows since a cursor; `at_once` counts are asked for side by side.

    Without one: spans of creation until now, and then what changed meanwhile. With one: what changed since, read
    last, and before it all work that is still open, because its clocks tick without a change.
    """
    if cursor is not None:
        since = (epoch(cursor) - overlap) // FINEST * FINEST
        name = written(since)
        still_open = Window(ISSUE, f"{_OPEN} before {name}", upper=name)
        return [still_open, Window(ISSUE, f"{UPDATED} since {name}", lower=name, is_tail=True)]
    begin = now // FINEST * FINEST
    tail = written(begin - overlap)
    windows: list[Window] = []
    first = earliest()
    if first is not None:
        total = count(between(CREATED, None, begin + FINEST))
        parts = cut(
            min(first, begin), begin + FINEST, total, most,
            lambda lower, upper: count(between(CREATED, lower, upper)), at_once,
        )  # fmt: skip
        windows = [
            Window(ISSUE, f"{CREATED} {written(lower)} to {written(upper)}", written(lower), written(upper), rows)
            for lower, upper, rows in parts
        ]  # fmt: skip
    return [*windows, Window(ISSUE, f"{UPDATED} since {tail}", lower=tail, is_tail=True)]


def question(window: Window) -> Question:
    """Return what a window asks."""
    lower = epoch(window.lower) if window.lower else None
    upper = epoch(window.upper) if window.upper else None
    if window.name.startswith(_OPEN):
        return Question(all_of(_UNFINISHED, between(UPDATED, None, upper)), CREATED, None, None)
    return Question("", CREATED if window.name.startswith(CREATED) else UPDATED, lower, upper)
