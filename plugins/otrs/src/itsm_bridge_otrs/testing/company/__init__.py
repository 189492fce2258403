"""The seeded company: months of a well-run IT department, with known tickets that are wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from itsm_bridge.simulation.company import Flaws, Plan, plans
from itsm_bridge_otrs.testing.company import agreed, changes, flaws, incidents, requests
from itsm_bridge_otrs.testing.company.tomorrow import advance
from itsm_bridge_otrs.testing.company.world import ALWAYS, OFFICE_HOURS, TIMEZONE, World, instant
from itsm_bridge_otrs.testing.desk import Desk
from itsm_bridge_otrs.testing.wall import HOUR

__all__ = ["ALWAYS", "OFFICE_HOURS", "OVERLAY", "TIMEZONE", "Company", "advance", "seeded_company"]

OVERLAY = Path(__file__).parent / "overlay"
"""What the company added to its OTRS, as its administrators would map it."""
_SHARES = {"incident": 0.57, "major": 0.015, "request": 0.2, "problem": 0.02, "change": 0.17}
_TWICE, _REMOVED, _DELETED = 0.01, 0.01, 0.01
_Told = tuple[int, Callable[[], object]]


@dataclass(frozen=True, slots=True)
class Company:
    """A desk to serve, and what is wrong with it: per check, the ids of the tickets that violate it on purpose."""

    desk: Desk
    planted: Mapping[str, set[str]]
    now: datetime
    agreed: Mapping[str, str] = field(default_factory=dict)

    def policy(self, source: str) -> dict[str, str]:
        """Return the lines of policy files by which the company is judged where it is read as this source."""
        return {name: text.replace(agreed.SOURCE, source) for name, text in self.agreed.items()}


def seeded_company(seed: int = 7, now: datetime | None = None, size: int = 400, *, flawed: bool = True) -> Company:
    """Return about `size` tickets over the five months before `now`; the same arguments give the same company.

    Without `flawed` nothing is wrong on purpose.
    """
    moment = now or datetime.now(UTC).replace(microsecond=0)
    world = World.founded(seed, moment, is_flawed=flawed)
    for _, tell in sorted(_stories(world, size), key=lambda told: told[0]):
        tell()
    _let_it_come_back(world)
    wrong = set[str]().union(*world.planted.values())
    closed = (str(ticket.id) for ticket in world.incidents("closed successful"))
    right = [key for key in closed if key not in wrong | world.linked]
    chosen = world.random.sample(right, min(len(right), round(size * (_REMOVED + _DELETED))))
    removed = round(size * _REMOVED)
    for key in chosen[:removed]:
        world.desk.close(key, "removed", at=instant(world.now - HOUR))
    for key in chosen[removed:]:
        world.desk.delete(key)
    world.desk.spared = wrong | world.linked
    world.desk.escalate(at=instant(world.now - HOUR))
    promised = agreed.policy(world)
    return Company(world.desk, dict(world.planted), moment, promised)


def _let_it_come_back(world: World) -> None:
    """Find that incidents which came after some problems were closed have the same cause."""
    wrong = set[str]().union(*world.planted.values())
    for key in sorted(world.planted.get("PRB-009", ())):
        closed = world.desk.ticket(key).changed
        after = [one for one in world.incidents("closed successful") if one.created > closed]
        for incident in [str(one.id) for one in after if str(one.id) not in wrong][:3]:
            world.desk.link(incident, key, at=instant(world.now - 2 * HOUR))
            world.linked.add(incident)


def _stories(world: World, size: int) -> list[_Told]:
    """Return what there is to tell, with the moments by which tickets get their numbers."""
    scale = size / 400

    def told(kind: str, wrong: Flaws, tell: Callable[[World, Plan], object]) -> list[_Told]:
        return _told(world, plans(world, wrong, round(size * _SHARES[kind]), scale), tell)

    twice = [Plan(world.moment(2, 140)) for _ in range(max(1, round(size * _TWICE)))]
    return [
        *told("incident", flaws.INCIDENT, incidents.tell), *told("major", flaws.MAJOR, incidents.tell_major),
        *told("request", flaws.REQUEST, requests.tell), *told("problem", flaws.PROBLEM, requests.tell_problem),
        *told("change", flaws.CHANGE, changes.tell),
        *_told(world, twice, incidents.tell_twice),
    ]  # fmt: skip


def _told(world: World, planned: Iterable[Plan], tell: Callable[[World, Plan], object]) -> list[_Told]:
    return [(plan.at, partial(tell, world, plan)) for plan in planned]
