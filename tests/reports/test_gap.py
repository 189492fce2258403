"""The gap analysis in the reports: every point with its state, score and coverage and counts together."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from rich.console import Console

from itsm_bridge.errors import UsageError
from itsm_bridge.reports import AssessmentView, ConsoleReport, HtmlReport, JsonReport
from itsm_bridge.reports.gap import COLUMNS, by_evidence, gap_analysis
from itsm_bridge.spreadsheet import write_csv

HOSTILE = "=cmd()<script>alert(1)</script>"


def owned(view: AssessmentView, owner: str) -> pa.Table:
    rows = [row | {"owner": owner} for row in view.conclusions.to_pylist()]
    return pa.Table.from_pylist(rows, schema=view.conclusions.schema)


def test_the_analysis_counts_what_the_conclusions_count(view: AssessmentView) -> None:
    analysis = gap_analysis(view)

    assert (len(analysis.clauses), len(analysis.points)) == (62, 222)
    shown = {row["clause"]: row["points_evidenced"] for row in view.conclusions.to_pylist()}
    for clause in analysis.clauses:
        assert sum(point.state == "evidenced" for point in clause.requirement) == shown[clause.clause]
        assert sum(kind["points"] for kind in by_evidence(clause).values()) == clause.points
    assert {point.state for _, point in analysis.points} == {"evidenced", "in_part", "open"}


def test_clauses_are_chosen_by_themselves_or_by_what_is_above_them(view: AssessmentView) -> None:
    assert [clause.clause for clause in gap_analysis(view, ["9.2", "4.4"]).clauses] == ["4.4", "9.2.1", "9.2.2"]
    with pytest.raises(UsageError, match=r"no clause '8\.61'"):
        gap_analysis(view, ["8.61"])


def test_an_assessment_by_an_earlier_version_says_so(
    make_view: Callable[..., AssessmentView], view: AssessmentView
) -> None:
    rows = [row | {"requirement": None, "owner": None} for row in view.conclusions.to_pylist()]
    old = make_view(conclusions=pa.Table.from_pylist(rows, schema=view.conclusions.schema))

    with pytest.raises(UsageError, match="earlier version"):
        gap_analysis(old)
    assert "not told" in HtmlReport().render(old)


def test_score_coverage_and_counts_stand_together_in_every_report(view: AssessmentView) -> None:
    data = json.loads(JsonReport().render(view))["readiness"]
    paper = Console(file=io.StringIO(), width=200, color_system=None)
    with paper.capture() as captured:
        ConsoleReport(paper).write(view, None)
    page = HtmlReport().render(view)

    assert data["coverage"] == data["points_evidenced"] / data["points"] == data["points_evidenced"] / 222
    assert (data["label"], len(data["gates"])) == ("not ready", 4)
    line = next(line for line in captured.get().splitlines() if "points evidenced (" in line)
    assert f"score {data['score']:.0f} of 100 · {data['points_evidenced']} of 222 points evidenced" in line
    assert f"{data['major']} major and {data['minor']} minor in 62 clauses" in line
    assert f"<b>{data['points_evidenced']} of 222</b> points evidenced" in page
    for said in (captured.get(), page, data["note"]):
        assert "not a probability of certification" in said


def test_names_from_the_policy_are_harmless_in_pages_and_spreadsheets(
    make_view: Callable[..., AssessmentView], view: AssessmentView, tmp_path: Path
) -> None:
    hostile = make_view(conclusions=owned(view, HOSTILE))

    write_csv(gap_analysis(hostile).rows(), COLUMNS, tmp_path / "gap.csv")

    text = (tmp_path / "gap.csv").read_text(encoding="utf-8")
    assert text.count("'=cmd()") == 222
    assert ",=cmd()" not in text
    page = HtmlReport().render(hostile)
    assert "owner: =cmd()&lt;script&gt;" in page
    assert HOSTILE not in page
