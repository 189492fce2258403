"""The seeded company: months of a well-run IT department, with known issues that are wrong on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from itsm_bridge.simulation.company import Plan, plans
from itsm_bridge_jira_sm.testing.company import changes, flaws, incidents, items, policy, problems, requests
from itsm_bridge_jira_sm.testing.company.story import NotYet
from itsm_bridge_jira_sm.testing.company.tomorrow import advance
from itsm_bridge_jira_sm.testing.company.world import Told, World
from itsm_bridge_jira_sm.testing.instants import DAY, HOUR
from itsm_bridge_jira_sm.testing.site import Site

BEYOND_JIRA = frozenset({"CHG-021", "SLM-001", "SLM-007"})
"""Checks whose flaws nobody can find by what Jira tells: reviews of changes, whom a clock is for, first due times."""

__all__ = ["BEYOND_JIRA", "Company", "advance", "seeded_company"]

_SHARES = {"incident": 0.58, "request": 0.2, "problem": 0.03, "change": 0.17}
_MAJORS = 0.012
_MOVED, _DELETED = 0.01, 0.01


@dataclass(frozen=True, slots=True)
class Company:
    """A site to serve, and what is wrong in it: per check, the ids of the issues that violate it on purpose."""

    site: Site
    planted: Mapping[str, set[str]]
    now: datetime
    agreed: policy.Policy = field(default_factory=dict)

    def policy(self, source: str) -> dict[str, str]:
        """Return the lines of policy files by which the company is judged where it is read as this source."""
        return policy.written(self.agreed, source)


def seeded_company(
    seed: int = 7, now: datetime | None = None, size: int = 400, *, is_cloud: bool = True, flawed: bool = True
) -> Company:
    """Return about `size` issues over the five months before `now`; the same arguments give the same company.

    Without `flawed` nothing is wrong on purpose.
    """
    moment = now or datetime.now(UTC).replace(microsecond=0)
    world = World.founded(seed, moment, is_cloud=is_cloud, is_flawed=flawed)
    items.stock(world)
    scale = size / 400
    _tell_majors(world, max(1, round(size * _MAJORS)))
    told = [incidents.tell(world, plan)
            for plan in plans(world, flaws.INCIDENT, round(size * _SHARES["incident"]), scale)]  # fmt: skip
    for plan in plans(world, flaws.REQUEST, round(size * _SHARES["request"]), scale):
        requests.tell(world, plan)
    for plan in plans(world, flaws.PROBLEM, round(size * _SHARES["problem"]), scale):
        problems.tell(world, plan)
    for plan in plans(world, flaws.CHANGE, round(size * _SHARES["change"]), scale):
        changes.tell(world, plan)
    _look_into_what_repeats(world)
    wrong = set[str]().union(*world.planted.values())
    right = [story for story in told if story.id not in wrong and story.id not in world.kept]
    chosen = world.random.sample(right, min(len(right), round(size * (_MOVED + _DELETED))))
    moved = round(size * _MOVED)
    for story in chosen[:moved]:
        with suppress(NotYet):
            story.escalate("admin")
    for story in chosen[moved:]:
        world.desk.delete(story.id)
    world.desk.site.spared = wrong | world.kept
    agreed = policy.agreed(world)
    return Company(world.desk.site, dict(world.planted), moment, agreed)


def _tell_majors(world: World, count: int) -> None:
    """Write major incidents, each with the problem that explains it."""
    for _ in range(count):
        incident = incidents.tell(world, Plan(world.moment(2, 140)), is_major=True)
        problems.tell(world, Plan(incident.issue.created + HOUR), incident.id)


def _look_into_what_repeats(world: World) -> None:
    """Open a problem wherever incidents about the same come often, but where nobody is to ask why.

    The next days may bring more of them, so that three are often.
    It looks into the last of them that there is time to ask about; of a plain one, where there is one these weeks.
    """
    alike: dict[str, list[Told]] = {}
    for one in world.incidents:
        if one.at > world.now - 31 * DAY:
            alike.setdefault(incidents.topic(one.service, one.category), []).append(one)
    for topic, found in alike.items():
        lately = [one for one in found if one.is_explicable and one.at < world.now - 2 * HOUR]
        if len(found) > 2 and lately and topic not in world.planted.get("PRB-001", ()):
            plain = [one for one in lately if one.is_plain and one.at > world.now - 29 * DAY]
            last = (plain or lately)[-1]
            world.kept.add(last.id)
            problems.tell(world, Plan(last.at + HOUR), last.id)
