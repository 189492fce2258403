"""Snapshots: numbered, readable for ever, seen all at once or not at all; the store's errors are clear."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from filelock import FileLock
from site_of_desk import Site

from itsm_bridge.errors import StoreDamaged, StoreError, StoreLocked, UsageError
from itsm_bridge.store.log import Log
from itsm_bridge.store.reading import reading
from itsm_bridge.store.store import Store, open_existing


def test_a_snapshot_stays_readable_as_it_was(synced: Site) -> None:
    first = synced.sql("SELECT * FROM work_item ORDER BY 1")
    synced.desk.put("incident", "i1", title="changed", state="7")
    synced.desk.remove("incident", "i2")
    synced.desk.put("incident", "i9", number="INC9")
    synced.sync()
    second = synced.sql("SELECT * FROM work_item ORDER BY 1")
    synced.desk.remove("incident", "i9")
    synced.sync()
    assert synced.sql("SELECT * FROM work_item ORDER BY 1", as_of=1) == first
    assert synced.sql("SELECT * FROM work_item ORDER BY 1", as_of=2) == second
    assert synced.sql("SELECT id, title FROM source_desk.incident WHERE id = 'i2'", as_of=1) != []
    assert synced.sql("SELECT id, title FROM source_desk.incident WHERE id = 'i2'") == []


def test_a_connection_for_checks_has_every_table_and_naive_instants(synced: Site) -> None:
    snapshot = synced.store.snapshot()
    with reading(synced.store, snapshot) as connection:
        found = connection.execute(
            "SELECT typeof(opened_at), opened_at::VARCHAR FROM work_item WHERE source_key = 'i1'"
        )
        assert found.fetchall() == [("TIMESTAMP", "2026-01-05 15:08:00")]
        assert connection.execute("SELECT count(*) FROM finding").fetchall() == [(0,)]
        assert connection.execute("SELECT status FROM stream_run WHERE stream = 'user'").fetchall() == [("complete",)]


def test_instants_do_not_depend_on_the_zone_of_the_machine(tmp_path: Path) -> None:
    program = f"""
        import sys
        sys.path.insert(0, {str(Path(__file__).parent.parent / "fakes")!r})
        from pathlib import Path
        from site_of_desk import Site, fill
        from itsm_bridge.adapters.files import Files, FilesSettings
        from itsm_bridge.store.reading import reading
        site = Site(Path({str(tmp_path)!r}))
        fill(site.desk)
        folder = Path({str(tmp_path / "files")!r})
        folder.mkdir()
        (folder / "work_item.csv").write_text(
            "work_item_id,record_type,source_key,opened_at\\nf1,incident,f1,2026-07-01T10:00:00\\n"
            "f2,incident,f2,2026-07-01T10:00:00+02:00\\n")
        site.adapters["files"] = Files
        site.sources["files"] = FilesSettings(adapter="files", path=folder)
        snapshot = site.sync().snapshot
        with reading(site.store, snapshot) as connection:
            rows = connection.execute(
                "SELECT source_key, opened_at::VARCHAR FROM work_item WHERE source_key IN ('i1', 'f1', 'f2') ORDER BY 1"
            ).fetchall()
        print(rows, [str(v) for v in site.load("work_item").sort_values("source_key")["opened_at"][:3]])
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={"TZ": "America/New_York"},
        capture_output=True,
        text=True,
        check=False,
    )
    stored = "[('f1', '2026-07-01 10:00:00'), ('f2', '2026-07-01 08:00:00'), ('i1', '2026-01-05 15:08:00')]"
    loaded = "['2026-07-01 10:00:00+00:00', '2026-07-01 08:00:00+00:00', '2026-01-05 15:08:00+00:00']"
    assert run.stdout.splitlines() == [f"{stored} {loaded}"], run.stderr


def test_a_store_that_is_not_there_and_one_without_snapshots_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        open_existing(tmp_path / "nothing")
    assert "itsm-bridge sync" in str(caught.value.hint)
    with pytest.raises(UsageError, match="no snapshot yet"):
        Store(tmp_path).snapshot()


def test_a_snapshot_that_does_not_exist_is_refused_with_those_that_do(synced: Site) -> None:
    with pytest.raises(UsageError) as caught:
        synced.load("incident", as_of=7)
    assert caught.value.hint == "Snapshots go from 1 to 1."


def test_a_table_that_cannot_be_opened_is_a_damaged_store(tmp_path: Path) -> None:
    (tmp_path / "t" / "_delta_log").mkdir(parents=True)
    (tmp_path / "t" / "_delta_log" / "00000000000000000000.json").write_text("{ not a log")
    with pytest.raises(StoreDamaged, match=r"cannot be read"):
        Log(str(tmp_path / "t")).rows()


def test_a_folder_that_may_not_be_written_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file where a folder should be")
    with pytest.raises(StoreError):
        Store(tmp_path / "store").lock("sync").__enter__()


def test_a_lock_whose_holder_left_no_name_is_still_a_lock(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.state_folder.mkdir()
    with (
        FileLock(str(store.state_folder / "writer.lock")),
        pytest.raises(StoreLocked, match="its holder is not known yet"),
        store.lock("sync"),
    ):
        pass


def test_a_writer_without_memory_and_disk_ends_in_one_error(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(StoreError, match="neither memory nor disk is enough") as caught, store.lock("sync"):
        store.scratch().execute("SET memory_limit = '1 MB'; SELECT list(range) FROM range(10000000)").fetchall()
    assert "Free space" in str(caught.value.hint)
