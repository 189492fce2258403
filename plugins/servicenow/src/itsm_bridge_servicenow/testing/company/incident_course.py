"""How an incident is going to go: drawn before it is told, and bent where it is to be wrong on purpose."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from itsm_bridge_servicenow.testing.company import words
from itsm_bridge_servicenow.testing.company.world import MATRIX, World
from itsm_bridge_servicenow.testing.records import DAY, HOUR, MINUTE, Row

Ending = Literal["closed", "cancelled", "direct", "silent", "silent_pending", "parked", "deleted"]
_WEIGHTS = {
    (1, 1): 25,
    (1, 2): 35,
    (2, 1): 35,
    (2, 2): 250,
    (1, 3): 125,
    (3, 1): 125,
    (2, 3): 180,
    (3, 2): 180,
    (3, 3): 45,
}
_WORK = {1: (1, 3), 2: (2, 6), 3: (2, 17), 4: (4, 44), 5: (10, 80)}
_GOALS = {1: 4 * HOUR, 2: 8 * HOUR, 3: 20 * HOUR, 4: 50 * HOUR, 5: 100 * HOUR}
_CHANNELS = ("self-service", "phone", "email", "chat", "monitoring", "walk-in")


@dataclass(slots=True)
class Course:
    """The plan of one incident. Lengths are seconds; `work` is counted in the clock's own time."""

    opened: int
    flaw: str = ""
    variant: int = 0
    is_major: bool = False
    problem: str = ""
    impact: int = 2
    urgency: int = 2
    priority: int = 3
    category: str = "software"
    channel: str = "phone"
    reply_after: int = 5 * MINUTE
    is_short_spoken: bool = False
    handoffs: int = 0
    pauses: list[tuple[str, int]] = field(default_factory=list)
    work: int = 4 * HOUR
    reopenings: int = 0
    ending: Ending = "closed"
    reprioritised: tuple[int, int, int] | None = None
    backdated: int = 0
    steps_back: bool = False
    has_owner: bool = True
    fields: Row = field(default_factory=dict)
    solution: Row = field(default_factory=dict)
    without_clocks: tuple[str, ...] = ()
    carrier: bool = False
    restarted: int = 0
    closed_by: str = ""
    closed_at: int = 0

    @property
    def is_plain(self) -> bool:
        """Whether it goes its ordinary way to the end, so that something more may be told of it."""
        return not (self.flaw or self.is_major or self.problem or self.fields) and self.ending == "closed"


def draw(world: World, opened: int, flaw: str = "", variant: int = 0, is_major: bool = False) -> Course:
    """Return the course of an incident of a well-run company, or one with this flaw."""
    course = Course(opened, flaw, variant, is_major)
    random = world.random
    course.impact, course.urgency = random.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
    if is_major:
        course.impact = course.urgency = 1
    elif flaw:
        course.impact, course.urgency = random.choice(((2, 2), (2, 3), (3, 2), (1, 3)))
    course.priority = MATRIX[course.impact, course.urgency]
    course.category = random.choice(list(words.INCIDENTS))
    course.channel = random.choices(_CHANNELS, (35, 30, 15, 8, 7, 5))[0]
    course.reply_after = world.draw(60, 10 * MINUTE)
    low, high = _WORK[course.priority]
    course.work = world.draw(low * HOUR, high * HOUR)
    if not flaw:
        _vary(world, course)
    else:
        bend(world, course)
    return course


def _vary(world: World, course: Course) -> None:
    """Give an ordinary incident its ordinary turns."""
    chance = world.random.random
    if chance() < 0.05:
        course.work = course.work * 3
    if chance() < 0.3:
        course.handoffs = world.random.choice((1, 1, 1, 2, 3))
    if course.priority > 2 and chance() < 0.35:
        kinds = [world.random.choice("1134") for _ in range(world.random.choice((1, 1, 2)))]
        room = (_GOALS[course.priority] - 3 * HOUR - course.work) // len(kinds)  # waiting saves no target
        course.pauses = [(kind, world.draw(HOUR, min(room, 4 * DAY))) for kind in kinds if room > HOUR]
    elif chance() < 0.05 and course.work < _GOALS[course.priority] // 2:  # far from when it is due
        course.reopenings = 1
    course.carrier = course.priority in (3, 4) and chance() < 0.06
    if not course.is_major and chance() < 0.03:
        course.ending = "cancelled"
    if chance() < 0.03:
        course.reply_after = world.draw(35 * MINUTE, 90 * MINUTE)
    if not course.is_major and course.priority < 5 and not course.carrier and chance() < 0.1:
        course.reprioritised = _moved(world, course)
        course.pauses, course.reopenings = [], 0


def _moved(world: World, course: Course) -> tuple[int, int, int] | None:
    """Return a neighbouring impact, urgency and the priority that follows, where it is another one."""
    impact = min(3, max(1, course.impact + world.random.choice((1, 1, -1))))
    priority = MATRIX[impact, course.urgency]
    return (impact, course.urgency, priority) if priority != course.priority and 1 < priority < 5 else None


def bend(world: World, course: Course) -> None:
    """Make the course wrong in one way; each branch breaks its own check and, where possible, no other."""
    variant = course.variant
    course.work = min(course.work, 12 * HOUR)
    match course.flaw:
        case "INC-001":
            broken = ({"caller_id": ""}, {"business_service": ""}, {"description": "broken"})
            course.fields = dict(broken[variant % 4]) if variant % 4 < 3 else {}
            course.has_owner = variant % 4 < 3
        case "INC-002":
            course.fields = dict(({"category": ""}, {"category": "other"}, {"urgency": ""})[variant % 3])
        case "INC-003":
            course.priority = 4 if course.priority == 3 else 3
        case "INC-004":
            course.ending = "direct"
        case "INC-005":
            course.is_short_spoken = bool(variant % 2)
            course.solution = {"close_notes": "done"} if variant % 2 else {"close_code": ""}
            course.channel = "phone"
        case "INC-006":
            course.impact, course.urgency, course.priority = 3, 3, 5
            course.reply_after = world.draw(30 * HOUR, 50 * HOUR)
            course.channel = "email"
        case "INC-007":
            course.work = min(course.work, 6 * HOUR)
            course.reopenings = 2 + variant % 2
        case "INC-008":
            course.handoffs = 6
        case "INC-009":
            course.ending = "silent_pending" if variant % 2 else "silent"
        case "INC-010":
            course.impact, course.urgency, course.priority, course.work = 2, 2, 3, 30 * HOUR
        case "INC-013":
            service = world.services[0]
            course.impact, course.urgency, course.priority, course.work = 1, 1, 1, 2 * HOUR
            course.fields = {"business_service": service, "cmdb_ci": world.item(service)}
        case "CFG-001":
            course.impact, course.urgency, course.priority = 2, 2, 3
            course.fields = {"cmdb_ci": ""}
        case "CFG-002":
            course.fields = {"cmdb_ci": world.retired}
        case "PRB-010":
            course.solution = {"close_code": "Solved (Work Around)"}
        case "SLM-005":
            course.impact, course.urgency, course.priority, course.work = 2, 2, 3, 6 * HOUR
            course.pauses = [("1", 6 * DAY)]
        case "SLM-006":
            course.impact, course.urgency, course.priority, course.work = 2, 2, 3, 6 * HOUR
            course.pauses = [("", 2 * HOUR)]
        case "SLM-008":
            course.restarted = 3 * HOUR
            course.work = max(course.work, 5 * HOUR)
        case "SLM-011":
            course.impact, course.urgency, course.priority = 1, 2, 2
            course.work, course.reopenings = 7 * HOUR + 45 * MINUTE, 1
        case "SLM-012":
            course.is_short_spoken, course.channel = True, "email"
        case "SUP-001":
            course.carrier, course.without_clocks = True, ("carrier",)
        case "SLM-001":
            course.without_clocks = ("resolution",)
        case "SLM-007":
            course.impact, course.urgency, course.priority = 2, 1, 2
            course.reprioritised, course.work = (2, 2, 3), 11 * HOUR
        case "DQ-002":
            course.backdated = world.draw(2 * DAY, 4 * DAY)
        case "DQ-003":
            course.work = max(course.work, 6 * HOUR)
        case "DQ-006":
            course.steps_back = True
        case "DQ-004":
            course.pauses = [("1", 5 * HOUR)]
        case "DQ-007":
            course.ending = "parked"
        case "SEC-001":
            course.impact, course.urgency, course.priority, course.work = 1, 2, 2, 4 * HOUR
            course.fields = {"category": "security"}
        case "PRB-002" | "INC-014" | "INC-015" | "INC-016":
            course.is_major, course.impact, course.urgency, course.priority = True, 1, 1, 1
            course.work = 2 * HOUR
