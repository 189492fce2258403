"""The seeded company: what is wrong in it is found, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import itsm_bridge
from itsm_bridge import pipeline
from itsm_bridge.adapters.demo import served
from itsm_bridge.plugins import build_plugin_manager
from itsm_bridge.progress import SilentProgress
from itsm_bridge.reports.view import AssessmentView
from itsm_bridge_jira_sm import demonstration
from itsm_bridge_jira_sm.testing import BEYOND_JIRA, Company, seeded_company

NOW = datetime(2026, 3, 18, 10, tzinfo=UTC)
NOT_FED = {
    *("CFG-002", "CFG-003", "CFG-004", "CFG-005", "CFG-006", "SRQ-007"),  # states, relations and history of items
    *("CHG-009", "CHG-011", "CHG-019", "CHG-021"),  # reviews and templates of changes
    *("CHG-024", "CON-001", "REL-006"),  # whether a change has major impact
    *("REL-001", "REL-003", "REL-004", "REL-005"),  # anything of a release but its date
    *("AVL-001", "AVL-002", "INC-012", "INC-014", "SEC-001", "SRQ-006"),  # outages, who is an agent, managers, security
    *("SLM-001", "SLM-007", "SLM-013"),  # for whom a clock is, and its first due time
    *("SUP-001", "SUP-002", "SUP-004"),  # targets of suppliers
    *("CAT-001", "SLM-002"),  # which services are covered: the demo's register leaves it open
    *("BRM-003", "DQ-010", "KPI-005", "SLM-010"),  # more records or syncs than there are
}
"""Checks that find nothing to judge in the demo's Jira, by what it does not tell."""


def swept(folder: Path, monkeypatch: pytest.MonkeyPatch, company: Company) -> AssessmentView:
    """Return the demo's assessment of a company, read as `demo-jira_sm`."""
    monkeypatch.setattr(demonstration, "seeded_company", lambda **_: company)
    plugins = build_plugin_manager([EntryPoint("jira_sm", "itsm_bridge_jira_sm", "itsm_bridge")])
    with served(folder, plugins, SilentProgress(), NOW.date()) as demo:
        return pipeline.sweep(demo.config, plugins, now=NOW)


def found_in(folder: Path) -> dict[str, set[str]]:
    """Return what was found in the company, registers of the demo aside: per check, the ids."""
    findings = itsm_bridge.open(folder / "data").findings()
    found: dict[str, set[str]] = {}
    for finding in findings[findings["source_id"] == "demo-jira_sm"].itertuples():
        subject = finding.work_item_id if isinstance(finding.work_item_id, str) else finding.subject
        found.setdefault(str(finding.check_id), set()).add(str(subject).rpartition(":")[2])
    return found


def test_what_was_planted_is_found_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    company = seeded_company(now=NOW)
    view = swept(tmp_path / "demo", monkeypatch, company)
    found = found_in(tmp_path / "demo")
    planted = {check: ids for check, ids in company.planted.items() if check not in BEYOND_JIRA}
    wrong = set[str]().union(*company.planted.values())  # one flaw may lead to another: a late change overruns
    of_records = {check: ids for check, ids in found.items() if not check.startswith("KPI")}  # figures follow from both
    assert {check: ids - wrong for check, ids in of_records.items() if ids - wrong} == {}
    assert {check for check, ids in planted.items() if not ids & found.get(check, set())} == set()
    counts = [row for row in view.results.to_pylist() if row["source_id"] == "demo-jira_sm"]
    idle = {row["check_id"] for row in counts if not row["assessable"]}
    assert {check for check in idle if not check.startswith(("RPT", "IMP", "KPI"))} <= NOT_FED


def test_a_company_without_flaws_gives_no_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    swept(tmp_path / "demo", monkeypatch, seeded_company(now=NOW, size=150, flawed=False))
    assert found_in(tmp_path / "demo") == {}
