"""A first sync brings everything; the next ones read from the cursor and append only what changed."""

from __future__ import annotations

from desk import DeskSettings
from site_of_desk import Site


def test_the_first_sync_brings_every_row_and_field(site: Site) -> None:
    report = site.sync()
    assert report.incomplete == []
    assert (report.received, report.appended) == (19, 19)
    for stream, rows in site.desk.rows.items():
        assert len(site.source_keys(stream)) == len(rows)
    assert site.source_keys("incident") == ["i1", "i2", "i3", "i4", "i5"]
    [row] = site.load("work_item").query("source_key == 'i1'").to_dict("records")
    expected = {
        "work_item_id": "desk:work_item:i1",
        "source_id": "desk",
        "record_type": "incident",
        "number": "INC1",
        "state": "in_progress",
        "source_state": "In Progress",
        "priority": 2,
        "source_priority": "2",
        "category": "net",
        "url": "https://desk.example/incident/i1",
        "title_length": 14,
        "title_raw_length": 14,
        "is_approval_required": False,
    }
    assert {name: row[name] for name in expected} == expected
    assert str(row["opened_at"]) == "2026-01-05 15:08:00+00:00"
    assert row["requester_id"] == row["resolved_by_id"]
    assert row["requester_id"].startswith("desk:person:p-")


def test_a_stream_feeds_several_tables_and_rows_are_filtered(site: Site) -> None:
    site.desk.put("incident", "i9", problem="pr1", number="INC9")
    site.desk.put("history", "h9", table="sys_user", field="state", field_kind="state", document="u1", seq="9")
    site.desk.put("history", "h8", table="incident", field="state", field_kind="", document="i1", seq="8")
    site.sync()
    assert site.sql("SELECT relation_id, from_id, to_id, relation_type FROM relation") == [
        ("desk:relation:i9/investigated_by", "desk:work_item:i9", "desk:work_item:pr1", "investigated_by")
    ]
    assert len(site.load("transition")) == 5
    assert site.load("stream_run").set_index("stream").loc["incident", "feeds"] == "relation,work_item"


def test_the_second_sync_appends_only_what_changed_and_reads_from_the_cursor(synced: Site) -> None:
    synced.desk.put("incident", "i2", state="7", closed="2026-01-07 09:00:00")
    synced.desk.put("incident", "i6", number="INC6", state="1")
    report = synced.sync()
    assert report.appended == 2
    assert synced.log_rows("source/desk/incident") == {1: 5, 2: 2}
    assert synced.log_rows("canonical/work_item") == {1: 7, 2: 2}
    assert synced.log_rows("source/desk/change") == {1: 2}
    assert ("incident", "2026-01-06 19:21:00") in synced.desk.plans
    assert synced.desk.served["incident"] == 3, "the changed rows, and the one at the cursor"
    assert synced.item_keys() == ["i1", "i2", "i3", "i4", "i5", "i6", "x1", "x2"]
    assert synced.sql("SELECT state FROM work_item WHERE source_key = 'i2'") == [("closed",)]


def test_a_sync_without_changes_appends_nothing(synced: Site) -> None:
    report = synced.sync()
    assert report.appended == 0
    assert report.snapshot.number == 2
    assert report.snapshot.body["tables"] == {}


def test_a_full_sync_reads_everything_again_and_loses_nothing(synced: Site) -> None:
    report = synced.sync(is_full=True)
    assert synced.desk.served["incident"] == 5
    assert report.appended == 0
    assert synced.desk.censuses
    assert len(synced.item_keys()) == 7


def test_a_newly_mapped_field_is_read_once_in_full(site: Site) -> None:
    site.desk.put("incident", "i1", impact="2")
    site.sync()
    text = (site.mapping / "incident.toml").read_text()
    (site.mapping / "incident.toml").write_text(
        text.replace('number = "number"', 'number = "number"\nimpact = "impact"', 1)
    )
    site.desk.forget()
    site.sync()
    assert site.desk.served == {"incident": 5, "change": 1, "history": 1, "user": 1, "choice": 1}
    assert site.sql("SELECT impact FROM work_item WHERE source_key = 'i1'") == [(2,)]
    site.desk.forget()
    site.sync()
    assert site.desk.served["incident"] == 1


def test_a_cursor_never_runs_ahead_of_the_clock(site: Site) -> None:
    site.desk.rows["incident"]["i3"]["updated"] = "2199-01-01 00:00:00"
    site.sync()
    site.desk.put("incident", "i1", title="changed")
    site.sync()
    assert site.log_rows("source/desk/incident") == {1: 5, 2: 1}


def test_two_sources_stay_apart(site: Site) -> None:
    site.settings["streams"] = ("incident",)
    site.sources["other"] = DeskSettings(adapter="desk", url="https://other.example", streams=("incident",))
    site.sync()
    found = site.sql("SELECT source_id, count(*) FROM work_item GROUP BY 1 ORDER BY 1")
    assert found == [("desk", 5), ("other", 5)]
    site.desk.put("incident", "i1", title="changed")
    report = site.sync(only=["other"])
    assert report.streams["desk"]["incident"]["snapshot"] == 1
    assert site.log_rows("canonical/work_item") == {1: 10, 2: 1}
    site.sync()
    assert site.log_rows("canonical/work_item") == {1: 10, 2: 1, 3: 1}
    assert site.verify().problems == []


def test_a_record_that_moves_to_another_stream_keeps_its_id_and_one_row(synced: Site) -> None:
    record = synced.desk.rows["incident"]["i2"]
    synced.desk.remove("incident", "i2")
    synced.desk.put("change", "i2", **{name: value for name, value in record.items() if name not in ("id", "updated")})
    synced.sync()
    assert synced.item_keys().count("i2") == 1
    assert synced.sql("SELECT work_item_id, record_type FROM work_item WHERE source_key = 'i2'") == [
        ("desk:work_item:i2", "change")
    ]
    synced.desk.remove("change", "i2")
    synced.desk.put("incident", "i2", number="INC2")
    synced.sync()
    assert synced.sql("SELECT record_type FROM work_item WHERE source_key = 'i2'") == [("incident",)]


def test_a_record_seen_in_two_streams_outlives_its_deletion_in_one(synced: Site) -> None:
    synced.desk.put("change", "i2", number="INC2")
    synced.desk.put("incident", "i2", title="still here when the move began")
    synced.sync()
    assert synced.item_keys().count("i2") == 1
    synced.desk.remove("incident", "i2")
    synced.sync()
    assert synced.sql("SELECT record_type FROM work_item WHERE source_key = 'i2'") == [("change",)]
