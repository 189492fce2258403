"""Times in tickets: local ones through the tool's zone, seconds since 1970, and those in fields of a site."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from itsm_bridge.errors import BadAnswer

_LENGTH = len("2026-11-22 06:08:09")


class AnyZone(Protocol):
    """What knows the zone of the tool's clock."""

    def to_utc(self, texts: Sequence[str | None]) -> list[str | None]:
        """Return local times as UTC; raises BadAnswer for what is none."""


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
    for place in places:
        try:
            found[place] = zone.to_utc([texts[place]])[0]
        except BadAnswer:
            continue  # anybody may write anything there
    return found


def _looks_like_time(text: str) -> bool:
    return len(text) == _LENGTH and text[4] == text[7] == "-" and text[10] == " " and text[13] == text[16] == ":"
