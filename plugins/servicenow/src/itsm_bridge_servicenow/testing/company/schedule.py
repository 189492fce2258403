"""Working time of the company: Monday to Friday, 8 to 18 in Berlin, without German public holidays."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from itsm_bridge_servicenow.testing.records import sys_id

SCHEDULE_NAME = "Business hours Germany"
SCHEDULE_BUSINESS = sys_id("cmn_schedule", SCHEDULE_NAME)
ZONE = ZoneInfo("Europe/Berlin")
_OPENS, _CLOSES = 8, 18


class BusinessTime:
    """Working seconds between two instants (epoch seconds), and the way back."""

    def __init__(self, first: date, last: date) -> None:
        free = holidays.country_holidays("DE", years=range(first.year, last.year + 1))
        days = (first + timedelta(number) for number in range((last - first).days + 1))
        working = [day for day in days if day.weekday() < 5 and day not in free]
        self.opens = [_instant(day, _OPENS) for day in working]
        self.closes = [_instant(day, _CLOSES) for day in working]
        self._before = [0]
        for start, end in zip(self.opens, self.closes, strict=True):
            self._before.append(self._before[-1] + end - start)

    def until(self, at: int) -> int:
        """Return the working seconds from the start of the calendar to an instant."""
        number = bisect_right(self.opens, at) - 1
        if number < 0:
            return 0
        return self._before[number] + min(at, self.closes[number]) - self.opens[number]

    def between(self, start: int, end: int) -> int:
        """Return the working seconds between two instants."""
        return self.until(end) - self.until(start)

    def after(self, start: int, seconds: int) -> int:
        """Return the instant at which so many working seconds have passed."""
        if not seconds:
            return start
        wanted = self.until(start) + seconds
        number = min(bisect_left(self._before, wanted), len(self.opens)) - 1
        return self.opens[number] + wanted - self._before[number]

    def is_open(self, at: int) -> bool:
        """Say whether people are at work."""
        number = bisect_right(self.opens, at) - 1
        return number >= 0 and at < self.closes[number]


class AllTime:
    """The schedule of clocks that never stop."""

    def between(self, start: int, end: int) -> int:
        """Return the seconds between two instants."""
        return end - start

    def after(self, start: int, seconds: int) -> int:
        """Return the instant so many seconds later."""
        return start + seconds


@lru_cache(maxsize=8)
def business_time(first: date, last: date) -> BusinessTime:
    """Return the company's calendar over a span; built once per span."""
    return BusinessTime(first, last)


def around(now: int) -> BusinessTime:
    """Return the calendar from well before the company's year to well after `now`."""
    day = datetime.fromtimestamp(now, ZONE).date()
    return business_time(day - timedelta(500), day + timedelta(200))


def _instant(day: date, hour: int) -> int:
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=ZONE).timestamp())
