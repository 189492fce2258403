"""The report for terminals: the verdict first, then what it rests on, on one or two screens."""

from __future__ import annotations

import io
from pathlib import Path

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from itsm_bridge.assessment.readiness import PLANNING_AID
from itsm_bridge.hostile import for_terminal
from itsm_bridge.reports.delivery import deliver
from itsm_bridge.reports.digest import digest
from itsm_bridge.reports.figures import by_attention
from itsm_bridge.reports.lines import CheckLine, ClauseLine, Digest, SourceLine
from itsm_bridge.reports.view import AssessmentView
from itsm_bridge.reports.words import (
    CHECK_STATUSES,
    CONCLUSIONS,
    FINDING_STATUSES,
    NOT_ASSESSED,
    PROPOSAL,
    SEVERITIES,
    STREAM_STATUSES,
    count,
    interval,
    moment,
    percent,
    plural,
)  # fmt: skip

_STYLES = {
    "major": "bold red", "minor": "bold dark_orange", "observation": "yellow", "opportunity_for_improvement": "cyan",
    "conforming_so_far": "green", "conforming": "bold green", "not_assessed": "dim",
    "not_applicable": "dim",
    "systemic": "bold red", "deviation": "bold dark_orange", "isolated": "yellow", "pass": "green",
    "insufficient": "dim", "ofi": "cyan",
}  # fmt: skip
_MOST_CHECKS = 15
_MOST_UNASSESSED = 12
_MOST_FIGURES = 12
_PAPER_WIDTH = 110
_WIDE = 100


class ConsoleReport:
    """Coloured text. Colour is never the only signal; text from tickets cannot steer the terminal."""

    name = "console"

    def __init__(self, console: Console | None = None) -> None:
        self._console = console

    def write(self, view: AssessmentView, destination: Path | None) -> Path | None:
        """Print to the terminal, or write plain text to `destination`."""
        if destination is None:
            _print(view, self._console or Console())
            return None
        paper = Console(file=io.StringIO(), width=_PAPER_WIDTH, color_system=None, legacy_windows=False)
        with paper.capture() as captured:
            _print(view, paper)
        return deliver(captured.get(), destination)


def _print(view: AssessmentView, console: Console) -> None:
    lines = digest(view)
    console.print(_verdict(view, lines))
    _gaps(view, console)
    _sources(lines, console)
    _clauses(lines, console)
    _readiness(lines, console)
    _failing(lines, console)
    _unassessed(lines, console)
    _figures(lines, console)
    _changes(view, lines, console)
    _heading(console, "Next steps")
    for n, step in enumerate(lines.next_steps, start=1):
        _indented(console, _plain(f"{n}. {step}"))
    console.print()


def _verdict(view: AssessmentView, lines: Digest) -> Panel:
    worst = next((name for name, number in lines.leaf_counts.items() if number), "not_assessed")
    words = Text()
    words.append(lines.headline + "\n", style=_STYLES[worst])
    words.append(lines.summary + "\n")
    words.append(PROPOSAL + "\n\n", style="italic")
    words.append(f"Of {plural(len(lines.leaves), 'clause')}: ")
    counted = [(name, number) for name, number in lines.leaf_counts.items() if number]
    for n, (name, number) in enumerate(counted):
        words.append(" · " if n else "").append(f"{number} {CONCLUSIONS[name].label.lower()}", style=_STYLES[name])
    begins, ends = moment(view.period_from, view.timezone), moment(view.period_to, view.timezone)
    compared = "the first" if view.compared_with is None else f"compared with {view.compared_with}"
    words.append(f"\nPeriod {begins} to {ends}\n", "dim")
    words.append(f"Snapshot {view.snapshot} · assessment {view.number}, {compared}", "dim")
    if view.head:
        words.append(f"\nChain head {for_terminal(view.head)}", "dim")
    return Panel(words, title="ISO/IEC 20000-1 assessment", title_align="left", border_style=_STYLES[worst])


def _gaps(view: AssessmentView, console: Console) -> None:
    for gap in view.gaps:
        mark = "accepted gap" if gap.is_accepted else "INCOMPLETE"
        style = "dim" if gap.is_accepted else "bold red"
        line = Text.assemble((f"{mark} ", style), (for_terminal(gap.name), "bold"), "  ")
        line.append(for_terminal(f"{gap.what}: {gap.reason}"))
        if gap.remedy:
            line.append(for_terminal(f". {gap.remedy}"), "dim")
        _indented(console, line)


def _sources(lines: Digest, console: Console) -> None:
    _heading(console, "What was judged")
    table = _table("Source", "Adapter", ">Streams\ncomplete", ">Rows held\nof asked", ">Hidden")
    for source in lines.sources:
        held, expected = source.total("held"), source.total("expected")
        table.add_row(
            _plain(source.source_id), _plain(source.adapter), f"{source.complete} of {len(source.asked)}",
            f"{count(held)} of {count(expected)}", count(source.total("hidden")),
        )  # fmt: skip
    console.print(table)
    for source in lines.sources:
        _troubled(source, console)


def _troubled(source: SourceLine, console: Console) -> None:
    for stream in source.streams:
        if stream.status not in ("complete", "skipped"):
            line = Text.assemble((f"{STREAM_STATUSES[stream.status].label} ", "bold red"))
            line.append(for_terminal(f"{source.source_id}:{stream.stream} – {stream.reason or 'no reason given'}"))
            _indented(console, line)
    if source.limits:
        limit = f"{source.source_id} cannot tell, or only in part: " + ", ".join(
            dict.fromkeys(limit.capability for limit in source.limits)
        )
        _indented(console, _plain(limit, "dim"))


def _clauses(lines: Digest, console: Console) -> None:
    _heading(console, "Verdict by clause")
    is_wide = console.width >= _WIDE
    titles = ("Clause", "Proposed conclusion", ">Points\nevidenced", ">Clauses\nnot assessed", "Assurance")
    table = _table(*titles[: 5 if is_wide else 4])
    for group in lines.groups:
        children = lines.children(group)
        blank = sum(line.conclusion == "not_assessed" for line in children)
        name, blanks = Text(f"{group.clause} {group.title}", "bold"), _solid(f"{blank} of {len(children)}")
        table.add_row(name, *_clause_cells(group, blanks, is_wide))
        for line in children:
            if line.conclusion not in ("not_assessed", "not_applicable", "conforming", "conforming_so_far"):
                table.add_row(Padding(f"{line.clause} {line.title}", (0, 0, 0, 2)), *_clause_cells(line, "", is_wide))
    console.print(table)


def _readiness(lines: Digest, console: Console) -> None:
    if lines.readiness is None:
        return
    _heading(console, "Readiness")
    _indented(console, _plain(lines.readiness.sentence))
    for gate in lines.readiness.gates:
        _indented(console, _plain(f"not ready while: {gate}"))
    _indented(console, _plain(f"{PLANNING_AID} Point by point: `itsm-bridge gap`.", "dim"))


def _failing(lines: Digest, console: Console) -> None:
    numbers = ", ".join(f"{count(n)} {SEVERITIES[name].label}" for name, n in lines.open_by_severity.items())
    aside = f" · {count(lines.waived)} waived · {count(lines.suppressed)} explained by another finding"
    _heading(console, f"Open findings: {count(lines.open_findings)} ({numbers}){aside}")
    failing = [line for line in lines.checks if line.overall.failing]
    if not failing:
        return
    is_wide = console.width >= _WIDE
    table = _table("Check", "What is wrong", ">Failing", ">Rate [90 % interval]" if is_wide else ">Rate", "Status", "")
    for line in failing[:_MOST_CHECKS]:
        o = line.overall
        rate = percent(o.rate) + (f" [{interval(o.rate_low, o.rate_high)}]" if is_wide else "")
        table.add_row(
            Text(line.check.id, "bold"), _plain(line.check.title),
            _solid(f"{count(o.failing)} of {count(o.assessable)}"), _solid(rate), _status(line),
            Text(SEVERITIES[line.severity].label, _STYLES[line.severity]),
        )  # fmt: skip
    console.print(table)
    if len(failing) > _MOST_CHECKS:
        left = len(failing) - _MOST_CHECKS
        console.print(_plain(f"  and {left} of {len(failing)} failing checks more: see the HTML report", "dim"))


def _unassessed(lines: Digest, console: Console) -> None:
    silent = [line for line in lines.checks if line.overall.status in ("not_assessed", "insufficient")]
    _heading(console, f"Not assessed: {len(silent)} of {plural(len(lines.checks), 'check')}")
    for line in silent[:_MOST_UNASSESSED]:
        words = Text.assemble((line.check.id, "bold"), f"  {for_terminal(_why(line))}")
        _indented(console, words)
    if len(silent) > _MOST_UNASSESSED:
        console.print(_plain(f"  and {len(silent) - _MOST_UNASSESSED} more", "dim"))


def _why(line: CheckLine) -> str:
    o = line.overall
    if line.notes:
        return "; ".join(line.notes)
    if not o.in_scope:
        return "no record in scope"
    if o.status == "insufficient":
        return f"nothing failing, but only {count(o.assessable)} assessable: too few to conclude"
    many = len(o.reasons) > 1
    reasons = "; ".join(f"{count(n)}: {reason}" if many else reason for reason, n in o.reasons.items())
    return f"{count(o.not_assessable)} of {count(o.in_scope)} not assessable" + (f" ({reasons})" if reasons else "")


def _figures(lines: Digest, console: Console) -> None:
    if not lines.figures:
        return
    told = by_attention(lines.figures)
    _heading(console, f"KPIs: {len(told)} of {len(lines.figures)} with a figure")
    is_wide = console.width >= _WIDE
    titles = ("KPI", ">Figure", ">Behind it", *((">Period before",) if is_wide else ()), "Trend")
    table = _table(*titles)
    for line in told[:_MOST_FIGURES]:
        style = {"worse": "bold dark_orange", "better": "green"}.get(line.trend or "", "dim")
        before = [_solid(line.before)] if is_wide else []
        table.add_row(
            _plain(line.kpi.title), _solid(line.said), _solid(line.basis), *before, Text(_solid(line.tendency), style)
        )
    console.print(table)
    left = len(lines.figures) - min(len(told), _MOST_FIGURES)
    if left:
        console.print(_plain(f"  and {left} more, or why they have no figure: `itsm-bridge kpi table`", "dim"))


def _changes(view: AssessmentView, lines: Digest, console: Console) -> None:
    if view.compared_with is None:
        return
    _heading(console, f"Since assessment {view.compared_with}")
    numbers = [f"{count(getattr(lines.change, name))} {word.label}" for name, word in FINDING_STATUSES.items()]
    _indented(console, _plain(" · ".join(numbers)))
    for finding in [f for f in lines.findings if f.status in ("new", "reopened") and f.is_open][:5]:
        line = Text.assemble((f"{finding.status} ", "bold"), f"{finding.check_id}  {for_terminal(finding.number)}  ")
        line.append(for_terminal(finding.message))
        line.truncate(max(console.width - 2, 20), overflow="ellipsis")
        _indented(console, line)


def _clause_cells(line: ClauseLine, blanks: str, is_wide: bool) -> list[Text | str]:
    points = _solid(f"{line.points_evidenced} of {line.points}")
    conclusion = Text(CONCLUSIONS[line.conclusion].label, _STYLES[line.conclusion])
    return [conclusion, points, blanks, *([line.assurance or "–"] if is_wide else [])]


def _indented(console: Console, words: Text) -> None:
    console.print(Padding(words, (0, 0, 0, 2), expand=False))


def _solid(words: str) -> str:
    """Keep a figure and its denominator on one line."""
    return words.replace(" ", "\u00a0")


def _heading(console: Console, words: str) -> None:
    console.print()
    console.print(Text(words, "bold underline"))


def _table(*titles: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=False)
    for title in titles:
        table.add_column(title.lstrip(">"), justify="right" if title.startswith(">") else "left", overflow="fold")
    return table


def _plain(words: str, style: str = "") -> Text:
    return Text(for_terminal(words), style)


def _status(line: CheckLine) -> Text:
    status = line.overall.status
    label = CHECK_STATUSES[status].label if status != "not_assessed" else NOT_ASSESSED
    return Text(label, _STYLES[status])
