from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from itsm_bridge.errors import ConfigurationError
from itsm_bridge.policy.working_time import BUCKET, Calendar, buckets

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Kathmandu")
MINUTE = 60


def rows(calendar: Calendar, first: date, last: date) -> dict[int, tuple[int, int, int]]:
    table = buckets(calendar, first, last, "calendars.toml").to_pydict()
    columns = (table["open_from"], table["open_to"], table["open_before"])
    return dict(zip(table["bucket"], zip(*columns, strict=True), strict=True))


def worked(by_bucket: dict[int, tuple[int, int, int]], at: int) -> int:
    """Open seconds before an instant, as checks compute them: one row, found by equality."""
    open_from, open_to, before = by_bucket[at // BUCKET]
    return before + min(max(at % BUCKET - open_from, 0), open_to - open_from)


def is_open(calendar: Calendar, at: int) -> bool:
    """What a clock on the wall says: the reference."""
    local = datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(calendar.timezone))
    second = local.hour * 3600 + local.minute * 60 + local.second
    pieces = calendar.hours.get(local.weekday(), ())
    return local.date() not in calendar.closed and any(opens <= second < closes for opens, closes in pieces)


def epoch(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    hours = {}
    for weekday in range(7):
        edges = sorted(draw(st.lists(st.integers(0, 1440), max_size=4, unique=True)))
        edges = edges[: len(edges) // 2 * 2]
        hours[weekday] = [(a * MINUTE, b * MINUTE) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    closed = frozenset(draw(st.lists(st.dates(date(2026, 3, 20), date(2026, 4, 10)), max_size=3)))
    return Calendar("drawn", draw(st.sampled_from(ZONES)), hours, closed)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(calendars(), st.sampled_from([date(2026, 3, 28), date(2026, 10, 24), date(2026, 3, 7), date(2026, 4, 4)]))
def test_working_time_is_what_a_clock_on_the_wall_says_minute_by_minute(calendar: Calendar, first: date) -> None:
    last = first + timedelta(days=2)
    try:
        by_bucket = rows(calendar, first, last)
    except ConfigurationError:
        assume(False)
    expected = 0
    for at in range(epoch(first), epoch(last + timedelta(days=1)), MINUTE):
        assert worked(by_bucket, at) == expected, datetime.fromtimestamp(at, UTC)
        expected += MINUTE * is_open(calendar, at)


def office(timezone: str = "Europe/Berlin", closed: frozenset[date] = frozenset()) -> Calendar:
    return Calendar("office", timezone, {day: [(8 * 3600, 17 * 3600)] for day in range(5)}, closed)


def test_every_bucket_of_the_span_has_a_row() -> None:
    by_bucket = rows(office(), date(2026, 1, 1), date(2026, 1, 31))
    assert len(by_bucket) == 31 * 96
    assert min(by_bucket) * BUCKET == epoch(date(2026, 1, 1))


def test_a_working_day_has_its_hours_in_summer_and_in_winter() -> None:
    for day in (date(2026, 1, 12), date(2026, 7, 13)):
        by_bucket = rows(office(), day, day)
        assert worked(by_bucket, epoch(day) + 86399) == 9 * 3600


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 7, 1), 24)])
def test_the_day_that_changes_the_clock_has_as_many_hours_as_it_has(day: date, hours: int) -> None:
    always = Calendar("always", "Europe/Berlin", {weekday: [(0, 86400)] for weekday in range(7)})
    only_that_day = Calendar("day", "Europe/Berlin", {day.weekday(): [(0, 86400)]})
    by_bucket = rows(only_that_day, day - timedelta(days=2), day + timedelta(days=2))
    assert worked(by_bucket, max(by_bucket) * BUCKET) == hours * 3600
    whole = rows(always, day, day)
    assert worked(whole, epoch(day) + 86399) == 86399


def test_nobody_works_on_closed_days() -> None:
    by_bucket = rows(office(closed=frozenset({date(2026, 1, 12)})), date(2026, 1, 12), date(2026, 1, 12))
    assert all(row == (0, 0, 0) for row in by_bucket.values())


def test_two_openings_in_one_quarter_of_an_hour_are_refused() -> None:
    calendar = Calendar("office", "Europe/Berlin", {0: [(8 * 3600, 12 * 3600 + 120), (12 * 3600 + 420, 17 * 3600)]})
    with pytest.raises(ConfigurationError) as caught:
        buckets(calendar, date(2026, 1, 1), date(2026, 1, 31), "calendars.toml:3")
    assert "'office'" in caught.value.message
    assert "2026-01-05 12:00" in caught.value.message
    assert caught.value.where == "calendars.toml:3"


def test_a_break_over_the_edge_of_a_quarter_of_an_hour_is_fine() -> None:
    calendar = Calendar("office", "UTC", {0: [(8 * 3600, 12 * 3600 + 600), (12 * 3600 + 1000, 17 * 3600)]})
    by_bucket = rows(calendar, date(2026, 1, 5), date(2026, 1, 5))
    assert worked(by_bucket, epoch(date(2026, 1, 5)) + 86399) == 9 * 3600 - 400


def test_hours_that_touch_at_midnight_are_one_piece() -> None:
    calendar = Calendar("night", "UTC", {0: [(22 * 3600, 86400)], 1: [(0, 6 * 3600)]})
    by_bucket = rows(calendar, date(2026, 1, 5), date(2026, 1, 6))
    assert worked(by_bucket, epoch(date(2026, 1, 6)) + 86399) == 8 * 3600


def test_a_calendar_without_hours_is_never_open() -> None:
    assert all(
        row == (0, 0, 0) for row in rows(Calendar("shut", "UTC", {}), date(2026, 1, 1), date(2026, 1, 2)).values()
    )
