"""What terminals and programs get."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from itsm_bridge.assessment import Gap
from itsm_bridge.reports import CONSOLE, HTML, JSON, AssessmentView, ConsoleReport, JsonReport
from itsm_bridge.reports.words import percent


def printed(view: AssessmentView, width: int = 120) -> str:
    console = Console(width=width, file=io.StringIO(), color_system=None, legacy_windows=False)
    with console.capture() as captured:
        ConsoleReport(console).write(view, None)
    return captured.get()


def test_the_reports_have_the_names_that_formats_are_chosen_by() -> None:
    assert [report.name for report in (CONSOLE, JSON, HTML)] == ["console", "json", "html"]


def test_the_console_begins_with_the_verdict_and_ends_with_what_to_do(view: AssessmentView) -> None:
    text = printed(view)
    order = [
        "Nonconformities in 8 of 9 clauses assessed", "to be confirmed by a person", "INCOMPLETE", "What was judged",
        "Verdict by clause", "Open findings:", "Not assessed: 2 of 17 checks", "Since assessment 14", "Next steps",
    ]  # fmt: skip

    places = [text.index(words) for words in order]

    assert places == sorted(places)


def test_the_console_gives_denominators_intervals_and_reasons(view: AssessmentView) -> None:
    text = printed(view).replace("\u00a0", " ")

    assert re.search(r"27 of 214 +12.6 % \[9.3–16.8 %\]", text)
    assert "6 of 146" in text
    assert "402 of 402 not assessable (source legacy: the account may not read approvals" in text
    assert "CHG-008  nothing failing, but only 3 assessable: too few to conclude" in text


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_the_console_keeps_to_the_width_of_the_terminal(view: AssessmentView, width: int) -> None:
    assert max(len(line) for line in printed(view, width).splitlines()) <= width


def test_hostile_text_cannot_steer_the_terminal(make_view: Callable[..., AssessmentView]) -> None:
    gap = Gap("prod:\x1b]0;owned\x07", "prod", "[bold red]stream[/]", "\x1b[2J\r\nall fine")

    text = printed(make_view(gaps=(gap,)))

    assert not {"\x1b", "\x07", "\r"} & set(text)
    assert "[bold red]stream[/]" in text


def test_the_console_report_can_be_a_plain_file(view: AssessmentView, tmp_path: Path) -> None:
    written = CONSOLE.write(view, tmp_path / "report.txt")

    assert written is not None
    assert "Verdict by clause" in written.read_text("utf-8")
    assert "\x1b" not in written.read_text("utf-8")


def test_the_document_is_versioned_and_has_stable_keys(view: AssessmentView) -> None:
    document = json.loads(JsonReport().render(view))

    assert (document["format"], document["version"]) == ("itsm-bridge-assessment", 1)
    assert list(document) == [
        "format", "version", "note", "assessment", "snapshot", "verdict", "readiness", "sources", "gaps", "problems", "clauses",
        "checks", "kpis", "findings", "parameters", "adopted", "policy", "mapping", "software", "next_steps",
    ]  # fmt: skip
    assert document["assessment"]["now"] == "2026-11-22T02:00:00Z"
    assert document["assessment"]["exit_code"] == 3


def test_the_document_holds_every_finding_and_every_rate_beside_its_denominator(view: AssessmentView) -> None:
    document = json.loads(JsonReport().render(view))
    overall = {check["id"]: check["overall"] for check in document["checks"]}

    assert len(document["findings"]) == view.findings.num_rows
    assert (overall["CHG-002"]["failing"], overall["CHG-002"]["assessable"], overall["CHG-002"]["in_scope"]) == (
        27,
        214,
        226,
    )
    assert (overall["SRQ-002"]["rate"], overall["SRQ-002"]["status"]) == (None, "not_assessed")
    assert document["verdict"]["clauses"]["total"] == 62
    assert sum(document["verdict"]["clauses"]["by_conclusion"].values()) == 62


def test_open_findings_are_the_failing_ones_of_the_counts(view: AssessmentView) -> None:
    document = json.loads(JsonReport().render(view))
    verdict = document["verdict"]["findings"]

    assert verdict["open"] == sum(finding["is_open"] for finding in document["findings"])
    assert verdict["total"] == sum(verdict["by_status"].values())


def test_a_report_goes_to_standard_output_where_no_file_is_named(
    view: AssessmentView, capsys: pytest.CaptureFixture[str]
) -> None:
    assert JSON.write(view, None) is None
    assert json.loads(capsys.readouterr().out)["version"] == 1


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, "not assessed"),
        (0.0, "0 %"),
        (0.0001, "< 0.1 %"),
        (0.5, "50 %"),
        (0.126, "12.6 %"),
        (0.9999, "> 99.9 %"),
        (1.0, "100 %"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_to_all(share: float | None, text: str) -> None:
    assert percent(share) == text
