"""When things happen in a company, and what is wrong on purpose."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from random import Random

from itsm_bridge.simulation.company import words

_DAY = 86400
_AT_WORK, _HOSTILE = 0.85, 0.025


class Chance:
    """The chance that all stories of a company share, and its present. The same seed tells the same stories.

    Moments and lengths are whole numbers, of which `per_second` make a second. `planted` holds, per check, the ids of
    the tickets that are wrong on purpose; none where `is_flawed` is false.
    """

    def __init__(self, seed: int | str, now: int, *, per_second: int = 1, is_flawed: bool = True) -> None:
        self.random = Random(seed)  # noqa: S311  no cryptography
        self.now = now
        self.is_flawed = is_flawed
        self.planted: defaultdict[str, set[str]] = defaultdict(set)
        self._per_second = per_second
        self._hostile_titles = 0

    def plant(self, check: str, ticket: str) -> None:
        """Note that a ticket is wrong on purpose."""
        self.planted[check].add(ticket)

    def draw(self, low: int, high: int) -> int:
        """Return a length between two bounds."""
        return self.random.randint(low, max(low, high))

    def moment(self, least_days: float, most_days: float) -> int:
        """Return an instant so many days ago; most fall into a working day."""
        day = _DAY * self._per_second
        latest = self.now - int(least_days * day)
        at = self.draw(self.now - int(most_days * day), latest)
        local = datetime.fromtimestamp(at / self._per_second, UTC)
        if self.random.random() < _AT_WORK and (local.weekday() > 4 or not 7 <= local.hour < 16):
            noon = local.replace(hour=self.random.randint(7, 15))
            shifted = round(noon.timestamp() * self._per_second) - max(0, local.weekday() - 4) * day
            at = shifted if shifted < latest else at
        return at

    def title(self, choices: tuple[str, ...]) -> str:
        """Return a title; about one in forty is hostile, each kind in turn."""
        if self.random.random() < _HOSTILE:
            self._hostile_titles += 1
            return words.HOSTILE_TITLES[self._hostile_titles % len(words.HOSTILE_TITLES)]
        return self.random.choice(choices).format(n=self.random.randint(1, 400))
