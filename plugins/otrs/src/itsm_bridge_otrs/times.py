"""Times in tickets: local ones through the tool's zone, seconds since 1970, and those in fields of a site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Protocol

import numpy as np

from itsm_bridge.errors import BadAnswer

_LENGTH = len("2026-11-22 06:08:09")


class AnyZone(Protocol):
    """What knows the zone of the tool's clock."""

    def to_utc(self, texts: Sequence[str | None]) -> Sequence[str | None]:
        """Return local times as UTC; raises BadAnswer for what is none."""


def to_utc(columns: Mapping[str, Sequence[str | None]], zone: AnyZone) -> dict[str, Sequence[str | None]]:
    """Return columns of local times, all of one length, as UTC: all of them at once, as there is little in each."""
    found = zone.to_utc(list(chain.from_iterable(columns.values())))
    count = len(found) // max(len(columns), 1)
    return {name: found[place * count : (place + 1) * count] for place, name in enumerate(columns)}


def from_epochs(texts: Sequence[str | None]) -> list[str | None]:
    """Return seconds since 1970 as UTC; 0 and what is missing is no time."""
    given = [text for text in texts if text and text != "0"]
    if not given:
        return [None] * len(texts)
    moments = np.fromiter(map(int, given), np.int64, len(given)).view("datetime64[s]")
    written = iter(np.datetime_as_string(moments).tolist())
    return [next(written).replace("T", " ") if text and text != "0" else None for text in texts]


def where_times(texts: Sequence[str | None], zone: AnyZone) -> Sequence[str | None]:
    """Return a site's own values, those that are local times as UTC; what only looks like one stays as it is."""
    places = [place for place, text in enumerate(texts) if text and _looks_like_time(text)]
    if not places:
        return texts
    found = list(texts)
    for place, utc in zip(places, _as_far_as_times([texts[place] for place in places], zone), strict=True):
        found[place] = utc
    return found


def _as_far_as_times(texts: Sequence[str | None], zone: AnyZone) -> Sequence[str | None]:
    try:
        return zone.to_utc(texts)
    except BadAnswer:  # anybody may write anything there
        return texts if len(texts) == 1 else [_as_far_as_times([text], zone)[0] for text in texts]


def _looks_like_time(text: str) -> bool:
    return len(text) == _LENGTH and text[4] == text[7] == "-" and text[10] == " " and text[13] == text[16] == ":"
