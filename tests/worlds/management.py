"""Reports, reviews, audits, documents, improvement, the data itself and its figures: sound, and a flaw for each check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from organisation import NOW, OPENED, Record, Step, World, after

DATA, STEADY = "data", "steady"
"""Sources of their own: flaws of the data, and enough records for figures."""
FEBRUARY, MARCH = datetime(2026, 2, 3, 6), datetime(2026, 3, 3, 6)
MANY = 22
SLOW: tuple[Step, ...] = (
    ("new", timedelta()), ("assigned", timedelta(minutes=5)), ("in_progress", timedelta(minutes=10)),
    ("resolved", timedelta(hours=5)), ("closed", timedelta(hours=29)),
)  # fmt: skip
REOPENED: tuple[Step, ...] = (
    ("new", timedelta()), ("assigned", timedelta(minutes=5)), ("in_progress", timedelta(minutes=10)),
    ("resolved", timedelta(hours=2)), ("in_progress", timedelta(hours=2, minutes=2)),
    ("resolved", timedelta(hours=2, minutes=4)), ("closed", timedelta(hours=26)),
)  # fmt: skip
OPEN: tuple[Step, ...] = (
    ("new", timedelta()), ("assigned", timedelta(minutes=5)), ("in_progress", timedelta(minutes=10)),
)  # fmt: skip
EMERGENCY: tuple[Step, ...] = (
    ("draft", timedelta()), ("authorize", timedelta(hours=1)), ("implement", timedelta(hours=2)),
    ("review", timedelta(hours=4)), ("closed", timedelta(days=1)),
)  # fmt: skip
BACKWARDS: tuple[Step, ...] = (
    ("new", timedelta()), ("assigned", timedelta(minutes=5)), ("new", timedelta(minutes=6)),
    ("assigned", timedelta(minutes=7)), ("in_progress", timedelta(minutes=10)), ("resolved", timedelta(hours=2)),
    ("closed", timedelta(hours=26)),
)  # fmt: skip


def compliant(world: World) -> None:
    """Add registers that are kept, results of earlier periods, and two months of a busy, steady source."""
    for name in (DATA, STEADY):
        world.source(name)
    world.incident(DATA)
    for snapshot in (1, 2):
        world.add("source_reading", source_id=DATA, snapshot=snapshot, read_at=NOW - timedelta(days=9 - 4 * snapshot),
                  is_remapped=False, later_snapshots=2 - snapshot)  # fmt: skip
    _activity(world, "service_report", "9.4", 31)
    world.register("service_report", None, datetime(2026, 3, 2), period_to=datetime(2026, 3, 1))
    _activity(world, "risk_review", "6.1.3", 365)
    world.register("risk_review", None, datetime(2025, 11, 3))
    review = world.register("management_review", None, datetime(2026, 1, 12))
    for letter in "abcdefghijkl":
        world.register("management_review_input", review, datetime(2026, 1, 12), title=f"input {letter})")
    world.register("management_review_output", review, datetime(2026, 1, 12))
    world.add("clause_scope", clause="8.6.1", is_applicable=True, process_owner="Process Owner")
    world.register("audit_scope", None, datetime(2025, 10, 6), clause="8.6")
    world.add("required_document", document_key="policy", title="Service management policy", clause="5.2.1")
    world.add("document", document_key="policy", version="3", owner="Owner", approved_by="Director", status="approved",
              approved_at=datetime(2025, 10, 1), review_due_at=datetime(2026, 10, 1))  # fmt: skip
    world.register("nonconformity", None, datetime(2026, 2, 2))
    world.register("improvement", "an idea of ours", datetime(2026, 2, 2))
    _earlier(world, "INC-001", "pass", "deviation", "pass")
    _month(world, STEADY, FEBRUARY)
    _month(world, STEADY, MARCH)


def _activity(world: World, kind: str, clause: str, days: int, about: str | None = None) -> str:
    row = world.add("required_activity", kind=kind, clause=clause, subject_id=about, interval_days=days, is_active=True)
    return str(row["activity_id"])


def _earlier(world: World, check: str, *statuses: str) -> str:
    for n, status in enumerate(statuses, 1):
        world.add("earlier_result", source_id=DATA, check_id=check, periods_back=n, status=status, severity="minor")
    return f"{DATA}:{check}"


def _moments(first: datetime, hours: int = 7) -> Iterator[datetime]:
    """Yield moments far enough from each other that changes do not overlap."""
    return (after(first, hours=hours * n) for n in range(MANY))


def _incidents(world: World, source: str, first: datetime, **more: Any) -> list[Record]:
    """Add urgent incidents, each of another kind, so that none of them recurs."""
    urgent = {"priority": 2, "impact": 1, "urgency": 2}
    return [
        world.incident(source, opened=opened, category=f"topic {n}", **{**urgent, **more})
        for n, opened in enumerate(_moments(first))
    ]


def _changes(world: World, source: str, first: datetime) -> list[Record]:
    return [world.change(source, opened=opened) for opened in _moments(first)]


def _month(world: World, source: str, first: datetime) -> None:
    _incidents(world, source, first)
    _changes(world, source, first)


def _growing(world: World) -> str:
    source = world.source("growing")
    _incidents(world, source, FEBRUARY)
    for n in range(MANY):
        world.incident(source, opened=NOW - timedelta(hours=2, minutes=n), steps=OPEN, category=f"topic {n}",
                       resolution_code=None, resolution_length=None)  # fmt: skip
    return f"{source}:backlog_open"


def _reopening(world: World) -> str:
    source = world.source("reopening")
    _incidents(world, source, MARCH)
    for n in (1, 2):
        world.incident(source, opened=after(MARCH, days=n, hours=2), steps=REOPENED, reopen_claimed=1,
                       category=f"reopened {n}")  # fmt: skip
    return f"{source}:reopen_rate"


def _failing(world: World) -> str:
    source = world.source("failing")
    _changes(world, source, MARCH)
    for n in (1, 2):
        world.change(source, opened=after(MARCH, days=7, hours=7 * n), outcome="failed", is_backed_out=True)
    return f"{source}:change_success_rate"


def _hasty(world: World) -> str:
    source = world.source("hasty")
    _changes(world, source, MARCH)
    for n in range(3):
        opened = after(MARCH, days=10, hours=7 * n)
        change = world.change(source, opened=opened, steps=EMERGENCY, change_type="emergency")
        world.approve(change, source, "ecab", change.at["implement"] - timedelta(minutes=10), "approver")
        incident = world.incident(source, opened=opened, category=f"topic {n}", priority=2, impact=1, urgency=2)
        world.relate(incident, change, "resolved_by")
    return f"{source}:emergency_ratio"


def _slower(world: World) -> str:
    source = world.source("slower")
    _incidents(world, source, FEBRUARY)
    _incidents(world, source, MARCH, steps=SLOW)
    return f"{source}:mttr_p1p2"


def _harmful(world: World) -> str:
    source = world.source("harmful")
    change = world.change(source, opened=MARCH, outcome="successful_issues")
    incidents = _incidents(world, source, after(MARCH, days=3))
    for incident in incidents[:2]:
        world.relate(incident, change, "caused_by")
    return f"{source}:change_incident_ratio"


def _put_back(world: World) -> str:
    incident = world.incident(DATA)
    incident.row["resolved_at"] -= timedelta(minutes=90)
    return incident.id


def _edited(world: World) -> str:
    incident = world.incident(DATA)
    world.event(incident, incident.at["closed"] + timedelta(days=3), "resolution_code", "other", "fixed")
    return incident.id


def _anonymous(world: World) -> str:
    incident = world.incident(DATA)
    closing = next(row for row in world.rows["transition"]
                   if row["work_item_id"] == incident.id and row["new_value"] == "closed")  # fmt: skip
    closing["actor_id"] = None
    return str(closing["transition_id"])


def _backwards(world: World) -> str:
    incident = world.incident(DATA, steps=BACKWARDS)
    return next(str(row["transition_id"]) for row in world.rows["transition"]
                if row["work_item_id"] == incident.id and row["old_value"] == "assigned" and row["new_value"] == "new")  # fmt: skip


def _dusty(world: World) -> str:
    source = world.source("dusty")
    run = next(row for row in world.rows["stream_run"] if row["source_id"] == source)
    run["finished_at"] = NOW - timedelta(days=3)
    return f"{source}:records"


def _altered(world: World) -> str:
    incident = world.incident(DATA)
    world.add("evidence_loss", source_id=DATA, work_item_id=incident.id, kind="event_altered", field="state",
              event_at=incident.at["resolved"], lost_at=NOW - timedelta(days=1))  # fmt: skip
    return incident.id


def _clause(world: World) -> str:
    world.add("clause_scope", clause="8.4.3", is_applicable=True, process_owner="Process Owner")
    return "8.4.3"


def _document(world: World) -> str:
    return str(world.add("required_document", document_key="plan", title="Service management plan")["document_key"])


VIOLATIONS: dict[str, Callable[[World], str]] = {
    "RPT-001": lambda world: _activity(world, "service_report", "9.4", 31, "printing"),
    "RPT-002": lambda world: _activity(world, "capacity_review", "8.4.3", 365),
    "RPT-003": lambda world: world.register("management_review", None, datetime(2026, 3, 2)),
    "RPT-004": _clause,
    "RPT-005": _document,
    "IMP-001": lambda world: world.register("nonconformity", None, datetime(2026, 1, 5), cause_length=0),
    "IMP-002": lambda world: world.register("nonconformity", None, datetime(2025, 9, 1), effect_verified_at=None),
    "IMP-003": lambda world: world.register("improvement", "another idea", datetime(2026, 1, 5), target_value=None),
    "IMP-004": lambda world: _earlier(world, "INC-002", "deviation", "systemic", "deviation"),
    "DQ-001": lambda world: world.incident(DATA, first_response_at=OPENED - timedelta(hours=1)).id,
    "DQ-002": lambda world: world.incident(DATA, created_at=after(OPENED, hours=25)).id,
    "DQ-003": _put_back,
    "DQ-004": lambda world: world.incident(DATA, reopen_claimed=1).id,
    "DQ-005": _edited,
    "DQ-006": _backwards,
    "DQ-007": lambda world: world.incident(DATA, mapping_confidence=0.5).id,
    "DQ-008": _anonymous,
    "DQ-009": _dusty,
    "DQ-010": _altered,
    "KPI-001": _growing,
    "KPI-002": _reopening,
    "KPI-003": _failing,
    "KPI-004": _hasty,
    "KPI-005": _slower,
    "KPI-006": _harmful,
}
