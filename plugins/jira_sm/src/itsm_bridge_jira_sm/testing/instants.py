"""Instants of the simulated Jira: milliseconds since 1970, and the ways in which the vendor writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

Instant = datetime | int
"""A moment as tests give it: a datetime with a zone, or milliseconds since 1970."""


def millis(moment: Instant) -> int:
    """Return a moment as milliseconds since 1970."""
    if isinstance(moment, int):
        return moment
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no timezone")
    return int(moment.timestamp()) * SECOND + moment.microsecond // 1000


def as_datetime(at: int) -> datetime:
    """Return milliseconds as a datetime in UTC."""
    return datetime.fromtimestamp(at // SECOND, UTC).replace(microsecond=at % SECOND * 1000)


@lru_cache(maxsize=16384)
def written(at: int, zone: str = "UTC") -> str:
    """Return an instant as the REST API writes it, in the reader's own zone: `2026-10-02T00:00:00.000+0000`."""
    local = as_datetime(at).astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%dT%H:%M:%S}.{at % SECOND:03}{local:%z}"


def date_object(at: int, zone: str = "UTC") -> dict[str, Any]:
    """Return an instant as the service desk API writes it: four ways at once."""
    local = as_datetime(at).astimezone(ZoneInfo(zone))
    return {
        "iso8601": f"{local:%Y-%m-%dT%H:%M:%S%z}", "jira": written(at, zone),
        "friendly": f"{local:%d/%b/%y} {local.hour % 12 or 12}:{local:%M %p}", "epochMillis": at,
    }  # fmt: skip


def length_object(length: int) -> dict[str, Any]:
    """Return a length of time as the service desk API writes it; negative after a breach."""
    hours, rest = divmod(abs(length), HOUR)
    friendly = f"{'-' if length < 0 else ''}{hours}h {rest // MINUTE}m"
    return {"millis": length, "friendly": friendly}
