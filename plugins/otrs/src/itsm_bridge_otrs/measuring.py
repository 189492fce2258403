"""Which time zone a tool's clock keeps, found by comparing what it showed with moments that are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from statistics import median
from zoneinfo import ZoneInfo, available_timezones

from itsm_bridge_otrs.zone import changes, moments_of

Sample = tuple[str, int]
"""A time that the clock showed, and the moment at which it did, in seconds since 1970."""

# Zones differ by 15 minutes at least: what is nearer belongs to a clock that is wrong.
_WRONG_CLOCK = 7 * 60 + 30
_NOT_NAMES = frozenset({"localtime", "Factory"})
# Which of equal zones is named.
_WELL_KNOWN = (
    "UTC", "Europe/London", "Europe/Berlin", "Europe/Athens", "Europe/Moscow", "Europe/Istanbul", "America/New_York",
    "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Mexico_City", "America/Sao_Paulo",
    "Africa/Johannesburg", "Asia/Dubai", "Asia/Kolkata", "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """What was seen of a clock: moments known by the tool's own clock, and those reckoned by ours.

    They are as exact as `slack`, in seconds.
    """

    exact: tuple[Sample, ...] = ()
    reckoned: tuple[Sample, ...] = ()
    slack: float = 2.0

    def __add__(self, other: Shown) -> Shown:
        return Shown(
            self.exact + other.exact, self.reckoned + other.reckoned, max(self.slack, other.slack)
        )  # fmt: skip

    @property
    def samples(self) -> tuple[Sample, ...]:
        """All of them, the earliest first."""
        return tuple(sorted(self.exact + self.reckoned, key=lambda sample: sample[1]))


def fitting(shown: Shown, names: Iterable[str] = ()) -> dict[str, float]:
    """Return the zones in which all that was seen fits, each with the seconds that the tool's clock is then ahead.

    `names` are those to look at, all of IANA's when empty.
    """
    found = {}
    for name in sorted(names or available_timezones() - _NOT_NAMES):
        difference = _difference(shown, _zone(name))
        if difference is not None:
            found[name] = difference
    return found


def alike(names: Iterable[str], start: datetime, end: datetime) -> list[list[str]]:
    """Return groups of zones whose clocks show the same between two moments, the best known first in each."""
    groups: dict[tuple[tuple[datetime, timedelta | None], ...], list[str]] = {}
    for name in sorted(names, key=_how_known):
        zone = _zone(name)
        moments = [start, *changes(zone, start, end)]
        groups.setdefault(tuple((moment, moment.astimezone(zone).utcoffset()) for moment in moments), []).append(name)
    return list(groups.values())


def apart(one: str, other: str, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the spans in which clocks of two zones differ, the latest first."""
    zones = _zone(one), _zone(other)
    edges = sorted({start, end, *(moment for zone in zones for moment in changes(zone, start, end))})
    for before, after in zip(edges[-2::-1], edges[:0:-1], strict=True):
        if before.astimezone(zones[0]).utcoffset() != before.astimezone(zones[1]).utcoffset():
            yield before, after


def offsets(samples: Sequence[Sample]) -> Mapping[str, str]:
    """Return how far the clock was from UTC, such as `UTC+01:00`, with the last time at which it was."""
    found: dict[str, str] = {}
    for text, moment in samples:
        away = datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() - moment
        minutes = round(away / 900) * 15
        found[f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"] = text
    return found


_zone = cache(ZoneInfo)  # its own memory holds eight, and all are looked at


def _difference(shown: Shown, zone: ZoneInfo) -> float | None:
    """Return by how many seconds the clock is ahead of ours if it keeps this zone; None where it cannot be so."""
    if any(abs(_away(sample, zone)) > shown.slack for sample in shown.exact):
        return None
    away: list[float] = []
    for sample in shown.reckoned:
        away.append(_away(sample, zone))
        if abs(away[-1]) > _WRONG_CLOCK or max(away) - min(away) > shown.slack:
            return None
    return float(median(away)) if away else 0.0


def _away(sample: Sample, zone: ZoneInfo) -> float:
    """Return the seconds between a moment and the nearest one at which the zone's clock showed the time."""
    text, moment = sample
    away = (shown.timestamp() - moment for shown in moments_of(text, zone))
    return min(away, key=abs, default=float("inf"))


def _how_known(name: str) -> tuple[int, str]:
    return (_WELL_KNOWN.index(name) if name in _WELL_KNOWN else len(_WELL_KNOWN), name)
