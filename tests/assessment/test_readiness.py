"""The readiness score with its gate: a planning aid whose three numbers stand together (catalogue §4.4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from itsm_bridge.assessment.readiness import DOCUMENTS, closed_gates, readiness

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def leaf(conclusion: str, points: int, evidenced: int) -> dict[str, Any]:
    return {"conclusion": conclusion, "points": points, "points_evidenced": evidenced}


def complete() -> dict[str, list[dict[str, Any]]]:
    keys = [f"{key}x" if key.endswith(":") else key for keys in DOCUMENTS.values() for key in keys]
    documents = [
        {"document_id": key, "document_key": key, "status": "approved", "approved_by": "A. Chief"} for key in keys
    ]
    register = [
        {"register_item_id": kind, "kind": kind, "closed_at": NOW - timedelta(days=90)}
        for kind in ("internal_audit", "management_review")
    ]
    return {"document": documents, "register_item": register, "supplier": []}


def test_the_score_weighs_points_and_the_worst_finding() -> None:
    found = readiness(
        [leaf("conforming", 4, 4), leaf("observation", 10, 5), leaf("minor", 4, 4), leaf("not_applicable", 80, 0),
         leaf("not_assessed", 2, 0)], [],
    )  # fmt: skip

    assert found.score == pytest.approx(100 * (4 + 5 * 0.9 + 4 * 0.5) / 20)
    assert (found.points_evidenced, found.points, found.minor, found.major, found.clauses) == (13, 20, 1, 0, 4)
    assert (
        found.sentence == "build: score 52 of 100 · 13 of 20 points evidenced (65%) · 0 major and 1 minor in 4 clauses"
    )


@pytest.mark.parametrize(
    ("evidenced", "label"),
    [(59, "build"), (60, "gaps"), (79, "gaps"), (80, "nearly"), (89, "nearly"), (90, "ready for stage 1")],
)
def test_the_bands_are_those_of_the_catalogue(evidenced: int, label: str) -> None:
    assert readiness([leaf("conforming_so_far", 100, evidenced)], []).label == label


def test_a_gate_says_not_ready_whatever_the_score() -> None:
    assert readiness([leaf("conforming", 100, 100), leaf("major", 1, 1)], []).label == "not ready"
    assert readiness([leaf("conforming", 100, 100)], ["no internal audit"]).label == "not ready"
    assert readiness([], []).label == "not ready"


def test_the_gates_are_documents_audit_and_review(make_table: Any) -> None:
    def closed(**change: Any) -> tuple[str, ...]:
        tables = complete() | change
        return closed_gates({name: make_table(name, rows) for name, rows in tables.items()}, NOW)

    assert closed() == ()
    old = [row | {"closed_at": NOW - timedelta(days=400)} for row in complete()["register_item"]]
    assert len(closed(register_item=old)) == 2
    assert "13 of 14" not in closed(document=complete()["document"][1:])[0]
    assert "scope of the management system" in closed(document=complete()["document"][1:])[0]
    assert len(closed_gates({}, NOW)) == 3


def test_contracts_are_asked_for_only_where_there_are_suppliers(make_table: Any) -> None:
    documents = [row for row in complete()["document"] if not row["document_key"].startswith("contract:")]

    def closed(*suppliers: Any) -> tuple[str, ...]:
        tables = complete() | {"document": documents, "supplier": list(suppliers)}
        return closed_gates({name: make_table(name, rows) for name, rows in tables.items()}, NOW)

    assert closed() == ()
    assert "contracts with external suppliers" in closed({"supplier_id": "acme", "kind": "external"})[0]
    assert closed({"supplier_id": "acme", "kind": "external", "is_active": False}) == ()
