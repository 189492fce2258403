"""The page loop: it ends by the instance's own count and never by a short page (facts: limit before rights).

A page is cut to its limit before the rows that the account may not see are taken out of it. So a page may
be short, or empty, anywhere. The loop goes on behind the last visible row; where no row is visible it goes
on by offset, until the count says that nothing is left.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import TypeVar

from itsm_bridge.errors import BadAnswer
from itsm_bridge_servicenow.order import Order, Place
from itsm_bridge_servicenow.tables import Cancelled, Question, Rows, Tables

log = logging.getLogger("itsm_bridge.servicenow")
R = TypeVar("R", bound=Rows)

_TRIES = 8
_PAGES_TO_RECOVER = 3


def read_pages(
    tables: Tables, order: Order, fields: tuple[str, ...], size: int, read: Callable[[bytes], R],
    expected: int | None = None,
) -> Iterator[R]:  # fmt: skip
    """Yield the pages of all rows in an order, complete or with an error.

    Counting is dear for the instance, so it counts only where a page may be the last one: where fewer rows are
    still to come than fill it, by what the instance counted last (`expected` to begin with), or where one is short.
    """
    place: Place | None = None
    coming = expected
    offset, is_short = 0, False
    pace = _Pace(order.table, size)
    while True:
        size = pace.size
        with_count = is_short or coming is None or coming < size
        question = Question(order.table, order.after(place), fields, size, offset, with_count)
        try:
            page, left = tables.ask(question, read)
        except Cancelled as cancelled:
            pace.slow_down(cancelled)
            continue
        pace.go_on()
        came = len(page) + page.quarantined
        is_short = came < size
        if is_short and left is None:
            # Ask again with the count, and use those rows: rows and count must be of one moment.
            continue
        if len(page):
            place = order.check(page, place)
            yield page
        if left is not None:
            if _is_end(page, offset, size, left):
                return
            coming = left - offset
        coming = (coming or 0) - came
        # Rows that leave while nothing is visible draw the ones behind them nearer: step less than a whole page.
        offset = 0 if len(page) else offset + size - size // 10


def _is_end(page: Rows, offset: int, size: int, left: int) -> bool:
    """Tell whether nothing is left behind the page.

    Either all that is left came with it, or an empty page covered all that is left. A page with fewer
    rows than are counted proves nothing: the others may be hidden, or cut off.
    """
    if len(page):
        return offset + len(page) + page.quarantined == left < offset + size
    return offset + size >= left


class _Pace:
    """The page size: halved when the instance runs out of time, doubled again after pages that went well."""

    def __init__(self, table: str, size: int) -> None:
        self.size = size
        self._table = table
        self._wanted = size
        self._in_a_row = 0
        self._went_well = 0

    def slow_down(self, cancelled: Cancelled) -> None:
        """Ask for half as much; raises BadAnswer when even single rows are cancelled again and again."""
        self._went_well = 0
        self._in_a_row += 1
        if self.size == 1 and self._in_a_row >= _TRIES:
            raise BadAnswer(
                f"the instance cancels even the smallest request ({cancelled})", where=self._table,
                hint="Ask its administrators for an index on the cursor field, or for a longer REST quota.",
            ) from cancelled  # fmt: skip
        self.size = max(1, self.size // 2)
        log.warning("%s: the instance ran out of time; asking for %d rows at once", self._table, self.size)

    def go_on(self) -> None:
        """Note an answer that came in time."""
        self._in_a_row = 0
        self._went_well += 1
        if self._went_well >= _PAGES_TO_RECOVER and self.size < self._wanted:
            self.size = min(self._wanted, self.size * 2)
            self._went_well = 0
