"""Working time: a calendar of OTRS counts some hours of some days; the one of a 24x7 agreement counts all."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from itsm_bridge_otrs.testing.wall import Wall

_MOST_DAYS = 4000


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """Hours (0 to 23) of weekdays (0 is Monday) that count, less holidays: by default Monday to Friday, 8 to 21."""

    weekdays: Collection[int] = (0, 1, 2, 3, 4)
    hours: Sequence[int] = tuple(range(8, 21))
    holidays: Collection[date] = field(default_factory=frozenset)

    @property
    def is_always(self) -> bool:
        """Whether all time counts."""
        return len(self.weekdays) == 7 and len(self.hours) == 24 and not self.holidays

    def between(self, start: int, end: int, wall: Wall) -> int:
        """Return how many seconds count from one moment to a later one; 0 if it is none."""
        if end <= start:
            return 0
        if self.is_always:
            return end - start
        total = 0
        for begins, ends in self._spans(start, wall):
            if begins >= end:
                break
            total += max(0, min(end, ends) - max(start, begins))
        return total

    def after(self, start: int, length: int, wall: Wall) -> int:
        """Return the moment at which so many seconds have been counted."""
        if self.is_always or not length:
            return start + length
        for begins, ends in self._spans(start, wall):
            begins = max(start, begins)
            if ends - begins >= length:
                return begins + length
            length -= max(0, ends - begins)
        raise ValueError("this calendar never counts that much")

    def _spans(self, start: int, wall: Wall) -> Iterator[tuple[int, int]]:
        """Yield the stretches that count, from the day of a moment on, as moments."""
        stretches = _stretches(self.hours)
        day = datetime.fromtimestamp(start, wall.zone).date()
        for _ in range(_MOST_DAYS):
            if day.weekday() in self.weekdays and day not in self.holidays:
                midnight = datetime(day.year, day.month, day.day, tzinfo=wall.zone)
                for first, end in stretches:
                    begins, ends = (midnight + timedelta(hours=hour) for hour in (first, end))
                    yield int(begins.timestamp()), int(ends.timestamp())
            day += timedelta(days=1)


def _stretches(hours: Sequence[int]) -> list[tuple[int, int]]:
    """Return hours that follow each other as the first one and the one behind the last."""
    firsts = [hour for hour in hours if hour - 1 not in hours]
    ends = [hour + 1 for hour in hours if hour + 1 not in hours]
    return list(zip(firsts, ends, strict=True))


BUSINESS = WorkingTime()
ALWAYS = WorkingTime(range(7), range(24))
