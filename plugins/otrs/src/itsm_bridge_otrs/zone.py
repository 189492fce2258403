"""The tool's clock: its answers name local times without saying of which zone.

Times in the hour that a clock shows twice are read as the first of the two, and counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from threading import Lock
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from itsm_bridge.errors import BadAnswer, ConfigurationError

FORMAT = "%Y-%m-%d %H:%M:%S"
# No clock was ever set back by more than a day.
_LOOK_AHEAD = timedelta(hours=25)
# Nowhere are clocks set twice within so short a time.
_STEP = timedelta(days=5)
_KNOWN = datetime(2000, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
"""Between these, local times become UTC many at once; others one by one."""
_Numbers = npt.NDArray[np.int64]


class Zone:
    """One IANA time zone, by its name; `ambiguous` counts times that could be either of two."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ambiguous = 0
        self._zone = ZoneInfo(name)
        self._lock = Lock()

    def to_utc(self, texts: Sequence[str | None]) -> Sequence[str | None]:
        """Return local times as UTC, `YYYY-MM-DD HH:MM:SS` both; missing and empty ones are missing.

        Raises BadAnswer that names a time which never was, or what is no time at all.
        """
        given = list(filter(None, texts))
        found = self._many(given)
        if found is None:
            told = list(map(self._instant, given))
            found = [utc for utc, _ in told]
            with self._lock:
                self.ambiguous += sum(is_ambiguous for _, is_ambiguous in told)
        if len(found) == len(texts):
            return found
        each = iter(found)
        return [next(each) if text else None for text in texts]

    def _many(self, texts: list[str]) -> list[str] | None:
        """Return local times as UTC; None where one of them is no time, or not for sure a certain one."""
        given = pa.array(texts, pa.string())
        try:
            local = given.cast(pa.timestamp("s"))
        except pa.ArrowInvalid:
            return None
        edges, offsets = _spans(self._zone)
        seconds = local.cast(pa.int64()).to_numpy()
        places = np.searchsorted(edges, seconds, side="right")
        if not (places % 2).all() or not local.cast(pa.string()).equals(given):  # the cast takes other spellings, too
            return None
        behind = offsets[places // 2]
        if not behind.any():
            return texts
        found: list[str] = pa.array(seconds - behind).cast(pa.timestamp("s")).cast(pa.string()).to_pylist()
        return found

    def wall(self, instant: datetime) -> str:
        """Return the local time from which on all lies that was or will be stored from the instant on.

        It is earlier than what the clock shows where that is set back soon after.
        """
        start = instant.astimezone(UTC).replace(microsecond=0)
        shown = [start, *changes(self._zone, start, start + _LOOK_AHEAD)]
        return min(_wall(moment, self._zone) for moment in shown).strftime(FORMAT)

    def _instant(self, text: str) -> tuple[str, bool]:
        """Return the first moment at which the clock showed this, in UTC, and whether there is a second one."""
        moments = moments_of(text, self._zone)
        if not moments:
            raise BadAnswer(
                f"the time {text} never was in {self.name}: the clock was set forward over it",
                hint="Check `timezone` of this source: it must be OTRSTimeZone of the tool.",
            )
        return moments[0].strftime(FORMAT), len(moments) > 1


class Unmeasured(Zone):
    """A zone of which nothing is known, as no ticket shows: it tells no time."""

    def __init__(self) -> None:
        super().__init__("UTC")
        self.name = "unknown"

    def to_utc(self, texts: Sequence[str | None]) -> Sequence[str | None]:
        """Return what is missing; ConfigurationError for any time."""
        if any(texts):
            raise ConfigurationError(
                "there was no ticket by which to measure the time zone of the tool, and now there is one",
                hint="Run it again, or set `timezone` of this source to OTRSTimeZone of the tool.",
            )
        return [None] * len(texts)

    def wall(self, instant: datetime) -> str:
        """Return a time before anything that any zone would store from the instant on."""
        return (instant.astimezone(UTC) - timedelta(days=1)).strftime(FORMAT)


def moments_of(text: str, zone: ZoneInfo) -> list[datetime]:
    """Return when a clock of the zone showed a time, in UTC and in order: once, twice, or never."""
    local = _read(text)
    try:
        told = [local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
        return sorted({moment for moment in told if _wall(moment, zone) == local})
    except OverflowError:  # before the year 1, or after 9999
        raise _no_time(text) from None


def changes(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the instants after `start` and until `end`, whole seconds, at which clocks of the zone are set anew."""
    before, usual = start, _offset(start, zone)
    while before < end:
        after = min(before + _STEP, end)
        offset = _offset(after, zone)
        if offset != usual:
            yield _first(zone, before, after)
        before, usual = after, offset


@lru_cache
def _spans(zone: ZoneInfo) -> tuple[_Numbers, _Numbers]:
    """Return local times, in seconds since 1970, at which spans of one offset begin and end in turn; and the offsets.

    Between them, the clock shows nothing, or everything twice.
    """
    start, end = _KNOWN
    moments = [start, *changes(zone, start, end), end]
    offsets = [int(_offset(moment, zone).total_seconds()) for moment in moments[:-1]]
    edges = [int(start.timestamp()) + offsets[0]]
    for moment, before, after in zip(moments[1:-1], offsets[:-1], offsets[1:], strict=True):
        edges += sorted(int(moment.timestamp()) + offset for offset in (before, after))
    return np.array([*edges, int(end.timestamp()) + offsets[-1]]), np.array(offsets)


def _first(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    usual = _offset(before, zone)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _offset(middle, zone) == usual:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def _read(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _no_time(text) from None
    if moment.isoformat(" ") != text or moment.tzinfo:  # it would take other spellings, too
        raise _no_time(text)
    return moment


def _no_time(text: str) -> BadAnswer:
    return BadAnswer(f"{text[:40]!r} is no time such as 2026-11-22 05:06:27")
