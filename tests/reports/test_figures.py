"""KPIs in the reports: each figure with what stands behind it, and words where nothing does."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import itsm_bridge
from itsm_bridge.checking import load_kpis
from itsm_bridge.reports import AssessmentView
from itsm_bridge.reports.console import ConsoleReport
from itsm_bridge.reports.figures import FigureLine, by_attention, figure_lines
from itsm_bridge.reports.html import HtmlReport
from itsm_bridge.reports.json_report import JsonReport
from itsm_bridge.schema import TABLES

KPIS = {kpi.id: kpi for kpi in load_kpis([Path(itsm_bridge.__file__).parent / "kpis"])}
HOSTILE = "<script>alert(1)</script>\x1b[31m"
ROWS = (
    {"kpi_id": "reopen_rate", "unit": "share", "value": 0.05, "n": 240, "numerator": 12.0, "denominator": 240.0,
     "previous_value": 0.025, "previous_n": 200, "trend": "worse", "not_assessable": 3},
    {"kpi_id": "mttr", "unit": "seconds", "value": 12600.0, "n": 225, "median": 12600.0, "p90": 90000.0,
     "previous_value": 14400.0, "previous_n": 199, "trend": "better"},
    {"kpi_id": "incident_volume", "unit": "count", "value": 1229.0, "n": 1240, "previous_value": 1.0,
     "previous_n": 7, "trend": "too_few"},
    {"kpi_id": "handoffs_avg", "unit": "count", "value": 0.46, "n": 226, "numerator": 104.0, "denominator": 226.0},
    {"kpi_id": "csat_mean", "unit": "score", "n": 0, "not_assessable": 30, "reason": f"csat: no surveys {HOSTILE}"},
    {"kpi_id": "mttr", "unit": "seconds", "value": 60.0, "n": 2, "dimension": "team", "source_id": "prod",
     "scope": "prod:support_group:1", "scope_name": HOSTILE},
    {"kpi_id": "mttr", "unit": "seconds", "value": 61.0, "n": 1, "dimension": "team", "source_id": "prod", "scope": ""},
    {"kpi_id": "mttr", "unit": "seconds", "value": 62.0, "n": 1, "dimension": "priority", "scope": "2"},
)  # fmt: skip


@pytest.fixture
def measured(view: AssessmentView) -> AssessmentView:
    usual = {"assessment": 15, "dimension": "all", "source_id": "*", "scope": "*", "not_assessable": 0, "reasons": "{}",
             "period_from": view.period_from, "period_to": view.period_to}  # fmt: skip
    rows = [{**dict.fromkeys(TABLES["kpi_result"].names), **usual, **row} for row in ROWS]
    import pyarrow as pa

    table = pa.Table.from_pylist(rows, schema=TABLES["kpi_result"].arrow)
    return replace(view, figures=table, kpis=[KPIS[name] for name in dict.fromkeys(str(row["kpi_id"]) for row in ROWS)])


@pytest.fixture
def lines(measured: AssessmentView) -> dict[str, FigureLine]:
    return {line.kpi.id: line for line in figure_lines(measured, "all")}


def test_a_figure_is_said_in_its_unit_with_what_stands_behind_it(lines: dict[str, FigureLine]) -> None:
    said = {name: (line.said, line.basis, line.before, line.tendency) for name, line in lines.items()}
    assert said == {
        "reopen_rate": ("5 %", "12 of 240", "2.5 % of 200", "↑ worse"),
        "mttr": ("3 h 30 min", "median of 225", "4 h of 199", "↓ better"),
        "incident_volume": ("1,229", "of 1,240", "1 of 7", "↑ too few to judge"),
        "handoffs_avg": ("0.46", "mean of 226", "–", "–"),
        "csat_mean": ("–", "–", "–", "–"),
    }


def test_what_became_worse_comes_first_and_what_has_no_value_not_at_all(lines: dict[str, FigureLine]) -> None:
    order = [line.kpi.id for line in by_attention(list(lines.values()))]
    assert order == ["reopen_rate", "mttr", "incident_volume", "handoffs_avg"]


def test_scopes_are_called_as_people_call_them(measured: AssessmentView) -> None:
    assert [line.name for line in figure_lines(measured, "team")] == [HOSTILE, "(none recorded)"]
    assert [line.name for line in figure_lines(measured, "priority")] == ["priority 2"]


def test_the_console_shows_the_figures_with_their_denominators(measured: AssessmentView, tmp_path: Path) -> None:
    written = ConsoleReport().write(measured, tmp_path / "report.txt")
    assert written is not None
    text = written.read_text(encoding="utf-8").replace("\u00a0", " ")
    assert "KPIs: 4 of 5 with a figure" in text
    row = next(line for line in text.splitlines() if "Reopen rate" in line)
    assert [part in row for part in ("5 %", "12 of 240", "2.5 % of 200", "↑ worse")] == [True] * 4
    assert "and 1 more, or why they have no figure: `itsm-bridge kpi table`" in text


def test_the_page_shows_the_figures_and_why_there_is_none(measured: AssessmentView) -> None:
    page = HtmlReport().render(measured)
    section = page.partition('<section id="figures"')[2].partition("</section>")[0]
    assert "4 of 5 with a figure" in section
    for words in ("12 of 240", "3 more not assessable", "median of 225", "1 d 1 h", "↓ better", "csat: no surveys"):
        assert words in section
    assert "<script>alert" not in page
    assert "\x1b" not in page


def test_an_assessment_without_kpis_has_no_such_section(view: AssessmentView) -> None:
    assert 'id="figures"' not in HtmlReport().render(view)
    assert "#figures" not in HtmlReport().render(view)


def test_the_document_has_every_figure_of_every_scope(measured: AssessmentView) -> None:
    kpis = {kpi["id"]: kpi for kpi in json.loads(JsonReport().render(measured))["kpis"]}
    assert {"unit": "seconds", "better": "lower", "figure": "median"}.items() <= kpis["mttr"].items()
    assert [(row["dimension"], row["value"], row["n"]) for row in kpis["mttr"]["figures"]] == [
        ("all", 12600.0, 225), ("team", 60.0, 2), ("team", 61.0, 1), ("priority", 62.0, 1),
    ]  # fmt: skip
    (none,) = kpis["csat_mean"]["figures"]
    assert (none["value"], none["n"], none["not_assessable"]) == (None, 0, 30)
