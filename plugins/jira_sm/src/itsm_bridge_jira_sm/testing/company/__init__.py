"""The seeded company: months of a well-run IT department, with known issues that are wrong on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from itsm_bridge.simulation.company import Plan, plans
from itsm_bridge_jira_sm.testing.company import changes, flaws, incidents, requests
from itsm_bridge_jira_sm.testing.company.tomorrow import advance
from itsm_bridge_jira_sm.testing.company.world import World
from itsm_bridge_jira_sm.testing.instants import HOUR
from itsm_bridge_jira_sm.testing.site import Site

BEYOND_JIRA = frozenset({"SLM-001", "SLM-007"})
"""Checks whose flaws nobody can find by what Jira tells: neither whom a clock is for nor first due times."""

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


def seeded_company(
    seed: int = 7, now: datetime | None = None, size: int = 400, *, is_cloud: bool = True, flawed: bool = True
) -> Company:
    """Return about `size` issues over the five months before `now`; the same arguments give the same company.

    Without `flawed` nothing is wrong on purpose.
    """
    moment = now or datetime.now(UTC).replace(microsecond=0)
    world = World.founded(seed, moment, is_cloud=is_cloud, is_flawed=flawed)
    scale = size / 400
    told = [incidents.tell(world, plan)
            for plan in plans(world, flaws.INCIDENT, round(size * _SHARES["incident"]), scale)]  # fmt: skip
    _tell_majors(world, max(1, round(size * _MAJORS)))
    for plan in plans(world, flaws.REQUEST, round(size * _SHARES["request"]), scale):
        requests.tell(world, plan)
    for plan in plans(world, flaws.PROBLEM, round(size * _SHARES["problem"]), scale):
        requests.tell_problem(world, plan)
    for plan in plans(world, flaws.CHANGE, round(size * _SHARES["change"]), scale):
        changes.tell(world, plan)
    wrong = set[str]().union(*world.planted.values())
    right = [story for story in told if story.id not in wrong]
    chosen = world.random.sample(right, min(len(right), round(size * (_MOVED + _DELETED))))
    moved = round(size * _MOVED)
    for story in chosen[:moved]:
        world.desk.move(story.id, "OPS", at=min(story.at + HOUR, world.now))
    for story in chosen[moved:]:
        world.desk.delete(story.id)
    return Company(world.desk.site, dict(world.planted), moment)


def _tell_majors(world: World, count: int) -> None:
    """Write major incidents, each with the problem that explains it."""
    for _ in range(count):
        incident = incidents.tell(world, Plan(world.moment(2, 140)), is_major=True)
        requests.tell_problem(world, Plan(incident.issue.created + HOUR), incident)
