"""Another day in the company: work goes on, comes in, is merged, and goes."""

from __future__ import annotations

from datetime import timedelta

from itsm_bridge.simulation.company import Plan, words
from itsm_bridge_otrs.testing.company import changes, incidents, requests
from itsm_bridge_otrs.testing.company.world import World, instant
from itsm_bridge_otrs.testing.desk import Desk
from itsm_bridge_otrs.testing.wall import DAY, HOUR, MINUTE

_NEW_A_DAY = 6
_SOLVED_A_DAY = 4


def advance(desk: Desk, days: int = 1, seed: int = 1) -> dict[str, set[str]]:
    """Play more days; moves the desk's clock. Returns per check the tickets that are newly wrong on purpose.

    Each day some open incidents are solved, new ones come, one of them twice, a closed one is deleted, another one is
    declared removed, and the jobs look for targets.
    """
    planted: dict[str, set[str]] = {}
    for day in range(days):
        desk.now = instant(desk.moment) + timedelta(days=1)
        world = World(desk, f"{seed}/{day}")
        _solve_some(world)
        _open_some(world)
        _remove_some(world)
        desk.escalate(at=instant(world.now - HOUR))
        for check, tickets in world.planted.items():
            planted.setdefault(check, set()).update(tickets)
    return planted


def _solve_some(world: World) -> None:
    agents = world.desk.words.agents.by_id
    for number, ticket in enumerate(world.incidents("open")[:_SOLVED_A_DAY]):
        at, owner, key = world.now - (3 + number) * HOUR, agents[ticket.owner].name, str(ticket.id)
        world.desk.answer(key, words.SOLUTIONS[0], by=owner, at=instant(at))
        world.desk.close(key, by=owner, at=instant(at + MINUTE))


def _open_some(world: World) -> None:
    """Tell new incidents, a request and a change of this day; one incident's priority contradicts the matrix."""
    opened = sorted(world.now - world.draw(HOUR, 20 * HOUR) for _ in range(_NEW_A_DAY))
    for at in opened[1:]:
        incidents.tell(world, Plan(at))
    incidents.tell_twice(world, Plan(opened[0]))
    incidents.tell(world, Plan(world.now - 22 * HOUR, "INC-003"))
    requests.tell(world, Plan(opened[0]))
    changes.tell(world, Plan(world.now + 4 * DAY))


def _remove_some(world: World) -> None:
    """Take away two closed incidents, none of the oldest: these might have been archived."""
    closed = [str(ticket.id) for ticket in world.incidents("closed successful")]
    later = [key for key in closed[len(closed) // 4 :] if key not in world.desk.spared]
    if len(later) > 1:
        removed, gone = world.random.sample(later, 2)
        world.desk.close(removed, "removed", at=instant(world.now - 2 * HOUR))
        world.desk.delete(gone)
        world.plant("DQ-010", gone)
