"""The demo's company: on its second night every check is at work, and finds what is wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from itsm_bridge.adapters.demo import run_demo
from itsm_bridge.checking import load_checks
from itsm_bridge.plugins import build_plugin_manager
from itsm_bridge.progress import SilentProgress

pytestmark = pytest.mark.xdist_group("demo")  # one run of the demo serves all

NOW = datetime(2026, 3, 18, 10, tzinfo=UTC)
IDLE: Mapping[str, str] = {
    "SRQ-007": "no simulated tool tells for which record a configuration item was edited",
}
"""Checks that have nothing to judge in the demo, and why."""
UNHARMED: Mapping[str, str] = {
    "AVL-002": "the service with the most outages of the year may have had none in the period",
    "KPI-005": "whether urgent incidents took longer than a month before is as it falls out, nothing is planted",
}
"""Checks that judge something in the demo and need not find anything, and why."""
UNTOLD_BY_JIRA = frozenset(
    {
        *("CFG-002", "CFG-004", "CFG-005", "SRQ-007"),  # history of items, and whether the linked ones are retired
        *("CHG-009", "CHG-011", "CHG-019", "CHG-021"),  # reviews and templates of changes
        *("CHG-024", "CON-001", "REL-006"),  # whether a change has major impact
        *("REL-001", "REL-003", "REL-004", "REL-005"),  # anything of a release but its date
        *(
            "AVL-001",
            "AVL-002",
            "INC-012",
            "INC-014",
            "SEC-001",
            "SRQ-006",
        ),  # outages, who is an agent, managers, security
        *("SLM-001", "SLM-007", "SLM-013"),  # for whom a clock is, and its first due time
        *("SUP-001", "SUP-002", "SUP-004"),  # targets of suppliers
        *("CAT-001", "SLM-002"),  # which services are covered: the demo's register leaves it open
        *("BRM-003", "DQ-010", "KPI-005", "SLM-010"),  # more records or syncs than there are
    }
)
"""Checks that have nothing to judge in the demo's Jira, by what it does not tell."""
AIMED_HIGH = frozenset({"BRM-003", "DQ-009", "IMP-004"})
"""Checks that find more: the demo asks much of its company, as those of KPIs show too, and takes a right away."""


@dataclass
class Demo:
    """What the demo counted per check (assessable, failing); per source, which checks had nothing to judge, and what was
    planted and found by check."""

    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    idle: dict[str, set[str]] = field(default_factory=dict)
    planted: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    found: dict[str, dict[str, set[str]]] = field(default_factory=dict)

    def seeded(self, source: str, seeded_company: Any, *, now: datetime) -> Any:
        """Return the company as it was a day before the fixed day."""
        company = seeded_company(now=NOW - timedelta(days=1))
        self._plant(source, company.planted)
        return company

    def advanced(self, source: str, advance: Callable[[Any], Mapping[str, set[str]]], tool: Any) -> None:
        """Play the next day."""
        self._plant(source, advance(tool))

    def _plant(self, source: str, planted: Mapping[str, set[str]]) -> None:
        for check, subjects in planted.items():
            self.planted.setdefault(source, {}).setdefault(check, set()).update(subjects)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Run the demo as of a fixed day, reports aside."""
    demo, published = Demo(), NOW - timedelta(minutes=1)
    clock = SimpleNamespace(now=lambda _: published, fromisoformat=datetime.fromisoformat)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("jira_sm", "otrs", "servicenow"):
            shown = import_module(f"itsm_bridge_{name}.demonstration")
            patch.setattr(shown, "seeded_company", partial(demo.seeded, f"demo-{name}", shown.seeded_company))
            patch.setattr(shown, "advance", partial(demo.advanced, f"demo-{name}", shown.advance))
        patch.setattr("itsm_bridge.store.manifests.datetime", clock)
        patch.setattr("itsm_bridge.delivery.deliver_reports", lambda *_, **__: None)
        view, _ = run_demo(tmp_path_factory.mktemp("demo"), build_plugin_manager(), SilentProgress(), now=NOW)
    overall = (row for row in view.results.to_pylist() if row["source_id"] == "*")
    demo.counts = {row["check_id"]: (row["assessable"], row["failing"]) for row in overall}
    for row in view.results.to_pylist():
        if not row["assessable"]:
            demo.idle.setdefault(row["source_id"], set()).add(row["check_id"])
    for row in view.findings.to_pylist():
        if row["status"] in ("new", "persisting", "reopened"):
            subject = str(row["work_item_id"] or row["subject"]).rpartition(":")[2].partition("@")[0]
            demo.found.setdefault(row["source_id"], {}).setdefault(row["check_id"], set()).add(subject)
    return demo


def test_every_check_has_something_to_judge_in_the_demo(demo: Demo) -> None:
    assert demo.counts.keys() == {check.id for check in load_checks(build_plugin_manager().check_folders)}
    assert {check for check, (assessable, _) in demo.counts.items() if not assessable} == IDLE.keys()


def test_jira_feeds_every_check_but_those_of_which_it_tells_nothing(demo: Demo) -> None:
    assert {check for check in demo.idle["demo-jira_sm"] if not check.startswith(("RPT", "IMP"))} <= UNTOLD_BY_JIRA


def test_every_check_finds_something_in_the_demo(demo: Demo) -> None:
    found = {check for check, (_, failing) in demo.counts.items() if failing}
    assert demo.counts.keys() - found - IDLE.keys() - UNHARMED.keys() == set()


@pytest.mark.parametrize(
    ("source", "untold"),
    [("demo-jira_sm", import_module("itsm_bridge_jira_sm.testing").BEYOND_JIRA), ("demo-otrs", frozenset())],
)
def test_what_is_wrong_on_purpose_is_found_on_the_second_night_and_nothing_else(
    demo: Demo, source: str, untold: frozenset[str]
) -> None:
    planted, found = demo.planted[source], demo.found[source]
    assert {check for check, subjects in planted.items() if not subjects & found.get(check, set())} == untold
    wrong = set[str]().union(*planted.values())  # one flaw may lead to another: a late change overruns
    others = {check for check, subjects in found.items() if subjects - wrong}
    assert {check for check in others - AIMED_HIGH if not check.startswith("KPI-")} == set()
