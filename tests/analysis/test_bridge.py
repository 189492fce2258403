"""The door for analysts: typed frames, states of any time, SQL over everything, while a writer writes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from site_of_desk import Site

from itsm_bridge.analysis import open_store
from itsm_bridge.errors import StoreError, UsageError
from itsm_bridge.schema import RECORD_VIEWS, tool_tables


def test_frames_have_proper_types(synced: Site) -> None:
    frame = open_store(synced.path).load("incident")
    assert len(frame) == 5
    kinds = {
        name: str(frame[name].dtype)
        for name in ("opened_at", "resolved_at", "priority", "is_major", "satisfaction_score")
    }
    assert kinds == {
        "opened_at": "datetime64[us, UTC]",
        "resolved_at": "datetime64[us, UTC]",
        "priority": "Int64",
        "is_major": "boolean",
        "satisfaction_score": "float64",
    }
    assert isinstance(frame["state"].dtype, pd.StringDtype)
    assert frame["resolved_at"].isna().all()
    assert frame["priority"].sum() == 11


def test_every_table_and_record_type_can_be_loaded_and_has_the_columns_of_the_schema(synced: Site) -> None:
    bridge = open_store(synced.path)
    for name in (*tool_tables(), *RECORD_VIEWS):
        table = tool_tables().get(name, tool_tables()["work_item"])
        assert list(bridge.load(name).columns) == list(table.names), name
    assert list(bridge.load("source")["source_id"]) == ["desk"]
    assert not any(name.startswith("_") for name in bridge.load("work_item").columns)


def test_empty_tables_have_the_same_types_as_filled_ones(synced: Site) -> None:
    frame = open_store(synced.path).load("outage")
    assert len(frame) == 0
    assert str(frame["started_at"].dtype) == "datetime64[us, UTC]"


@pytest.mark.parametrize(
    "since", ["2026-01-06", "2026-01-06T01:00:00+01:00", datetime(2026, 1, 6, tzinfo=UTC), datetime(2026, 1, 6)]
)
def test_since_keeps_what_was_updated_or_happened_from_then_on(synced: Site, since: str | datetime) -> None:
    bridge = open_store(synced.path)
    assert sorted(bridge.load("incident", since=since)["source_key"]) == ["i3", "i4", "i5"]
    assert len(bridge.load("transition", since=since)) == 3


def test_since_where_a_table_has_no_time_or_that_is_no_time_is_refused(synced: Site) -> None:
    bridge = open_store(synced.path)
    with pytest.raises(UsageError, match="person"):
        bridge.load("person", since="2026-01-01")
    with pytest.raises(UsageError, match="soon"):
        bridge.load("incident", since="soon")


def test_an_earlier_state_by_number_instant_and_day(synced: Site) -> None:
    synced.desk.remove("incident", "i1")
    synced.sync()
    bridge = open_store(synced.path)
    first, second = synced.store.snapshots()
    assert [len(bridge.load("incident", as_of=as_of)) for as_of in (1, 2, None)] == [5, 4, 4]
    assert len(bridge.load("incident", as_of=first.at)) == 5
    assert len(bridge.load("incident", as_of=second.at - timedelta(microseconds=1))) == 5
    assert len(bridge.load("incident", as_of=second.at.isoformat())) == 4
    assert len(bridge.load("incident", as_of=second.at.date())) == 4
    assert len(bridge.load("incident", as_of="2199-01-01")) == 4
    with pytest.raises(UsageError, match="no snapshot yet"):
        bridge.load("incident", as_of=date(2001, 1, 1))
    with pytest.raises(UsageError, match="no day or time"):
        bridge.load("incident", as_of="yesterday")
    assert list(bridge.snapshots()["snapshot"]) == [1, 2]


def test_a_time_before_the_first_assessment_has_tables_and_no_findings(synced: Site) -> None:
    first = synced.store.snapshot()
    synced.store.chain.publish("assessment", 1, {"snapshot": 1, "tables": {}, "contents": {}})
    bridge = open_store(synced.path)
    assert len(bridge.sql("SELECT * FROM work_item", as_of=first.at)) == 7
    assert len(bridge.sql("SELECT * FROM finding", as_of=first.at)) == 0
    with pytest.raises(UsageError, match="no assessment yet on"):
        bridge.findings(as_of=first.at)


def test_sql_reaches_canonical_and_source_tables(synced: Site) -> None:
    frame = open_store(synced.path).sql(
        "SELECT s.made_sla, count(*) AS n FROM work_item w "
        "JOIN source_desk.incident s ON s.id = w.source_key GROUP BY 1"
    )
    assert frame.to_dict("records") == [{"made_sla": "true", "n": 5}]
    held = open_store(synced.path).sql("SELECT expected, held FROM stream_run WHERE stream = 'incident'")
    assert held.to_dict("records") == [{"expected": 5, "held": 5}]


@pytest.mark.parametrize("query", ["SELEC 1", "SELECT nothing FROM work_item", "", "SELECT 1; nonsense"])
def test_sql_that_cannot_run_is_a_usage_error_that_says_why(synced: Site, query: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_store(synced.path).sql(query)
    assert caught.value.message


def test_an_unknown_table_is_refused_with_those_there_are(synced: Site) -> None:
    with pytest.raises(UsageError, match="no table `incidents`") as caught:
        open_store(synced.path).load("incidents")
    assert "incident" in str(caught.value.hint)


def test_findings_before_any_assessment_say_what_to_do(synced: Site) -> None:
    with pytest.raises(UsageError, match="no assessment yet"):
        open_store(synced.path).findings()
    with pytest.raises(UsageError, match="no assessment yet"):
        open_store(synced.path).conclusions()
    with pytest.raises(UsageError, match="no assessment yet"):
        open_store(synced.path).kpis()


def test_a_store_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store here"):
        open_store(tmp_path / "nothing")


def test_readers_see_the_last_snapshot_while_a_writer_appends(synced: Site) -> None:
    seen: list[tuple[int, int, int]] = []
    bridge = open_store(synced.path)

    def look(stream: str, window: str, page: int) -> None:
        if window == "tail":
            rows = bridge.sql("SELECT count(*) AS n, max(title_length) AS longest FROM incident").iloc[0]
            seen.append((int(rows["n"]), int(rows["longest"]), len(bridge.snapshots())))

    for number in range(1, 6):
        synced.desk.put("incident", f"i{number}", title="changed while somebody reads")
    synced.desk.put("incident", "i6", number="INC6")
    synced.desk.before_page = look
    synced.sync()
    assert set(seen) == {(5, 14, 1)}
    assert len(seen) == 5
    assert len(bridge.load("incident")) == 6
