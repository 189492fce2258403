"""Releases, the catalogue, customers, availability and continuity: sound ones, and a single flaw for each check."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from organisation import OPENED, Record, World, after

SERVICES, RATED = "services", "ratings"
"""Sources of their own: what this group does must not move the rates of others."""
IN_WINTER = datetime(2025, 12, 8, 9)
"""When changes begin after which continuity had to be tested again in March."""


def compliant(world: World) -> None:
    """Add a release, a change with major impact, complaints, ratings, an outage, and a test of continuity."""
    for name in (SERVICES, RATED):
        world.source(name)
    _major(world)
    world.register("complaint", "mail", datetime(2026, 2, 10))
    world.register("dispute", "acme", datetime(2026, 2, 10), closed_at=None, escalated_at=datetime(2026, 3, 1))
    rated = _rated(world)
    world.add("comment", source_id=SERVICES, work_item_id=rated.id, at=after(OPENED, days=3),
              author_id=f"{SERVICES}:person:agent", author_role="agent", channel="phone")  # fmt: skip
    world.register("csat_survey", "mail", datetime(2025, 11, 3))
    _many(world, world.service("printing", RATED), ratings=12)
    portal = world.service("portal", SERVICES, availability_target=0.99)
    _investigated(world, _outage(world, portal, timedelta(hours=1)))
    world.service("scanner", SERVICES, availability_target=0.99)
    payments = world.service("payments", SERVICES, is_continuity_required=True)
    _major(world, opened=IN_WINTER, service_id=payments)
    world.register("continuity_test", "payments", datetime(2026, 1, 12))


def _major(world: World, **more: Any) -> Record:
    change = world.change(SERVICES, is_major_impact=True, **more)
    world.relate(change, world.release(SERVICES, opened=more.get("opened", OPENED)), "part_of")
    return change


def _rated(world: World) -> Record:
    return world.incident(SERVICES, satisfaction_score=1.0, satisfaction_at=after(OPENED, days=2))


def _many(world: World, service: str, ratings: int) -> None:
    for n in range(32):
        opened = after(OPENED - timedelta(days=5), hours=7 * n)
        rating = {"satisfaction_score": 4.0, "satisfaction_at": after(opened, days=2)} if n < ratings else {}
        world.request(RATED, opened=opened, service_id=service, **rating)


def _outage(world: World, service: str, span: timedelta) -> Record:
    incident = world.incident(SERVICES, service_id=service)
    world.add("outage", source_id=SERVICES, outage_id=f"{SERVICES}:outage:{incident.number}", work_item_id=incident.id,
              started_at=OPENED, ended_at=OPENED + span, outage_type="outage")  # fmt: skip
    return incident


def _investigated(world: World, incident: Record) -> None:
    world.relate(incident, world.problem(SERVICES), "investigated_by")


def _without_change(world: World) -> str:
    release = world.release(SERVICES)
    world.rows["relation"] = [row for row in world.rows["relation"] if row["to_id"] != release.id]
    return release.id


def _not_reported(world: World) -> str:
    change = _major(world)
    world.rows["register_item"] = [row for row in world.rows["register_item"] if row["subject_id"] != change.number]
    return change.id


def _too_few_ratings(world: World) -> str:
    service = world.service("plotting", RATED)
    _many(world, service, ratings=3)
    return service


def _not_investigated(world: World) -> str:
    incident = _outage(world, f"{SERVICES}:service:mail", timedelta(hours=1))
    return f"{SERVICES}:outage:{incident.number}"


def _out_for_a_day(world: World) -> str:
    shop = world.service("shop", SERVICES, availability_target=0.99)
    _investigated(world, _outage(world, shop, timedelta(days=1)))
    return shop


def _not_retested(world: World) -> str:
    transfers = world.service("transfers", SERVICES, is_continuity_required=True)
    return _major(world, opened=IN_WINTER, service_id=transfers).id


VIOLATIONS: dict[str, Callable[[World], str]] = {
    "REL-001": lambda world: world.release(SERVICES, method_length=0).id,
    "REL-002": _without_change,
    "REL-003": lambda world: world.release(SERVICES, acceptance_result="not_met").id,
    "REL-004": lambda world: world.release(SERVICES, baseline_reference=None, baseline_at=None).id,
    "REL-005": lambda world: world.release(SERVICES, measured_at=None).id,
    "REL-006": _not_reported,
    "CAT-001": lambda world: world.service("fax", SERVICES, owner_id=None),
    "BRM-001": lambda world: world.register("complaint", "mail", datetime(2026, 2, 12), closed_at=None),
    "BRM-002": lambda world: _rated(world).id,
    "BRM-003": _too_few_ratings,
    "AVL-001": _not_investigated,
    "AVL-002": _out_for_a_day,
    "CON-001": _not_retested,
}
