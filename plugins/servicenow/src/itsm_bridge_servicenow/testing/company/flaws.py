"""How many records are wrong on purpose, per check: lately, and over the rest of the year (for 5,000 records)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from itsm_bridge_servicenow.testing.company.world import World
from itsm_bridge_servicenow.testing.records import DAY


@dataclass(frozen=True, slots=True)
class Flaw:
    """Numbers of flawed records, and between how many days ago the recent and the older ones begin."""

    recent: int
    older: int
    recent_days: tuple[int, int] = (9, 22)
    older_days: tuple[int, int] = (45, 350)


INCIDENT: Mapping[str, Flaw] = {
    "INC-001": Flaw(4, 8),
    "INC-002": Flaw(3, 8),
    "INC-003": Flaw(3, 8),
    "INC-004": Flaw(3, 6),
    "INC-005": Flaw(3, 8),
    "INC-006": Flaw(2, 2),
    "INC-007": Flaw(2, 5),
    "INC-008": Flaw(2, 6),
    "INC-009": Flaw(4, 2, (12, 25), (60, 200)),
    "PRB-002": Flaw(1, 1),
    "SLM-001": Flaw(3, 6),
    "SLM-004": Flaw(3, 8),
    "SLM-007": Flaw(2, 1),
    "DQ-001": Flaw(3, 6),
    "DQ-002": Flaw(3, 6),
    "DQ-004": Flaw(3, 6),
    "DQ-006": Flaw(2, 5),
    "DQ-007": Flaw(3, 3, (8, 20), (60, 300)),
}
PROBLEM: Mapping[str, Flaw] = {
    "PRB-004": Flaw(1, 2, (26, 29), (70, 330)),
    "DQ-006": Flaw(1, 1, (10, 22), (70, 330)),
    "INC-009": Flaw(1, 0, (42, 60)),
}
CHANGE: Mapping[str, Flaw] = {
    "CHG-001": Flaw(3, 5, (6, 14)),
    "CHG-002": Flaw(3, 4, (6, 22)),
    "CHG-003": Flaw(3, 4, (6, 22)),
    "CHG-004": Flaw(2, 5, (6, 22)),
    "CHG-005": Flaw(1, 3, (6, 22)),
    "CHG-006": Flaw(2, 4, (6, 22)),
    "CHG-007": Flaw(2, 3, (6, 22)),
    "CHG-008": Flaw(1, 1, (6, 22)),
    "CHG-012": Flaw(3, 5, (6, 22)),
    "CHG-015": Flaw(2, 5, (6, 22)),
    "CHG-021": Flaw(2, 3, (18, 38)),
    "CHG-022": Flaw(2, 5, (6, 22)),
    "INC-009": Flaw(1, 0, (38, 50)),
}
REQUEST: Mapping[str, Flaw] = {
    "SRQ-002": Flaw(3, 5, (9, 20)),
    "INC-009": Flaw(1, 0, (15, 25)),
}


def drawn(world: World, flaws: Mapping[str, Flaw], size: int) -> Iterator[tuple[int, str, int]]:
    """Yield (moment, check, variant) for every flawed record of one kind."""
    for check, flaw in flaws.items() if world.is_flawed else ():
        variant = 0
        for wanted, days in ((flaw.recent, flaw.recent_days), (flaw.older, flaw.older_days)):
            for _ in range(max(1, round(wanted * size / 5000)) if wanted else 0):
                yield _moment(world, *days), check, variant
                variant += 1


def _moment(world: World, least: int, most: int) -> int:
    """Return a moment in working time, so many days ago; early in the week's work, far from its end."""
    at = world.draw(world.now - most * DAY, world.now - least * DAY)
    return at if world.calendar.is_open(at) else world.calendar.after(at, world.draw(60, 6 * 3600))
