"""From an assessment's tables to the lines of a report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from itsm_bridge.assessment.clauses import Point, order
from itsm_bridge.assessment.gaps import find_limits
from itsm_bridge.assessment.grades import is_adopted, severity_of
from itsm_bridge.assessment.points import class_of, kind_of
from itsm_bridge.assessment.readiness import Readiness, closed_gates, readiness
from itsm_bridge.checking.definition import Check, Parameter
from itsm_bridge.checking.parameters import parameters as bind_parameters
from itsm_bridge.reports.advice import headline, next_steps, summary
from itsm_bridge.reports.figures import figure_lines
from itsm_bridge.reports.lines import (
    Change,
    CheckLine,
    ClauseLine,
    Digest,
    FindingLine,
    ParameterLine,
    PointLine,
    ResultLine,
    SourceLine,
    StreamLine,
)  # fmt: skip
from itsm_bridge.reports.view import AssessmentView
from itsm_bridge.reports.words import CHECK_STATUSES, CONCLUSIONS, FINDING_STATUSES, SEVERITIES

_STATUS_ORDER = {name: place for place, name in enumerate(CHECK_STATUSES)}
_SEVERITY_ORDER = {name: place for place, name in enumerate(SEVERITIES)}
_FINDING_ORDER = {name: place for place, name in enumerate(FINDING_STATUSES)}


def digest(view: AssessmentView) -> Digest:
    """Return what every report of `view` says."""
    checks = _checks(view)
    clauses = _clauses(view, checks)
    findings = tuple(sorted((_finding(row) for row in view.findings.to_pylist()), key=_finding_order))
    sources = _sources(view)
    leaves = Counter(line.conclusion for line in clauses if line.is_leaf)
    leaf_counts = {name: leaves.get(name, 0) for name in CONCLUSIONS}
    severities = Counter(f.severity for f in findings if f.is_open)
    change = Change(**{name: sum(f.status == name for f in findings) for name in FINDING_STATUSES})
    failing_now = [f for f in findings if f.status in ("new", "persisting", "reopened")]
    return Digest(
        headline=headline(leaf_counts),
        summary=summary(leaf_counts, sources, view.gaps),
        sources=sources,
        clauses=clauses,
        checks=checks,
        findings=findings,
        leaf_counts=leaf_counts,
        open_by_severity={name: severities.get(name, 0) for name in SEVERITIES},
        waived=sum(f.is_waived for f in failing_now),
        suppressed=sum(bool(f.suppressed_by) and not f.is_waived for f in failing_now),
        change=change,
        next_steps=next_steps(view.gaps, checks, clauses, change),
        figures=figure_lines(view, "all"),
        readiness=readiness_of(view),
    )


def _sources(view: AssessmentView) -> tuple[SourceLine, ...]:
    streams: dict[str, list[StreamLine]] = {}
    for row in view.stream_runs.to_pylist():
        fields = {name: row.get(name) for name in StreamLine.__dataclass_fields__}
        line = StreamLine(**{**fields, "reason": row["reason"] or "", "feeds": row["feeds"] or ""})
        streams.setdefault(line.source_id, []).append(line)
    limits = find_limits(view.capabilities)
    known = {row["source_id"]: row for row in view.sources.to_pylist()}
    return tuple(
        SourceLine(
            source,
            known.get(source, {}).get("adapter") or "",
            known.get(source, {}).get("base_url") or "",
            known.get(source, {}).get("timezone") or "",
            tuple(sorted(streams.get(source, ()), key=lambda line: line.stream)),
            tuple(limit for limit in limits if limit.source_id == source),
        )
        for source in sorted({*known, *streams})
    )


def _checks(view: AssessmentView) -> tuple[CheckLine, ...]:
    results: dict[str, dict[str, ResultLine]] = {}
    for row in view.results.to_pylist():
        fields = {name: row[name] for name in ResultLine.__dataclass_fields__}
        line = ResultLine(**{**fields, "reasons": _object(row["reasons"])})
        results.setdefault(row["check_id"], {})[line.source_id] = line
    lines = [_check(view, check, results.get(check.id, {})) for check in view.checks]
    return tuple(sorted(lines, key=_check_order))


def _check(view: AssessmentView, check: Check, results: Mapping[str, ResultLine]) -> CheckLine:
    problems = dict(view.problems)
    overrides = {name: use for name, use in view.parameters.items() if _concerns(check, name)}
    notes = [each.sentence for each in bind_parameters([check], overrides).loosened]
    if check.id in problems:
        notes.insert(0, f"the check could not be carried out: {problems[check.id]}")
    adopted = is_adopted(check, view.adopted)
    named = [each.clause for each in check.clauses]
    named += [c.id for c in view.clauses.leaves if any(check.id in p.checks for p in c.points)]
    return CheckLine(
        check,
        results.get("*", _NOTHING),
        tuple(line for source, line in sorted(results.items()) if source != "*"),
        tuple(sorted(set(named), key=order)),
        adopted,
        severity_of(check, view.adopted),
        tuple(_parameter(view, check, name, parameter) for name, parameter in check.parameters.items()),
        tuple(notes),
    )


def _concerns(check: Check, name: str) -> bool:
    return name.removeprefix(f"{check.id}.") in check.parameters


def _parameter(view: AssessmentView, check: Check, name: str, parameter: Parameter) -> ParameterLine:
    use = view.parameters.get(f"{check.id}.{name}", view.parameters.get(name))
    approved = ""
    if use is not None:
        words = [str(word) for word in (use.approved_by, use.approved_on) if word]
        approved = ", ".join(words) or "no approval stated"
    value = parameter.default if use is None else use.value
    return ParameterLine(name, value, parameter.default, parameter.unit, parameter.meaning, use is not None, approved)


def _clauses(view: AssessmentView, checks: tuple[CheckLine, ...]) -> tuple[ClauseLine, ...]:
    lines = []
    run = [line.check.id for line in checks]
    for row in sorted(view.conclusions.to_pylist(), key=lambda row: order(row["clause"])):
        clause = view.clauses.get(row["clause"])
        points = clause.points if clause else ()
        lines.append(
            ClauseLine(
                row["clause"],
                row["title"] or "",
                view.clauses.group_of(row["clause"]),
                bool(points),
                row["conclusion"],
                row["assurance"],
                row["points"],
                row["points_evidenced"],
                tuple(json.loads(row["reasons"] or "[]")),
                tuple(line.check.id for line in checks if row["clause"] in line.clauses),
                _points(points, run, row.get("requirement")),
                row.get("owner"),
                class_of(points) if points else None,
            )
        )
    return tuple(lines)


def _points(points: Sequence[Point], run: Collection[str], stored: str | None) -> tuple[PointLine, ...]:
    """Return the points as the assessment judged them; an assessment by an earlier version did not say."""
    known = {each["number"]: each for each in json.loads(stored or "[]")}
    return tuple(
        PointLine(
            point.number, point.text, kind_of(point), point.checks, tuple(c for c in point.checks if c in run),
            known.get(point.number, {}).get("state", "untold"),
            *(tuple(known.get(point.number, {}).get(name, ())) for name in ("by", "missing", "next_steps")),
        )
        for point in points
    )  # fmt: skip


def readiness_of(view: AssessmentView) -> Readiness:
    """Return score, coverage and gate of an assessment."""
    leaves = [row for row in view.conclusions.to_pylist() if row["clause"] in {leaf.id for leaf in view.clauses.leaves}]
    return readiness(leaves, closed_gates(view.policy_tables, view.now))


def _finding(row: Mapping[str, Any]) -> FindingLine:
    fields = {name: row[name] for name in FindingLine.__dataclass_fields__}
    evidence = tuple(_object(row["evidence"]).items())
    number = row["number"] or row["subject"]
    shown = {"number": number, "message": row["message"] or "", "is_waived": bool(row["is_waived"])}
    return FindingLine(**{**fields, **shown, "evidence": evidence})


def _object(text: str | None) -> dict[str, Any]:
    if not text:
        return {}
    found = json.loads(text)
    return found if isinstance(found, dict) else {"value": found}


def _check_order(line: CheckLine) -> tuple[bool, int, int, str]:
    is_improvement = line.severity == "ofi" or line.overall.status not in ("systemic", "deviation", "isolated")
    return is_improvement, _STATUS_ORDER[line.overall.status], _SEVERITY_ORDER[line.severity], line.check.id


def _finding_order(line: FindingLine) -> tuple[int, str, bool, int, str, str]:
    covered = line.is_waived or bool(line.suppressed_by)
    status = _FINDING_ORDER[line.status]
    return _SEVERITY_ORDER[line.severity], line.check_id, covered, status, line.number, line.subject


_NOTHING = ResultLine("*", "not_assessed", 0, 0, 0, 0, 0, 0, None, None, None, {})
