"""Runs of checks as the engine hands them over, made from a few numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from itsm_bridge.assessment import Assessment, Circumstances, Earlier, conclude, load_clauses
from itsm_bridge.assessment.clauses import Clauses
from itsm_bridge.assessment.conclusions import Conclusion
from itsm_bridge.checking import CheckRun
from itsm_bridge.checking.definition import Check, Clause, Subject
from itsm_bridge.checking.frame import FINDINGS
from itsm_bridge.schema import TABLES

NOW = datetime(2026, 11, 22, tzinfo=UTC)
COUNTS = ("in_scope", "assessable", "not_assessable", "failing", "suppressed", "waived")


def count_row(
    check: str, source: str, in_scope: int, failing: int, not_assessable: int = 0, **more: Any
) -> dict[str, Any]:
    numbers = (in_scope, in_scope - not_assessable, not_assessable, failing, 0, 0)
    row = {"check_id": check, "source_id": source, **dict(zip(COUNTS, numbers, strict=True)), "reasons": "{}"}
    return row | {name: json.dumps(value) if name == "reasons" else value for name, value in more.items()}


def make_finding(check: str = "INC-001", subject: str = "prod:work_item:1", **more: Any) -> dict[str, Any]:
    row = {
        "check_id": check, "source_id": "prod", "work_item_id": subject, "subject": subject, "number": "INC1",
        "url": None, "suppressed_by": None, "is_waived": False, "message": "no owner", "evidence": '{"owner": null}',
    }  # fmt: skip
    return row | more


def make_check(
    identity: str, clauses: str = "8.6.1", severity: str = "minor", basis: str = "standard", **more: Any
) -> Check:
    named = tuple(Clause(*(each.split(":") if ":" in each else (each, "partial"))) for each in clauses.split())
    view = more.pop("view", None)
    return Check(
        id=identity, version=1, title=identity, process="x", clauses=named, kind="process", severity=severity,
        basis=basis, record_types=(), anchor="now", violation="TRUE", message="", why="", remedy="", limits=(),
        procedure="", subject=Subject(view, "x", "x.id") if view else Subject(), **more,
    )  # fmt: skip


def make_run(counts: Sequence[Mapping[str, Any]], findings: Sequence[Mapping[str, Any]] = (), **more: Any) -> CheckRun:
    """Return a run; a row for all sources is added where a check has none."""
    rows = [dict(row) for row in counts]
    for check in {row["check_id"] for row in rows}:
        own = [row for row in rows if row["check_id"] == check]
        if all(row["source_id"] != "*" for row in own):
            whole = {name: sum(row[name] for row in own) for name in COUNTS}
            reasons: dict[str, int] = {}
            for row in own:
                reasons |= json.loads(row["reasons"])
            rows.append({"check_id": check, "source_id": "*", **whole, "reasons": json.dumps(reasons)})
    return CheckRun(pa.Table.from_pylist(rows), pa.Table.from_pylist(list(findings), schema=FINDINGS), **more)


@pytest.fixture(scope="session")
def clauses() -> Clauses:
    return load_clauses()


@pytest.fixture
def judge(clauses: Clauses) -> Callable[..., Assessment]:
    """Return a function that concludes from checks and count rows; keyword arguments set the circumstances."""

    def judged(checks: Sequence[Check], run: CheckRun, earlier: Earlier | None = None, **more: Any) -> Assessment:
        circumstances = Circumstances(**({"number": 2, "now": NOW} | more))
        return conclude(run, checks, clauses, circumstances, earlier)

    return judged


def clause(assessment: Assessment, name: str) -> Conclusion:
    return next(conclusion for conclusion in assessment.conclusions if conclusion.clause == name)


@pytest.fixture
def make() -> Any:
    """Return the makers of this module under one name."""

    class Makers:
        check = staticmethod(make_check)
        run = staticmethod(make_run)
        row = staticmethod(count_row)
        finding = staticmethod(make_finding)
        clause = staticmethod(clause)

    return Makers


def table(name: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist([dict(row) for row in rows], schema=TABLES[name].arrow)


@pytest.fixture
def make_table() -> Callable[[str, Sequence[Mapping[str, Any]]], pa.Table]:
    """Return a function that makes a table of the schema from rows."""
    return table
