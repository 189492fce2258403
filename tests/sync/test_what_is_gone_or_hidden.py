"""Deletions are found by record or by census; rows that the account may not see are counted, never lost silently."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from desk import instant
from site_of_desk import Site


def about(site: Site, stream: str) -> dict[str, object]:
    return dict(site.store.snapshot().body["sources"]["desk"]["streams"][stream])


def test_a_recorded_deletion_leaves_the_current_state_and_stays_in_the_past(synced: Site) -> None:
    synced.desk.remove("incident", "i2")
    report = synced.sync()
    assert report.streams["desk"]["incident"]["deleted"] == 1
    assert synced.desk.censuses == []
    assert "i2" not in synced.item_keys()
    assert "i2" in synced.item_keys(as_of=1)
    assert synced.log_rows("canonical/work_item") == {1: 7, 2: 1}
    assert synced.verify().problems == []


def test_without_a_record_of_deletions_the_census_finds_them(synced: Site) -> None:
    synced.desk.deletions = None
    synced.desk.remove("incident", "i2")
    synced.desk.remove("user", "u3")
    report = synced.sync()
    assert report.incomplete == []
    assert "incident" in synced.desk.censuses
    assert "i2" not in synced.item_keys()
    assert len(synced.load("person")) == 2


def test_a_deletion_that_nothing_recorded_shows_by_the_count(synced: Site) -> None:
    del synced.desk.rows["incident"]["i2"]
    synced.sync()
    assert synced.desk.censuses == ["incident"]
    assert "i2" not in synced.item_keys()


def test_without_counts_a_census_on_demand_finds_what_nothing_recorded(synced: Site) -> None:
    synced.desk.counts_rows = False
    del synced.desk.rows["incident"]["i2"]
    synced.sync()
    assert "i2" in synced.item_keys()
    synced.sync(wants_census=True)
    assert "i2" not in synced.item_keys()


def test_a_deleted_record_that_is_restored_comes_back(synced: Site) -> None:
    record = dict(synced.desk.rows["incident"]["i2"])
    synced.desk.remove("incident", "i2")
    synced.sync()
    synced.desk.rows["incident"]["i2"] = record
    report = synced.sync()
    assert report.incomplete == []
    assert synced.item_keys().count("i2") == 1
    synced.sync()
    assert synced.item_keys().count("i2") == 1


def test_rows_that_were_never_shown_are_counted_once_and_cost_no_census_later(site: Site) -> None:
    site.desk.hidden = {"i2", "i4"}
    report = site.sync()
    incident = report.streams["desk"]["incident"]
    assert (incident["status"], incident["expected"], incident["held"], incident["hidden"]) == ("complete", 5, 3, 2)
    site.desk.forget()
    site.desk.put("incident", "i6", number="INC6")
    site.sync()
    assert site.desk.censuses == []
    assert about(site, "incident")["hidden"] == 2


def test_rows_that_no_longer_show_are_not_taken_for_deleted(synced: Site) -> None:
    synced.desk.hidden = {"i2", "i4"}
    report = synced.sync(wants_census=True)
    incident = report.streams["desk"]["incident"]
    assert incident["status"] == "partial"
    assert "2 rows" in str(incident["reason"])
    assert (incident["held"], incident["hidden"], incident["deleted"]) == (5, 2, 0)
    assert len(synced.item_keys()) == 7
    synced.sync()
    assert (about(synced, "incident")["status"], about(synced, "incident")["hidden"]) == ("partial", 2)
    synced.sync(wants_census=True)
    assert len(synced.item_keys()) == 7
    synced.desk.hidden = set()
    synced.sync(wants_census=True)
    assert (about(synced, "incident")["status"], about(synced, "incident")["hidden"]) == ("complete", 0)


def test_a_deletion_beside_hidden_rows_is_still_a_deletion(site: Site) -> None:
    site.desk.hidden = {"i4"}
    site.sync()
    del site.desk.rows["incident"]["i2"]
    site.sync()
    assert "i2" not in site.item_keys()
    assert about(site, "incident")["hidden"] == 1


def test_rows_that_change_while_they_are_read_come_once_and_in_their_last_form(site: Site) -> None:
    moved: list[int] = []

    def move(stream: str, window: str, page: int) -> None:
        if stream == "incident" and window != "tail" and page == 1 and not moved:
            moved.append(1)
            site.desk.put("incident", "i1", title="moved behind the tail", category="late")
            site.desk.put("incident", "i7", number="INC7")

    site.desk.before_page = move
    report = site.sync()
    assert report.incomplete == []
    assert site.item_keys() == ["i1", "i2", "i3", "i4", "i5", "i7", "x1", "x2"]
    assert site.sql("SELECT category FROM work_item WHERE source_key = 'i1'") == [("late",)]


def test_a_row_that_slips_past_the_windows_is_read_again(synced: Site) -> None:
    record = {"id": "old", "updated": "2025-01-01 00:00:00", "number": "INC0"}
    synced.desk.rows["incident"]["old"] = record
    report = synced.sync()
    assert report.incomplete == []
    assert "old" in synced.item_keys()


def test_a_row_that_exists_and_never_comes_makes_the_stream_partial(synced: Site) -> None:
    synced.desk.put("incident", "ghost", number="INC0")
    synced.desk.swallowed = {"ghost"}
    report = synced.sync()
    incident = report.streams["desk"]["incident"]
    assert incident["status"] == "partial"
    assert incident["reason"] == "1 rows exist that were not received"


def test_rows_that_appear_during_every_census_do_not_have_a_stream_read_in_full(synced: Site) -> None:
    census = synced.adapters["desk"].census

    def busy(self: object, stream: object) -> object:
        synced.desk.tick(minutes=5)
        key = f"n{len(synced.desk.rows['incident'])}"
        synced.desk.rows["incident"][key] = {"id": key, "updated": instant(synced.desk.now), "number": key}
        return census(self, stream)  # type: ignore[arg-type]

    synced.adapters["desk"].census = busy  # type: ignore[method-assign,assignment]
    synced.settings["streams"] = ("incident",)
    report = synced.sync(wants_census=True)
    assert report.incomplete == []
    assert all(cursor is not None for _, cursor in synced.desk.plans)
    synced.sync()
    assert "n5" in synced.item_keys()


def test_what_leaves_the_count_as_it_was_is_found_by_the_next_census(
    synced: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = dict(synced.desk.rows["incident"].pop("i2")) | {"id": "i9"}
    synced.desk.rows["incident"]["i9"] = late

    def sync_after(days: int) -> None:
        class Later(datetime):
            @classmethod
            def now(cls, tz: object = UTC) -> datetime:  # type: ignore[override]
                return datetime.now(UTC) + timedelta(days=days)

        monkeypatch.setattr("itsm_bridge.extract.datetime", Later)
        monkeypatch.setattr("itsm_bridge.resumption.datetime", Later)
        synced.sync()

    sync_after(6)
    assert synced.desk.censuses == []
    sync_after(8)
    assert {"i2", "i9"} & set(synced.item_keys()) == {"i9"}
    assert "incident" in synced.desk.censuses
    synced.desk.censuses.clear()
    sync_after(14)
    assert synced.desk.censuses == []
