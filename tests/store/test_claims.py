"""What a tool said of finished clocks is remembered from snapshot to snapshot, and told from what the mapping changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from site_of_desk import INCIDENT, VALUES, Site, fill, write_mapping

from itsm_bridge.store.reading import reading

CLOCK = """
[sla_instance]
sla_instance_id = { field = "id", suffix = "/clock" }
work_item_id = "id"
stage = { field = "clock", values = "stage" }
elapsed_seconds = "clock_seconds"
is_breached = "clock_breached"
"""
STAGES = '\n[stage]\ncodes = { "done" = "completed", "open" = "in_progress", "shut" = "completed" }\n'
CLAIMS = """
SELECT snapshot, is_remapped, later_snapshots, stage, elapsed_seconds, is_breached
FROM sla_claim WHERE sla_instance_id LIKE '%i1/clock' ORDER BY snapshot
"""


@pytest.fixture
def clocks(tmp_path: Path) -> Site:
    site = Site(tmp_path)
    write_mapping(site.mapping, incident=INCIDENT + CLOCK, values=VALUES + STAGES)
    fill(site.desk, incidents=1, changes=0)
    run(site, "open", 600)
    site.sync()
    return site


def run(site: Site, stage: str, seconds: int, breached: bool = False) -> None:
    site.desk.put("incident", "i1", clock=stage, clock_seconds=str(seconds), clock_breached=str(breached).lower())


def claims(site: Site, number: int, columns: Any = None) -> list[tuple[Any, ...]]:
    with reading(site.store, site.store.snapshot(number), columns) as connection:
        return connection.execute(CLAIMS).fetchall()


def test_finished_claims_are_kept_by_snapshot_grow_older_and_are_there_for_whoever_asks(clocks: Site) -> None:
    run(clocks, "done", 900)
    clocks.sync()
    clocks.sync()
    run(clocks, "done", 300)
    clocks.sync()
    assert claims(clocks, 1) == []
    assert claims(clocks, 2) == [(2, False, 0, "completed", 900, False)]
    assert claims(clocks, 3, {"sla_claim": {"snapshot"}}) == [(2, False, 1, "completed", 900, False)]
    assert claims(clocks, 4) == [(2, False, 2, "completed", 900, False), (4, False, 0, "completed", 300, False)]
    assert clocks.sql("SELECT count(*) FROM sla_claim") == [(2,)]


def test_what_a_corrected_mapping_changed_says_so_also_where_the_clock_then_runs(clocks: Site) -> None:
    run(clocks, "shut", 900)
    clocks.sync()
    write_mapping(clocks.mapping, incident=INCIDENT + CLOCK,
                  values=VALUES + STAGES.replace('"shut" = "completed"', '"shut" = "in_progress"'))  # fmt: skip
    clocks.remap()
    run(clocks, "done", 5000, breached=True)
    clocks.sync()
    assert [row[:4] for row in claims(clocks, 4)] == [
        (2, False, 2, "completed"), (3, True, 1, "in_progress"), (4, False, 0, "completed"),
    ]  # fmt: skip
