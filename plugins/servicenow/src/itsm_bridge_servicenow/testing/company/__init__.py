"""The seeded company: a year of a well-run IT department, with known records that are wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random

from itsm_bridge_servicenow.testing.company import (
    changes,
    choices,
    estate,
    flaws,
    incidents,
    people,
    problems,
    releases,
    requests,
)  # fmt: skip
from itsm_bridge_servicenow.testing.company.change_course import answer_to, ordinary_changes
from itsm_bridge_servicenow.testing.company.change_course import draw as draw_change
from itsm_bridge_servicenow.testing.company.incident_course import Course
from itsm_bridge_servicenow.testing.company.incident_course import draw as draw_incident
from itsm_bridge_servicenow.testing.company.policy import Policy, agreed, written
from itsm_bridge_servicenow.testing.company.problems import ProblemPlan
from itsm_bridge_servicenow.testing.company.releases import ReleasePlan
from itsm_bridge_servicenow.testing.company.requests import RequestPlan
from itsm_bridge_servicenow.testing.company.story import Story
from itsm_bridge_servicenow.testing.company.tomorrow import advance
from itsm_bridge_servicenow.testing.company.world import World
from itsm_bridge_servicenow.testing.dictionary import describe
from itsm_bridge_servicenow.testing.records import DAY, HOUR, Tables, epoch, seconds_of, sys_id
from itsm_bridge_servicenow.testing.table_list import TABLES

__all__ = ["Company", "advance", "seeded_company"]

_YEAR = 364 * DAY
_SHARES = {"incident": 0.66, "request": 0.18, "problem": 0.024, "change": 0.12}
_MAJORS = 64 / 5000
_DELETED = 12 / 5000
_RELEASES = 20 / 5000


@dataclass(frozen=True, slots=True)
class Company:
    """Tables to serve, and what is wrong in them.

    `planted` holds, per check, the sys_ids of the work items that violate it on purpose (for a
    clock or an event: the work item that it belongs to), or of the service, item, target or outage, where one of
    these is judged. `agreed` holds what the company's policy says.
    """

    tables: Tables
    planted: dict[str, set[str]]
    now: datetime
    seed: int
    size: int
    agreed: Policy = field(default_factory=dict)

    def policy(self, *sources: str) -> dict[str, str]:
        """Return the lines of policy files by which the company is judged where it is read as these sources."""
        return written(self.agreed, sources)


def seeded_company(seed: int = 7, now: datetime | None = None, size: int = 5000, *, flawed: bool = True) -> Company:
    """Return about `size` work items over the year before `now`; the same arguments give the same company.

    Without `flawed` nothing is wrong on purpose.
    """
    moment = now or datetime.now(UTC).replace(microsecond=0)
    present = seconds_of(moment)
    reference = _reference(seed, present - _YEAR - 30 * DAY, present)
    world = World(reference, seed, present, is_flawed=flawed)
    flaws.spoil_estate(world, reference)
    courses = _incident_courses(world, size)
    _tell_changes(world, courses, size)
    _tell_problems(world, courses, size)
    for number, course in enumerate(courses):
        incidents.tell(world, _number("INC", number), course)
    _tell_requests(world, size)
    _tell_releases(world, size)
    _shuffle_in_time(world.tables)
    tables = reference | world.tables
    promised = agreed(world, tables)
    tables |= describe({*TABLES, *tables})
    return Company(tables, dict(world.planted), moment, seed, size, promised)


def _reference(seed: int, born: int, now: int) -> Tables:
    random = Random(f"{seed}/reference")
    staff = people.people(random, born)
    leaders = [group["manager"] for group in staff["sys_user_group"]]
    things = estate.estate(random, born, now, leaders, leaders[-3])
    return {**staff, **things, "sys_choice": choices.choices(born)}


def _number(prefix: str, number: int) -> str:
    return f"{prefix}{10001 + number:07}"


def _moments(world: World, count: int, share_at_work: float = 0.85) -> list[int]:
    """Return moments all over the year, at least an hour ago."""
    start, end = world.now - _YEAR, world.now - HOUR
    return [world.moment(start, end, share_at_work) for _ in range(max(0, count))]


def _incident_courses(world: World, size: int) -> list[Course]:
    flawed = [draw_incident(world, *flaw) for flaw in flaws.drawn(world, flaws.INCIDENT, size)]
    majors = [draw_incident(world, at, is_major=True) for at in _moments(world, round(size * _MAJORS), 0.6)]
    ordinary = round(size * _SHARES["incident"]) - len(flawed) - len(majors)
    courses = flawed + majors + [draw_incident(world, at) for at in _moments(world, ordinary)]
    courses += flaws.recurring(world)
    courses += flaws.closed_in_bulk(world, size)
    courses.sort(key=lambda course: course.opened)
    plain = [course for course in courses if course.is_plain]
    for course in plain[:: max(1, len(plain) // 6)]:
        course.fields = {"category": "security"}
    for course in world.random.sample([c for c in courses if not c.flaw and not c.is_major], round(size * _DELETED)):
        course.ending = "deleted"
    return courses


def _tell_problems(world: World, courses: list[Course], size: int) -> None:
    """Write the problems behind major incidents and others, and tell the incidents which problem is theirs."""
    behind = [(course, HOUR) for course in courses if course.is_major and course.flaw != "PRB-002"]
    flawed = [ProblemPlan(*flaw) for flaw in flaws.drawn(world, flaws.PROBLEM, size)]
    plain = [course for course in courses if course.is_plain]
    count = round(size * _SHARES["problem"]) - len(behind) - len(flawed)
    behind += [(course, 2 * HOUR) for course in world.random.sample(plain, min(max(0, count), len(plain)))]
    numbers = {id(course): number for number, course in enumerate(courses)}
    plans: list[tuple[ProblemPlan, Course | None]] = [(plan, None) for plan in flawed]
    for course, later in behind:
        incident = sys_id(world.seed, "incident", _number("INC", numbers[id(course)]))
        plans.append((ProblemPlan(course.opened + later, incident=incident, is_major=course.is_major), course))
    for number, (plan, reported) in enumerate(sorted(plans, key=lambda pair: pair[0].opened)):
        story = problems.tell(world, _number("PRB", number), plan)
        if reported is not None and story is not None:
            reported.problem = story.key
        if story is not None and plan.flaw == "PRB-009":
            _let_it_come_back(world, courses, story)


def _let_it_come_back(world: World, courses: list[Course], problem: Story) -> None:
    """Have incidents about the same thing follow a problem that was closed."""
    closed = problem.row.get("closed_at")
    after = [course for course in courses if closed and course.is_plain and course.opened > epoch(closed) + HOUR]
    if len(after) > 2:
        for course in after[:3]:
            course.category = "software"
            course.fields = {name: problem.row[name] for name in ("business_service", "cmdb_ci")}
        world.plant("PRB-009", problem.key)


def _tell_changes(world: World, courses: list[Course], size: int) -> None:
    """Write the changes; emergencies answer to urgent incidents, and now and then a change causes an incident."""
    flawed = [draw_change(world, *flaw) for flaw in flaws.drawn(world, flaws.CHANGE, size)]
    ahead = [at + 7 * DAY for at in _moments(world, round(size * _SHARES["change"]) - len(flawed))]
    flawed += [replace(plan, fields=dict(plan.fields)) for plan in flawed if plan.flaw == "CHG-014"]
    plans = flawed + ordinary_changes(world, ahead)
    urgent = [
        (course.opened, sys_id(world.seed, "incident", _number("INC", number)))
        for number, course in enumerate(courses)
        if course.priority <= 2 and course.ending == "closed" and not course.reprioritised
    ]
    for plan in plans:
        answer_to(plan, urgent)
    for number, plan in enumerate(sorted(plans, key=lambda plan: plan.opened)):
        story = changes.tell(world, _number("CHG", number), plan)
        if story is not None and plan.flaw == "CHG-020":
            _cause_an_incident(world, courses, story)


def _cause_an_incident(world: World, courses: list[Course], change: Story) -> None:
    """Have somebody find that a change which counts as a success caused the next ordinary incident."""
    ended = epoch(change.row["work_end"])
    after = [c for c in courses if c.is_plain and c.priority <= 3 and ended + HOUR < c.opened < ended + 6 * DAY]
    if after:
        after[0].fields = {"caused_by": change.key}
        world.plant("CHG-020", change.key)


def _tell_requests(world: World, size: int) -> None:
    plans = [RequestPlan(*flaw) for flaw in flaws.drawn(world, flaws.REQUEST, size)]
    plans += [RequestPlan(at) for at in _moments(world, round(size * _SHARES["request"]) - len(plans))]
    for number, plan in enumerate(sorted(plans, key=lambda plan: plan.opened)):
        requests.tell(world, f"{10001 + number:07}", plan)


def _tell_releases(world: World, size: int) -> None:
    """Write the releases, and which of the changes had a major impact."""
    plans = [ReleasePlan(*flaw) for flaw in flaws.drawn(world, flaws.RELEASE, size)]
    plans += [ReleasePlan(at) for at in _moments(world, max(4, round(size * _RELEASES)))]
    for number, plan in enumerate(sorted(plans, key=lambda plan: plan.deployed)):
        releases.tell(world, _number("RLSE", number), plan)
    releases.bypass(world)
    flaws.edit_unasked(world)


def _shuffle_in_time(tables: Tables) -> None:
    """Store logs in the order in which they were written, as the tool would."""
    at: Callable[[dict[str, str]], str] = lambda row: row["sys_created_on"]  # noqa: E731  shared by three sorts
    for name in ("sys_audit", "sys_journal_field", "sysapproval_approver"):
        tables.get(name, []).sort(key=at)
