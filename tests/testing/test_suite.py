"""The suite itself: what it skips it says, its proxy leads back to itself, and its time is its own."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from tried_promises import broken, promises

from itsm_bridge.adapter import Adapter
from itsm_bridge.testing import AdapterContract, World, open_bench
from itsm_bridge.testing.faults import PASSING
from itsm_bridge.transport import Transport
from itsm_bridge_acme_desk.adapter import AcmeDesk
from itsm_bridge_acme_desk.testing import ADMITTED, AcmeWorld


def half_made(**parts: Any) -> type[World]:
    return type("HalfMade", (AcmeWorld,), parts)


SIGNED_IN = {"Authorization": ADMITTED}
OPTIONAL = {
    "hide": "hidden_records_are_counted",
    "shorten_pages": "a_short_or_an_empty_page_is_not_the_end",
    "deny_stream": "a_stream_that_may_not_be_read_is_told_and_is_no_empty_stream",
    "deny_field": "fields_that_do_not_show_are_told",
    "shift_clock": "a_clock_that_is_apart_is_noticed",
    "failed_answer": "an_error_in_a_success_that_passes_costs_no_record",
}


@pytest.mark.parametrize("ability", OPTIONAL)
def test_what_a_fake_cannot_do_is_skipped_and_says_what_is_missing(ability: str, tmp_path: Path) -> None:
    poor = type("PoorWorld", (AcmeWorld,), {ability: getattr(World, ability)})
    with open_bench(poor, tmp_path) as bench, pytest.raises(pytest.skip.Exception) as skipped:
        promises()[OPTIONAL[ability]](bench)
    assert str(skipped.value).startswith("PoorWorld does not simulate ")
    assert str(skipped.value).endswith(f"override World.{ability}")


@pytest.mark.parametrize(
    ("world", "said"),
    [
        ({}, "TestDesk names no world: write `world = …` in the class"),
        ({"world": "desk"}, "TestDesk has `world = 'desk'`, which is none"),
        (
            {"world": World},
            "World lacks `adapter`, `streams`, `mark`, `page_rows`, `remove`, `settings`, `url`, `visible`",
        ),
        ({"world": half_made(adapter=type("Half", (Adapter,), {"name": "half"}))}, "Half lacks `title`, `settings`"),
        (
            {"world": half_made(adapter=type("Half", (Adapter,), vars(AcmeDesk) | {"census": Adapter.census}))},
            "Half lacks `census`",
        ),
        ({"world": half_made(streams=("ticket", "comment"))}, "of AcmeDesk these are `ticket`, `team`"),
    ],
)
def test_a_class_without_a_whole_world_and_adapter_is_told_once_and_what_to_write(
    world: Mapping[str, Any], said: str
) -> None:
    with pytest.raises(pytest.Collector.CollectError) as caught:
        type("TestDesk", (AdapterContract,), dict(world))
    assert said in str(caught.value)
    assert "docs/adapters.md" in str(caught.value) or "HalfMade.streams" in str(caught.value)
    type("Shared", (AdapterContract,), {})  # a class that pytest does not collect may name its world later


def test_links_lead_back_to_the_proxy_and_requests_are_noted(tmp_path: Path) -> None:
    with open_bench(AcmeWorld, tmp_path) as bench:
        bench.fill(2)
        link = requests.get(f"{bench.proxy.url}/api/ticket?limit=1", headers=SIGNED_IN, timeout=10).json()["next"]
        assert link.startswith(bench.proxy.url)
        assert requests.get(link, headers=SIGNED_IN, timeout=10).json()["next"] is None
        assert [(asked.method, asked.path) for asked in bench.proxy.asked] == [("GET", "/api/ticket")] * 2


def test_only_chosen_requests_are_struck(tmp_path: Path) -> None:
    with open_bench(AcmeWorld, tmp_path) as bench:
        bench.proxy.strike(lambda number: PASSING["503 not available"] if number == 2 else None)
        address = f"{bench.proxy.url}/api/me"
        statuses = [requests.get(address, headers=SIGNED_IN, timeout=10).status_code for _ in range(3)]
        assert statuses == [200, 503, 200]
        assert bench.proxy.struck == 1
        bench.proxy.strike(lambda _: PASSING["connection reset"])
        with pytest.raises(requests.ConnectionError):
            requests.get(address, headers=SIGNED_IN, timeout=10)


def test_waits_are_counted_and_not_waited_and_time_is_given_back(tmp_path: Path) -> None:
    before, defaults = (time.sleep, time.monotonic), dict(Transport.__init__.__kwdefaults__)
    with open_bench(AcmeWorld, tmp_path) as bench:
        began = time.monotonic()
        time.sleep(5000)
        assert time.monotonic() - began >= 5000
        assert bench.waiting.total == 5000
        assert Transport.__init__.__kwdefaults__["sleep"] == bench.waiting.sleep
    assert (time.sleep, time.monotonic) == before
    assert Transport.__init__.__kwdefaults__ == defaults


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("team.toml", None, "has no mapping file of `team`: a stream without one is not read"),
        ("team.toml", 'stream = "team"\n[support_group]\nnaem = "title"\n', "did you mean `name`?"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_told_once(name: str, text: str | None, said: str, tmp_path: Path) -> None:
    folder = shutil.copytree(AcmeDesk.mapping_folder(), tmp_path / "mappings")
    (folder / name).unlink()
    if text is not None:
        (folder / name).write_text(text, encoding="utf-8")
    adapter = type("Unmapped", (AcmeDesk,), {"mapping_folder": classmethod(lambda _: folder)})
    with pytest.raises(pytest.Collector.CollectError) as caught:
        type("TestDesk", (AdapterContract,), {"world": half_made(adapter=adapter)})
    assert said in str(caught.value)


@pytest.mark.parametrize(("place", "field"), [("key", "code"), ("cursor", "modified")])
def test_records_without_a_key_or_a_cursor_are_told_as_such(place: str, field: str, tmp_path: Path) -> None:
    streams = (replace(AcmeDesk.streams[0], **{place: field}), *AcmeDesk.streams[1:])  # type: ignore[arg-type]
    world = half_made(adapter=type("Misnamed", (AcmeDesk,), {"streams": streams}))
    said = broken(world, ["every_visible_record_of_every_stream_comes"], tmp_path)
    assert f"17 of 17 records of ticket came without `{field}`" in "".join(said.values())
