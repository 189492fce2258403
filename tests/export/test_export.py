"""What is exported can be read back, is safe to open, and appears whole or not at all."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow.parquet as parquet
import pytest
from handed_over import Handed
from site_of_desk import Site

from itsm_bridge.errors import DeliveryError, UsageError
from itsm_bridge.export import export
from itsm_bridge.schema import tool_tables

FORMULAS = ('=HYPERLINK("http://evil")', "+1+cmd|'/C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", " =1+1")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_an_export_read_back_by_the_files_adapter_gives_equal_tables(
    synced: Site, tmp_path: Path, kind: Literal["csv", "parquet"]
) -> None:
    synced.desk.put(
        "incident", "i1", title='quote " comma , and\nline break', category='a,"b"\nc', resolved="2026-01-07 08:09:10"
    )
    synced.desk.put("incident", "i9", number="-5", category=" ", problem="p1", major="true")
    synced.sync()
    back = Handed(tmp_path / "back", people="keep")
    written = export(synced.store, back.files, kind)
    assert {path.stem for path in written} == {"work_item", "change_detail", "person", "transition", "relation"}
    back.sync()
    for path in written:
        there, here = (
            site.load(path.stem)
            .drop(columns="source_id")
            .sort_values(list(tool_tables()[path.stem].key), ignore_index=True)
            for site in (synced, back)
        )
        pd.testing.assert_frame_equal(here, there)
    assert set(back.load("work_item")["source_id"]) == {"hand"}


def test_formulas_are_neutralised_in_csv_and_kept_in_parquet(synced: Site, tmp_path: Path) -> None:
    for number, formula in enumerate(FORMULAS):
        synced.desk.put("incident", f"f{number}", number=formula, category="-12.5")
    synced.sync()
    [path] = export(synced.store, tmp_path / "out", "csv", ["work_item"])
    with path.open(newline="", encoding="utf-8") as stream:
        rows = {row["source_key"]: row for row in csv.DictReader(stream)}
    for number, formula in enumerate(FORMULAS):
        assert rows[f"f{number}"]["number"] == f"'{formula}"
        assert rows[f"f{number}"]["category"] == "-12.5"
    [path] = export(synced.store, tmp_path / "out", "parquet", ["work_item"])
    kept = parquet.read_table(path, columns=["number"])["number"].to_pylist()
    assert set(FORMULAS) <= set(kept)


def test_an_earlier_snapshot_can_be_exported(synced: Site, tmp_path: Path) -> None:
    synced.desk.remove("incident", "i1")
    synced.sync()
    [now] = export(synced.store, tmp_path / "now", "parquet", ["work_item"])
    [then] = export(synced.store, tmp_path / "then", "parquet", ["work_item"], as_of=1)
    assert (parquet.read_table(now).num_rows, parquet.read_table(then).num_rows) == (6, 7)


def test_a_table_that_is_asked_for_by_name_is_written_even_if_empty(synced: Site, tmp_path: Path) -> None:
    [path] = export(synced.store, tmp_path, "csv", ["outage"])
    assert path.read_text().startswith('"outage_id","source_id"')
    assert len(path.read_text().splitlines()) == 1


def test_an_unknown_table_is_refused_before_anything_is_written(synced: Site, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no table `work_items`"):
        export(synced.store, tmp_path / "out", "csv", ["work_item", "work_items"])
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_leaves_no_half_files(
    synced: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DeliveryError) as caught:
        export(synced.store, tmp_path / "file" / "out", "csv", ["work_item"])
    assert caught.value.hint

    def full(*arguments: Any, **named: Any) -> None:
        Path(arguments[1]).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(parquet, "write_table", full)
    with pytest.raises(DeliveryError, match="No space left"):
        export(synced.store, tmp_path / "out", "parquet", ["work_item"])
    assert list((tmp_path / "out").iterdir()) == []


def test_exported_instants_are_utc_and_say_so(synced: Site, tmp_path: Path) -> None:
    [path] = export(synced.store, tmp_path, "csv", ["work_item"])
    with path.open(newline="", encoding="utf-8") as stream:
        [row] = [row for row in csv.DictReader(stream) if row["source_key"] == "i1"]
    assert row["opened_at"].startswith("2026-01-05T15:08:00")
    assert row["opened_at"].endswith("Z")
