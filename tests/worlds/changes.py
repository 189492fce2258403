"""Changes: sound ones of every type, and one with a single flaw for each check of changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from organisation import OPENED, Record, Step, World

PLAIN, URGENT, FAILED = "changes", "emergencies", "failures"
"""Sources of their own: what this group does must not move the rates of others."""

STANDARD: tuple[Step, ...] = (
    ("draft", timedelta()), ("scheduled", timedelta(hours=1)), ("implement", timedelta(days=1)),
    ("review", timedelta(days=1, hours=2)), ("closed", timedelta(days=2)),
)  # fmt: skip
EMERGENCY: tuple[Step, ...] = (
    ("draft", timedelta()), ("authorize", timedelta(hours=1)), ("implement", timedelta(hours=2)),
    ("review", timedelta(hours=4)), ("closed", timedelta(days=1)),
)  # fmt: skip
FREEZE_FROM, FREEZE_TO = datetime(2026, 3, 20), datetime(2026, 3, 24)


def compliant(world: World) -> None:
    """Add sound changes: plain, risky, standard, emergency, failed, part of a release, beside a freeze."""
    for name in (PLAIN, URGENT, FAILED):
        world.source(name)
    _plain(world, risk=2)
    _plain(world, configuration_item_id=world.item("archive", PLAIN), is_conflict_acknowledged=False)
    world.add("change_template", source_id=PLAIN, change_template_id=f"{PLAIN}:change_template:patch", name="patch",
              approved_at=datetime(2025, 9, 1), valid_to=datetime(2026, 9, 1))  # fmt: skip
    _standard(world)
    _emergency(world)
    world.change(FAILED, outcome="failed", is_backed_out=True)
    major = _plain(world, is_major_impact=True)
    world.relate(major, world.release(PLAIN), "part_of")
    payroll = world.service("payroll", PLAIN)
    world.add("freeze_window", freeze_window_id="payroll-run", name="payroll run", from_at=FREEZE_FROM,
              to_at=FREEZE_TO, service_id=payroll, allows_emergency=True, allows_standard=False)  # fmt: skip


def _plain(world: World, **more: Any) -> Record:
    return world.change(PLAIN, **more)


def _standard(world: World, **more: Any) -> Record:
    return world.change(PLAIN, steps=STANDARD, **{
        "change_type": "standard", "change_template_id": f"{PLAIN}:change_template:patch", **more,
    })  # fmt: skip


def _emergency(world: World, is_approved: bool = True, is_triggered: bool = True, **more: Any) -> Record:
    change = world.change(URGENT, steps=EMERGENCY, change_type="emergency", **more)
    if is_approved:
        world.approve(change, URGENT, "ecab", change.at["implement"] - timedelta(minutes=10), "approver")
    if is_triggered:
        world.relate(world.incident(URGENT, priority=2, impact=1, urgency=2), change, "resolved_by")
    return change


def _reapproved(world: World, change: Record, *decisions: tuple[str, datetime, str, str]) -> str:
    """Replace the approvals of a change: stage, time, person and decision of each."""
    world.rows["approval"] = [row for row in world.rows["approval"] if row["work_item_id"] != change.id]
    for stage, at, person, decision in decisions:
        world.approve(change, str(change.row["source_id"]), stage, at, person, decision)
    return change.id


def _unauthorised(world: World) -> str:
    return _reapproved(world, _plain(world))


def _approved_late(world: World) -> str:
    change = _plain(world)
    return _reapproved(world, change, ("cab", change.at["implement"] + timedelta(hours=1), "approver", "approved"))


def _rejected(world: World) -> str:
    change = _plain(world)
    decided = change.at["scheduled"] - timedelta(hours=1)
    return _reapproved(world, change, ("cab", decided, "approver", "approved"),
                       ("cab", decided + timedelta(minutes=40), "approver", "rejected"))  # fmt: skip


def _approved_by_owner(world: World) -> str:
    change = _plain(world)
    return _reapproved(world, change, ("authorize", change.at["scheduled"], "engineer", "approved"))


def _approved_without_authority(world: World) -> str:
    change = _plain(world, risk=2)
    return _reapproved(world, change, ("authorize", change.at["scheduled"], "owner", "approved"))


def _outside_the_window(world: World) -> str:
    change = _plain(world)
    change.detail["planned_end_at"] = change.at["implement"] + timedelta(minutes=30)
    return change.id


def _in_a_freeze(world: World) -> str:
    return _plain(world, opened=FREEZE_FROM - timedelta(hours=1), service_id=f"{PLAIN}:service:payroll").id


def _overlapping(world: World) -> str:
    item = world.item("cluster", PLAIN)
    _plain(world, configuration_item_id=item)
    return _plain(world, configuration_item_id=item, is_conflict_acknowledged=False).id


def _altered(world: World) -> str:
    change = _plain(world)
    world.event(change, change.at["scheduled"] + timedelta(hours=1), "risk", "4", "3")
    return change.id


def _recorded_late(world: World) -> str:
    start = OPENED - timedelta(days=1)
    return _standard(world, planned_start_at=start, planned_end_at=start + timedelta(hours=3), actual_start_at=start,
                     actual_end_at=start + timedelta(hours=2)).id  # fmt: skip


VIOLATIONS: dict[str, Callable[[World], str]] = {
    "CHG-001": lambda world: _plain(world, justification_length=0).id,
    "CHG-002": _unauthorised,
    "CHG-003": _approved_late,
    "CHG-004": lambda world: _plain(world, risk=None).id,
    "CHG-005": _rejected,
    "CHG-006": _approved_by_owner,
    "CHG-007": _approved_without_authority,
    "CHG-008": lambda world: _emergency(world, is_approved=False).id,
    "CHG-009": lambda world: _emergency(world, reviewed_at=None, review_length=None).id,
    "CHG-010": lambda world: _emergency(world, is_triggered=False).id,
    "CHG-011": lambda world: _standard(world, change_template_id=None).id,
    "CHG-012": _outside_the_window,
    "CHG-013": _in_a_freeze,
    "CHG-014": _overlapping,
    "CHG-015": lambda world: _plain(world, backout_plan_length=0).id,
    "CHG-016": lambda world: _plain(world, test_plan_length=0, test_result=None).id,
    "CHG-017": lambda world: _plain(world, planned_start_at=None, planned_end_at=None).id,
    "CHG-018": _altered,
    "CHG-019": lambda world: world.change(FAILED, outcome="failed").id,
    "CHG-020": lambda world: world.change(FAILED, is_backed_out=True).id,
    "CHG-021": lambda world: _plain(world, risk=2, reviewed_at=None, review_length=None).id,
    "CHG-022": lambda world: world.change(FAILED, outcome="unknown").id,
    "CHG-023": _recorded_late,
    "CHG-024": lambda world: _plain(world, is_major_impact=True).id,
}
