"""Under all faults at once the store ends equal to what the account may see, and says how much it may not see."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from simulated_site import PASSWORD
from storm import CHANGING, STREAMS, Storm, started

import itsm_bridge
from itsm_bridge.project import Projected
from itsm_bridge.sync import SyncReport
from itsm_bridge_servicenow.streams import BY_NAME
from itsm_bridge_servicenow.testing import KINDS
from itsm_bridge_servicenow.testing.records import epoch

SEEDS = range(20)
MAPPED = range(2)
"""Seeds under which the common schema is made too, which costs half of the time: all ways in, with late rows or not."""
CANONICAL = {
    "work_item": "incident", "sla_instance": "task_sla", "configuration_item": "cmdb_ci", "transition": "sys_audit",
}  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_the_store_equals_what_the_account_may_see(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storm = started(seed, tmp_path)
    if seed not in MAPPED:
        monkeypatch.setattr("itsm_bridge.sync.project_source", lambda *_: Projected())
    monkeypatch.setenv(f"{PASSWORD}_CLIENT", storm.server.client_secret)
    has_late_rows = seed % 2 == 0
    with storm.server as server:
        first = storm.sync()
        assert_equal(storm, first)
        cursors = {name: first.streams["prod"][name]["cursor"] for name in STREAMS}
        storm.next_day(has_late_rows=has_late_rows)
        # Rows that come late and others that go unrecorded can leave the count as it was: a census tells them apart.
        second = storm.sync(wants_census=has_late_rows)
        assert_equal(storm, second)
        if seed in MAPPED:
            assert_common_schema_fits(storm)
        assert_only_news_were_read(storm, second, cursors, except_for={"incident"} if has_late_rows else set())
        assert server.writes_attempted == []
        assert len(server.faults.struck) > len(KINDS) / 2


def assert_equal(storm: Storm, report: SyncReport) -> None:
    assert report.incomplete == ["prod:incident.category"]
    expected, stored = storm.expected(), storm.stored()
    for stream in STREAMS:
        assert stored[stream] == expected[stream], stream
        about = report.streams["prod"][stream]
        assert about["hidden"] == len(storm.meant(stream, hidden=True)), stream
        assert about["held"] == len(expected[stream]), stream
        assert about["quarantined"] == 0


def assert_common_schema_fits(storm: Storm) -> None:
    figures = {table: f"SELECT count(*) FROM {table}" for table in CANONICAL} | {
        "seconds": "SELECT sum(elapsed_seconds) FROM sla_instance",  # most of them run for more than a day
        "closed": "SELECT count(category) FROM source_prod.incident",
        "empty": "SELECT count(*) FROM source_prod.incident WHERE resolved_at = ''",
    }
    columns = ", ".join(f"({query}) AS {name}" for name, query in figures.items())
    found = itsm_bridge.open(storm.folder / "itsm-bridge.toml").sql(f"SELECT {columns}").iloc[0].to_dict()
    assert found == {table: len(storm.meant(stream)) for table, stream in CANONICAL.items()} | {
        "seconds": sum(epoch(row["business_duration"]) for row in storm.meant("task_sla")), "closed": 0,
        "empty": sum(not row["resolved_at"] for row in storm.meant("incident")),
    }  # fmt: skip


def assert_only_news_were_read(
    storm: Storm, report: SyncReport, cursors: Mapping[str, str], except_for: set[str]
) -> None:
    """Check that rows came that are newer than the cursor less an hour; those that moved meanwhile, perhaps twice."""
    for stream in set(STREAMS) - except_for:
        since = f"{datetime.fromisoformat(cursors[stream]) - timedelta(hours=1):%Y-%m-%d %H:%M:%S}"
        news = sum(row[BY_NAME[stream].cursor] >= since for row in storm.meant(stream))
        about = report.streams["prod"][stream]
        again = storm.unrest.moved.get(stream, 0) + storm.unrest.removed.get(stream, 0)
        assert news <= about["received"] <= news + again, stream
        if stream not in CHANGING:
            assert about["appended"] <= news, stream
