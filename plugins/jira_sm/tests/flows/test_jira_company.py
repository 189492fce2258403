"""The seeded company: what is wrong in it is found, and nothing else."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import itsm_bridge
from itsm_bridge.adapters.demo import run_demo
from itsm_bridge.plugins import build_plugin_manager
from itsm_bridge.progress import SilentProgress
from itsm_bridge_jira_sm import demonstration
from itsm_bridge_jira_sm.testing import BEYOND_JIRA, Company, seeded_company


def test_what_was_planted_is_found_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    companies: list[Company] = []

    def noted() -> Company:
        companies.append(seeded_company())
        return companies[-1]

    monkeypatch.setattr(demonstration, "seeded_company", noted)
    plugins = build_plugin_manager([EntryPoint("jira_sm", "itsm_bridge_jira_sm", "itsm_bridge")])
    run_demo(tmp_path / "demo", plugins, SilentProgress())
    findings = itsm_bridge.open(tmp_path / "demo" / "data").findings()
    found: dict[str, set[str]] = {}
    for check, record in zip(findings["check_id"], findings["work_item_id"].fillna(findings["subject"]), strict=True):
        found.setdefault(check, set()).add(str(record).rpartition(":")[2])
    planted = {check: ids for check, ids in companies[0].planted.items() if check not in BEYOND_JIRA}
    wrong = set[str]().union(*companies[0].planted.values())  # one flaw may lead to another: a late change overruns
    assert {check: ids - wrong for check, ids in found.items() if ids - wrong} == {}
    assert len([check for check, ids in planted.items() if ids & found.get(check, set())]) > 15
