"""What cannot be read is recorded and stops nothing else; what was read before stays; the next run catches up."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from desk import Desk, DeskSettings, adapter_for, instant
from rich.console import Console
from site_of_desk import Site

from itsm_bridge.adapter import Window
from itsm_bridge.cli.sync_report import show_sync, sync_data
from itsm_bridge.errors import (
    AuthenticationFailed,
    BadAnswer,
    ConfigurationError,
    PermissionDenied,
    SourceError,
    Unreachable,
)  # fmt: skip


def capability(site: Site, name: str) -> tuple[object, ...]:
    return site.sql(f"SELECT level, reason FROM capability WHERE capability = '{name}' AND source_id = 'desk'")[0]


def test_a_denied_stream_is_recorded_and_its_rows_stay(synced: Site) -> None:
    synced.desk.denied = {"history": "role itil is missing"}
    synced.desk.put("incident", "i1", title="changed")
    report = synced.sync()
    assert report.incomplete == ["desk:history"]
    history = report.streams["desk"]["history"]
    assert (history["status"], history["reason"]) == ("denied", "role itil is missing")
    assert history["cursor"] == "2026-01-06 19:22:00"
    assert len(synced.load("transition")) == 5
    assert synced.log_rows("source/desk/incident") == {1: 5, 2: 1}
    assert capability(synced, "history.state") == ("none", "history could not be read: role itil is missing")
    synced.desk.denied = {}
    synced.desk.put("history", "h6", table="incident", field="state", field_kind="state", document="i1", seq="6")
    assert synced.sync().incomplete == []
    assert len(synced.load("transition")) == 6
    assert capability(synced, "history.state") == ("full", None)


def test_a_denied_stream_in_a_first_sync_gives_no_rows_and_no_error(site: Site) -> None:
    site.desk.denied = {"user": "closed", "choice": "closed"}
    site.sync()
    assert len(site.load("person")) == 0
    assert site.sql("SELECT state, source_state FROM work_item WHERE source_key = 'i1'") == [("in_progress", "2")]
    assert site.sql("SELECT state FROM work_item WHERE source_key = 'i2'") == [("unknown",)]
    assert len(site.item_keys()) == 7


def test_an_answer_without_a_list_of_records_is_not_taken_for_none(synced: Site) -> None:
    synced.desk.put("incident", "i1", title="changed")
    synced.desk.body = lambda rows: (
        b'{"more": true}' if "i1" in {row["id"] for row in rows} else json.dumps({"records": rows}).encode()
    )
    report = synced.sync()
    assert report.incomplete == ["desk:incident"]
    assert "no list of records" in report.streams["desk"]["incident"]["reason"]


@pytest.mark.parametrize("page", [0, 1])
def test_a_failing_window_fails_its_stream_only_and_the_cursor_stays(synced: Site, page: int) -> None:
    for number in range(1, 4):
        synced.desk.put("incident", f"i{number}", title="changed")
    synced.desk.put("change", "x1", title="changed")
    synced.desk.fails["incident", "2026-01-06"] = (page, BadAnswer("cut"))
    report = synced.sync()
    incident = report.streams["desk"]["incident"]
    assert (incident["status"], incident["reason"]) == ("failed", "cut")
    assert incident["cursor"] == "2026-01-06 19:21:00"
    assert report.streams["desk"]["change"]["cursor"] > "2026-01-06 19:24:00"
    assert synced.item_keys() == ["i1", "i2", "i3", "i4", "i5", "x1", "x2"]
    synced.desk.fails.clear()
    assert synced.sync().incomplete == []
    lengths = synced.sql("SELECT DISTINCT title_length FROM work_item WHERE source_key IN ('i1', 'i2', 'i3', 'x1')")
    assert lengths == [(7,)]
    assert synced.verify().problems == []


def test_a_stream_that_loses_its_right_midway_is_denied(synced: Site) -> None:
    synced.desk.put("incident", "i1", title="changed")
    synced.desk.fails["incident", "2026-01-06"] = (0, PermissionDenied("no longer"))
    assert synced.sync().streams["desk"]["incident"]["status"] == "denied"


def test_a_source_of_which_no_stream_can_be_read_publishes_nothing(synced: Site) -> None:
    synced.desk.denied = dict.fromkeys(("incident", "change", "history", "user", "choice"), "closed")
    with pytest.raises(SourceError, match="no stream could be read: closed"):
        synced.sync()
    assert synced.store.snapshot().number == 1


def test_an_unreachable_tool_gives_its_error_and_leaves_the_store_as_it_was(synced: Site) -> None:
    synced.desk.fails_to_connect = Unreachable("no answer", where="https://desk.example", hint="Check the proxy.")
    with pytest.raises(Unreachable) as caught:
        synced.sync()
    assert caught.value.hint == "Check the proxy."
    assert synced.store.snapshot().number == 1
    assert synced.verify().unpublished == 0


def beside(site: Site) -> Site:
    """Give `site` a second source with a desk of its own; returns an installation that holds that desk."""
    other = Site(site.folder / "beside")
    site.adapters["beside"] = adapter_for(other.desk, other.mapping)
    site.sources["beside"] = DeskSettings(adapter="beside", url="https://beside.example")
    other.desk.put("incident", "b1", number="B1")
    return other


def test_a_source_that_fails_beside_others_is_recorded_as_failed(synced: Site) -> None:
    beside(synced)
    synced.desk.fails_to_connect = Unreachable("no answer")
    report = synced.sync()
    assert {about["status"] for about in report.streams["desk"].values()} == {"failed"}
    assert {about["status"] for about in report.streams["beside"].values()} == {"complete"}
    assert synced.item_keys().count("b1") == 1
    assert len(synced.item_keys()) == 8
    assert report.streams["desk"]["incident"]["cursor"] == "2026-01-06 19:21:00"


def test_for_programs_a_source_that_failed_has_its_kind_of_error_and_for_people_one_note(synced: Site) -> None:
    beside(synced)
    synced.desk.fails_to_connect = AuthenticationFailed("no", where="https://desk", hint="Check it.")
    report = synced.sync()
    told = sync_data(report)["errors"]
    assert told == {
        "desk": {
            "kind": "AuthenticationFailed", "message": "no", "where": "https://desk", "hint": "Check it.", "exit_code": 3,
        }
    }  # fmt: skip
    shown = StringIO()
    show_sync(Console(file=shown, width=200), report)
    assert shown.getvalue().count("https://desk: no. Check it.") == 1
    assert "5 streams (" in shown.getvalue()


def test_values_that_the_mapping_does_not_know_are_told_with_the_next_step(synced: Site) -> None:
    synced.desk.put("incident", "i1", state="9")
    shown = StringIO()
    show_sync(Console(file=shown, width=200), synced.sync())
    assert "`itsm-bridge mapping lint` lists them" in shown.getvalue()
    assert "`itsm-bridge mapping explain NUMBER`" in shown.getvalue()


def test_rows_that_came_before_a_source_failed_reach_the_common_schema_in_the_next_run(synced: Site) -> None:
    beside(synced)
    synced.settings["streams"] = ("incident",)
    for number in range(1, 4):
        synced.desk.put("incident", f"i{number}", title="changed")
    synced.desk.fails["incident", "tail"] = (0, BadAnswer("cut"))
    report = synced.sync()
    assert report.streams["desk"]["incident"]["status"] == "failed"
    assert synced.log_rows("source/desk/incident")[2] == 3
    synced.desk.fails.clear()
    synced.sync()
    changed = synced.sql("SELECT count(*) FROM work_item WHERE title_length = 7 AND source_id = 'desk'")
    assert changed == [(3,)]
    assert synced.verify().problems == []


def test_a_source_that_is_left_out_keeps_its_rows_and_record(synced: Site) -> None:
    beside(synced)
    report = synced.sync(only=["beside"])
    assert report.streams["desk"]["incident"]["snapshot"] == 1
    assert len(synced.item_keys()) == 8


def test_an_unknown_source_is_named(synced: Site) -> None:
    with pytest.raises(ConfigurationError, match="there is no source `prod`"):
        synced.sync(only=["prod"])


def test_an_error_that_nobody_expected_stops_the_run_and_publishes_nothing(synced: Site) -> None:
    synced.desk.put("incident", "i1", title="changed")
    synced.desk.fails["incident", "2026-01-06"] = (0, ZeroDivisionError("a bug"))
    with pytest.raises(ZeroDivisionError):
        synced.sync()
    assert synced.store.snapshot().number == 1
    synced.desk.fails.clear()
    synced.sync()
    assert synced.sql("SELECT title_length FROM work_item WHERE source_key = 'i1'") == [(7,)]


def test_after_a_failure_no_further_windows_are_begun(site: Site) -> None:
    site.settings |= {"streams": ("incident",), "connections": 1}
    for number in range(30):
        site.desk.tick(days=1)
        site.desk.put("incident", f"d{number}", number=str(number))
    site.desk.fails["incident", "2026-01-05"] = (0, ZeroDivisionError("a bug"))
    with pytest.raises(ZeroDivisionError):
        site.sync()
    assert len(site.desk.reads) < 10
    assert isinstance(site.desk.windows("incident", None)[0], Window)


def test_what_a_source_left_that_failed_as_a_whole_is_counted_by_the_next_run(synced: Site) -> None:
    other = Desk()
    other.put("incident", "z1", number="Z1", state="1")
    synced.adapters["desk2"] = adapter_for(other, synced.mapping)
    synced.sources = {"other": DeskSettings(adapter="desk2", connections=1)}
    for number in range(10, 15):
        synced.desk.put("history", f"h{number}", table="incident", document="i1", field="state", old="1", new="2")
    day = instant(synced.desk.now)[:10]
    broke = SourceError("it broke", where="desk", hint="wait")
    synced.desk.fails = {(name, day): (4 if name == "history" else 0, broke) for name in synced.desk.rows}
    synced.sync()
    synced.desk.fails.clear()
    about = synced.sync().streams["desk"]["history"]
    assert (about["status"], about["held"]) == ("complete", len(synced.source_keys("history")))
