from __future__ import annotations

from datetime import UTC, datetime

import pytest

from itsm_bridge.settings import Period
from itsm_bridge.settings.period import period_before

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("text", "timezone", "expected"),
    [
        ("30d", "UTC", (utc(2026, 10, 23, 8, 30), NOW)),
        ("2w", "UTC", (utc(2026, 11, 8, 8, 30), NOW)),
        ("month", "UTC", (utc(2026, 10, 1), utc(2026, 11, 1))),
        ("quarter", "UTC", (utc(2026, 7, 1), utc(2026, 10, 1))),
        ("year", "UTC", (utc(2025, 1, 1), utc(2026, 1, 1))),
        ("2026-01-01/2026-06-30", "UTC", (utc(2026, 1, 1), utc(2026, 7, 1))),
        ("2026-03-29/2026-03-29", "UTC", (utc(2026, 3, 29), utc(2026, 3, 30))),
    ],
)
def test_a_period_has_two_ends(text: str, timezone: str, expected: tuple[datetime, datetime]) -> None:
    assert Period(text, timezone)(NOW) == expected


def test_days_begin_at_midnight_of_the_assessments_time_zone() -> None:
    assert Period("month", "Europe/Berlin")(NOW) == (utc(2026, 9, 30, 22), utc(2026, 10, 31, 23))


def test_a_number_of_days_goes_by_the_local_clock_over_a_change_of_time() -> None:
    lower, upper = Period("30d", "Europe/Berlin")(NOW)
    assert upper - lower == utc(2026, 1, 31, 1) - utc(2026, 1, 1)


def test_the_last_complete_month_of_january_is_december() -> None:
    assert Period("month", "UTC")(utc(2026, 1, 1)) == (utc(2025, 12, 1), utc(2026, 1, 1))
    assert Period("quarter", "UTC")(utc(2026, 3, 31)) == (utc(2025, 10, 1), utc(2026, 1, 1))


def test_the_time_zone_decides_which_month_it_is() -> None:
    late = utc(2026, 10, 31, 23, 30)
    assert Period("month", "Europe/Berlin")(late)[1] == utc(2026, 10, 31, 23)
    assert Period("month", "UTC")(late)[1] == utc(2026, 10, 1)


@pytest.mark.parametrize(
    "text", ["", "30", "d30", "0d", "30D", "monthly", "2026-01-01", "2026-01-01/x", "2026-02-30/2026-03-01"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a period"):
        Period(text, "UTC")


@pytest.mark.parametrize(
    ("text", "timezone", "begins"),
    [
        ("month", "UTC", utc(2026, 9, 1)),
        ("quarter", "Europe/Berlin", utc(2026, 3, 31, 22)),
        ("year", "UTC", utc(2024, 1, 1)),
        ("2026-01-01/2026-06-30", "UTC", utc(2025, 7, 1)),
        ("2026-03-11/2026-03-20", "UTC", utc(2026, 3, 1)),
        ("30d", "UTC", utc(2026, 9, 23, 8, 30)),
        ("30d", "Europe/Berlin", utc(2026, 9, 23, 7, 30)),  # by the clock on the wall, as summer time ends in between
    ],
)
def test_before_whole_months_lie_as_many_months_else_as_many_days(text: str, timezone: str, begins: datetime) -> None:
    lower, upper = Period(text, timezone)(NOW)
    assert period_before(lower, upper, timezone) == begins
    naive = period_before(lower.replace(tzinfo=None), upper.replace(tzinfo=None), timezone)
    assert naive == begins.replace(tzinfo=None)
