"""How many records are wrong on purpose, per check: lately, and over the rest of the year (for 5,000 records)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from itsm_bridge_servicenow.testing.company.incident_course import Course, draw
from itsm_bridge_servicenow.testing.company.world import World
from itsm_bridge_servicenow.testing.records import DAY, HOUR, Tables, duration

_LARGE = 700


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
    "INC-010": Flaw(2, 2),
    "INC-013": Flaw(1, 1),
    "INC-014": Flaw(1, 1),
    "INC-015": Flaw(1, 1),
    "INC-016": Flaw(1, 1, (14, 22)),
    "AVL-001": Flaw(1, 1, (14, 22)),
    "CFG-001": Flaw(2, 3),
    "CFG-002": Flaw(1, 2),
    "PRB-002": Flaw(1, 1),
    "SEC-001": Flaw(1, 1, (18, 26)),
    "PRB-010": Flaw(2, 2),
    "SLM-001": Flaw(3, 6),
    "SLM-004": Flaw(3, 8),
    "SLM-005": Flaw(2, 2),
    "SLM-006": Flaw(2, 2),
    "SLM-007": Flaw(2, 1),
    "SLM-008": Flaw(1, 2),
    "SLM-011": Flaw(1, 2),
    "SLM-012": Flaw(2, 2),
    "SUP-001": Flaw(1, 2),
    "DQ-001": Flaw(3, 6),
    "DQ-002": Flaw(3, 6),
    "DQ-003": Flaw(1, 2),
    "DQ-004": Flaw(3, 6),
    "DQ-005": Flaw(1, 2),
    "DQ-006": Flaw(2, 5),
    "DQ-007": Flaw(3, 3, (8, 20), (60, 300)),
    "DQ-008": Flaw(1, 2),
}
PROBLEM: Mapping[str, Flaw] = {
    "PRB-003": Flaw(1, 1, (26, 29), (70, 330)),
    "PRB-004": Flaw(1, 2, (26, 29), (70, 330)),
    "PRB-005": Flaw(1, 1, (30, 34), (70, 330)),
    "PRB-006": Flaw(1, 0, (14, 22)),
    "PRB-007": Flaw(1, 1, (26, 29), (70, 330)),
    "PRB-008": Flaw(1, 1, (44, 56), (90, 300)),
    "PRB-009": Flaw(1, 0, (40, 44)),
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
    "CHG-009": Flaw(1, 0, (9, 24)),
    "CHG-010": Flaw(1, 0, (6, 22)),
    "CHG-011": Flaw(1, 2, (6, 22)),
    "CHG-012": Flaw(3, 5, (6, 22)),
    "CHG-013": Flaw(1, 0, (21, 23)),
    "CHG-014": Flaw(1, 1, (6, 22)),
    "CHG-015": Flaw(2, 5, (6, 22)),
    "CHG-016": Flaw(1, 2, (6, 22)),
    "CHG-017": Flaw(1, 2, (6, 22)),
    "CHG-018": Flaw(1, 2, (6, 22)),
    "CHG-019": Flaw(1, 0, (13, 24)),
    "CHG-020": Flaw(1, 1, (8, 22)),
    "CHG-021": Flaw(2, 3, (18, 38)),
    "CHG-022": Flaw(2, 5, (6, 22)),
    "CHG-023": Flaw(1, 1, (6, 22)),
    "CFG-005": Flaw(1, 0, (8, 22)),
    "SUP-005": Flaw(1, 1, (6, 22)),
    "INC-009": Flaw(1, 0, (38, 50)),
}
RELEASE: Mapping[str, Flaw] = {
    "REL-001": Flaw(1, 1, (6, 22)),
    "REL-002": Flaw(1, 1, (6, 22)),
    "REL-003": Flaw(1, 1, (6, 22)),
    "REL-004": Flaw(1, 1, (6, 22)),
    "REL-005": Flaw(1, 1, (18, 28)),
}
REQUEST: Mapping[str, Flaw] = {
    "SRQ-001": Flaw(1, 2, (9, 20)),
    "SRQ-002": Flaw(3, 5, (9, 20)),
    "SRQ-003": Flaw(1, 2, (9, 20)),
    "SRQ-004": Flaw(1, 2, (9, 20)),
    "SRQ-005": Flaw(1, 2, (9, 20)),
    "INC-011": Flaw(1, 2, (9, 20)),
    "INC-009": Flaw(1, 0, (15, 25)),
}


def spoil_estate(world: World, reference: Tables) -> None:
    """Make things wrong that are no work items."""
    if not world.is_flawed:
        return
    world.records_of_items[world.untended]["last_discovered"] = ""
    world.plant("CFG-006", world.untended)
    bare, alone = world.items[world.services[6]][6:8]
    world.records_of_items[bare]["short_description"] = ""
    reference["cmdb_rel_ci"] = [row for row in reference["cmdb_rel_ci"] if row["child"] != alone]
    for item in (bare, alone):
        world.plant("CFG-003", item)
    unpromised = f"business_service={world.services[9]}^EQ"
    reference["contract_sla"] = [row for row in reference["contract_sla"] if row["start_condition"] != unpromised]
    world.plant("SLM-002", world.services[9])
    for row in reference["sc_cat_item"]:
        if row["name"] == "VPN token":
            row["u_instruction"] = ""
            world.plant("SRQ-006", row["sys_id"])
    for row in reference["contract_sla"]:
        if row["name"] == "Carrier priority 4":
            row["duration"] = duration(60 * HOUR)
            world.plant("SUP-002", row["sys_id"])


def edit_unasked(world: World) -> None:
    """Have somebody alter a configuration item for which no change was raised."""
    at = world.now - 8 * DAY
    item = world.quiet_item(world.services[7], at) if world.is_flawed else ""
    if item:
        world.plant("CFG-004", world.edit(item, at, world.members[world.group("Server")][0]))


def recurring(world: World) -> list[Course]:
    """Return incidents that come again and again on one item within a month, and nobody asks why."""
    if not world.is_flawed:
        return []
    service = world.services[4]
    item = world.items[service][5]
    world.cured.add(item)
    world.plant("PRB-001", item)
    courses = [draw(world, _moment(world, 4, 24), "PRB-001") for _ in range(5)]
    for course in courses:
        course.category, course.fields = "network", {"business_service": service, "cmdb_ci": item}
    return courses


def closed_in_bulk(world: World, size: int) -> list[Course]:
    """Return incidents that somebody closes all at once; a small company has not so many."""
    if not world.is_flawed or size < _LARGE:
        return []
    by, at = world.members[world.group("Service Desk")][0], world.now - 3 * DAY
    courses = [draw(world, _moment(world, 9, 11), "INC-012") for _ in range(22)]
    for number, course in enumerate(courses):
        course.closed_by, course.closed_at, course.fields = by, at + number, {"category": "facility"}
    return courses


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
