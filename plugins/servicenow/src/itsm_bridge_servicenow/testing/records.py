"""What the simulated instance stores: rows of strings, ids of 32 hexadecimal digits, instants without a zone."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import lru_cache

Row = dict[str, str]
Tables = dict[str, list[Row]]

DAY = 86400
HOUR = 3600
MINUTE = 60


def sys_id(*parts: object) -> str:
    """Return a stable id for what the parts name."""
    return hashlib.md5("\x1f".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()


@lru_cache(maxsize=200_000)
def stamp(at: int) -> str:
    """Return epoch seconds as the vendor writes instants: `2026-11-22 10:05:00`, UTC, no zone."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def epoch(text: str) -> int:
    """Return the epoch seconds of an instant as the vendor writes it."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def seconds_of(moment: datetime) -> int:
    """Return the epoch seconds of a datetime; without a zone it is taken as UTC."""
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def duration(seconds: int) -> str:
    """Return a length of time as the vendor writes it: the epoch plus the duration."""
    return stamp(max(0, seconds))


def reference_row(table: str, key: object, at: int, /, **fields: str) -> Row:
    """Return a row of a table of reference data: created and last changed at one moment by the administrator."""
    moment = stamp(at)
    return {
        "sys_id": sys_id(table, key),
        "sys_created_on": moment,
        "sys_created_by": "admin",
        "sys_updated_on": moment,
        "sys_updated_by": "admin",
        "sys_mod_count": "0",
        **fields,
    }
