"""The seeded company, swept: without flaws nothing is found in it. That all flaws are is shown by the demo's tests."""

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
from itsm_bridge_jira_sm import demonstration
from itsm_bridge_jira_sm.testing import Company, seeded_company

NOW = datetime(2026, 3, 18, 10, tzinfo=UTC)


def sweep(folder: Path, monkeypatch: pytest.MonkeyPatch, company: Company) -> None:
    """Sweep a company as the demo does, read as `demo-jira_sm`."""
    monkeypatch.setattr(demonstration, "seeded_company", lambda **_: company)
    plugins = build_plugin_manager([EntryPoint("jira_sm", "itsm_bridge_jira_sm", "itsm_bridge")])
    with served(folder, plugins, SilentProgress(), NOW.date()) as demo:
        pipeline.sweep(demo.config, plugins, now=NOW)


def found_in(folder: Path) -> dict[str, set[str]]:
    """Return what was found in the company, registers of the demo aside: per check, the ids."""
    findings = itsm_bridge.open(folder / "data").findings()
    found: dict[str, set[str]] = {}
    for finding in findings[findings["source_id"] == "demo-jira_sm"].itertuples():
        subject = finding.work_item_id if isinstance(finding.work_item_id, str) else finding.subject
        found.setdefault(str(finding.check_id), set()).add(str(subject).rpartition(":")[2])
    return found


def test_a_company_without_flaws_gives_no_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep(tmp_path / "demo", monkeypatch, seeded_company(now=NOW, size=150, flawed=False))
    assert found_in(tmp_path / "demo") == {}
