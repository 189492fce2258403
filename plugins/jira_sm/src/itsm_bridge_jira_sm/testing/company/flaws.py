"""How many issues are wrong on purpose, per check: lately, and over the months before (for 400 issues)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from itsm_bridge_jira_sm.testing.company.world import World


@dataclass(frozen=True, slots=True)
class Flaw:
    """Numbers of flawed issues, and between how many days ago the recent ones begin."""

    recent: int
    older: int = 0
    days: tuple[int, int] = (9, 22)


@dataclass(frozen=True, slots=True)
class Plan:
    """One issue to be told: when it begins, and what is to be wrong with it (`variant` counts how often already)."""

    at: int
    flaw: str = ""
    variant: int = 0


INCIDENT: Mapping[str, Flaw] = {
    "INC-001": Flaw(3, 1), "INC-002": Flaw(2, 1), "INC-003": Flaw(2), "INC-004": Flaw(2), "INC-005": Flaw(2),
    "INC-006": Flaw(1), "INC-007": Flaw(1, 1), "INC-008": Flaw(2), "INC-009": Flaw(2, days=(12, 25)),
    "PRB-002": Flaw(1), "SLM-001": Flaw(2), "SLM-004": Flaw(2), "SLM-007": Flaw(1), "DQ-004": Flaw(1, 1),
    "DQ-006": Flaw(1), "DQ-007": Flaw(2),
}  # fmt: skip
PROBLEM: Mapping[str, Flaw] = {"PRB-004": Flaw(1, 1, (26, 29))}
CHANGE: Mapping[str, Flaw] = {
    "CHG-001": Flaw(2, days=(6, 14)), "CHG-002": Flaw(2), "CHG-003": Flaw(1, 1), "CHG-004": Flaw(1), "CHG-005": Flaw(1),
    "CHG-006": Flaw(2), "CHG-007": Flaw(1), "CHG-008": Flaw(1), "CHG-012": Flaw(2), "CHG-015": Flaw(1),
    "CHG-021": Flaw(1, days=(20, 38)), "CHG-022": Flaw(1), "DQ-001": Flaw(1),
}  # fmt: skip
REQUEST: Mapping[str, Flaw] = {"SRQ-002": Flaw(2, 1), "INC-009": Flaw(1, days=(15, 25))}


def plans(world: World, flaws: Mapping[str, Flaw], count: int, scale: float) -> list[Plan]:
    """Return the plans of so many issues of one kind, the flawed ones among them, by time."""
    flawed = list(_flawed(world, flaws, scale)) if world.is_flawed else []
    ordinary = [Plan(world.moment(1 / 24, 150)) for _ in range(max(0, count - len(flawed)))]
    return sorted([*flawed, *ordinary], key=lambda plan: plan.at)


def _flawed(world: World, flaws: Mapping[str, Flaw], scale: float) -> Iterator[Plan]:
    for check, flaw in flaws.items():
        variant = 0
        for wanted, days in ((flaw.recent, flaw.days), (flaw.older, (45, 140))):
            for _ in range(max(1, round(wanted * scale)) if wanted else 0):
                yield Plan(world.moment(*days), check, variant)
                variant += 1
