"""Another day in the company, played on a running server: new records, progress, a deletion, one new violation."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from itsm_bridge_servicenow.testing.company import changes, incidents, requests, words
from itsm_bridge_servicenow.testing.company.change_course import draw as draw_change
from itsm_bridge_servicenow.testing.company.incident_course import draw as draw_incident
from itsm_bridge_servicenow.testing.company.requests import RequestPlan
from itsm_bridge_servicenow.testing.company.world import World
from itsm_bridge_servicenow.testing.records import DAY, HOUR, Row, duration, epoch, seconds_of, stamp
from itsm_bridge_servicenow.testing.server import SimulatedServiceNow

_REFERENCE = (
    "sys_user", "sys_user_grmember", "cmdb_ci_service", "cmdb_rel_ci", "sc_cat_item", "std_change_producer_version",
    "contract_sla",
)  # fmt: skip
_NEW_A_DAY = 8
_SOLVED_A_DAY = 15
_DONE = {
    "incident": ("6", "7", "8"),
    "problem": ("106", "107"),
    "change_request": ("3", "4"),
    "sc_req_item": ("3", "7"),
}


def advance(server: SimulatedServiceNow, days: int = 1, seed: int = 1) -> dict[str, set[str]]:
    """Play more days; moves the server's clock. Returns per check the work items that are newly wrong on purpose.

    Each day also solves one incident that had been left lying, if there is one.
    """
    planted: dict[str, set[str]] = {}
    for day in range(days):
        world = _next_day(server, f"{seed}/{day}")
        _resolve_some(server, world)
        _escalate_the_late(server, world)
        _note_the_rest(server, world)
        _open_some(server, world)
        _delete_one(server, world)
        for check, keys in world.planted.items():
            planted.setdefault(check, set()).update(keys)
    return planted


def _next_day(server: SimulatedServiceNow, salt: str) -> World:
    reference = {name: server.rows(name) for name in _REFERENCE}
    moment = server.now + timedelta(days=1)
    world = World(reference, seconds_of(moment), seconds_of(moment), salt)
    server.now = moment
    return world


def _resolve_some(server: SimulatedServiceNow, world: World) -> None:
    """Solve some incidents that are in progress, as far as a day goes."""
    open_ones = [row for row in server.find("incident", state="2") if row["assigned_to"]]
    lying = [row for row in open_ones if row["sys_updated_on"] < stamp(world.now - 6 * DAY)]
    fresh = [row for row in open_ones if row not in lying]
    for row in lying[:1] + fresh[-_SOLVED_A_DAY:]:
        _solve(server, world, row, world.now - 2 * HOUR)


def _escalate_the_late(server: SimulatedServiceNow, world: World) -> None:
    """Escalate the incidents whose time has run out since."""
    open_ones = {row["sys_id"] for row in server.find("incident", state="2") if row["escalation"] == "0"}
    for clock in server.find("task_sla", stage="in_progress"):
        if clock["task"] in open_ones and _elapsed(world, clock, world.now) > _goal(world, clock):
            server.update("incident", clock["task"], {"escalation": "2"}, "system")


def _note_the_rest(server: SimulatedServiceNow, world: World) -> None:
    """Have somebody write on open records before they get stale; what already is stays so."""
    fresh, stale = stamp(world.now - DAY), stamp(world.now - 5 * DAY)
    for table in ("incident", "problem", "change_request", "sc_req_item"):
        for row in server.rows(table):
            if row["active"] == "true" and stale < row["sys_updated_on"] < fresh and row["state"] not in _DONE[table]:
                user = world.login(row["assigned_to"] or row["opened_by"])
                server.update(table, row["sys_id"], {"work_notes": world.note()}, user)


def _solve(server: SimulatedServiceNow, world: World, row: Row, at: int) -> None:
    user = world.login(row["assigned_to"])
    changed = {
        "state": "6", "incident_state": "6", "resolved_at": stamp(at), "resolved_by": row["assigned_to"],
        "close_code": "Solved (Permanently)", "close_notes": world.random.choice(words.SOLUTIONS), "escalation": "2",
    }  # fmt: skip
    with server.at(at):
        server.update("incident", row["sys_id"], changed, user)
        for clock in server.find("task_sla", task=row["sys_id"], stage="in_progress"):
            _stop(server, world, clock, at)


def _stop(server: SimulatedServiceNow, world: World, clock: Row, at: int) -> None:
    """Stop a clock; pauses stay as they were, since it was not paused."""
    elapsed, goal = _elapsed(world, clock, at), _goal(world, clock)
    server.update("task_sla", clock["sys_id"], {
        "stage": "completed", "active": "false", "end_time": stamp(at), "business_duration": duration(elapsed),
        "has_breached": "true" if elapsed > goal else "false",
    }, "system")  # fmt: skip


def _elapsed(world: World, clock: Row, at: int) -> int:
    time = world.calendar if clock["schedule"] else world.always
    return time.between(epoch(clock["start_time"]), at) - epoch(clock["business_pause_duration"])


def _goal(world: World, clock: Row) -> int:
    time = world.calendar if clock["schedule"] else world.always
    return time.between(epoch(clock["start_time"]), epoch(clock["original_breach_time"]))


def _open_some(server: SimulatedServiceNow, world: World) -> None:
    """Tell new incidents, requests and a change of this day; one incident is closed without being resolved."""
    serial = world.now // HOUR
    opened = sorted(world.moment(world.now - 20 * HOUR, world.now - HOUR) for _ in range(_NEW_A_DAY))
    for number, at in enumerate(opened):
        incidents.tell(world, f"INC{serial}{number}", draw_incident(world, at))
    flawed = draw_incident(world, world.now - 22 * HOUR, "INC-004")
    flawed.work, flawed.impact, flawed.urgency, flawed.priority = 3 * HOUR, 1, 2, 2
    incidents.tell(world, f"INC{serial}{_NEW_A_DAY}", flawed)
    requests.tell(world, f"{serial}0", RequestPlan(opened[0]))
    change = draw_change(world, world.now + 6 * DAY)
    change.lead = 6 * DAY + 4 * HOUR
    changes.tell(world, f"CHG{serial}0", change)
    for table, rows in world.tables.items():
        server.load(table, rows)


def _delete_one(server: SimulatedServiceNow, world: World) -> None:
    """Delete one old, closed incident, of which no register knows."""
    closed = [row["sys_id"] for row in server.rows("incident") if row["state"] == "8"]
    if closed:
        key = Random(f"{world.now}").choice(sorted(closed))
        server.delete("incident", key, "admin")
        world.plant("DQ-010", key)
