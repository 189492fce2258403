"""Another day in the company: work goes on, comes in, moves, and goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from itsm_bridge.simulation.company import Plan, words
from itsm_bridge_jira_sm.testing.company import changes, incidents, requests
from itsm_bridge_jira_sm.testing.company.world import RESOLUTION, RESPONSE, World
from itsm_bridge_jira_sm.testing.desk import Desk
from itsm_bridge_jira_sm.testing.instants import DAY, HOUR, MINUTE
from itsm_bridge_jira_sm.testing.records import Cycle, Issue

_NEW_A_DAY = 6
_SOLVED_A_DAY = 4


def advance(desk: Desk, days: int = 1, seed: int = 1) -> dict[str, set[str]]:
    """Play more days; moves the site's clock. Returns per check the issues that are newly wrong on purpose.

    Each day some open incidents are solved, the clock of another ticks, one issue moves and a closed one is deleted; of
    one that took too long, an administrator sets the clock right.
    """
    planted: dict[str, set[str]] = {}
    for day in range(days):
        desk.pass_time(days=1)
        world = World(desk, f"{seed}/{day}")
        _solve_some(world)
        _open_some(world)
        _move_and_delete(world)
        _rebuild_a_clock(world)
        for check, issues in world.planted.items():
            planted.setdefault(check, set()).update(issues)
    return planted


def _incidents(world: World, status: str) -> Iterator[Issue]:
    site = world.desk.site
    wanted, kind = site.term("status", status).id, site.term("issuetype", "Incident").id
    found = (issue for _, issue in sorted(site.issues.items()))
    return (issue for issue in found if issue.values["status"] == wanted and issue.values["issuetype"] == kind)


def _solve_some(world: World) -> None:
    """Solve some incidents that somebody works on, and let the clock of the next one tick."""
    under_way = list(_incidents(world, "Work in progress"))
    for number, issue in enumerate(under_way[:_SOLVED_A_DAY]):
        at = world.now - (3 + number) * HOUR
        owner = issue.values.get("assignee") or words.AGENTS[0]
        world.desk.comment(issue.id, words.SOLUTIONS[0], by=owner, at=at)
        world.desk.update(issue.id, status="Resolved", resolution="Done", by=owner, at=at + MINUTE)
        for metric in (RESPONSE, RESOLUTION):
            cycles: list[Cycle] = issue.values.get(world.desk.field_id(metric)) or []
            if any(cycle.stop is None for cycle in cycles):
                world.desk.stop_sla(issue.id, metric, at=at + MINUTE)
    for issue in under_way[_SOLVED_A_DAY : _SOLVED_A_DAY + 1]:
        world.desk.touch(issue.id, at=world.now - HOUR)


def _open_some(world: World) -> None:
    """Tell new incidents, a request and a change of this day; one incident's priority contradicts the matrix."""
    opened = sorted(world.now - world.draw(HOUR, 20 * HOUR) for _ in range(_NEW_A_DAY))
    for at in opened:
        incidents.tell(world, Plan(at))
    incidents.tell(world, Plan(world.now - 22 * HOUR, "INC-003"))
    requests.tell(world, Plan(opened[0]))
    changes.tell(world, Plan(world.now + 4 * DAY))


def _move_and_delete(world: World) -> None:
    """Move one closed incident and delete another, none of the oldest: these might have been archived."""
    closed = sorted(_incidents(world, "Closed"), key=lambda issue: issue.created)
    later = [one for one in closed[len(closed) // 4 :] if str(one.id) not in world.desk.site.spared]
    if len(later) > 1:
        moved, gone = world.random.sample(later, 2)
        project = "OPS" if moved.key.startswith("ITSM") else "ITSM"
        world.desk.move(moved.id, project, at=world.now - 2 * HOUR)
        world.desk.delete(gone.id)
        world.plant("DQ-010", str(gone.id))


def _rebuild_a_clock(world: World) -> None:
    """Have a finished clock say that its goal was met, which it was not."""
    field = world.desk.field_id(RESOLUTION)
    for issue in reversed(list(_incidents(world, "Closed"))):
        cycles: list[Cycle] = issue.values.get(field) or []
        if cycles and cycles[-1].is_breached and cycles[-1].stop is not None:
            met = replace(cycles[-1], elapsed=cycles[-1].goal // 2, is_breached=False)
            world.desk.set_sla(issue.id, RESOLUTION, [*cycles[:-1], met])
            world.desk.touch(issue.id, at=world.now - HOUR)
            world.plant("SLM-010", str(issue.id))
            return
