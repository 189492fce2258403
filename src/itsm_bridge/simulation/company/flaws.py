"""How many tickets are wrong on purpose, and when they begin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from itsm_bridge.simulation.company.chance import Chance

_LONG_AGO = (45, 140)


@dataclass(frozen=True, slots=True)
class Flaw:
    """Numbers of flawed tickets, lately and over the months before, and how many days ago the recent ones begin."""

    recent: int
    older: int = 0
    days: tuple[int, int] = (9, 22)


@dataclass(frozen=True, slots=True)
class Plan:
    """One ticket to be told: when it begins, and what is to be wrong with it (`variant` counts how often already)."""

    at: int
    flaw: str = ""
    variant: int = 0


Flaws = Mapping[str, Flaw]
"""By check."""


def plans(chance: Chance, flaws: Flaws, count: int, scale: float) -> list[Plan]:
    """Return the plans of so many tickets of one kind by time, the flawed ones among them; `scale` multiplies flaws."""
    flawed = list(_flawed(chance, flaws, scale)) if chance.is_flawed else []
    ordinary = [Plan(chance.moment(1 / 24, 150)) for _ in range(max(0, count - len(flawed)))]
    return sorted([*flawed, *ordinary], key=lambda plan: plan.at)


def _flawed(chance: Chance, flaws: Flaws, scale: float) -> Iterator[Plan]:
    for check, flaw in flaws.items():
        variant = 0
        for wanted, days in ((flaw.recent, flaw.days), (flaw.older, _LONG_AGO)):
            for _ in range(max(1, round(wanted * scale)) if wanted else 0):
                yield Plan(chance.moment(*days), check, variant)
                variant += 1
