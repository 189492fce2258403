"""Service levels and suppliers: sound clocks, targets and contracts, and one single flaw for each of their checks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from organisation import OPENED, Record, Step, World, after

PLAIN = "levels"
"""Source of its own: what this group does must not move the rates of others."""
ACME = "acme"

PAUSED: tuple[Step, ...] = (
    ("new", timedelta()), ("assigned", timedelta(minutes=5)), ("in_progress", timedelta(minutes=10)),
    ("pending", timedelta(hours=1)), ("in_progress", timedelta(hours=1, minutes=30)), ("resolved", timedelta(hours=2)),
    ("closed", timedelta(hours=26)),
)  # fmt: skip
LONG_PAUSED: tuple[Step, ...] = (
    *PAUSED[:4], ("in_progress", timedelta(hours=25)), ("resolved", timedelta(hours=26)), ("closed", timedelta(hours=50)),
)  # fmt: skip
TAKEN_UP_AGAIN: tuple[Step, ...] = (
    *PAUSED[:3], ("resolved", timedelta(hours=7, minutes=50)), ("in_progress", timedelta(hours=7, minutes=52)),
    ("resolved", timedelta(hours=7, minutes=58)), ("closed", timedelta(hours=32)),
)  # fmt: skip
ALMOST_DUE: tuple[Step, ...] = (
    *PAUSED[:3], ("resolved", timedelta(hours=7, minutes=20)), ("closed", timedelta(hours=32)),
)  # fmt: skip


def compliant(world: World) -> None:
    """Add sound incidents with clocks and pauses, a supplier with its contract, group and target, and agreed limits."""
    world.source(PLAIN)
    world.add("supplier", supplier_id=ACME, name="Acme Ltd", owner_id="manager", contract_reference="C-1",
              contract_end_at=datetime(2027, 12, 31), review_due_at=datetime(2026, 9, 1), is_active=True)  # fmt: skip
    world.add("support_group", source_id=PLAIN, support_group_id=f"{PLAIN}:support_group:{ACME}", source_key=ACME,
              name="Acme desk", tier=3, supplier_id=ACME, is_active=True)  # fmt: skip
    world.rows["person"].append(
        {"person_id": f"{PLAIN}:person:{ACME}", "source_id": PLAIN, "source_key": ACME, "login": ACME, "kind": "agent",
         "is_active": True, "is_shared": False, "supplier_id": ACME}
    )  # fmt: skip
    world.add("agreed_target", source_id=PLAIN, sla_name="incident resolution", workload_limit=1000)
    definition(world, PLAIN, "mail", service_id=f"{PLAIN}:service:mail", metric="resolution", record_type="incident",
               goal_seconds=28800, agreed_goal_seconds=28800)  # fmt: skip
    contract = definition(world, PLAIN, "Acme resolution", kind="uc", supplier_id=ACME, metric="resolution",
                          record_type="incident", goal_seconds=14400, agreed_goal_seconds=14400)  # fmt: skip
    measured(world, PLAIN, definition(world, PLAIN, "updates"), met=10)
    measured(world, PLAIN, contract, met=5)
    asked(world, paused(world), "requester")
    handed_over(world, contract)
    lowered(world, OPENED + timedelta(hours=1))
    claimed(world, incident_of(world))
    world.change(PLAIN)


def incident_of(world: World, source: str = PLAIN, **more: Any) -> Record:
    """Add an incident in a category of its own: those of this group have nothing in common."""
    return world.incident(source, category=f"area {len(world.rows['work_item'])}", **more)


def definition(world: World, source: str, name: str, **more: Any) -> str:
    """Add a definition whose clocks no record owes, unless it is said otherwise; returns its id."""
    row = world.add("sla_definition", **{
        "source_id": source, "sla_definition_id": f"{source}:sla_definition:{name}", "name": name, "metric": "update",
        "record_type": "task", "goal_seconds": 3600, "agreed_goal_seconds": 3600, "attainment_target": 0.9,
        "start_rule": "condition", "valid_from": datetime(2025, 1, 1), **more,
    })  # fmt: skip
    return str(row["sla_definition_id"])


def measured(world: World, source: str, definition_id: str, met: int, missed: int = 0) -> Record:
    """Add an incident with clocks of a definition that took half an hour each, or 90 minutes where they missed an hour."""
    incident = incident_of(world, source)
    for minutes in (*[30] * met, *[90] * missed):
        end = after(OPENED, minutes=minutes)
        world.add("sla_instance", source_id=source, work_item_id=incident.id, sla_definition_id=definition_id, cycle=1,
                  started_at=OPENED, stopped_at=end, due_at=after(OPENED, hours=1), elapsed_seconds=minutes * 60,
                  original_due_at=after(OPENED, hours=1), paused_seconds=0, is_breached=minutes > 60, captured_at=end)  # fmt: skip
    return incident


def paused(world: World, steps: tuple[Step, ...] = PAUSED) -> Record:
    """Add an incident that was pending for a time in which its clock stood still."""
    incident = incident_of(world, steps=steps)
    waited = next(until - since for (state, since), (_, until) in pairwise(steps) if state == "pending")
    clock = incident.clocks["resolution"]
    clock["paused_seconds"] = int(waited.total_seconds())
    clock["elapsed_seconds"] -= clock["paused_seconds"]
    clock["is_breached"] = False
    return incident


def asked(world: World, incident: Record, reason: str) -> Record:
    """Let a pending incident wait for a reason, and ask the requester for what is missing."""
    entry(world, incident, "pending")["reason"] = reason
    world.add("comment", source_id=PLAIN, work_item_id=incident.id, at=after(OPENED, hours=1, minutes=1),
              author_id=f"{PLAIN}:person:agent", channel="portal", body_length=60)  # fmt: skip
    return incident


def entry(world: World, record: Record, state: str) -> dict[str, Any]:
    """Return the first change of a record to a state."""
    return next(
        row for row in world.rows["transition"]
        if row["work_item_id"] == record.id and row["field"] == "state" and row["new_value"] == state
    )  # fmt: skip


def handed_over(world: World, contract: str | None) -> str:
    """Add an incident that went to a supplier after twenty minutes; returns the id of the handover."""
    incident = incident_of(world, support_group_id=f"{PLAIN}:support_group:{ACME}", reassignment_claimed=1)
    at = after(OPENED, minutes=20)
    world.event(incident, at, "group", f"{PLAIN}:support_group:desk", f"{PLAIN}:support_group:{ACME}")
    if contract:
        end = incident.at["resolved"]
        world.add("sla_instance", source_id=PLAIN, work_item_id=incident.id, sla_definition_id=contract, cycle=1,
                  started_at=at, stopped_at=end, elapsed_seconds=int((end - at).total_seconds()), is_breached=False,
                  due_at=after(at, hours=4), original_due_at=after(at, hours=4), paused_seconds=0, captured_at=end)  # fmt: skip
    return str(world.rows["transition"][-1]["transition_id"])


def lowered(world: World, at: datetime) -> str:
    """Add an incident whose priority was lowered at a moment; returns the id of that change."""
    incident = incident_of(world, steps=ALMOST_DUE)
    world.event(incident, at, "priority", "2", "3")
    return str(world.rows["transition"][-1]["transition_id"])


def claimed(world: World, incident: Record, later_seconds: int | None = None) -> str:
    """Let an earlier snapshot know the resolution clock, and a later one another time of it; returns its id."""
    clock = incident.clocks["resolution"]
    common = {name: clock[name] for name in ("sla_instance_id", "source_id", "work_item_id", "stage", "stopped_at",
                                             "is_breached")}  # fmt: skip
    seen = clock["stopped_at"]
    world.add("sla_claim", **common, snapshot=1, later_snapshots=2, seen_at=seen, captured_at=seen,
              elapsed_seconds=clock["elapsed_seconds"])  # fmt: skip
    if later_seconds is not None:
        later = after(seen, days=3)
        world.add("sla_claim", **common, snapshot=2, later_snapshots=1, seen_at=later, captured_at=later,
                  elapsed_seconds=later_seconds)  # fmt: skip
    return str(clock["sla_instance_id"])


def _no_clock(world: World) -> str:
    incident = incident_of(world)
    world.rows["sla_instance"].remove(incident.clocks["resolution"])
    return incident.id


def _no_target(world: World) -> str:
    return world.service("fax", PLAIN)


def _missed_target(world: World) -> str:
    source = world.source("missed")
    target = definition(world, source, "updates")
    measured(world, source, target, met=5, missed=5)
    return target


def _wrong_claim(world: World) -> str:
    clock = incident_of(world).clocks["resolution"]
    clock["elapsed_seconds"] = 600
    return str(clock["sla_instance_id"])


def _met_by_waiting(world: World) -> str:
    return str(asked(world, paused(world, LONG_PAUSED), "requester").clocks["resolution"]["sla_instance_id"])


def _no_reason(world: World) -> str:
    return str(entry(world, paused(world), "pending")["transition_id"])


def _cycles(world: World) -> str:
    incident = incident_of(world)
    incident.clocks["resolution"]["cycle"] = 3
    return incident.id


def _loose_goal(world: World) -> str:
    return definition(world, PLAIN, "loose", goal_seconds=36000)


def _dodged(world: World) -> str:
    incident = incident_of(world, steps=TAKEN_UP_AGAIN, reopen_claimed=1)
    return str(entry(world, incident, "resolved")["transition_id"])


def _empty_answer(world: World) -> str:
    incident = incident_of(world)
    first = next(row for row in world.rows["comment"] if row["work_item_id"] == incident.id)
    first["body_length"] = 3
    return str(incident.clocks["response"]["sla_instance_id"])


def _too_much_work(world: World) -> str:
    source = world.source("busy")
    world.add("agreed_target", source_id=source, sla_name="incident resolution", workload_limit=1)
    incident_of(world, source)
    incident_of(world, source)
    return f"{source}:sla_definition:incident-resolution"


def _slow_supplier(world: World) -> str:
    return definition(world, PLAIN, "slow", kind="uc", supplier_id=ACME, metric="resolution", record_type="incident",
                      goal_seconds=36000, agreed_goal_seconds=36000)  # fmt: skip


def _unowned_supplier(world: World) -> str:
    return str(world.add("supplier", supplier_id="orphan", name="Orphan Ltd", contract_reference="C-2", is_active=True,
                         review_due_at=datetime(2026, 9, 1))["supplier_id"])  # fmt: skip


def _unmet_contract(world: World) -> str:
    source = world.source("unmet")
    contract = definition(world, source, "Acme updates", kind="uc", supplier_id=ACME)
    measured(world, source, contract, met=1, missed=4)
    return f"{ACME}@{source}"


def _supplier_alone(world: World) -> str:
    change = world.change(PLAIN)
    for row in world.rows["approval"]:
        if row["work_item_id"] == change.id and row["level"] == "vote":
            row["approver_id"] = row["decided_by_id"] = f"{PLAIN}:person:{ACME}"
    return change.id


VIOLATIONS: dict[str, Callable[[World], str]] = {
    "SLM-001": _no_clock,
    "SLM-002": _no_target,
    "SLM-003": _missed_target,
    "SLM-004": _wrong_claim,
    "SLM-005": _met_by_waiting,
    "SLM-006": _no_reason,
    "SLM-007": lambda world: lowered(world, after(OPENED, hours=7)),
    "SLM-008": _cycles,
    "SLM-009": _loose_goal,
    "SLM-010": lambda world: claimed(world, incident_of(world), later_seconds=600),
    "SLM-011": _dodged,
    "SLM-012": _empty_answer,
    "SLM-013": _too_much_work,
    "SUP-001": lambda world: handed_over(world, None),
    "SUP-002": _slow_supplier,
    "SUP-003": _unowned_supplier,
    "SUP-004": _unmet_contract,
    "SUP-005": _supplier_alone,
}
