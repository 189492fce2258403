"""`itsm-bridge gap`: what evidences each requirement point, what is missing, and what to do next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from itsm_bridge.cli.options import Invocation, command, examples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from itsm_bridge.reports.gap import GapAnalysis
    from itsm_bridge.reports.lines import ClauseLine, PointLine

_WIDE, _WIDEST = 100, 130
"""Columns of a terminal from which on the table says how each kind of evidence stands, and what to do."""


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(
        "gap",
        epilog=examples(
            "itsm-bridge gap",
            "itsm-bridge gap --clause 8.6.1",
            "itsm-bridge gap --output gap.csv",
            "itsm-bridge gap --json",
        ),
    )(command(gap))


def gap(
    invocation: Invocation,
    clauses: Annotated[
        list[str] | None,
        typer.Option("--clause", metavar="CLAUSE", help="Only this clause, point by point; or 8 for all below."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write every point as CSV to this file.")
    ] = None,
    assessment: Annotated[
        int | None, typer.Option("--assessment", "-a", help="Its number; the last one without it.")
    ] = None,
) -> int:
    """Show how much of each clause is evidenced, by what, and how to close the gaps; nothing is judged again."""
    from itsm_bridge import pipeline
    from itsm_bridge.reports.gap import COLUMNS, gap_analysis
    from itsm_bridge.spreadsheet import write_csv

    view = pipeline.stored_view(invocation.config, invocation.plugins, assessment=assessment)
    analysis = gap_analysis(view, clauses or ())
    written = write_csv(analysis.rows(), COLUMNS, output) if output else None
    if invocation.as_json:
        invocation.print_json(analysis.data())
    elif written is None:
        _show(invocation, analysis, is_detailed=bool(clauses))
    else:
        invocation.console.print(f"wrote {written}: {len(analysis.points)} points", markup=False)
    return 0


def _show(invocation: Invocation, analysis: GapAnalysis, *, is_detailed: bool) -> None:
    from itsm_bridge.assessment.readiness import PLANNING_AID

    if is_detailed:
        for clause in analysis.clauses:
            _show_points(invocation, clause)
        return
    _show_clauses(invocation, analysis)
    ready = analysis.lines.readiness
    if ready is not None:
        _say(invocation, ready.sentence)
        for gate in ready.gates:
            _say(invocation, f"  not ready while: {gate}")
        _say(invocation, PLANNING_AID)
    _say(invocation, "\nPoint by point: itsm-bridge gap --clause 8.6.1. All of them as a table: --output gap.csv.")


def _show_clauses(invocation: Invocation, analysis: GapAnalysis) -> None:
    from itsm_bridge.cli.output import table

    width = invocation.console.width
    columns = ["clause (owner)", "class", "points\nevidenced", "proposed"]
    columns += ["records", "register", "people"] if width >= _WIDE else []
    columns += ["what to do first"] if width >= _WIDEST else []
    rows = [_clause_row(clause)[: len(columns)] for clause in analysis.clauses]
    invocation.console.print(table(columns, rows))


def _clause_row(clause: ClauseLine) -> tuple[str | None, ...]:
    from itsm_bridge.reports.gap import by_evidence
    from itsm_bridge.reports.words import CONCLUSIONS

    kinds = (f"{n['evidenced']} of {n['points']}" if n["points"] else None for n in by_evidence(clause).values())
    first = next((step for point in _gravest_first(clause) for step in point.next_steps), None)
    name = f"{clause.clause} {clause.title}" + (f" ({clause.owner})" if clause.owner else "")
    evidenced = f"{clause.points_evidenced} of {clause.points}"
    return name, clause.evidence_class, evidenced, CONCLUSIONS[clause.conclusion].short, *kinds, first


def _show_points(invocation: Invocation, clause: ClauseLine) -> None:
    from itsm_bridge.cli.output import table
    from itsm_bridge.reports.words import CONCLUSIONS, POINT_STATES

    owner = f", owner: {clause.owner}" if clause.owner else ""
    _say(invocation, f"{clause.clause} {clause.title} ({clause.evidence_class}{owner})")
    evidenced = f"{clause.points_evidenced} of {clause.points} points evidenced"
    _say(invocation, f"{CONCLUSIONS[clause.conclusion].label}; {evidenced}")
    rows: list[tuple[str, str, str]] = []
    for point in clause.requirement:
        rows.append((str(point.number), POINT_STATES[point.state].label, f"{point.text} ({point.evidence})"))
        for name, said in (("by", point.by), ("missing", point.missing), ("next", point.next_steps)):
            rows += [("", f"  {name}" if first else "", words) for first, words in _marked(said)]
    invocation.console.print(table(("point", "", "what is asked, and what evidences it"), rows))


def _marked(words: Sequence[str]) -> list[tuple[bool, str]]:
    return [(n == 0, each) for n, each in enumerate(words)]


def _gravest_first(clause: ClauseLine) -> list[PointLine]:
    order = ("denied", "open", "in_part", "evidenced")
    return sorted(clause.requirement, key=lambda point: order.index(point.state))


def _say(invocation: Invocation, words: str) -> None:
    from itsm_bridge.cli.output import shown

    invocation.console.print("\n".join(map(shown, words.split("\n"))), markup=False)
