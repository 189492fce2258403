"""How a change is going to go: type, risk, window, decision, outcome; bent where it is to be wrong on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from itsm_bridge_servicenow.testing.company.world import World
from itsm_bridge_servicenow.testing.records import DAY, HOUR, MINUTE, Row

Kind = Literal["normal", "standard", "emergency"]
T = TypeVar("T", bound=str)
Decision = Literal["approved", "never", "late", "revoked", "by requester", "by supplier", "without authority"]


@dataclass(slots=True)
class ChangeCourse:
    """The plan of one change. `start` is the planned start; `lead` how long before it the change is opened."""

    start: int
    kind: Kind = "normal"
    flaw: str = ""
    variant: int = 0
    lead: int = 7 * DAY
    length: int = 2 * HOUR
    overrun: int = 0
    risk: str = "3"
    decision: Decision = "approved"
    outcome: str = "successful"
    is_reviewed: bool = True
    is_cancelled: bool = False
    is_silent: bool = False
    fields: Row = field(default_factory=dict)

    @property
    def opened(self) -> int:
        """The moment at which the change is opened."""
        return self.start - self.lead

    @property
    def needs_board(self) -> bool:
        """Whether the board has to decide."""
        return self.kind == "normal" and self.risk in ("1", "2")


_KINDS: dict[str, Kind] = {
    "CHG-008": "emergency", "CHG-009": "emergency", "CHG-010": "emergency",
    "CHG-011": "standard", "CHG-023": "standard",
}  # fmt: skip
_SHARES: dict[Kind, float] = {"emergency": 0.06, "standard": 0.16}
_OUTCOMES = {"successful_issues": 0.02, "backed_out": 0.015}


def ordinary_changes(world: World, starts: list[int]) -> list[ChangeCourse]:
    """Return the courses of the changes of a well-run company, in which kinds and outcomes have their usual shares."""
    kinds = _shared(world, len(starts), _SHARES, "normal")
    outcomes = _shared(world, len(starts), _OUTCOMES, "successful")
    courses = [draw(world, start, kind=kind) for start, kind in zip(starts, kinds, strict=True)]
    for course, outcome in zip(courses, outcomes, strict=True):
        course.outcome = outcome
    return courses


def _shared(world: World, count: int, shares: Mapping[T, float], rest: T) -> list[T]:
    """Return so many words in random order, each as often as its share says; the rest are another one."""
    words = [word for word, share in shares.items() for _ in range(round(count * share))]
    words += [rest] * (count - len(words))
    world.random.shuffle(words)
    return words


def answer_to(course: ChangeCourse, urgent: list[tuple[int, str]]) -> None:
    """Let an emergency follow the last urgent incident (opened, sys_id) before it."""
    before = [found for found in urgent if found[0] <= course.opened]
    if course.kind == "emergency" and course.flaw != "CHG-010" and urgent:
        opened, incident = max(before) if before else min(urgent)
        course.start = opened + 30 * MINUTE + course.lead
        course.fields["parent"] = incident


def draw(world: World, start: int, flaw: str = "", variant: int = 0, kind: Kind = "normal") -> ChangeCourse:
    """Return the course of a change of a well-run company, or one with this flaw."""
    random = world.random
    course = ChangeCourse(start, _KINDS.get(flaw, kind), flaw, variant)
    kind = course.kind
    course.lead = {"normal": world.draw(5 * DAY, 10 * DAY), "standard": world.draw(HOUR, 2 * DAY)}.get(kind, 2 * HOUR)
    course.length = world.draw(1, 4) * HOUR
    course.risk = {"normal": random.choice("22334"), "standard": "4", "emergency": random.choice("23")}[kind]
    if flaw:
        _bend(world, course)
    else:
        course.is_cancelled = kind == "normal" and random.random() < 0.03
        if random.random() < 0.08:
            course.overrun = 10 * MINUTE
    return course


def _bend(world: World, course: ChangeCourse) -> None:
    """Make the course wrong in one way; low risk keeps the board and the review out of it where they are not meant."""
    course.risk = "4"
    match course.flaw:
        case "CHG-001":
            course.fields = dict(
                ({"justification": "see mail"}, {"requested_by": ""}, {"business_service": "", "cmdb_ci": ""})[
                    course.variant % 3
                ]
            )
        case "CHG-002" | "CHG-008":
            course.decision = "never"
        case "CHG-003":
            course.decision = "late"
        case "CHG-004":
            course.risk = ""
        case "CHG-005":
            course.decision = "revoked"
        case "CHG-006":
            course.decision = "by requester"
        case "CHG-007":
            course.risk, course.decision = "2", "without authority"
        case "CHG-009":
            course.is_reviewed = False
        case "CHG-011":
            course.fields = {"std_change_producer_version": "" if course.variant % 2 else world.lapsed}
        case "CHG-012":
            course.overrun = 3 * HOUR
        case "CHG-013":
            course.start = world.freeze[0] + 20 * HOUR
            course.fields = {"business_service": world.frozen, "cmdb_ci": world.items[world.frozen][0]}
        case "CHG-014":
            service = world.services[1]
            item = world.book(service, course.start, course.start + course.length)
            course.fields = {"business_service": service, "cmdb_ci": item}
        case "CHG-015":
            course.fields = {"backout_plan": "" if course.variant % 2 else "none needed"}
        case "CHG-016":
            course.fields = {"test_plan": ""}
        case "CHG-017":
            course.fields = {"start_date": "", "end_date": ""}
        case "CHG-019":
            course.outcome = "unsuccessful"
        case "CHG-021":
            course.risk, course.is_reviewed = "2", False
        case "CHG-022":
            course.outcome = ""
        case "CHG-023":
            course.lead, course.length = -2 * HOUR, 6 * HOUR
        case "CFG-005":
            course.fields = {"cmdb_ci": world.untended}
        case "SUP-005":
            course.decision = "by supplier"
        case "INC-009":
            course.is_silent = True
