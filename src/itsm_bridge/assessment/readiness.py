"""Readiness for certification (catalogue §4.4): a score with its coverage, and the gate that no score opens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

PLANNING_AID = "A planning aid, not a probability of certification."
NOT_READY = "not ready"
_BANDS = ((60, "build"), (80, "gaps"), (90, "nearly"))
_READY = "ready for stage 1"
_ENOUGH_COVERAGE = 0.9
_QUALITY = {"observation": 0.9, "minor": 0.5, "major": 0.0}
_YEAR = timedelta(days=366)
_AUDITS = ("internal_audit", "audit_scope")
_REVIEWS = ("management_review",)

DOCUMENTS: Mapping[str, tuple[str, ...]] = {
    "scope of the management system": ("sms_scope",),
    "service management policy": ("sm_policy",),
    "service management objectives": ("sm_objectives",),
    "service management plan": ("sm_plan",),
    "change management policy": ("change_policy",),
    "information security policy": ("infosec_policy",),
    "service continuity plan": ("continuity_plan",),
    "processes": ("process:",),
    "service requirements": ("service_requirements:",),
    "service catalogue": ("service_catalogue",),
    "service level agreements": ("sla:",),
    "contracts with external suppliers": ("contract:",),
    "agreements with internal suppliers": ("ola:",),
    "procedures that are required": ("procedure:",),
}
"""Documents that clause 7.5.4 names, with their keys in documents.csv; after a key that ends with `:` a name stands."""

_ONLY_WITH = {"contract:": ("external",), "ola:": ("internal", "customer_as_supplier")}


@dataclass(frozen=True, slots=True)
class Readiness:
    """Score, coverage and open nonconformities of an assessment, told together. `gates` keep it from being ready."""

    score: float | None
    points: int
    points_evidenced: int
    clauses: int
    major: int
    minor: int
    gates: tuple[str, ...]

    @property
    def coverage(self) -> float | None:
        """Share of the requirement points that are evidenced; None where there are none."""
        return self.points_evidenced / self.points if self.points else None

    @property
    def label(self) -> str:
        """What the figures suggest; a gate says `not ready`, whatever the score."""
        if self.gates or self.score is None:
            return NOT_READY
        band = next((name for below, name in _BANDS if self.score < below), _READY)
        return "nearly" if band == _READY and (self.coverage or 0) < _ENOUGH_COVERAGE else band

    @property
    def sentence(self) -> str:
        """Score, coverage and counts in one line."""
        score = "no score" if self.score is None else f"score {self.score:.0f} of 100"
        share = "" if self.coverage is None else f" ({self.coverage:.0%})"
        return (
            f"{self.label}: {score} · {self.points_evidenced} of {self.points} points evidenced{share} · "
            f"{self.major} major and {self.minor} minor in {self.clauses} clauses"
        )


def readiness(leaves: Iterable[Mapping[str, Any]], closed: Sequence[str]) -> Readiness:
    """Return the readiness from the conclusions of leaf clauses that apply, and the gates that are closed."""
    rows = [row for row in leaves if row["conclusion"] != "not_applicable"]
    points, shown = sum(row["points"] for row in rows), sum(row["points_evidenced"] for row in rows)
    worth = sum(row["points_evidenced"] * _QUALITY.get(row["conclusion"], 1.0) for row in rows)
    major, minor = (sum(row["conclusion"] == name for row in rows) for name in ("major", "minor"))
    gates = ([f"{major} of {len(rows)} clauses with a major nonconformity"] if major else []) + list(closed)
    score = 100 * worth / points if points else None
    return Readiness(score, points, shown, len(rows), major, minor, tuple(gates))


def closed_gates(policy: Mapping[str, pa.Table], now: datetime) -> tuple[str, ...]:
    """Return what the registers lack without which nobody is ready: documents of 7.5.4, an audit, a review."""
    now = now if now.tzinfo else now.replace(tzinfo=UTC)
    missing = _missing_documents(policy, now)
    found = []
    if missing:
        found.append(
            f"{len(missing)} of {len(DOCUMENTS)} kinds of documents of 7.5.4 not approved and current "
            f"in documents.csv: {', '.join(missing)}"
        )
    if not _done(policy, _AUDITS, now):
        found.append(
            "no internal audit in the last twelve months in register.csv (kind internal_audit, with closed_at)"
        )
    if not _done(policy, _REVIEWS, now):
        found.append(
            "no management review in the last twelve months in register.csv (kind management_review, with closed_at)"
        )
    return tuple(found)


def _missing_documents(policy: Mapping[str, pa.Table], now: datetime) -> list[str]:
    suppliers = {row["kind"] for row in _rows(policy, "supplier") if row["is_active"] is not False}
    held = {row["document_key"] for row in _rows(policy, "document") if _is_current(row, now)}
    return [
        title
        for title, keys in DOCUMENTS.items()
        if not any(_matches(key)(each) for key in keys for each in held)
        and any(key not in _ONLY_WITH or suppliers.intersection(_ONLY_WITH[key]) for key in keys)
    ]


def _matches(key: str) -> Callable[[str], bool]:
    return (lambda held: held.startswith(key)) if key.endswith(":") else (lambda held: held == key)


def _is_current(row: Mapping[str, Any], now: datetime) -> bool:
    is_due = row["review_due_at"] is not None and row["review_due_at"] < now
    return row["status"] == "approved" and bool(row["approved_by"]) and not is_due


def _done(policy: Mapping[str, pa.Table], kinds: Sequence[str], now: datetime) -> bool:
    closed = (row["closed_at"] for row in _rows(policy, "register_item") if row["kind"] in kinds)
    return any(at is not None and now - _YEAR <= at <= now for at in closed)


def _rows(policy: Mapping[str, pa.Table], name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = policy[name].to_pylist() if name in policy else []
    return found
