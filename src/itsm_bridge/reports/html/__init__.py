"""The report for browsers: one file that needs nothing else."""

from __future__ import annotations

from itsm_bridge.reports.html.page import HtmlReport

__all__ = ["HtmlReport"]
