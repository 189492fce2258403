"""Analysts read while a sweep writes: what they see is always one published snapshot, whole and unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event

import pandas as pd
import pytest
from simulated_site import SimulatedSite
from two_sweeps import NOW

from itsm_bridge.analysis import Bridge
from itsm_bridge.progress import SilentProgress
from itsm_bridge_servicenow.testing import SimulatedServiceNow, advance, seeded_company

pytestmark = pytest.mark.xdist_group("other companies")

STREAMS = ["incident", "sys_audit", "sys_user", "sys_user_group", "sys_choice"]
PATIENCE = 120.0


@dataclass
class Gate(SilentProgress):
    """Stops the writer when everything is written and nothing is published, until the readers have looked."""

    written: Event = field(default_factory=Event)
    looked: Event = field(default_factory=Event)

    def note(self, text: str) -> None:
        if text == "publishing the snapshot":
            self.written.set()
            assert self.looked.wait(PATIENCE)


@pytest.fixture(scope="module")
def server() -> Iterator[SimulatedServiceNow]:
    with SimulatedServiceNow(seeded_company(now=NOW, size=200).tables, now=NOW) as running:
        yield running


@pytest.fixture(scope="module")
def site(server: SimulatedServiceNow, tmp_path_factory: pytest.TempPathFactory) -> SimulatedSite:
    """A site with one snapshot and one assessment, and a day of news in the instance."""
    folder = tmp_path_factory.mktemp("busy") / "site"
    site = SimulatedSite(folder, {"prod": server}, settings={"streams": STREAMS})
    site.sync()
    site.check(now=NOW)
    advance(server)
    return site


def frames(bridge: Bridge) -> dict[str, pd.DataFrame]:
    """Return what an analyst may look at, in a fixed order of rows."""
    items = bridge.load("work_item").sort_values("work_item_id", ignore_index=True)
    return {
        "work items": items,
        "transitions": bridge.load("transition").sort_values("transition_id", ignore_index=True),
        "source rows": bridge.sql("SELECT * FROM source_prod.incident ORDER BY sys_id"),
        "runs": bridge.sql("SELECT * FROM stream_run ORDER BY source_id, stream"),
        "findings": bridge.findings().sort_values("finding_id", ignore_index=True),
    }


def differing(one: dict[str, pd.DataFrame], other: dict[str, pd.DataFrame]) -> list[str]:
    return [name for name in one if not one[name].equals(other[name])]


def test_frames_are_those_of_the_published_snapshot_until_the_next_is(site: SimulatedSite) -> None:
    before, opened_before, gate = frames(site.open()), site.open(), Gate()
    readings = 0
    with ThreadPoolExecutor(1) as pool:
        try:
            writing = pool.submit(site.sync, gate)
            while not gate.written.wait(0.01) and not writing.done():
                assert differing(before, frames(site.open())) == []
                readings += 1
            assert not writing.done(), writing.exception()
            # Now all rows are in the tables, and none of them is published.
            assert differing(before, frames(site.open())) == []
            assert differing(before, frames(opened_before)) == []
            assert len(site.open().snapshots()) == 1
        finally:
            gate.looked.set()
        report = writing.result(PATIENCE)
    after = frames(site.open())
    assert readings > 0
    assert report.snapshot.number == 2
    assert {"work items", "transitions", "source rows", "runs"} == set(differing(before, after))
    assert differing(after, frames(opened_before)) == []
    assert len(after["source rows"]) - len(before["source rows"]) == 9 - 1


def test_an_earlier_snapshot_stays_as_it_was(site: SimulatedSite) -> None:
    earlier = site.open().load("work_item", as_of=1)
    assert len(earlier) == len(set(earlier["work_item_id"])) > 0
    assert earlier["updated_at"].max() <= pd.Timestamp(NOW)
