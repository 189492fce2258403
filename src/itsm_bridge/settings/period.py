"""The period that an assessment judges: `30d`, `month`, `quarter`, `year`, or two dates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

FORMS = '"30d", "12w", "month", "quarter", "year" or "2026-01-01/2026-06-30"'

_LENGTH = re.compile(r"([1-9]\d{0,4})([dw])")
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Period:
    """A period as written in the settings; call it with `now` to get its two ends.

    `30d` and `12w` end at `now`. `month`, `quarter` and `year` are the last complete ones, because
    only complete ones compare with each other. Two dates include both days. Days begin and end in
    the assessment's time zone.
    """

    text: str
    timezone: str

    def __post_init__(self) -> None:
        if not (_LENGTH.fullmatch(self.text) or self.text in _MONTHS):
            _dates(self.text)

    def __call__(self, now: datetime) -> tuple[datetime, datetime]:
        """Return the first instant of the period and the first one after it, both in UTC; `now` must be aware."""
        zone = ZoneInfo(self.timezone)
        local = now.astimezone(zone)
        if length := _LENGTH.fullmatch(self.text):
            days = int(length[1]) * (7 if length[2] == "w" else 1)
            return (local - timedelta(days=days)).astimezone(UTC), local.astimezone(UTC)
        if self.text in _MONTHS:
            first, after = _last_complete(local.date(), _MONTHS[self.text])
        else:
            first, last = _dates(self.text)
            after = last + timedelta(days=1)
        return _midnight(first, zone), _midnight(after, zone)


def period_before(period_from: datetime, period_to: datetime, timezone: str) -> datetime:
    """Return where the period before one begins, which ends where this one begins; naive instants are UTC.

    Before whole months lie as many whole months, before any other period as many days and hours by the clock.
    """
    zone, is_naive = ZoneInfo(timezone), period_from.tzinfo is None
    aware = (at.replace(tzinfo=UTC) if is_naive else at for at in (period_from, period_to))
    first, after = (at.astimezone(zone) for at in aware)
    if _is_month(first) and _is_month(after):
        months = (after.year - first.year) * 12 + after.month - first.month
        found = _midnight(_month(first.year * 12 + first.month - 1 - months), zone)
    else:
        length = after.replace(tzinfo=None) - first.replace(tzinfo=None)
        found = (first.replace(tzinfo=None) - length).replace(tzinfo=zone).astimezone(UTC)
    return found.replace(tzinfo=None) if is_naive else found


def _is_month(local: datetime) -> bool:
    return local.day == 1 and local.time() == time()


def _dates(text: str) -> tuple[date, date]:
    try:
        first, last = (date.fromisoformat(part) for part in text.split("/"))
    except ValueError:
        raise ValueError(f"is not a period; write {FORMS}") from None
    if first > last:
        raise ValueError("ends before it begins")
    return first, last


def _last_complete(today: date, months: int) -> tuple[date, date]:
    this = (today.year * 12 + today.month - 1) // months * months
    return _month(this - months), _month(this)


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
