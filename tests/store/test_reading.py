"""What those who judge a snapshot read: its current rows, only what they asked for, in bounded memory and disk."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from site_of_desk import Site, fill

from itsm_bridge.errors import StoreDamaged, StoreError
from itsm_bridge.schema import TABLES
from itsm_bridge.store import reading as reading_module
from itsm_bridge.store.manifests import Manifest
from itsm_bridge.store.reading import assessed_table, reading
from itsm_bridge.store.spill import spill_folder
from itsm_bridge.store.store import Store, new_connection
from itsm_bridge.store.versions import VersionWriter

BIG = "CREATE TEMP TABLE big AS SELECT hash(n) AS h FROM range(8000000) AS r(n)"
ALL = "SELECT * FROM work_item ORDER BY work_item_id"


def rows_of(site: Site, snapshot: int, query: str = ALL) -> list[tuple[object, ...]]:
    with reading(site.store, site.store.snapshot(snapshot)) as connection:
        return connection.execute(query).fetchall()


def spilt(store: Store) -> list[str]:
    return [each.name for each in store.state_folder.glob("spill-*")]


def _read_without_files(store: Store, snapshot: Manifest) -> None:
    with reading(store, snapshot) as connection:
        for path in (Path(store.path) / "canonical" / "work_item").glob("*.parquet"):
            path.unlink()
        connection.sql(ALL).fetchall()


def _read_too_much(store: Store) -> None:
    with reading(store, store.snapshot(), {}, memory="40 MB") as connection:
        connection.execute("SET max_temp_directory_size = '1 MB'").fetchall()
        connection.execute(BIG).fetchall()


def test_rows_are_the_same_whether_copied_or_read_in_place(synced: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    synced.desk.put("incident", "i1", title="changed", state="7")
    synced.desk.remove("incident", "i2")
    synced.sync()
    copied = [rows_of(synced, number) for number in (1, 2)]
    monkeypatch.setattr(reading_module, "MANY_ROWS", 1)
    assert [rows_of(synced, number) for number in (1, 2)] == copied
    kinds = "SELECT table_type FROM information_schema.tables WHERE table_name = 'work_item'"
    assert [rows_of(synced, number, kinds) for number in (1, 2)] == [[("VIEW",)], [("BASE TABLE",)]]
    assert len(copied[0]) == len(copied[1]) + 1


def test_only_what_is_asked_for_is_there_and_analysts_have_it_all(synced: Site) -> None:
    columns = {"work_item": {"work_item_id", "state"}}
    with reading(synced.store, synced.store.snapshot(), columns) as connection:
        found = connection.sql("SELECT * FROM work_item")
        assert found.columns == ["work_item_id", "state"]
        assert connection.sql("SELECT * FROM attestation").fetchall() == []
        with pytest.raises(duckdb.CatalogException):
            connection.sql("SELECT * FROM transition")
    assert {"category", "title_hash"} <= set(synced.load("incident").columns)


def test_a_path_is_no_pattern(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_module, "MANY_ROWS", 1)
    site = Site(tmp_path / "it's a st*re?" / "year=2026")
    fill(site.desk)
    site.sync()
    shutil.copytree(tmp_path / "it's a st*re?", tmp_path / "it's a store!")  # what the pattern would match too
    assert len(rows_of(site, 1)) == len(site.load("work_item"))


def test_a_file_that_is_broken_is_a_damaged_store(synced: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_module, "MANY_ROWS", 1)
    snapshot = synced.store.snapshot()
    with pytest.raises(StoreDamaged, match="cannot be read") as caught:
        _read_without_files(synced.store, snapshot)
    assert "verify" in str(caught.value.hint)


def test_a_wrong_query_is_not_blamed_on_the_store(synced: Site) -> None:
    with pytest.raises(duckdb.BinderException), reading(synced.store, synced.store.snapshot(), {}) as connection:
        connection.sql("SELECT no_such_column FROM source")


def test_what_does_not_fit_into_memory_goes_to_the_runs_own_folder(synced: Site) -> None:
    with reading(synced.store, synced.store.snapshot(), {}, memory="40 MB") as connection:
        connection.execute(BIG).fetchall()
        written = [row[0] for row in connection.execute("SELECT path FROM duckdb_temporary_files()").fetchall()]
        assert written
        assert all(Path(path).parent.parent == synced.store.state_folder for path in written)
    assert spilt(synced.store) == []


def test_too_little_memory_and_disk_says_what_to_do(synced: Site) -> None:
    with pytest.raises(StoreError, match="neither memory nor disk") as caught:
        _read_too_much(synced.store)
    assert "`memory`" in str(caught.value.hint)


def test_what_a_killed_run_left_goes_with_the_next_and_what_is_in_use_stays(tmp_path: Path) -> None:
    program = f"""
        import os, signal
        from pathlib import Path
        from itsm_bridge.store.spill import spill_folder
        with spill_folder(Path({str(tmp_path)!r})) as folder:
            (folder / "duckdb_temp_storage-0.tmp").write_bytes(b"x" * 1000)
            os.kill(os.getpid(), signal.SIGKILL)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False)
    (left,) = (each for each in tmp_path.glob("spill-*") if each.is_dir())
    with spill_folder(tmp_path) as first, spill_folder(tmp_path) as second:
        assert {each for each in tmp_path.glob("spill-*") if each.is_dir()} == {first, second}
        assert left not in (first, second)
    assert list(tmp_path.glob("spill-*")) == []


def test_the_limit_is_never_above_what_the_machine_gives(synced: Site) -> None:
    with reading(synced.store, synced.store.snapshot(), {}) as connection:
        (limit,) = connection.execute("SELECT current_setting('memory_limit')").fetchall()[0]
        connection.execute("RESET memory_limit").fetchall()
        (most,) = connection.execute("SELECT current_setting('memory_limit')").fetchall()[0]
    # DuckDB says the limit in its own units, rounded.
    assert reading_module.in_bytes(limit) <= min(reading_module.in_bytes("2 GB") * 1.01, reading_module.in_bytes(most))


def test_columns_that_an_assessment_of_an_earlier_version_has_not_are_empty(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    writer = VersionWriter(store.assessment_log("conclusion"), new_connection(), 1)
    row = {"assessment": 1, "clause": "4.4", "conclusion": "not_assessed", "points": 1, "points_evidenced": 0}
    writer.add(pa.Table.from_pylist([{**row, "title": "x", "assurance": "low", "reasons": "[]", "_key": "1/4.4"}]))
    writer.close()

    rows = assessed_table(store, "conclusion", 1)

    assert rows.schema == TABLES["conclusion"].arrow
    assert rows.select(["clause", "owner", "requirement"]).to_pylist() == [
        {"clause": "4.4", "owner": None, "requirement": None}
    ]


@pytest.mark.parametrize(("many", "threads"), [(100_000, 1), (1, 2)])
def test_a_small_store_is_read_by_one_thread(
    synced: Site, monkeypatch: pytest.MonkeyPatch, many: int, threads: int
) -> None:
    monkeypatch.setattr(reading_module, "MANY_ROWS", many)
    monkeypatch.setattr(reading_module, "new_connection", lambda: duckdb.connect(config={"threads": 2}))
    with reading(synced.store, synced.store.snapshot()) as connection:
        assert connection.execute("SELECT current_setting('threads')").fetchall() == [(threads,)]
