from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

Run = Callable[..., Result]


@pytest.fixture
def synced(run: Run, configured: Path) -> Path:
    result = run("sync")
    assert result.exit_code == 0, result.output
    return configured


def test_a_sync_shows_what_came_of_every_stream(run: Run, synced: Path) -> None:
    again = run("sync")
    assert again.exit_code == 0
    assert "work_item" in again.stdout
    assert "snapshot 2: 2 rows read, 0 new or changed" in again.stdout
    head = next(line for line in again.stdout.splitlines() if "stream" in line)
    assert head.split("  ")[0].strip() == "stream"
    for column in ("in the tool", "held", "read now", "new or changed"):
        assert column in head
    assert "expected" not in head  # beside what a nightly run reads, it looks like a loss
    told = json.loads(run("sync", "--json").stdout)
    assert told["snapshot"] == 3
    assert told["streams"]["desk"]["work_item"]["status"] == "complete"
    assert told["incomplete"] == []


def test_a_sync_of_a_source_that_does_not_exist_is_told(run: Run, configured: Path) -> None:
    result = run("sync", "--source", "dsk")
    assert result.exit_code == 2
    assert "desk" in result.stderr


def test_values_that_the_mapping_does_not_know_are_listed(run: Run, synced: Path) -> None:
    result = run("mapping", "lint")
    assert result.exit_code == 1
    assert "Strange" in result.stdout
    told = json.loads(run("mapping", "lint", "--json").stdout)
    assert told["unmapped"] == [{"source": "desk", "column": "work_item.state", "value": "Strange", "records": 1}]


def test_a_mapping_is_right_before_anything_is_in_the_store(run: Run, configured: Path) -> None:
    result = run("mapping", "lint")
    assert result.exit_code == 0
    assert "nothing is in the store yet" in result.stdout


@pytest.mark.parametrize("key", ["INC1", "desk:work_item:1"])
def test_a_record_is_explained_by_number_and_by_id(run: Run, synced: Path, key: str) -> None:
    told = json.loads(run("mapping", "explain", key, "--json").stdout)
    steps = {step["column"]: step for step in told["desk:work_item:1"]}
    assert steps["state"]["value"] == "resolved"
    assert steps["state"]["raw"] == {"state": "resolved"}
    assert "INC1" in run("mapping", "explain", key).stdout


def test_a_record_that_is_not_there_is_told(run: Run, synced: Path) -> None:
    result = run("mapping", "explain", "INC9")
    assert result.exit_code == 2
    assert "INC9" in result.stderr


def test_check_and_report_show_the_same_and_write_files(run: Run, synced: Path, tmp_path: Path) -> None:
    checked = run("check", "--json")
    assert checked.exit_code in (0, 1, 3), checked.output
    assert json.loads(run("report", "--json").stdout) == json.loads(checked.stdout)
    written = {path.suffix for path in (tmp_path / "itsm-bridge-reports").iterdir()}
    assert {".html", ".json"} <= written
    result = run("report", "--format", "html", "--output", "audit.html")
    assert result.exit_code == 0
    assert (tmp_path / "audit.html").stat().st_size > 0


def test_a_report_that_does_not_exist_is_told(run: Run, synced: Path) -> None:
    run("check")
    result = run("report", "--format", "htm")
    assert result.exit_code == 2
    assert "did you mean 'html'?" in result.stderr


def test_a_sweep_does_it_all_and_says_where_the_report_lies(run: Run, configured: Path) -> None:
    result = run("sweep")
    assert result.exit_code in (0, 1, 3), result.output
    assert "itsm-bridge-reports/assessment-0001.html" in result.stdout


def test_reports_that_cannot_be_written_end_with_4(run: Run, synced: Path, tmp_path: Path) -> None:
    (tmp_path / "itsm-bridge-reports").write_text("a file, not a folder", encoding="utf-8")
    result = run("check")
    assert result.exit_code == 4
    assert "not delivered" in result.stderr


def test_an_export_writes_files(run: Run, synced: Path, tmp_path: Path) -> None:
    assert run("export", "out", "--table", "work_item").exit_code == 0
    assert "INC1" in (tmp_path / "out" / "work_item.csv").read_text(encoding="utf-8")
    told = json.loads(run("export", "out", "--format", "parquet", "--table", "work_item", "--json").stdout)
    assert told == {"files": ["out/work_item.parquet"]}


def test_a_store_that_is_as_it_was_verifies_and_one_that_is_not_does_not(
    run: Run, synced: Path, tmp_path: Path
) -> None:
    assert run("verify").exit_code == 0
    for path in (tmp_path / "itsm-bridge-data" / "canonical" / "work_item").glob("*.parquet"):
        path.unlink()
    assert run("verify").exit_code == 3


def test_a_remap_with_the_same_mapping_changes_nothing(run: Run, synced: Path) -> None:
    told = json.loads(run("remap", "--json").stdout)
    assert told["appended"] == 0
    assert run("remap").exit_code == 0


def test_doctor_says_what_may_be_read(run: Run, configured: Path) -> None:
    result = run("doctor")
    assert "work_item" in result.stdout
    told = json.loads(run("doctor", "--json").stdout)
    assert "desk" in told


def test_doctor_tells_what_is_wrong_with_a_source(run: Run, configured: Path) -> None:
    (configured.parent / "in" / "work_item.csv").unlink()
    (configured.parent / "in").rmdir()
    result = run("doctor")
    assert result.exit_code == 2
    assert "desk" in result.stdout
