"""Lengths of time and shares as people write them in check files and policies: `24h`, `1d 12h`, `15min`, `2 %`."""

from __future__ import annotations

import re
from datetime import timedelta

_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_PAIRS = (("d", "h", 86400), ("h", "min", 3600), ("min", "s", 60))
_PART = re.compile(r"\s*(\d+)\s*(s|min|h|d|w)\b")
_SHARE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*%\s*")


def duration(text: str) -> timedelta:
    """Read a length of time; ValueError says what would be right."""
    rest, total = text, 0
    while match := _PART.match(rest):
        total += int(match[1]) * _SECONDS[match[2]]
        rest = rest[match.end() :]
    if rest.strip() or rest == text:
        raise ValueError(f"{text!r} is not a length of time; write for example 24h, 7d, 15min, 1d 12h")
    return timedelta(seconds=total)


def share(text: str) -> float:
    """Read a percentage into a number between 0 and 1 and beyond; ValueError says what would be right."""
    match = _SHARE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a share; write for example 2 %")
    return float(match[1]) / 100


def words(length: timedelta) -> str:
    """Say a length of time in at most two units: `3 d 4 h`, `12 min`, `40 s`."""
    seconds = int(length.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    for unit, smaller, size in _PAIRS:
        if seconds >= size:
            count, rest = divmod(seconds, size)
            more = rest // _SECONDS[smaller]
            return f"{sign}{count} {unit} {more} {smaller}" if more else f"{sign}{count} {unit}"
    return f"{sign}{seconds} s"
