"""Judging an earlier snapshot again gives the verdicts of then, whatever was changed since, and publishes nothing."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from simulated_site import SimulatedSite, counts, failing
from two_sweeps import TwoSweeps

from itsm_bridge import pipeline
from itsm_bridge.reports.view import AssessmentView
from itsm_bridge.store.store import open_existing

pytestmark = pytest.mark.xdist_group("the seeded company")

MATRIX = "source_id,record_type,impact,urgency,priority\n,incident,1,1,4\n,incident,2,2,1\n"
PARAMETERS = '[max_handoffs]\nvalue = 0\napproved_by = "somebody"\napproved_on = 2025-01-01\n'
OVERLAY = '[incident_state.labels]\n"resolved" = "in_progress"\n'


def same(one: AssessmentView, other: AssessmentView) -> bool:
    """Say whether two views tell the same verdicts, row by row."""
    keys = {"results": ("check_id", "source_id"), "findings": ("finding_id",), "conclusions": ("clause",)}
    return all(
        _sorted(getattr(one, name), key).equals(_sorted(getattr(other, name), key)) for name, key in keys.items()
    ) and (one.now, one.period_from, one.period_to, one.exit_code, one.gaps, one.problems) == (
        other.now, other.period_from, other.period_to, other.exit_code, other.gaps, other.problems
    )  # fmt: skip


def _sorted(table: pa.Table, keys: tuple[str, ...]) -> pa.Table:
    return table.sort_by([(key, "ascending") for key in keys]).combine_chunks()


def published(site: SimulatedSite) -> list[str]:
    """Return the hashes of everything that is published."""
    store = open_existing(site.config.store.path)
    return [manifest.hash for manifest in (*store.snapshots(), *store.assessments())]


@pytest.fixture(scope="module")
def changed(swept: TwoSweeps, tmp_path_factory: pytest.TempPathFactory) -> SimulatedSite:
    """A copy of the site in which policy, parameters, check files and mapping were changed after both sweeps."""
    folder = tmp_path_factory.mktemp("changed")
    site = swept.site.copy(folder / "site")
    (site.policy / "priority_matrix.csv").write_text(MATRIX, encoding="utf-8")
    (site.policy / "parameters.toml").write_text(PARAMETERS, encoding="utf-8")
    (site.policy / "adopted.toml").write_text('checks = ["*"]\n', encoding="utf-8")
    (site.policy / "transition_rules.csv").write_text("record_type,from_state,to_state\n", encoding="utf-8")
    mapping = folder / "overlay"
    shutil.copytree(site.mappings[0], mapping)
    with (mapping / "values.toml").open("a", encoding="utf-8") as values:
        values.write(OVERLAY)
    site.mappings = [str(mapping)]
    site.configure()
    checks = folder / "checks"
    shutil.copytree(site.plugins.check_folders[0], checks)
    file = checks / "incident" / "INC-004.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("<> 'resolved'", "= 'resolved'"), encoding="utf-8")
    site.plugins.check_folders[:] = [checks]
    pipeline.remap(site.config, site.plugins)
    return site


def test_each_snapshot_gives_its_verdicts_again(swept: TwoSweeps) -> None:
    before = published(swept.site)
    for number, sweep in ((1, swept.first), (2, swept.second)):
        again = swept.site.check(as_of=str(number))
        assert (again.snapshot, again.number) == (number, number)
        assert same(again, sweep.view)
    assert published(swept.site) == before


def test_verdicts_stay_though_policy_parameters_checks_and_mapping_were_changed(
    swept: TwoSweeps, changed: SimulatedSite
) -> None:
    before = published(changed)
    again = changed.check(as_of="1")
    assert same(again, swept.first.view)
    assert again.head == swept.first.view.head
    assert published(changed) == before


def test_the_same_changes_do_change_the_verdicts_of_today(
    swept: TwoSweeps, changed: SimulatedSite, tmp_path: Path
) -> None:
    site = changed.copy(tmp_path / "site")
    today = site.check(now=swept.second.view.now)
    was, now = counts(swept.second.view), counts(today)
    assert today.snapshot == 3
    assert now["DQ-006"]["in_scope"] == 0 < was["DQ-006"]["in_scope"]
    for check in ("INC-003", "INC-004", "INC-008"):
        assert failing(today)[check] != failing(swept.second.view)[check], check
    assert [row["conclusion"] for row in today.conclusions.to_pylist()] != [
        row["conclusion"] for row in swept.second.view.conclusions.to_pylist()
    ]


def test_an_instant_means_the_last_snapshot_before_it(swept: TwoSweeps) -> None:
    first, second = swept.site.open().snapshots()["published_at"]
    between = first + (second - first) / 2
    assert same(swept.site.check(as_of=between.isoformat()), swept.first.view)


def test_analysts_get_findings_and_conclusions_of_each_assessment(swept: TwoSweeps) -> None:
    bridge = swept.site.open()
    for number, view in ((1, swept.first.view), (2, swept.second.view)):
        findings, conclusions = bridge.findings(as_of=number), bridge.conclusions(as_of=number)
        assert findings["finding_id"].sort_values().tolist() == sorted(view.findings["finding_id"].to_pylist())
        assert findings["status"].value_counts().to_dict() == _tally(view.findings["status"])
        assert conclusions["conclusion"].value_counts().to_dict() == _tally(view.conclusions["conclusion"])
        assert set(findings["assessment"]) == set(conclusions["assessment"]) == {number}
    assert set(bridge.findings()["assessment"]) == {2}


def test_analysts_may_name_an_instant_too(swept: TwoSweeps) -> None:
    bridge = swept.site.open()
    first, second = (manifest.at for manifest in open_existing(swept.site.config.store.path).assessments())
    just_before = second - timedelta(microseconds=1)
    assert set(bridge.findings(as_of=just_before)["assessment"]) == {1}
    assert set(bridge.conclusions(as_of=first)["assessment"]) == {1}
    assert set(bridge.findings(as_of=second.isoformat())["assessment"]) == {2}


def test_the_store_is_intact_after_all_of_it(swept: TwoSweeps) -> None:
    report = pipeline.verify(swept.site.config)
    assert report.problems == []
    assert report.is_intact


def _tally(column: pa.ChunkedArray) -> dict[str, int]:
    return {row["values"]: row["counts"] for row in column.value_counts().to_pylist()}
