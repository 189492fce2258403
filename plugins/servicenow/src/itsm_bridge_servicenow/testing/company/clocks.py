"""Service-level clocks (task_sla), computed from the story so that claim and history agree to the second."""

from __future__ import annotations

from dataclasses import dataclass

from itsm_bridge_servicenow.testing.company import people
from itsm_bridge_servicenow.testing.company.story import Story
from itsm_bridge_servicenow.testing.company.world import World
from itsm_bridge_servicenow.testing.records import Row, duration, epoch, stamp, sys_id

_ENDED = {"incident": ("6", "7"), "sc_req_item": ("3", "4")}
_CANCELLED = {"incident": ("8",), "sc_req_item": ("7",)}
_PAUSED = {"incident": ("3", "6", "7"), "sc_req_item": ("-5",)}
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Run:
    """One clock's run: from, to (None while it runs), and whether it was called off."""

    target: str
    priority: int
    start: int
    stop: int | None
    is_cancelled: bool = False


def attach(story: Story, without: tuple[str, ...] = (), restarted: int = 0) -> list[Row]:
    """Write the clocks of an incident or requested item, except for the targets named; returns them.

    With `restarted` the clock of the solution was called off after so many seconds, and began anew.
    """
    rows = []
    for number, run in enumerate([*_runs(story, restarted), *_carried(story)]):
        known = story.world.contracts if run.target == "carrier" else story.world.definitions
        target = "resolution" if run.target == "carrier" else run.target
        definition = known.get((story.table, target, run.priority))
        if definition is not None and run.target not in without:
            rows.append(_clock(story, run, definition, number))
    for row in rows:
        story.world.add("task_sla", row)
    if any(row["has_breached"] == "true" and row["stage"] != "cancelled" for row in rows):
        story.row["made_sla"] = "false"
    return rows


def due(story: Story) -> int:
    """Return when the clock of the solution runs out, as things stand."""
    world = story.world
    definition = world.definitions[story.table, "resolution", int(story.priorities[-1][1])]
    time = world.calendar if definition["schedule"] else world.always
    paused = sum(time.between(*span) for span in _pauses(story, story.opened, story.at))
    return time.after(story.opened, epoch(definition["duration"]) + paused)


def _carried(story: Story) -> list[_Run]:
    """Return the run of the clock of the supplier who was handed the record."""
    carrier = story.world.group(people.CARRIER)
    handed = [row for row in story.audit if row["fieldname"] == "assignment_group" and row["newvalue"] == carrier]
    if not handed:
        return []
    stop, is_cancelled = _ended(story) or (None, False)
    return [_Run("carrier", int(story.row["priority"]), epoch(handed[0]["sys_created_on"]), stop, is_cancelled)]


def _runs(story: Story, restarted: int = 0) -> list[_Run]:
    priorities = [(at, int(value or 0)) for at, value in story.priorities] if story.table == "incident" else [(0, 0)]
    ended = _ended(story)
    runs = [_response(story, priorities[0][1], ended)]
    for (_, priority), following in zip(priorities, [*priorities[1:], None], strict=True):
        if following is not None and (ended is None or following[0] < ended[0]):
            runs.append(_Run("resolution", priority, story.opened, following[0], is_cancelled=True))
        else:
            stop, is_cancelled = ended or (None, False)
            if restarted:
                runs.append(_Run("resolution", priority, story.opened, story.opened + restarted, is_cancelled=True))
            runs.append(_Run("resolution", priority, story.opened + restarted, stop, is_cancelled))
            break
    return runs


def _response(story: Story, priority: int, ended: tuple[int, bool] | None) -> _Run:
    if story.first_reply is not None:
        return _Run("response", priority, story.opened, story.first_reply)
    stop, is_cancelled = ended or (None, False)
    return _Run("response", priority, story.opened, stop, is_cancelled)


def _ended(story: Story) -> tuple[int, bool] | None:
    """Return when work ended for good, and whether it was called off; None while it goes on."""
    state = story.states[-1][1]
    if state in _CANCELLED[story.table]:
        return story.states[-1][0], True
    if state not in _ENDED[story.table]:
        return None
    entries = [
        at
        for (_, before), (at, after) in zip(story.states, story.states[1:], strict=False)
        if after in _ENDED[story.table] and before not in _ENDED[story.table]
    ]
    return entries[-1], False


def _pauses(story: Story, start: int, end: int) -> list[Span]:
    spans = zip(story.states, [*story.states[1:], (end, "")], strict=True)
    found = [(max(at, start), min(until, end)) for (at, state), (until, _) in spans if state in _PAUSED[story.table]]
    return [(low, high) for low, high in found if low < high]


def _clock(story: Story, run: _Run, definition: Row, number: int) -> Row:
    world: World = story.world
    time = world.calendar if definition["schedule"] else world.always
    goal = epoch(definition["duration"])
    end = world.now if run.stop is None else run.stop
    pauses = _pauses(story, run.start, end)
    paused, raw_paused = sum(time.between(*span) for span in pauses), sum(high - low for low, high in pauses)
    elapsed, raw = time.between(run.start, end) - paused, end - run.start - raw_paused
    is_paused = run.stop is None and story.states[-1][1] in _PAUSED[story.table]
    stage = "cancelled" if run.is_cancelled else "completed" if run.stop else "paused" if is_paused else "in_progress"
    touched = stamp(run.stop or story.touched)
    return {
        "sys_id": sys_id(story.key, "task_sla", number),
        "task": story.key,
        "sla": definition["sys_id"],
        "stage": stage,
        "active": "false" if run.stop else "true",
        "has_breached": "true" if elapsed > goal else "false",
        "start_time": stamp(run.start),
        "end_time": stamp(run.stop) if run.stop else "",
        "planned_end_time": stamp(time.after(run.start, goal + paused)),
        "original_breach_time": stamp(time.after(run.start, goal)),
        "duration": duration(raw),
        "business_duration": duration(elapsed),
        "percentage": f"{100 * raw / goal:.2f}",
        "business_percentage": f"{100 * elapsed / goal:.2f}",
        "time_left": duration(goal - raw),
        "business_time_left": duration(goal - elapsed),
        "pause_time": stamp(pauses[-1][0]) if is_paused and pauses else "",
        "pause_duration": duration(raw_paused),
        "business_pause_duration": duration(paused),
        "schedule": definition["schedule"],
        "timezone": "Europe/Berlin",
        "sys_created_on": stamp(story.created),
        "sys_created_by": "system",
        "sys_updated_on": touched,
        "sys_updated_by": "system",
        "sys_mod_count": "3",
    }
