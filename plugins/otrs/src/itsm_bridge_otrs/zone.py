"""The tool's clock: its answers name local times without saying of which zone.

Times in the hour that a clock shows twice are read as the first of the two, and counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from threading import Lock
from zoneinfo import ZoneInfo

from itsm_bridge.errors import BadAnswer, ConfigurationError

FORMAT = "%Y-%m-%d %H:%M:%S"
_HOUR = len("2026-11-22 05")
_WITHIN_AN_HOUR = frozenset(f":{minute:02}:{second:02}" for minute in range(60) for second in range(60))
# No clock was ever set back by more than a day.
_LOOK_AHEAD = timedelta(hours=25)
# Nowhere are clocks set twice within so short a time.
_STEP = timedelta(days=5)


class Zone:
    """One IANA time zone, by its name; `ambiguous` counts times that could be either of two."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ambiguous = 0
        self._zone = ZoneInfo(name)
        self._lock = Lock()
        # By wall-clock hour: the same hour in UTC and whether it comes twice; None where it is not an hour of UTC.
        self._hours: dict[str, tuple[str, bool] | None] = {}

    def to_utc(self, texts: Sequence[str | None]) -> list[str | None]:
        """Return local times as UTC, `YYYY-MM-DD HH:MM:SS` both; missing and empty ones are missing.

        Raises BadAnswer that names a time which never was, or what is no time at all.
        """
        known, ambiguous = self._hours, 0
        found: list[str | None] = []
        for text in texts:
            if not text:
                found.append(None)
                continue
            hour, rest = text[:_HOUR], text[_HOUR:]
            if rest not in _WITHIN_AN_HOUR:
                raise _no_time(text)
            if hour not in known:
                known[hour] = self._hour(hour)
            whole = known[hour]
            if whole is None:
                utc, is_ambiguous = self._instant(text)
            else:
                utc, is_ambiguous = whole[0] + rest, whole[1]
            ambiguous += is_ambiguous
            found.append(utc)
        if ambiguous:
            with self._lock:
                self.ambiguous += ambiguous
        return found

    def wall(self, instant: datetime) -> str:
        """Return the local time from which on all lies that was or will be stored from the instant on.

        It is earlier than what the clock shows where that is set back soon after.
        """
        start = instant.astimezone(UTC).replace(microsecond=0)
        shown = [start, *changes(self._zone, start, start + _LOOK_AHEAD)]
        return min(_wall(moment, self._zone) for moment in shown).strftime(FORMAT)

    def _hour(self, hour: str) -> tuple[str, bool] | None:
        """Return an hour of UTC for a local one; None where they do not lie one upon the other as a whole."""
        try:
            first, is_ambiguous = self._instant(f"{hour}:00:00")
            last, is_still = self._instant(f"{hour}:59:59")
        except BadAnswer:
            return None  # perhaps a part of it is good
        is_whole = first.endswith(":00:00") and last == f"{first[:_HOUR]}:59:59" and is_ambiguous == is_still
        return (first[:_HOUR], is_ambiguous) if is_whole else None

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

    def to_utc(self, texts: Sequence[str | None]) -> list[str | None]:
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
    before = start
    while before < end:
        after = min(before + _STEP, end)
        if _offset(before, zone) != _offset(after, zone):
            yield _first(zone, before, after)
        before = after


def _first(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _offset(middle, zone) == _offset(before, zone):
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
