"""Cron lines as every Unix reads them, as triggers of APScheduler."""

from __future__ import annotations

import re
from datetime import datetime

from apscheduler.triggers.cron import CronTrigger

FIELDS = ("minute", "hour", "day", "month", "day_of_week")

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class OncePerClockTime(CronTrigger):  # type: ignore[misc]  # apscheduler is shipped without types
    """A trigger that does not fire a second time when the clock goes back over its hour, as cron does not."""

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """Return the next time, or None."""
        run: datetime | None = super().get_next_fire_time(previous_fire_time, now)
        while run is not None and run.fold:
            run = super().get_next_fire_time(run, run)
        return run


def cron_trigger(line: str, timezone: str) -> CronTrigger:
    """Return the trigger for a line of five fields; ValueError says what is wrong with it.

    APScheduler counts weekdays from Monday and combines the day of the month with the weekday by
    AND; cron counts from Sunday and combines by OR. So weekdays are handed over by name, and a line
    that restricts both days is refused.
    """
    fields = line.split()
    if len(fields) != len(FIELDS):
        raise ValueError(
            f'a cron line has five fields (minute hour day month weekday) like "0 2 * * *"; {line!r} has {len(fields)}'
        )
    minute, hour, day, month, weekday = fields
    if not (day.startswith("*") or weekday.startswith("*")):
        raise ValueError(f"{line!r} restricts both the day of the month and the weekday: use one of the two")
    given = {"minute": minute, "hour": hour, "day": day, "month": month, "day_of_week": _weekdays(weekday)}
    kind = CronTrigger if hour.startswith("*") else OncePerClockTime
    try:
        return kind(**given, second=0, timezone=timezone)
    except ValueError as error:
        raise ValueError(f"{line!r} is not a cron line: {error}") from None


def _weekdays(field: str) -> str:
    if field == "*":
        return field
    chosen: set[int] = set()
    for part in field.lower().split(","):
        chosen |= _part(part, field)
    return ",".join(_DAYS[day] for day in sorted(chosen))


def _part(part: str, field: str) -> set[int]:
    match = re.fullmatch(r"(\*|[a-z]{3}|[0-7])(?:-([a-z]{3}|[0-7]))?(?:/([1-7]))?", part)
    if match is None:
        raise ValueError(f"{field!r} is no list of weekdays; write 0 to 7 (0 and 7 are Sunday) or mon to sun")
    step = int(match[3] or 1)
    if match[1] == "*":
        return set(range(0, 7, step))
    first = _day(match[1], field)
    last = _day(match[2], field) if match[2] else (6 if match[3] else first)
    if last < first:
        last += 7
    return {day % 7 for day in range(first, last + 1, step)}


def _day(word: str, field: str) -> int:
    if word.isdigit():
        return int(word)
    if word not in _DAYS:
        raise ValueError(f"{word!r} in {field!r} is no weekday; write mon, tue, wed, thu, fri, sat or sun")
    return _DAYS.index(word)
