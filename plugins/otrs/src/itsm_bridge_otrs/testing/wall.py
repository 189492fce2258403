"""The clock on the wall of a server: times as texts without a zone, as OTRS stores and shows all but a few of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_FORMAT = "%Y-%m-%d %H:%M:%S"
_ASKED = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d{1,2}):(\d{1,2})", re.ASCII)
MINUTE, HOUR, DAY = 60, 3600, 86400


class Wall:
    """The clock of one zone. Moments are whole seconds since 1970."""

    def __init__(self, timezone: str) -> None:
        self.timezone = timezone
        self.zone = ZoneInfo(timezone)
        self._texts: dict[int, str] = {}

    def text(self, moment: int) -> str:
        """Return what the clock shows at a moment."""
        found = self._texts.get(moment)
        if found is None:
            found = self._texts[moment] = datetime.fromtimestamp(moment, self.zone).strftime(_FORMAT)
        return found

    def read(self, text: str) -> int:
        """Return the last moment at which the clock shows this, as the real server reads its own times.

        Raises ValueError for what is no time, or one that the clock jumps over.
        """
        local = datetime.strptime(text, _FORMAT)
        moment = int(local.replace(tzinfo=self.zone, fold=1).timestamp())
        if self.text(moment) != text:
            raise ValueError(f"{text} never is in {self.timezone}")
        return moment

    def asked(self, text: str) -> str:
        """Return a time of a search as the server writes it: 2026-9-2 1:2:3 is fine. Raises ValueError as `read`."""
        found = _ASKED.fullmatch(text)
        if not found:
            raise ValueError(f"{text!r} is no time")
        year, *rest = found.groups()
        month, day, hour, minute, second = (part.zfill(2) for part in rest)
        written = f"{year}-{month}-{day} {hour}:{minute}:{second}"
        self.read(written)
        return written


def seconds(moment: datetime) -> int:
    """Return a moment as whole seconds since 1970; without a zone it is UTC."""
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
