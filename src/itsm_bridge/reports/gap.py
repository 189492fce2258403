"""The gap analysis as rows: every requirement point with its clause, for tables and files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from itsm_bridge.errors import UsageError
from itsm_bridge.reports.digest import digest
from itsm_bridge.reports.json_report import readiness_data
from itsm_bridge.reports.lines import ClauseLine, Digest, PointLine
from itsm_bridge.reports.view import AssessmentView
from itsm_bridge.suggestions import did_you_mean

COLUMNS = (
    "clause", "clause_title", "evidence_class", "owner", "conclusion", "point", "text", "evidence", "state", "by",
    "missing", "next_steps",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GapAnalysis:
    """What every clause asks for in one assessment, and how much of it is evidenced."""

    assessment: int
    lines: Digest
    clauses: tuple[ClauseLine, ...]

    @property
    def points(self) -> list[tuple[ClauseLine, PointLine]]:
        """Every point with its clause."""
        return [(clause, point) for clause in self.clauses for point in clause.requirement]

    def rows(self) -> list[Mapping[str, Any]]:
        """Return a row for each point, in `COLUMNS`; several statements stand in one cell, one a line."""
        return [
            {
                "clause": clause.clause, "clause_title": clause.title, "evidence_class": clause.evidence_class,
                "owner": clause.owner, "conclusion": clause.conclusion, "point": point.number, "text": point.text,
                "evidence": point.evidence, "state": point.state, "by": "\n".join(point.by),
                "missing": "\n".join(point.missing), "next_steps": "\n".join(point.next_steps),
            }
            for clause, point in self.points
        ]  # fmt: skip

    def data(self) -> dict[str, Any]:
        """Return the analysis for programs."""
        return {
            "assessment": self.assessment,
            "readiness": readiness_data(self.lines.readiness) if self.lines.readiness else None,
            "clauses": [
                {
                    "clause": clause.clause, "title": clause.title, "evidence_class": clause.evidence_class,
                    "owner": clause.owner, "conclusion": clause.conclusion, "assurance": clause.assurance,
                    "points": clause.points, "points_evidenced": clause.points_evidenced,
                    "by_evidence": by_evidence(clause), "requirement": list(clause.requirement),
                }
                for clause in self.clauses
            ],
        }  # fmt: skip


def gap_analysis(view: AssessmentView, wanted: Collection[str] = ()) -> GapAnalysis:
    """Return the analysis of some clauses and those below them, of all by default; UsageError where one is unknown."""
    lines = digest(view)
    for clause in wanted:
        if not any(_is_within(line.clause, [clause]) for line in lines.leaves):
            guess = did_you_mean(clause, view.clauses)
            raise UsageError(f"there is no clause {clause!r}{guess}", hint="Name a clause such as 8.6.1, or 8 for all.")
    if not any(point.state != "untold" for line in lines.leaves for point in line.requirement):
        message = f"assessment {view.number} is by an earlier version, which did not keep what evidences each point"
        raise UsageError(message, hint="Run `itsm-bridge check` to judge the snapshot again.")
    chosen = [line for line in lines.leaves if not wanted or _is_within(line.clause, wanted)]
    return GapAnalysis(view.number, lines, tuple(chosen))


def by_evidence(clause: ClauseLine) -> dict[str, dict[str, int]]:
    """Return, for each kind of evidence, how many points a clause has and how many of them are evidenced."""
    found: dict[str, dict[str, int]] = {}
    for kind, names in (("records", ("records", "history")), ("register", ("register",)), ("people", ("attestation",))):
        mine: Sequence[PointLine] = [point for point in clause.requirement if point.evidence in names]
        found[kind] = {"points": len(mine), "evidenced": sum(point.state == "evidenced" for point in mine)}
    return found


def _is_within(clause: str, wanted: Collection[str]) -> bool:
    return any(clause == each or clause.startswith(f"{each}.") for each in wanted)
