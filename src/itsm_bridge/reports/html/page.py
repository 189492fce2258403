"""Renders the page: Jinja templates, style and script in one file that loads nothing from anywhere."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from itsm_bridge.assessment.readiness import PLANNING_AID
from itsm_bridge.hostile import for_link, for_page
from itsm_bridge.reports import words
from itsm_bridge.reports.delivery import deliver
from itsm_bridge.reports.digest import digest
from itsm_bridge.reports.html import pictures
from itsm_bridge.reports.lines import CheckLine, Digest, FindingLine
from itsm_bridge.reports.process import STANDINGS, ProcessLines, process_lines
from itsm_bridge.reports.view import AssessmentView

PER_CHECK = 50
PATHS = 5
"""Paths shown per record type and source."""
TOTAL = 1500
LIMIT_BYTES = 1_900_000
_LONGEST_MESSAGE = 400
_LONGEST_VALUE = 160
_MOST_VALUES = 10
_CSP = "default-src 'none'; style-src '{style}'; script-src '{script}'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Findings of one check: those shown, and how many there are of each status."""

    line: CheckLine
    shown: Sequence[FindingLine]
    total: int
    open: int
    statuses: dict[str, int]

    @property
    def left_out(self) -> int:
        """Findings that the page leaves out for its size."""
        return self.total - len(self.shown)


class HtmlReport:
    """Self-contained HTML: at most two megabytes, whatever the number and length of findings."""

    name = "html"

    def write(self, view: AssessmentView, destination: Path | None) -> Path | None:
        """Write the page to `destination`, or to standard output."""
        return deliver(self.render(view), destination)

    def render(self, view: AssessmentView) -> str:
        """Return the page; shows fewer findings per check until it is small enough."""
        lines = digest(view)
        process = process_lines(view.process(), PATHS) if view.process else None
        cap = PER_CHECK
        page = _page(view, lines, process, cap)
        while len(page.encode("utf-8", "replace")) > LIMIT_BYTES and cap:
            cap //= 2
            page = _page(view, lines, process, cap)
        return page


def _page(view: AssessmentView, lines: Digest, process: ProcessLines | None, cap: int) -> str:
    style, script = _resource("style.css"), _resource("page.js")
    return _environment().get_template("page.html.j2").render(
        view=view, d=lines, groups=_groups(lines, cap), words=words, pictures=pictures, proposal=words.PROPOSAL,
        planning_aid=PLANNING_AID, process=process, standings=STANDINGS,
        style=Markup(style), script=Markup(script),  # noqa: S704  our own files, not data
        csp=_CSP.format(style=_hash(style), script=_hash(script)),
        unexpected=[gap for gap in view.gaps if not gap.is_accepted],
    )  # fmt: skip


def _groups(lines: Digest, cap: int) -> list[FindingGroup]:
    by_check: dict[str, list[FindingLine]] = {}
    for finding in lines.findings:
        by_check.setdefault(finding.check_id, []).append(finding)
    cap = min(cap, TOTAL // max(len(by_check), 1))
    known = {line.check.id: line for line in lines.checks}
    groups = [
        FindingGroup(
            known[check], found[:cap], len(found), sum(f.is_open for f in found), dict(Counter(f.status for f in found))
        )
        for check, found in by_check.items()
        if check in known
    ]
    place = {check.check.id: n for n, check in enumerate(lines.checks)}
    return sorted(groups, key=lambda group: place[group.line.check.id])


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("itsm_bridge.reports.html", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "link": for_link,
        "count": words.count,
        "percent": words.percent,
        "visible": _visible,
        "commands": _commands,
        "message": lambda text: _cut(_visible(text), _LONGEST_MESSAGE),
        "value": lambda value: _cut(_visible(words.plain(value)), _LONGEST_VALUE),
        "first_values": lambda pairs: pairs[:_MOST_VALUES],
    }
    return environment


def _visible(text: object) -> str:
    return for_page(str(text))


def _commands(text: str) -> Markup:
    """Set what stands between backticks as code."""
    parts = (f"<code>{escape(part)}</code>" if n % 2 else escape(part) for n, part in enumerate(text.split("`")))
    return Markup("").join(Markup(part) for part in parts)  # noqa: S704  every part is escaped


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text):,} characters)"


def _resource(name: str) -> str:
    return files("itsm_bridge.reports.html").joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
