"""A realistic assessment for the reports: one company, two sources, seventeen checks, an assessment before it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from itsm_bridge.assessment import Circumstances, Earlier, conclude, latest, load_clauses
from itsm_bridge.checking import CheckRun
from itsm_bridge.checking.definition import Bound, Check, Clause, Parameter, Subject
from itsm_bridge.checking.frame import FINDINGS, Verdict
from itsm_bridge.policy import ParameterValue
from itsm_bridge.reports import AssessmentView
from itsm_bridge.schema import TABLES

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
NO_HISTORY = "source legacy keeps no history of state (history.state)"
NO_APPROVALS = "source legacy: the account may not read approvals (approval.vote)"

_Row = tuple[str, str, str, str, str, tuple[int, ...], tuple[int, ...]]


def read_checks() -> list[_Row]:
    """Return checks.csv: a check, then its counts in prod and in legacy, in the order of NAMES."""
    with (Path(__file__).parent / "checks.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    return [(a, b, c, d, e, tuple(map(int, f.split())), tuple(map(int, g.split()))) for a, b, c, d, e, f, g in rows]


CHECKS = read_checks()
NAMES = ("in_scope", "not_assessable", "failing", "suppressed", "waived")


def build_check(identity: str, title: str, clauses: str, severity: str, basis: str) -> Check:
    parameter = Parameter(
        "intake_grace", "24h", "duration", "grace before completeness is judged", bound=Bound(max="72h")
    )
    return Check(
        id=identity, version=1, title=title, process=identity[:3].lower(), kind="process", severity=severity,
        basis=basis, clauses=tuple(Clause(clause, "partial") for clause in clauses.split()), record_types=(),
        anchor="w.opened_at", violation="TRUE", message="", limits="A form that fills in defaults hides it.",
        why="What is required has to be visible in the record, or nobody can show that it happened.",
        remedy="Make the field mandatory in the form, and go through the open records once.",
        procedure="Draw 25 failing records and read them in the tool.",
        subject=Subject("source", "x", "x.source_id") if identity == "DQ-009" else Subject(),
        parameters={"intake_grace": parameter} if identity == "INC-001" else {},
    )  # fmt: skip


def _count_rows(identity: str, prod: tuple[int, ...], legacy: tuple[int, ...]) -> list[dict[str, Any]]:
    rows = []
    for source, numbers in (("prod", prod), ("legacy", legacy), ("*", tuple(map(sum, zip(prod, legacy, strict=True))))):
        counts = dict(zip(NAMES, numbers, strict=True))
        reason = "the date that the check reads is missing" if source == "prod" else NO_HISTORY
        reason = NO_APPROVALS if identity.startswith(("CHG", "SRQ")) else reason
        reasons = {reason: counts["not_assessable"]} if counts["not_assessable"] else {}
        assessable = counts["in_scope"] - counts["not_assessable"]
        rows.append(
            {
                "check_id": identity,
                "source_id": source,
                **counts,
                "assessable": assessable,
                "reasons": json.dumps(reasons),
            }
        )
    return rows


def _moment(n: int) -> str:
    return f"2026-11-{1 + n % 20:02d} 08:{n % 60:02d}"


def _message(identity: str, n: int) -> str:
    sentences = {
        "CHG": f"Implementation began on {_moment(n)}, and nobody had authorised it by then",
        "PRB": f"Closed on {_moment(n)} without a root cause, and without a reason why none was found",
        "DQ-": "sys_audit was not read to its end: 0 of an unknown number of rows",
    }
    return sentences.get(identity[:3], f"Opened {_moment(n)}, and no owner, service or requester by 24 h later")


def finding_rows(
    identity: str, source: str, failing: int, suppressed: int = 0, waived: int = 0
) -> list[dict[str, Any]]:
    return [
        {
            "check_id": identity, "source_id": source, "work_item_id": f"{source}:work_item:{identity}{n:05d}",
            "subject": source if identity == "DQ-009" else f"{source}:work_item:{identity}{n:05d}",
            "number": source if identity == "DQ-009" else f"{identity[:3]}00{10000 + n * 7}",
            "url": f"https://acme.service-now.com/nav_to.do?uri=task.do?sys_id={identity}{n:05d}",
            "suppressed_by": "CHG-002" if failing <= n < failing + suppressed else None,
            "is_waived": n >= failing + suppressed,
            "message": _message(identity, n),
            "evidence": json.dumps({"at": _moment(n), "state": "closed", "service_id": None}),
        }
        for n in range(failing + suppressed + waived)
    ]  # fmt: skip


def build_run(shift: int = 0) -> CheckRun:
    """Return a run; `shift` moves the failing records on, so that some are new and some are resolved."""
    counts, findings = [], []
    for identity, _, _, _, _, prod, legacy in CHECKS:
        counts += _count_rows(identity, prod, legacy)
        for source, numbers in (("prod", prod), ("legacy", legacy)):
            found = finding_rows(identity, source, numbers[2] + shift, numbers[3], numbers[4])
            findings += found[shift:] if numbers[2] else []
    verdicts: dict[tuple[str, str], Verdict] = {("INC-001", f"prod:work_item:INC-001{n:05d}"): "pass" for n in range(2)}
    return CheckRun(pa.Table.from_pylist(counts), pa.Table.from_pylist(findings, schema=FINDINGS), verdicts=verdicts)


def stream_rows() -> list[dict[str, Any]]:
    names = ("incident", "problem", "change_request", "sc_req_item", "sysapproval_approver", "sys_audit", "task_sla")
    rows = [_stream("prod", name, 1900 + 317 * n, "complete", "") for n, name in enumerate(names)]
    rows += [_stream("legacy", name, 212, "complete", "") for name in ("incident", "change_request")]
    rows.append(_stream("legacy", "sys_audit", None, "denied", "403: the account lacks the role to read sys_audit"))
    rows.append(
        _stream("legacy", "task_sla", 804, "partial", "interrupted after 411 of 804 rows: the host did not answer")
    )
    rows.append(_stream("prod", "metric_instance", None, "skipped", "sys_audit gives the history"))
    return rows


def _stream(source: str, name: str, expected: int | None, status: str, reason: str) -> dict[str, Any]:
    held = {"complete": expected, "partial": 411}.get(status)
    return {
        "source_id": source, "stream": name, "snapshot": 14, "status": status, "reason": reason, "expected": expected,
        "received": None if held is None else held // 9, "held": held, "hidden": 4 if name == "problem" else 0,
        "truncated": 0, "unmapped": 3 if name == "incident" else 0, "quarantined": 0, "retried": 1,
        "feeds": "work_item",
        "started_at": NOW - timedelta(minutes=9), "finished_at": NOW - timedelta(minutes=3), "cursor": None,
    }  # fmt: skip


def _table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=TABLES[name].arrow)


def _capabilities() -> pa.Table:
    rows = [
        ("legacy", "history.state", "none", "sys_audit may not be read"),
        ("legacy", "approval.vote", "none", "sysapproval_approver may not be read"),
        ("prod", "csat", "none", "the tool has no ratings"),
        ("prod", "approval.vote", "full", ""),
    ]
    names = ("source_id", "capability", "level", "reason")
    return _table("capability", [dict(zip(names, row, strict=True)) | {"record_type": "*"} for row in rows])


def _sources() -> pa.Table:
    hosts = {"prod": ("https://acme.service-now.com", "UTC"), "legacy": ("https://old.acme.example", "Europe/Berlin")}
    return _table("source", [
        {"source_id": name, "adapter": "servicenow", "base_url": url, "timezone": zone}
        for name, (url, zone) in hosts.items()
    ])  # fmt: skip


@pytest.fixture(scope="session")
def make_view() -> Callable[..., AssessmentView]:
    """Return a function that makes a view; keyword arguments replace its fields."""

    def make(run: CheckRun | None = None, **changes: Any) -> AssessmentView:
        checks = [build_check(*row[:5]) for row in CHECKS]
        capabilities = _capabilities()
        around = Circumstances(
            number=15, now=NOW, adopted=frozenset({"INC-004", "INC-009"}), capabilities=capabilities,
            stream_runs=_table("stream_run", stream_rows()), accepted_gaps=("legacy:task_sla",),
        )  # fmt: skip
        clauses = load_clauses()
        before = conclude(build_run(), checks, clauses, replace(around, number=14))
        now = conclude(run or build_run(shift=3), checks, clauses, around, Earlier(14, latest(before.finding)))
        view = AssessmentView(
            number=15, snapshot=14, now=NOW, period_from=NOW - timedelta(days=30), period_to=NOW,
            exit_code=now.exit_code, capabilities=capabilities, stream_runs=around.stream_runs,
            sources=_sources(), results=now.check_result, findings=now.finding,
            conclusions=now.conclusion, checks=checks, clauses=clauses,
            gaps=now.gaps, adopted=around.adopted, compared_with=14, timezone="Europe/Berlin",
            snapshot_at=NOW - timedelta(minutes=3), head="9f2c" * 16,
            parameters={"intake_grace": ParameterValue("48h", "J. Doe, incident process owner", date(2026, 3, 1))},
            software={"itsm-bridge": "0.1.0", "duckdb": "2.0.0"}, mapping={"servicenow/incident.toml": "ab" * 32},
            policy={"parameters.toml": "cd" * 32}, manifest={"number": 14},
        )  # fmt: skip
        return replace(view, **changes)

    return make


@pytest.fixture(scope="session")
def view(make_view: Callable[..., AssessmentView]) -> AssessmentView:
    """Return the sample."""
    return make_view()
