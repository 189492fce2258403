"""How a change is going to go: type, risk, window, decision, outcome; bent where it is to be wrong on purpose."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from itsm_bridge_servicenow.testing.company.world import World
from itsm_bridge_servicenow.testing.records import DAY, HOUR, MINUTE, Row

Kind = Literal["normal", "standard", "emergency"]
Decision = Literal["approved", "never", "late", "revoked", "by requester", "without authority"]


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


def draw(world: World, start: int, flaw: str = "", variant: int = 0) -> ChangeCourse:
    """Return the course of a change of a well-run company, or one with this flaw."""
    random = world.random
    kind: Kind = "emergency" if flaw == "CHG-008" else "normal"
    if not flaw:
        kind = random.choices(("normal", "standard", "emergency"), (74, 15, 11))[0]
    course = ChangeCourse(start, kind, flaw, variant)
    course.lead = {"normal": world.draw(5 * DAY, 10 * DAY), "standard": world.draw(HOUR, 2 * DAY)}.get(kind, 2 * HOUR)
    course.length = world.draw(1, 4) * HOUR
    course.risk = {"normal": random.choice("22334"), "standard": "4", "emergency": random.choice("23")}[kind]
    if flaw:
        _bend(course)
    else:
        course.outcome = random.choices(("successful", "successful_issues", "unsuccessful"), (94, 4, 2))[0]
        course.is_cancelled = kind == "normal" and random.random() < 0.03
        if random.random() < 0.08:
            course.overrun = 10 * MINUTE
    return course


def _bend(course: ChangeCourse) -> None:
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
        case "CHG-012":
            course.overrun = 3 * HOUR
        case "CHG-015":
            course.fields = {"backout_plan": "" if course.variant % 2 else "none needed"}
        case "CHG-021":
            course.risk, course.is_reviewed = "2", False
        case "CHG-022":
            course.outcome = ""
        case "INC-009":
            course.is_silent = True
