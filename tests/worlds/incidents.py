"""Incidents and service requests: sound ones of every kind, and one with a single flaw for each of their checks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from organisation import CHANGE, INCIDENT, NOW, OPENED, Record, Step, World, after

DESK, UNCLOCKED = "desk", "unclocked"
"""Sources of their own: what this group does must not move the rates of others; the second measures no responses."""

AT_THE_LIMIT: tuple[Step, ...] = (*INCIDENT[:3], ("resolved", timedelta(hours=8)), ("closed", timedelta(hours=32)))
TAKEN_UP_TWICE: tuple[Step, ...] = (
    *INCIDENT[:3], ("resolved", timedelta(hours=1)), ("in_progress", timedelta(hours=1, minutes=1)),
    ("resolved", timedelta(hours=2)), ("in_progress", timedelta(hours=2, minutes=1)),
    ("resolved", timedelta(hours=3)), ("closed", timedelta(hours=27)),
)  # fmt: skip
CLOSED_AT_ONCE: tuple[Step, ...] = (*INCIDENT[:3], ("resolved", timedelta(hours=2)), ("closed", timedelta(hours=2)))
BULK = 20
"""Closings within the window that make a bulk."""


def compliant(world: World) -> None:
    """Add sound incidents (plain, open, at their limit, major, about security) and requests (with parts, with edits)."""
    for name in (DESK, UNCLOCKED):
        world.source(name)
    world.rows["sla_definition"] = [
        row for row in world.rows["sla_definition"] if row["source_id"] != UNCLOCKED or row["metric"] != "response"
    ]
    # A state model that allows to close at once, so that only the check that asks for a resolution minds.
    world.add("transition_rule", record_type="incident", from_state="in_progress", to_state="closed")
    world.service("payments", DESK, criticality=1)
    _incident(world)
    _incident(world, source=UNCLOCKED, priority=2, impact=1)
    world.incident(DESK, opened=NOW - timedelta(hours=3), steps=INCIDENT[:3], resolution_code=None)
    _at_the_limit(world, is_escalated=True)
    _major(world)
    _secret(world, is_reviewed=True)
    world.request(DESK)
    _with_part(world, done=after(OPENED, hours=3))
    _altering(world, _orderable(world, "memory", is_standard_change=True))


def _incident(world: World, source: str = DESK, **more: Any) -> Record:
    # Each is about something else: many incidents that are alike would call for a problem.
    topic = f"topic {len(world.rows['work_item'])}"
    return world.incident(source, **{"category": topic, **more})


def _at_the_limit(world: World, is_escalated: bool) -> Record:
    """Add an incident that used up its target to the second, and did not miss it."""
    if not is_escalated:
        return _incident(world, steps=AT_THE_LIMIT)
    experts = f"{DESK}:support_group:experts"
    incident = _incident(world, steps=AT_THE_LIMIT, support_group_id=experts, reassignment_claimed=1)
    world.event(incident, after(OPENED, hours=7), "group", f"{DESK}:support_group:desk", experts)
    return incident


def _major(world: World, is_told: bool = True, is_reviewed: bool = True, **more: Any) -> Record:
    incident = _incident(world, **{
        "priority": 1, "impact": 1, "urgency": 1, "service_id": f"{DESK}:service:payments", "is_major": True,
        "major_declared_at": after(OPENED, minutes=10), "major_manager_id": f"{DESK}:person:manager", **more,
    })  # fmt: skip
    world.relate(incident, world.problem(DESK), "investigated_by")
    if is_told:
        world.register("mgmt_notice", incident.number, OPENED, communicated_at=after(OPENED, hours=1))
    if is_reviewed:
        world.register("mi_review", incident.number, after(OPENED, days=1))
    return incident


def _secret(world: World, is_reviewed: bool) -> Record:
    incident = _incident(world, priority=2, impact=1, urgency=2, is_security=True)
    if is_reviewed:
        world.register("sec_review", incident.number, after(OPENED, days=1))
    return incident


def _orderable(world: World, key: str, **more: Any) -> str:
    row = world.add("catalogue_item", **{
        "source_id": DESK, "catalogue_item_id": f"{DESK}:catalogue_item:{key}", "source_key": key, "name": key,
        "service_id": f"{DESK}:service:mail", "is_active": True, "is_approval_required": True,
        "instruction_reference": "KB101", "is_standard_change": False, **more,
    })  # fmt: skip
    return str(row["catalogue_item_id"])


def _with_part(world: World, done: datetime) -> Record:
    """Add a request with a task that was finished at a moment."""
    request = world.request(DESK)
    number = f"{request.number}-TASK"
    row = world.add(
        "work_item", source_id=DESK, work_item_id=f"{DESK}:work_item:{number}", source_key=number, number=number,
        record_type="task", state="closed", opened_at=after(OPENED, hours=1), created_at=after(OPENED, hours=1),
        resolved_at=done, closed_at=done, updated_at=done, parent_id=request.id, service_id=f"{DESK}:service:mail",
        assignee_id=f"{DESK}:person:agent", closed_by_id=f"{DESK}:person:agent",
        support_group_id=f"{DESK}:support_group:desk", description_length=60,
    )  # fmt: skip
    task = Record(str(row["work_item_id"]), number, row)
    steps = (
        ("new", after(OPENED, hours=1)),
        ("in_progress", after(OPENED, hours=2)),
        ("resolved", done),
        ("closed", done),
    )
    before: str | None = None
    for state, at in steps:
        world.event(task, at, "state", before, state, origin="native" if before else "synthetic")
        before = state
    return request


def _altering(world: World, item: str) -> Record:
    """Add a request under which the version of a server was altered."""
    request = world.request(DESK, catalogue_item_id=item)
    world.add("configuration_item_event", source_id=DESK, configuration_item_id=f"{DESK}:configuration_item:mail-server",
              at=after(OPENED, hours=2), actor_id=f"{DESK}:person:agent", actor_kind="agent", field="version",
              old_value="1", new_value="2", work_item_id=request.id)  # fmt: skip
    return request


def _closed_at_once(world: World) -> str:
    incident = _incident(world, steps=CLOSED_AT_ONCE)
    entered = [
        row for row in world.rows["transition"] if row["work_item_id"] == incident.id and row["field"] == "state"
    ]
    world.rows["transition"].remove(entered[-2])
    entered[-1]["old_value"] = "in_progress"
    return incident.id


def _answered_late(world: World) -> str:
    incident = _incident(world, source=UNCLOCKED, priority=2, impact=1)
    first = next(row for row in world.rows["comment"] if row["work_item_id"] == incident.id)
    first["at"] = after(OPENED, minutes=90)
    return incident.id


def _to_and_fro(world: World) -> str:
    groups = [f"{DESK}:support_group:{name}" for name in ("desk", "experts", "desk", "experts")]
    incident = _incident(world, support_group_id=groups[-1], reassignment_claimed=3)
    for n, (old, new) in enumerate(pairwise(groups), 1):
        world.event(incident, after(OPENED, minutes=20 * n), "group", old, new)
    return incident.id


def _without_contact(world: World) -> str:
    request = world.request(DESK)
    for row in world.rows["comment"]:
        if row["work_item_id"] == request.id:
            row["visibility"] = "internal"
    return request.id


def _in_bulk(world: World) -> str:
    """Add closings five minutes before and after one: only that one has all of them around it."""
    closer = world.person("closer", DESK)
    for n in range(BULK - 1):
        side = timedelta(minutes=5 if n % 2 else -5)
        world.request(DESK, opened=OPENED + side, assignee_id=closer)
    return world.request(DESK, assignee_id=closer).id


def _voted(world: World, *votes: tuple[str, str]) -> str:
    """Add a request whose approvals are these: person and decision of each."""
    request = world.request(DESK)
    world.rows["approval"] = [row for row in world.rows["approval"] if row["work_item_id"] != request.id]
    for n, (person, decision) in enumerate(votes, 1):
        world.approve(request, DESK, "request", after(OPENED, minutes=15 * n), person, decision)
    return request.id


def _without_instructions(world: World) -> str:
    item = _orderable(world, "desk lamp", instruction_reference=None)
    world.request(DESK, catalogue_item_id=item)
    return item


VIOLATIONS: dict[str, Callable[[World], str]] = {
    "INC-001": lambda world: _incident(world, description_length=5).id,
    "INC-002": lambda world: _incident(world, category="other").id,
    "INC-003": lambda world: _incident(world, priority=4).id,
    "INC-004": _closed_at_once,
    "INC-005": lambda world: _incident(world, resolution_code=None).id,
    "INC-006": _answered_late,
    "INC-007": lambda world: _incident(world, steps=TAKEN_UP_TWICE, reopen_claimed=2).id,
    "INC-008": _to_and_fro,
    "INC-009": lambda world: world.change(DESK, opened=OPENED - timedelta(days=40), steps=CHANGE[:2]).id,
    "INC-010": lambda world: str(_at_the_limit(world, is_escalated=False).clocks["resolution"]["sla_instance_id"]),
    "INC-011": _without_contact,
    "INC-012": _in_bulk,
    "INC-013": lambda world: _major(world, is_major=False, major_declared_at=None).id,
    "INC-014": lambda world: _major(world, major_manager_id=None).id,
    "INC-015": lambda world: _major(world, is_told=False).id,
    "INC-016": lambda world: _major(world, is_reviewed=False).id,
    "SEC-001": lambda world: _secret(world, is_reviewed=False).id,
    "SRQ-001": lambda world: world.request(DESK, catalogue_item_id=None).id,
    "SRQ-002": _voted,
    "SRQ-003": lambda world: _voted(world, ("manager", "approved"), ("manager", "rejected")),
    "SRQ-004": lambda world: _voted(world, ("requester", "approved")),
    "SRQ-005": lambda world: _with_part(world, done=after(OPENED, days=3)).id,
    "SRQ-006": _without_instructions,
    "SRQ-007": lambda world: _altering(world, f"{DESK}:catalogue_item:laptop").id,
}
