"""Reports: what an assessment says, for terminals, programs and browsers."""

from __future__ import annotations

from itsm_bridge.reports.console import ConsoleReport
from itsm_bridge.reports.html import HtmlReport
from itsm_bridge.reports.json_report import JsonReport
from itsm_bridge.reports.view import AssessmentView, Report

CONSOLE: Report = ConsoleReport()
JSON: Report = JsonReport()
HTML: Report = HtmlReport()

__all__ = [
    "CONSOLE", "HTML", "JSON", "AssessmentView", "ConsoleReport", "HtmlReport", "JsonReport", "Report",
]  # fmt: skip
