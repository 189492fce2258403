"""What the mapping makes of tickets, and what becomes of details that do not come any more."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import itsm_bridge
from itsm_bridge.plugins import build_plugin_manager
from itsm_bridge.testing import Bench, open_bench
from itsm_bridge_acme_desk.adapter import AcmeDesk
from itsm_bridge_acme_desk.testing import AcmeWorld, fill

STREAMS = [stream.name for stream in AcmeDesk.streams]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A bench whose desk holds two tickets."""
    with open_bench(AcmeWorld, tmp_path) as bench:
        fill(bench.world.server, 2)
        yield bench


def test_tickets_become_records_with_comments_history_and_team(bench: Bench) -> None:
    assert bench.sync(*STREAMS).incomplete == []
    store = itsm_bridge.open(bench.folder / "store")
    incidents = store.load("incident").set_index("number")
    first = incidents.loc["ACME-1"]
    assert len(incidents) == 2
    assert (first["state"], first["source_state"], first["priority"]) == ("resolved", "solved", 2)
    assert (first["resolved_at"] - first["opened_at"]).total_seconds() == 7200
    assert first["support_group_id"] == store.load("support_group")["support_group_id"][0] == "tried:support_group:net"
    assert list(store.load("comment")["visibility"]) == ["public", "public"]
    steps = store.load("transition").query("work_item_id == @first.work_item_id").sort_values("seq")
    assert list(zip(steps["old_value"], steps["new_value"], strict=True)) == [
        ("new", "in_progress"), ("in_progress", "resolved"),
    ]  # fmt: skip


def test_comments_that_may_not_be_seen_any_more_were_not_deleted(bench: Bench) -> None:
    bench.sync(*STREAMS)
    bench.world.server.closed_fields.add("comments")
    bench.world.server.put("ticket", "T1", title="Printer is out", changed=bench.now.isoformat())
    about = bench.sync(*STREAMS).streams["tried"]
    assert about["comment"]["status"] == "denied"
    assert about["comment"]["reason"] == "comments do not show"
    assert len(itsm_bridge.open(bench.folder / "store").load("comment")) == 2


def test_the_entry_point_leads_to_the_adapter() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    points = project["entry-points"]["itsm_bridge"].items()
    plugins = build_plugin_manager([EntryPoint(name, package, "itsm_bridge") for name, package in points])
    assert plugins.adapters["acme_desk"] is AcmeDesk
