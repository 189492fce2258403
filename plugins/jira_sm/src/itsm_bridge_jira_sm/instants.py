"""Instants as Jira writes them: ISO 8601 with an offset, or milliseconds since 1970, depending on who is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from itsm_bridge.errors import BadAnswer

_UTC = ("+0000", "+00:00")
_DIGITS = 13
"""Of milliseconds since 1970 until the year 2286."""


def in_utc(text: str | None) -> str | None:
    """Return an instant as ISO 8601 in UTC, so that instants can be compared as texts; what is none stays as it is.

    Jira writes offsets of the account's timezone, which change twice a year.
    """
    if not text:
        return text
    if text.endswith(_UTC):
        return f"{text[: text.rindex('+')]}Z"
    try:
        if text.lstrip("-").isdecimal():
            return _written(datetime.fromtimestamp(int(text) / 1000, UTC))
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return text
    return text if moment.tzinfo is None else _written(moment.astimezone(UTC))


def all_in_utc(texts: Sequence[str | None]) -> list[str | None]:
    """Return `in_utc` of many; milliseconds are written out together, in a sixth of the time."""
    given = [text for text in texts if text]
    if not "".join(given).isdecimal() or max(map(len, given)) > _DIGITS:
        # What Jira writes for accounts in UTC is told apart here, as most of a column is of that kind.
        return [f"{text[:-5]}Z" if text and text.endswith("+0000") else in_utc(text) for text in texts]
    moments = np.fromiter(map(int, given), np.int64, len(given)).view("datetime64[ms]")
    instants = iter(np.datetime_as_string(moments, timezone="UTC").tolist())
    return [next(instants) if text else text for text in texts]


def epoch(text: str) -> int:
    """Return the whole seconds since 1970 of an instant; raises BadAnswer when it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadAnswer(f"{text!r} is no instant") from error
    if moment.tzinfo is None:
        raise BadAnswer(f"{text!r} has no offset", hint="Jira writes one; is this another program?")
    return int(moment.timestamp())


def written(seconds: int) -> str:
    """Return whole seconds since 1970 as ISO 8601 in UTC."""
    return _written(datetime.fromtimestamp(seconds, UTC))


def _written(moment: datetime) -> str:
    return f"{moment.strftime('%Y-%m-%dT%H:%M:%S')}.{moment.microsecond // 1000:03}Z"
