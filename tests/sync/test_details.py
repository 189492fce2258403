"""Details come with the records that they belong to; streams without a time of change are read whole each time."""

from __future__ import annotations

from pathlib import Path

import pytest
from nested_desk import NestedSite, NestedTool

from itsm_bridge.errors import SourceError


@pytest.fixture
def tool() -> NestedTool:
    tool = NestedTool(labels={"1": "net", "2": "mail"})
    for key, notes in (("a", ["x", "y"]), ("b", []), ("c", ["z"]), ("d", ["q"])):
        tool.put(key, notes=notes, events=["new"])
    return tool


@pytest.fixture
def site(tmp_path: Path, tool: NestedTool) -> NestedSite:
    return NestedSite(tmp_path, tool)


def test_details_are_held_and_told_like_streams_of_their_own(site: NestedSite) -> None:
    streams = site.sync().streams["desk"]
    assert site.held("note", "ticket") == [("a/x", "a"), ("a/y", "a"), ("c/z", "c"), ("d/q", "d")]
    assert [(streams[name]["status"], streams[name]["held"]) for name in ("ticket", "note", "event", "label")] == [
        ("complete", 4), ("complete", 4), ("complete", 4), ("complete", 2),
    ]  # fmt: skip


def test_a_detail_that_is_gone_is_deleted_and_history_stays(site: NestedSite, tool: NestedTool) -> None:
    site.sync()
    tool.put("a", notes=["y", "new one"], events=["closed"])
    report = site.sync().streams["desk"]
    assert site.held("note") == [("a/new one",), ("a/y",), ("c/z",), ("d/q",)]
    assert [key for (key,) in site.held("event") if key.startswith("a")] == ["a/closed", "a/new"]
    assert (report["note"]["appended"], report["note"]["deleted"], report["note"]["held"]) == (1, 1, 4)
    assert site.held("note", as_of=1) == [("a/x",), ("a/y",), ("c/z",), ("d/q",)]


def test_details_of_records_that_were_not_read_again_stay(site: NestedSite, tool: NestedTool) -> None:
    site.sync()
    tool.tickets["c"]["notes"] = []  # without a new time of change: nobody can know
    tool.put("a", notes=[])
    site.sync()
    assert site.held("note") == [("c/z",), ("d/q",)]


def test_a_detail_that_goes_and_comes_back_is_there(site: NestedSite, tool: NestedTool) -> None:
    site.sync()
    for notes in ([], ["y"]):
        tool.put("a", notes=notes)
        site.sync()
    assert site.held("note", "ticket")[0] == ("a/y", "a")


def test_details_of_a_deleted_record_go_with_it_and_its_history_stays(site: NestedSite, tool: NestedTool) -> None:
    site.sync()
    del tool.tickets["a"]
    site.sync()
    assert site.held("note") == [("c/z",), ("d/q",)]
    assert ("a/new",) in site.held("event")


def test_a_full_reading_deletes_what_is_gone_unnoticed(site: NestedSite, tool: NestedTool) -> None:
    site.sync()
    tool.tickets["c"]["notes"] = []
    site.sync(is_full=True)
    assert site.held("note") == [("a/x",), ("a/y",), ("d/q",)]


def test_a_field_that_is_new_in_a_detail_is_read_for_all_records(site: NestedSite) -> None:
    site.mapping["note"] = 'stream = "note"\n'
    site.sync()
    site.mapping["note"] = 'stream = "note"\nkeep = ["words"]\n'
    site.sync()
    assert site.held("note", "words") == [("a/x", "x"), ("a/y", "y"), ("c/z", "z"), ("d/q", "q")]


def test_a_run_that_broke_off_is_resumed_with_all_details(site: NestedSite, tool: NestedTool) -> None:
    site.settings["streams"] = ["ticket", "note", "event"]
    tool.fails_after_pages = 1
    with pytest.raises(SourceError):
        site.sync()
    tool.fails_after_pages = None
    site.sync()
    assert tool.pages == 2
    assert [key for (key,) in site.held("note")] == ["a/x", "a/y", "c/z", "d/q"]


def test_details_that_may_not_be_read_are_denied_and_nothing_is_deleted(site: NestedSite, tool: NestedTool) -> None:
    site.sync()
    tool.closed = ("note",)
    tool.put("a", notes=[])
    streams = site.sync().streams["desk"]
    assert streams["note"]["status"] == "denied"
    assert len(site.held("note")) == 4


def test_details_of_a_stream_that_may_not_be_read_are_denied_with_it(site: NestedSite, tool: NestedTool) -> None:
    site.sync()
    tool.closed = ("ticket",)
    streams = site.sync().streams["desk"]
    assert streams["note"]["status"] == "denied"
    assert streams["note"]["reason"] == "it comes with ticket, which is not read"


def test_what_has_no_time_of_change_is_compared_whole(site: NestedSite, tool: NestedTool) -> None:
    site.sync()
    del tool.labels["1"]
    tool.labels |= {"2": "post", "3": "print"}
    report = site.sync().streams["desk"]["label"]
    assert site.held("label", "name") == [("2", "post"), ("3", "print")]
    assert (report["appended"], report["deleted"], report["cursor"]) == (2, 1, None)
