"""What the tool showed once and shows no more is told from what the mapping took away, and from what came later."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from site_of_desk import INCIDENT, Site, write_mapping

import itsm_bridge
from itsm_bridge import pipeline
from itsm_bridge.reports.view import AssessmentView
from itsm_bridge.store.reading import reading

CHECKS = Path(itsm_bridge.__file__).parent / "checks"

COLUMNS = {"work_item": {"work_item_id"}, "evidence_loss": {"kind"}, "source_reading": {"read_at"}}


def losses(site: Site, number: int | None = None) -> list[tuple[str, str]]:
    with reading(site.store, site.store.snapshot(number), COLUMNS) as connection:
        sql = "SELECT kind, evidence_loss_id FROM evidence_loss ORDER BY ALL"
        return [(kind, key.rpartition(":")[2]) for kind, key in connection.execute(sql).fetchall()]


def test_a_record_that_the_tool_no_longer_has_is_lost_until_it_comes_back(synced: Site) -> None:
    record = dict(synced.desk.rows["incident"]["i3"])
    synced.desk.remove("incident", "i2")
    synced.desk.remove("incident", "i3")
    synced.sync()
    assert losses(synced) == [("record_vanished", "i2"), ("record_vanished", "i3")]
    assert losses(synced, 1) == []
    synced.desk.rows["incident"]["i3"] = record
    synced.sync()
    assert losses(synced) == [("record_vanished", "i2")]


def test_what_a_changed_mapping_leaves_out_is_not_lost(synced: Site) -> None:
    only_one = '[work_item.where]\nnumber = ["INC1"]\n[[relation]]'
    write_mapping(synced.mapping, incident=INCIDENT.replace("[[relation]]", only_one))
    synced.remap()
    assert len(synced.load("work_item")) < 7
    assert losses(synced) == []


def test_events_with_another_value_or_time_were_altered_and_work_and_better_knowledge_alter_none(synced: Site) -> None:
    history = synced.desk.rows["history"]
    before = {key: str(row["updated"]) for key, row in history.items()}
    synced.desk.put("incident", "i2", state="7")
    synced.desk.put("incident", "i9", number="INC9", state="1")
    synced.desk.put("history", "h1", new="7")
    synced.desk.put("history", "h2")
    synced.desk.put("history", "h3", by="u2", seq="7")
    for key in ("h1", "h3"):
        history[key]["updated"] = before[key]
    synced.sync(is_full=True)
    assert losses(synced) == [("event_altered", "h1"), ("event_altered", "h2")]


def plugins_of(site: Site, *checks: str) -> Any:
    """Return the plugins of a site with a few of the packaged checks."""
    chosen = site.folder / "checks"
    chosen.mkdir(exist_ok=True)
    for check in checks:
        shutil.copy(next(CHECKS.rglob(f"{check}.toml")), chosen)
    return SimpleNamespace(adapters=site.adapters, check_folders=[chosen], kpi_folders=[])


def found(view: AssessmentView) -> list[tuple[str, str]]:
    return [(row["check_id"], row["subject"]) for row in view.findings.to_pylist()]


def test_lost_evidence_is_a_finding_also_when_it_is_judged_again(synced: Site) -> None:
    plugins = plugins_of(synced, "DQ-010")
    synced.desk.remove("incident", "i2")
    synced.sync()
    assert found(pipeline.check(synced.config, plugins)) == [("DQ-010", "desk:work_item:i2")]
    synced.sync()
    assert found(pipeline.check(synced.config, plugins, as_of=2)) == [("DQ-010", "desk:work_item:i2")]


def test_what_fails_period_after_period_needs_a_nonconformity(synced: Site) -> None:
    plugins = plugins_of(synced, "DQ-009", "IMP-004")
    begin = datetime.now(UTC)
    for months in (1, 2, 3):  # nobody syncs any more
        view = pipeline.check(synced.config, plugins, now=begin + timedelta(days=31 * months))
        assert "IMP-004" not in dict(found(view))
    last = pipeline.check(synced.config, plugins, now=begin + timedelta(days=31 * 4))
    assert ("IMP-004", "desk:DQ-009") in found(last)
