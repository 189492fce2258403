"""Problems and configuration items: sound ones, and one with a single flaw for each of their checks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from organisation import NOW, OPENED, PROBLEM, Record, Step, World, after

PLAIN, OLD = "problems", "configurations"
"""Sources of their own: what this group does must not move the rates of others."""
IN_WINTER = datetime(2026, 2, 15, 9)
ANALYSED: tuple[Step, ...] = (*PROBLEM[:2], ("rca", timedelta(days=20)))
UNDER_REPAIR = PROBLEM[:4]


def compliant(world: World) -> None:
    """Add problems behind incidents, known errors, fixes by changes, and items that follow changes."""
    for name in (PLAIN, OLD):
        world.source(name)
    _recurring(world, "printer jam", 5, problem=world.problem(PLAIN, category="printer jam"))
    world.relate(_major(world), world.problem(PLAIN), "investigated_by", after(OPENED, days=1))
    _known_error(world)
    _changed(world, is_fixed=True)
    world.problem(PLAIN, opened=IN_WINTER)
    world.relate(world.incident(PLAIN, resolution_code="workaround"), world.problem(PLAIN), "investigated_by")
    _edited(world, "web", world.change(OLD, changes_configuration=True, configuration_item_id=world.item("web", OLD)))


def _recurring(world: World, category: str, n: int, problem: Record | None = None) -> None:
    for day in range(n):
        incident = world.incident(PLAIN, category=category, opened=after(OPENED, days=day, hours=day))
        if problem is not None:
            world.relate(incident, problem, "investigated_by")


def _major(world: World) -> Record:
    incident = world.incident(PLAIN, is_major=True, priority=1, impact=1, urgency=1,
                              major_declared_at=after(OPENED, minutes=20), major_manager_id=f"{PLAIN}:person:manager")  # fmt: skip
    world.event(incident, after(OPENED, minutes=20), "major", None, "true")
    world.register("mgmt_notice", incident.number, after(OPENED, minutes=30), closed_at=after(OPENED, minutes=40),
                   communicated_at=after(OPENED, minutes=40))  # fmt: skip
    world.register("mi_review", incident.number, after(OPENED, days=1))
    return incident


def _known_error(world: World, **detail: Any) -> Record:
    """Add a problem whose cause is known and that is not resolved yet."""
    problem = world.problem(PLAIN, opened=after(OPENED, days=5), steps=UNDER_REPAIR, resolution_code=None,
                            resolution_length=None)  # fmt: skip
    problem.detail.update(detail)
    return problem


def _changed(world: World, is_fixed: bool) -> Record:
    """Add a problem that is said to be resolved by a change."""
    problem = world.problem(PLAIN)
    problem.detail["fix_type"] = "change"
    if is_fixed:
        change = world.change(PLAIN, opened=after(OPENED, hours=5))
        world.relate(problem, change, "resolved_by", after(OPENED, hours=6))
    return problem


def _edited(world: World, item: str, change: Record | None) -> str:
    at = change.at["review"] if change else after(OPENED, days=3)
    row = world.add("configuration_item_event", source_id=OLD, configuration_item_id=f"{OLD}:configuration_item:{item}",
                    at=at, actor_id=f"{OLD}:person:engineer", actor_kind="agent", field="version", old_value="1",
                    new_value="2", work_item_id=change.id if change else None)  # fmt: skip
    return str(row["event_id"])


def _without_problem(world: World) -> str:
    _recurring(world, "scanner jam", 5)
    return f"{PLAIN}:service:mail|scanner jam|{PLAIN}:configuration_item:mail-server"


def _without_cause(world: World) -> str:
    problem = world.problem(PLAIN)
    problem.detail.update(root_cause_length=0, root_cause_at=None)
    return problem.id


def _unpublished(world: World) -> str:
    problem = _known_error(world, workaround_length=0)
    problem.row["knowledge_reference"] = None
    return problem.id


def _unanalysed(world: World) -> str:
    problem = world.problem(PLAIN, opened=IN_WINTER, steps=ANALYSED, resolution_code=None, resolution_length=None)
    problem.detail.update(root_cause_length=0, is_known_error=False, workaround_length=0)
    return problem.id


def _back_again(world: World) -> str:
    problem = world.problem(PLAIN, category="toner", opened=OPENED - timedelta(days=8))
    _recurring(world, "toner", 3)
    return problem.id


def _on_retired(world: World) -> str:
    item = world.item("tape", OLD, status="retired", status_since=datetime(2026, 1, 5))
    return f"{world.incident(OLD, configuration_item_id=item).id}>tape"


def _not_updated(world: World) -> str:
    item = world.item("cache", OLD)
    return f"{world.change(OLD, changes_configuration=True, configuration_item_id=item).id}>cache"


def _not_edited_by_change(world: World) -> str:
    world.item("router", OLD)
    return _edited(world, "router", None)


VIOLATIONS: dict[str, Callable[[World], str]] = {
    "PRB-001": _without_problem,
    "PRB-002": lambda world: _major(world).id,
    "PRB-003": lambda world: world.problem(PLAIN, category=None).id,
    "PRB-004": _without_cause,
    "PRB-005": lambda world: _known_error(world, is_known_error=False, known_error_at=None, workaround_length=0).id,
    "PRB-006": _unpublished,
    "PRB-007": lambda world: _changed(world, is_fixed=False).id,
    "PRB-008": _unanalysed,
    "PRB-009": _back_again,
    "PRB-010": lambda world: world.incident(PLAIN, resolution_code="workaround").id,
    "CFG-001": lambda world: world.incident(OLD, configuration_item_id=None).id,
    "CFG-002": _on_retired,
    "CFG-003": lambda world: world.item("shelf", OLD, description_length=0),
    "CFG-004": _not_edited_by_change,
    "CFG-005": _not_updated,
    "CFG-006": lambda world: world.item("vault", OLD, last_verified_at=NOW - timedelta(days=400)),
}
