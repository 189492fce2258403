from __future__ import annotations

from bisect import bisect_left

from hypothesis import given
from hypothesis import strategies as st

from itsm_bridge.adapter import Window
from itsm_bridge_servicenow.query import epoch, written
from itsm_bridge_servicenow.scope import Scope
from itsm_bridge_servicenow.tables import Cancelled
from itsm_bridge_servicenow.windows import UNDATED, plan_windows, span_to_read

SCOPE = Scope("incident", "sys_updated_on")
NOW = epoch("2026-11-22 10:00:00")
HOUR = 3600


class Rows:
    """Rows by their times, counted as the instance would; `limit` makes counting of more rows fail."""

    def __init__(self, times: list[int], undated: int = 0, limit: int | None = None) -> None:
        self.times = sorted(times)
        self.undated = undated
        self.limit = limit
        self.counted = 0

    def count(self, query: str) -> int:
        self.counted += 1
        if "ISEMPTY" in query:
            return self.undated
        lower, upper = 0, 2**33
        for part in query.split("^"):
            if ">=" in part:
                lower = epoch(part.partition(">=")[2])
            elif "<" in part:
                upper = epoch(part.partition("<")[2])
        found = bisect_left(self.times, upper) - bisect_left(self.times, lower)
        if self.limit is not None and found > self.limit:
            raise Cancelled("too many")
        return found

    def earliest(self) -> int | None:
        return self.times[0] if self.times else None


def plan(rows: Rows, cursor: str | None = None, most: int = 10, now: int = NOW) -> list[Window]:
    return plan_windows("incident", SCOPE, span_to_read(cursor, now, HOUR), most, rows.count, rows.earliest)


times = st.lists(st.integers(NOW - 400 * 86400, NOW), max_size=120)


@given(times, st.integers(1, 30), st.sampled_from([None, "2026-03-01 00:00:00", "2026-11-22 09:59:59"]))
def test_every_moment_since_the_cursor_lies_in_exactly_one_window(
    found: list[int], most: int, cursor: str | None
) -> None:
    windows = plan(Rows(found), cursor, most)
    since = epoch(cursor) - HOUR if cursor else 0
    for moment in found:
        at = written(moment)
        holding = [w for w in windows if (w.lower is None or w.lower <= at) and (w.upper is None or at < w.upper)]
        assert len(holding) == (1 if moment >= since else len(holding))
    assert [w.is_tail for w in windows].count(True) == 1
    assert windows[-1].is_tail
    assert windows[-1].upper is None


@given(times, st.integers(2, 30))
def test_windows_hold_no_more_rows_than_wanted_unless_they_are_of_one_second(found: list[int], most: int) -> None:
    for window in plan(Rows(found), most=most)[:-1]:
        assert window.expected is not None
        upper = str(window.upper)
        seconds = {at for at in found if (window.lower or "") <= written(at) < upper}
        assert window.expected <= most or len(seconds) == 1


@given(times, st.integers(0, 3 * 86400))
def test_a_later_run_finds_the_windows_of_an_earlier_one(found: list[int], later: int) -> None:
    first = {w.name for w in plan(Rows(found))[:-2]}
    assert first <= {w.name for w in plan(Rows(found), now=NOW + later)}


def test_a_small_table_costs_two_counts_and_two_windows() -> None:
    rows = Rows([NOW - 86400] * 8)
    assert [w.expected for w in plan(rows)] == [8, None]
    assert rows.counted == 2


def test_a_recent_cursor_leaves_only_the_tail() -> None:
    [tail] = plan(Rows([NOW - 60]), cursor="2026-11-22 09:59:00")
    assert (tail.lower, tail.upper, tail.is_tail) == ("2026-11-22 08:59:00", None, True)


def test_rows_without_a_date_get_a_window_of_their_own() -> None:
    windows = plan(Rows([], undated=3))
    assert [(w.name, w.expected) for w in windows[:-1]] == [(UNDATED, 3)]


def test_where_counting_takes_too_long_spans_are_halved_until_it_does_not() -> None:
    found = list(range(NOW - 40 * 86400, NOW - 86400, 3600))
    windows = plan(Rows(found, limit=100), most=50)
    assert sum(w.expected or 0 for w in windows) == len(found)
