"""Working time as buckets of 900 seconds in UTC, with the open seconds accumulated before each.

Open seconds between two instants are then a subtraction of two rows, found by equality on the bucket.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from itsm_bridge.errors import ConfigurationError
from itsm_bridge.schema import TABLES

BUCKET = 900
DAY = 86400

Piece = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Weekly hours in local time, and the days on which nobody works.

    `hours` lists for each weekday (0 is Monday) pieces of open seconds since local midnight. A moment
    is open when the local clock shows an open time: the hour that daylight saving repeats counts
    twice, the one that it skips does not count.
    """

    name: str
    timezone: str
    hours: Mapping[int, Sequence[Piece]]
    closed: frozenset[date] = field(default_factory=frozenset)


def buckets(calendar: Calendar, first: date, last: date, where: str) -> pa.Table:
    """Return the rows of `calendar_bucket` for all UTC days from `first` to `last`, both included."""
    lower, upper = _epoch(first), _epoch(last + timedelta(days=1))
    opens = np.zeros((upper - lower) // BUCKET, dtype=np.int64)
    closes = np.zeros_like(opens)
    taken = -1
    for start, end in _merged(_pieces(calendar, lower, upper)):
        head, tail = start // BUCKET, (end - 1) // BUCKET
        if head == taken:
            raise _two_in_one_bucket(calendar, head + lower // BUCKET, where)
        closes[head : tail + 1] = BUCKET
        opens[head], closes[tail] = start % BUCKET, (end - 1) % BUCKET + 1
        taken = tail
    before = np.concatenate(([0], np.cumsum(closes - opens)[:-1])).astype(np.int64)
    numbers = np.arange(lower // BUCKET, upper // BUCKET, dtype=np.int64)
    name = pa.DictionaryArray.from_arrays(np.zeros(len(numbers), dtype=np.int32), pa.array([calendar.name]))
    return pa.Table.from_arrays(
        [name.cast(pa.string()), pa.array(numbers), pa.array(opens), pa.array(closes), pa.array(before)],
        schema=TABLES["calendar_bucket"].arrow,
    )


def _pieces(calendar: Calendar, lower: int, upper: int) -> Iterator[Piece]:
    """Yield open pieces in order, in seconds after `lower`."""
    for start, end, offset in _constant_offsets(ZoneInfo(calendar.timezone), lower, upper):
        for day in range((start + offset) // DAY, (end + offset - 1) // DAY + 1):
            today = date(1970, 1, 1) + timedelta(days=day)
            if today in calendar.closed:
                continue
            midnight = day * DAY - offset
            for opens, closes in calendar.hours.get(today.weekday(), ()):
                piece = max(midnight + opens, start), min(midnight + closes, end)
                if piece[0] < piece[1]:
                    yield piece[0] - lower, piece[1] - lower


def _merged(pieces: Iterator[Piece]) -> Iterator[Piece]:
    current: Piece | None = None
    for piece in pieces:
        if current is None:
            current = piece
        elif piece[0] == current[1]:
            current = current[0], piece[1]
        else:
            yield current
            current = piece
    if current is not None:
        yield current


def _constant_offsets(zone: ZoneInfo, lower: int, upper: int) -> Iterator[tuple[int, int, int]]:
    """Yield (start, end, offset from UTC) of the stretches in which the zone's offset does not change."""
    start, offset = lower, _offset(zone, lower)
    for day in range(lower, upper, DAY):
        after = min(day + DAY, upper)
        if _offset(zone, after) == offset:
            continue
        change = _first_with_other_offset(zone, day, after, offset)
        if change < upper:
            yield start, change, offset
            start, offset = change, _offset(zone, change)
    yield start, upper, offset


def _first_with_other_offset(zone: ZoneInfo, same: int, other: int, offset: int) -> int:
    while other - same > 1:
        middle = (same + other) // 2
        if _offset(zone, middle) == offset:
            same = middle
        else:
            other = middle
    return other


def _offset(zone: ZoneInfo, instant: int) -> int:
    offset = datetime.fromtimestamp(instant, zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _epoch(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _two_in_one_bucket(calendar: Calendar, bucket: int, where: str) -> ConfigurationError:
    local = datetime.fromtimestamp(bucket * BUCKET, ZoneInfo(calendar.timezone))
    return ConfigurationError(
        f"calendar {calendar.name!r} closes and opens again within the quarter of an hour from {local:%Y-%m-%d %H:%M}",
        where=where,
        hint="Make breaks so long that no quarter of an hour (:00, :15, :30, :45 in UTC) has work on both sides.",
    )
