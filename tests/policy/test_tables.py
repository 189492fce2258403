from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from itsm_bridge.errors import ConfigurationError
from itsm_bridge.policy import Policy
from itsm_bridge.policy.tables import FILES
from itsm_bridge.schema import TABLES

Load = Callable[..., Policy]


def test_a_csv_file_becomes_a_table_of_the_schema(load: Load) -> None:
    text = "# ours\nsource_id,record_type,impact,urgency,priority\n\nprod,incident,1,1,1\n,incident,1,2,2\n# done\n"
    table = load(priority_matrix_csv=text).tables["priority_matrix"]
    assert table.schema == TABLES["priority_matrix"].arrow
    assert table.to_pylist() == [
        {"source_id": "prod", "record_type": "incident", "impact": 1, "urgency": 1, "priority": 1},
        {"source_id": None, "record_type": "incident", "impact": 1, "urgency": 2, "priority": 2},
    ]


def test_columns_that_may_be_empty_may_be_left_out(load: Load) -> None:
    rows = load(sla_pause_rules_csv="state\npending\n").tables["sla_pause_rule"].to_pylist()
    assert rows == [{"source_id": None, "sla_name": None, "metric": None, "state": "pending", "reason": None}]


def test_times_are_meant_in_the_zone_of_the_assessment_unless_they_say_otherwise(load: Load) -> None:
    text = (
        "freeze_window_id,name,from_at,to_at,allows_emergency\n"
        '1,"year end, all",2026-12-24,2026-12-31T18:00,yes\n2,x,2026-01-01T00:00Z,,FALSE\n'
    )
    first, second = load(freeze_windows_csv=text).tables["freeze_window"].to_pylist()
    assert first["name"] == "year end, all"
    assert first["from_at"] == datetime(2026, 12, 23, 23, tzinfo=UTC)
    assert first["to_at"] == datetime(2026, 12, 31, 17, tzinfo=UTC)
    assert first["allows_emergency"] is True
    assert second["from_at"] == datetime(2026, 1, 1, tzinfo=UTC)
    assert second["to_at"] is None
    assert second["allows_emergency"] is False


def test_a_file_saved_by_a_spreadsheet_with_a_byte_order_mark_is_read(load: Load) -> None:
    assert (
        load(targets_csv="\ufeffrecord_type,metric,limit_seconds\r\nchange,stale,60\r\n").tables["target"].num_rows == 1
    )


def test_a_file_of_comments_only_is_an_empty_table_and_not_the_default(load: Load) -> None:
    policy = load(targets_csv="# no targets\n")
    assert policy.tables["target"].num_rows == 0
    assert "targets.csv" not in policy.defaults


@pytest.mark.parametrize(
    ("name", "text", "line", "message", "hint"),
    [
        (
            "targets_csv",
            "record_type,metrik,limit_seconds\n",
            1,
            "'metrik' is not a column of this file; did you mean 'metric'?",
            "Columns are",
        ),
        ("targets_csv", "record_type,metric\nchange,stale\n", 1, "columns are missing: limit_seconds", "Add them"),
        ("targets_csv", "metric,metric,record_type,limit_seconds\n", 1, "named twice", "once"),
        ("targets_csv", "record_type,metric,limit_seconds\n\nchange,stale\n", 3, "2 values", "double quotes"),
        (
            "targets_csv",
            "record_type,metric,limit_seconds\nchange,stale,30d\n",
            2,
            "'30d' is no limit_seconds",
            "a whole number",
        ),
        (
            "targets_csv",
            "record_type,metric,limit_seconds\nchanges,stale,30\n",
            2,
            "did you mean 'change'?",
            "one of incident",
        ),
        ("targets_csv", "record_type,metric,limit_seconds\n,stale,30\n", 2, "record_type is empty", "Record type"),
        (
            "targets_csv",
            "record_type,metric,limit_seconds\nchange,stale,1\nchange,stale,2\n",
            3,
            "the same as line 2",
            "Keep one",
        ),
        (
            "sla_pause_rules_csv",
            "source_id,state\nprd,pending\n",
            2,
            "no source 'prd'; did you mean 'prod'?",
            "empty means all",
        ),
        ("freeze_windows_csv", "freeze_window_id,from_at\n1,24.12.2026\n", 2, "is no from_at", "2026-01-31"),
        (
            "freeze_windows_csv",
            "freeze_window_id,allows_standard\n1,maybe\n",
            2,
            "is no allows_standard",
            "true or false",
        ),
    ],
)
def test_a_wrong_line_is_named_with_what_would_be_right(
    load: Load, name: str, text: str, line: int, message: str, hint: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(**{name: text})
    assert message in caught.value.message
    assert (caught.value.where or "").endswith(f".csv:{line}")
    assert hint in (caught.value.hint or "")


def test_a_file_that_is_not_text_is_refused(load: Load, tmp_path: Path) -> None:
    (tmp_path / "targets.csv").write_bytes(b"PK\x03\x04\xff\xff")
    with pytest.raises(ConfigurationError, match="UTF-8"):
        load()


def test_every_table_of_the_policy_can_be_filled_from_some_file() -> None:
    from_toml = {"calendar_bucket", "calendar_binding", "policy_list"}
    assert set(FILES.values()) | from_toml == {name for name, table in TABLES.items() if table.origin == "policy"}
