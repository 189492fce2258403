"""A crash at any point leaves the last snapshot readable; the next run is complete, with nothing lost or doubled."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from site_of_desk import Site

from itsm_bridge.errors import StoreError
from itsm_bridge.notes import Notes
from itsm_bridge.store import log as store_log
from itsm_bridge.store.log import Log
from itsm_bridge.store.manifests import Chain


class Crash(BaseException):
    """Stands for the death of the process: no code of ours may catch it."""


def crash_at(number: int) -> Callable[..., None]:
    """Return a Log.append that crashes instead of its n-th append."""
    done = [0]
    real = Log.append

    def append(self: Log, *arguments: Any, **named: Any) -> None:
        done[0] += 1
        if done[0] == number:
            raise Crash
        real(self, *arguments, **named)

    return append


def change_much(site: Site) -> None:
    for number in range(1, 4):
        site.desk.put("incident", f"i{number}", title="changed")
    site.desk.put("incident", "i6", number="INC6", caller="u1")
    site.desk.put("user", "u2", login="renamed")
    site.desk.remove("incident", "i5")
    site.desk.remove("change", "x2")


def assert_whole(site: Site) -> None:
    """The state is the one that a run without a crash would have left."""
    assert site.item_keys() == ["i1", "i2", "i3", "i4", "i6", "x1"]
    changed = "SELECT count(*) FROM work_item WHERE title_length = 7 AND source_key IN ('i1', 'i2', 'i3')"
    assert site.sql(changed) == [(3,)]
    assert site.sql("SELECT count(*), count(DISTINCT transition_id) FROM transition") == [(5, 5)]
    report = site.verify()
    assert report.problems == []
    assert report.unpublished == 0


@pytest.mark.parametrize("number", [1, 3, 4, 6])
def test_a_crash_in_any_append_of_a_next_sync(synced: Site, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    change_much(synced)
    with monkeypatch.context() as patched:
        patched.setattr(Log, "append", crash_at(number))
        with pytest.raises(Crash):
            synced.sync()
    assert synced.item_keys() == ["i1", "i2", "i3", "i4", "i5", "x1", "x2"], "unpublished rows are invisible"
    assert synced.verify().problems == []
    synced.sync()
    assert_whole(synced)


@pytest.mark.parametrize("number", [1, 9, 13])
def test_a_crash_in_any_append_of_a_first_sync(site: Site, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Log, "append", crash_at(number))
        with pytest.raises(Crash):
            site.sync()
    assert site.store.snapshots() == []
    report = site.sync()
    assert site.item_keys() == ["i1", "i2", "i3", "i4", "i5", "x1", "x2"]
    assert report.snapshot.number == 1
    assert site.log_rows("canonical/work_item") == {1: 7}
    assert site.verify().problems == []


def test_a_crash_while_publishing_makes_nothing_visible_and_the_next_run_reads_nothing_twice(
    synced: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_much(synced)
    with monkeypatch.context() as patched:

        def publish(*arguments: Any) -> None:
            raise Crash

        patched.setattr(Chain, "publish", publish)
        with pytest.raises(Crash):
            synced.sync()
    assert synced.verify().unpublished > 0
    synced.desk.forget()
    synced.sync()
    assert synced.desk.reads == [], "every window was noted as finished"
    assert_whole(synced)


def test_finished_windows_are_resumed_from_the_notes(site: Site) -> None:
    site.settings |= {"connections": 1, "streams": ("incident",)}
    site.desk.fails["incident", "2026-01-06"] = (0, ZeroDivisionError("the process dies"))
    with pytest.raises(ZeroDivisionError):
        site.sync()
    assert ("incident", "2026-01-05") in site.desk.reads
    site.desk.fails.clear()
    site.desk.forget()
    site.sync()
    assert site.desk.plans == []
    assert site.desk.reads == [("incident", "2026-01-06"), ("incident", "tail")]
    assert site.log_rows("source/desk/incident") == {1: 5}
    assert site.item_keys() == ["i1", "i2", "i3", "i4", "i5"]


@pytest.mark.parametrize("note", ["", "{", "[]", '{"snapshot": 1, "streams": {"desk/incident": 5}}', '{"snapshot": 7}'])
def test_a_lost_or_damaged_note_costs_a_reread_and_never_a_row(site: Site, note: str) -> None:
    site.settings |= {"connections": 1, "streams": ("incident",)}
    site.desk.fails["incident", "2026-01-06"] = (0, ZeroDivisionError("the process dies"))
    with pytest.raises(ZeroDivisionError):
        site.sync()
    site.desk.fails.clear()
    path = site.store.state_folder / "progress.json"
    assert json.loads(path.read_text())["streams"]
    path.write_text(note)
    site.sync()
    assert site.log_rows("source/desk/incident") == {1: 5}
    assert site.item_keys() == ["i1", "i2", "i3", "i4", "i5"]


def test_a_run_that_asks_for_other_fields_does_not_resume_the_old_plan(site: Site) -> None:
    site.settings |= {"connections": 1, "streams": ("incident",)}
    site.desk.fails["incident", "2026-01-06"] = (0, ZeroDivisionError("the process dies"))
    with pytest.raises(ZeroDivisionError):
        site.sync()
    site.desk.fails.clear()
    site.settings["keep"] = {"incident": ("number", "opened", "weight")}
    site.desk.forget()
    site.sync()
    assert ("incident", "2026-01-05") in site.desk.reads


def test_what_a_broken_run_mapped_otherwise_is_not_published_by_the_next(
    synced: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = synced.mapping / "values.toml"
    usual = values.read_text()
    values.write_text(usual.replace('"in progress" = "in_progress"', '"in progress" = "resolved"'))
    with monkeypatch.context() as patched:

        def publish(*arguments: Any) -> None:
            raise Crash

        patched.setattr(Chain, "publish", publish)
        with pytest.raises(Crash):
            synced.sync()
    values.write_text(usual)
    synced.sync()
    assert synced.sql("SELECT count(*) FROM work_item WHERE state = 'resolved'") == [(0,)]
    assert synced.verify().problems == []


def test_what_a_broken_run_read_of_a_source_that_the_next_leaves_out_is_accounted_for(
    synced: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from desk import DeskSettings

    synced.sources["other"] = DeskSettings(adapter="desk")
    change_much(synced)
    with monkeypatch.context() as patched:
        patched.setattr(Log, "append", crash_at(4))
        with pytest.raises(Crash):
            synced.sync(only=["desk"])
    synced.sync(only=["other"])
    assert synced.verify().problems == []
    del synced.sources["other"]
    synced.sync()
    found = synced.sql("SELECT count(*) FROM work_item WHERE title_length = 7 AND source_id = 'desk'")
    assert found == [(3,)]


def test_a_full_disk_gives_one_clear_error(synced: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    synced.desk.put("incident", "i1", title="changed")

    def full(*arguments: Any, **named: Any) -> None:
        raise OSError("Generic error\n  \x1b[31m↳\x1b[0m No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(store_log, "write_deltalake", full)
        with pytest.raises(StoreError, match=r"written, the disk is full: No space left on device") as caught:
            synced.sync()
    assert caught.value.where is not None
    assert "Make room" in str(caught.value.hint)
    assert synced.store.snapshot().number == 1
    synced.sync()
    assert synced.sql("SELECT title_length FROM work_item WHERE source_key = 'i1'") == [(7,)]


def test_a_crash_between_a_windows_rows_and_its_note_doubles_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.settings |= {"connections": 1, "streams": ("incident",)}
    with monkeypatch.context() as patched:

        def done(*arguments: Any) -> None:
            raise Crash

        patched.setattr(Notes, "done", done)
        with pytest.raises(Crash):
            site.sync()
    assert site.log_rows("source/desk/incident")[1] > 0
    site.sync()
    assert site.log_rows("source/desk/incident") == {1: 5}, "each record once"
    assert site.item_keys() == ["i1", "i2", "i3", "i4", "i5"]
