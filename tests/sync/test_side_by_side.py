"""What is asked for side by side: counts while the work is cut, and windows while pages of others are decoded."""

from __future__ import annotations

from threading import Barrier, get_ident

from site_of_desk import Site

from itsm_bridge.spans import GRID, cut

SECONDS = 20
"""How long one waits for the other before a test fails."""


def test_the_halves_of_a_span_are_counted_side_by_side() -> None:
    together = Barrier(2)

    def count(lower: int, upper: int) -> int:
        if upper - lower == GRID // 4:
            together.wait(SECONDS)
        return (upper - lower) * 100 // GRID

    parts = cut(0, GRID, 100, 25, count, at_once=2)
    assert [upper - lower for lower, upper, _ in parts] == [GRID // 4] * 4


def test_a_window_more_is_read_than_requests_are_allowed_so_that_decoding_keeps_no_connection_waiting(
    site: Site,
) -> None:
    for number in range(6, 9):
        site.desk.tick(days=1)
        site.desk.put("incident", f"i{number}", number=f"INC{number}")
    together = Barrier(site.settings["connections"] + 1)
    days = {window.name for window in site.desk.windows("incident", None)[:3]}

    def before_page(stream: str, window: str, page: int) -> None:
        if stream == "incident" and window in days and not page:
            together.wait(SECONDS)

    site.desk.before_page = before_page
    assert site.sync().incomplete == []
    assert len(site.source_keys("incident")) == 8


def test_one_connection_reads_window_after_window_so_that_a_broken_run_loses_one_at_most(site: Site) -> None:
    readers = set()
    site.desk.before_page = lambda stream, window, page: readers.add(get_ident())
    site.settings["connections"] = 1
    site.sync()
    assert len(readers) == 1
