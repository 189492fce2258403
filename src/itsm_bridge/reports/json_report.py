"""The report for programs: complete, with stable keys and a version, every rate beside its denominator."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson

from itsm_bridge.assessment.readiness import PLANNING_AID, Readiness
from itsm_bridge.reports.delivery import deliver
from itsm_bridge.reports.digest import digest
from itsm_bridge.reports.figures import FigureLine, figure_lines
from itsm_bridge.reports.lines import CheckLine, ClauseLine, Digest, FindingLine, ResultLine, SourceLine
from itsm_bridge.reports.view import AssessmentView
from itsm_bridge.reports.words import PROPOSAL

FORMAT = "itsm-bridge-assessment"
VERSION = 1
"""Raised when a key is renamed, removed or means something else; new keys do not raise it."""


class JsonReport:
    """All that an assessment says, findings uncapped. A rate that nothing stands behind is null, never 0."""

    name = "json"

    def write(self, view: AssessmentView, destination: Path | None) -> Path | None:
        """Write the document to `destination`, or to standard output."""
        return deliver(self.render(view), destination)

    def render(self, view: AssessmentView) -> str:
        """Return the document as text."""
        options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS
        return orjson.dumps(_sound(document(view)), option=options).decode()


def document(view: AssessmentView) -> dict[str, Any]:
    """Return the document as plain data."""
    lines = digest(view)
    return {
        "format": FORMAT,
        "version": VERSION,
        "note": PROPOSAL,
        "assessment": {
            "number": view.number, "compared_with": view.compared_with, "now": view.now, "timezone": view.timezone,
            "period_from": view.period_from, "period_to": view.period_to, "exit_code": view.exit_code,
        },
        "snapshot": {
            "number": view.snapshot, "taken_at": view.snapshot_at, "chain_head": view.head or None,
            "manifest": dict(view.manifest),
        },
        "verdict": _verdict(lines),
        "readiness": readiness_data(lines.readiness) if lines.readiness else None,
        "sources": [_source(source) for source in lines.sources],
        "gaps": [asdict(gap) for gap in view.gaps],
        "problems": [{"check": check, "message": message} for check, message in view.problems],
        "clauses": [_clause(line) for line in lines.clauses],
        "checks": [_check(line) for line in lines.checks],
        "kpis": _kpis(view),
        "findings": [_finding(finding) for finding in lines.findings],
        "parameters": {name: asdict(use) for name, use in view.parameters.items()},
        "adopted": sorted(view.adopted),
        "policy": dict(view.policy),
        "mapping": dict(view.mapping),
        "software": dict(view.software),
        "next_steps": list(lines.next_steps),
    }  # fmt: skip


def _verdict(lines: Digest) -> dict[str, Any]:
    return {
        "headline": lines.headline,
        "summary": lines.summary,
        "clauses": {"total": len(lines.leaves), "by_conclusion": dict(lines.leaf_counts)},
        "findings": {
            "total": len(lines.findings), "open": lines.open_findings, "open_by_severity": dict(lines.open_by_severity),
            "waived": lines.waived, "suppressed": lines.suppressed, "by_status": asdict(lines.change),
        },
    }  # fmt: skip


def _source(source: SourceLine) -> dict[str, Any]:
    return {
        "source_id": source.source_id,
        "adapter": source.adapter,
        "base_url": source.base_url,
        "timezone": source.timezone,
        "streams_asked": len(source.asked),
        "streams_complete": source.complete,
        "streams": [{**asdict(stream), "share_held": stream.share} for stream in source.streams],
        "limits": [asdict(limit) for limit in source.limits],
    }


def readiness_data(readiness: Readiness) -> dict[str, Any]:
    """Return score, coverage, counts and gate as plain data."""
    return {
        "label": readiness.label, "score": readiness.score, "points": readiness.points,
        "points_evidenced": readiness.points_evidenced, "coverage": readiness.coverage, "clauses": readiness.clauses,
        "major": readiness.major, "minor": readiness.minor, "gates": list(readiness.gates), "note": PLANNING_AID,
    }  # fmt: skip


def _clause(line: ClauseLine) -> dict[str, Any]:
    requirement = [asdict(point) for point in line.requirement]
    return {**asdict(line), "requirement": requirement}


def _check(line: CheckLine) -> dict[str, Any]:
    check = line.check
    return {
        "id": check.id, "version": check.version, "title": check.title, "process": check.process,
        "severity": check.severity, "effective_severity": line.severity, "basis": check.basis,
        "is_adopted": line.is_adopted, "clauses": list(line.clauses), "why": check.why, "remedy": check.remedy,
        "limits": check.limits, "notes": list(line.notes), "overall": _result(line.overall),
        "sources": [_result(result) for result in line.sources],
        "parameters": [asdict(parameter) for parameter in line.parameters],
    }  # fmt: skip


def _kpis(view: AssessmentView) -> list[dict[str, Any]]:
    """Return KPI by KPI what it means and its figures: over all, then by source, service, team and priority."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for line in figure_lines(view):
        fields = {name: getattr(line, name) for name in FigureLine.__slots__ if name != "kpi"}
        rows.setdefault(line.kpi.id, []).append(fields)
    return [
        {
            "id": kpi.id, "version": kpi.version, "title": kpi.title, "process": kpi.process, "unit": kpi.unit,
            "figure": kpi.figure, "better": kpi.better, "clauses": [each.clause for each in kpi.clauses],
            "meaning": kpi.meaning, "formula": kpi.formula, "limits": kpi.limits, "figures": rows.get(kpi.id, []),
        }
        for kpi in view.kpis
    ]  # fmt: skip


def _finding(line: FindingLine) -> dict[str, Any]:
    fields = {
        name: getattr(line, name) for name in FindingLine.__slots__
    }  # asdict would copy deeply, and there are many
    return {**fields, "evidence": dict(line.evidence), "is_open": line.is_open}


def _result(result: ResultLine) -> dict[str, Any]:
    return {**asdict(result), "reasons": dict(result.reasons)}


def _sound(value: Any) -> Any:
    """Make data that any reader takes: UTC instants, no lone surrogates, plain keys, nothing unknown."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {str(name): _sound(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_sound(inner) for inner in value]
    return value if value is None or isinstance(value, (bool, int, float, date)) else str(value)
