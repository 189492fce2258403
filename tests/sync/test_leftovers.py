"""What dead runs leave goes with the next run: exactly that, and nothing that anybody may need."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import pytest
from jobs import left_files, look
from site_of_desk import Site

from itsm_bridge.store.leftovers import KEPT_SECONDS, remove_leftovers
from itsm_bridge.store.manifests import Chain

HALF = (
    "canonical/work_item/part-00000-half-c000.zstd.parquet",
    "canonical/work_item/part-00000-half-c000.zstd.parquet#1",
    "source/desk/incident/part-00000-half-c000.zstd.parquet",
    "manifests/_delta_log/00000000000000000009.json#1",
    "contents/_delta_log/_commit_0b5f.json.tmp",
)
NOT_OURS = ("notes.txt", "canonical/work_item/read_me.parquet", "state/part-00000-mine.parquet")


class Crash(BaseException):
    """Stands for the death of the process: no code of ours may catch it."""


def leave(site: Site, *names: str) -> None:
    for name in names:
        (site.path / name).write_bytes(b"half")


def die(site: Site) -> None:
    """Leave behind what a killed run does: its name."""
    site.store.state_folder.joinpath("writer.json").write_text(json.dumps({"unfinished_since": time.time()}))


def crash_while_publishing(site: Site) -> None:
    def publish(*arguments: object) -> None:
        raise Crash

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Chain, "publish", publish)
        with pytest.raises(Crash):
            site.sync()


def test_files_of_a_dead_run_go_with_the_next_one_and_others_stay(synced: Site) -> None:
    older = synced.path / "canonical/work_item/part-00000-older-c000.zstd.parquet"
    older.write_bytes(b"not of the dead run")
    os.utime(older, (time.time() - 3600,) * 2)
    die(synced)
    leave(synced, *HALF, *NOT_OURS)
    before = look(synced.store)["contents"]
    synced.sync()
    assert left_files(synced.path) == sorted([*NOT_OURS, str(older.relative_to(synced.path))])
    assert synced.verify().problems == []
    assert look(synced.store)["contents"] == before


def test_files_in_a_table_that_only_the_next_run_begins_go_too(site: Site) -> None:
    folder = site.path / "source/desk/incident"
    folder.mkdir(parents=True)
    site.store.state_folder.mkdir(parents=True)
    die(site)
    leave(site, "source/desk/incident/part-00000-half-c000.zstd.parquet")
    site.sync()
    assert left_files(site.path) == []


def test_a_run_that_fails_takes_its_own_files_with_it(synced: Site) -> None:
    synced.desk.put("incident", "i1", title="changed")
    synced.desk.before_page = lambda stream, window, page: leave(synced, *HALF)
    synced.desk.fails["history", "tail"] = (0, ZeroDivisionError("no error of ours"))
    with pytest.raises(ZeroDivisionError):
        synced.sync()
    assert left_files(synced.path) == ["state/progress.json"], "which a sync resumes from"


def test_after_a_run_that_ended_well_nothing_is_looked_for(synced: Site) -> None:
    leave(synced, *HALF)
    synced.sync()
    assert set(HALF) <= set(left_files(synced.path))


def test_rows_taken_back_after_crashes_stay_a_day_for_readers_and_then_go(synced: Site) -> None:
    synced.desk.put("incident", "i1", title="changed")
    sizes = []
    for _ in range(3):
        crash_while_publishing(synced)
        sizes.append(len(list(synced.path.glob("canonical/work_item/*.parquet"))))
        assert synced.log_rows("source/desk/incident") == {1: 5, 2: 1}, "what was read is kept, and once"
        assert synced.log_rows("canonical/work_item") == {1: 7, 2: 1}, "what was derived is taken back"
    assert sizes == [sizes[0], sizes[0] + 1, sizes[0] + 2], "a day long a reader may be at them"
    for commit in synced.path.glob("canonical/work_item/_delta_log/*.json"):
        lines = [json.loads(line) for line in commit.read_text().splitlines()]
        for about in (line["remove"] for line in lines if "remove" in line):
            about["deletionTimestamp"] -= 1000 * (KEPT_SECONDS + 60)
        commit.write_text("\n".join(json.dumps(line) for line in lines))
    die(synced)
    synced.sync()
    assert len(list(synced.path.glob("canonical/work_item/*.parquet"))) <= sizes[0] + 1
    assert (synced.verify().problems, left_files(synced.path)) == ([], [])
    assert synced.sql("SELECT title_length FROM work_item WHERE source_key = 'i1'") == [(7,)]


def test_a_reader_that_began_before_a_crash_reads_on_while_it_is_cleared_up(synced: Site) -> None:
    synced.desk.put("incident", "i1", title="changed")
    crash_while_publishing(synced)
    log = synced.store.canonical_log("work_item")
    log.dataset()  # knows its files from here on, those of the dead run among them
    die(synced)
    synced.sync()
    rows = synced.store.current(log, 1, ["source_key"])
    assert sorted(rows["source_key"].to_pylist()) == synced.item_keys(as_of=1)


def test_a_damaged_table_loses_nothing_to_the_clearing_up(synced: Site) -> None:
    """Without its commits every file looks like nobody's; they are all that is left of the rows."""
    table = synced.path / "canonical" / "work_item"
    files = sorted(table.glob("*.parquet"))
    shutil.rmtree(table / "_delta_log")
    assert remove_leftovers(synced.path, 0.0) == 0
    (table / "_delta_log").mkdir()
    (table / "_delta_log" / "00000000000000000000.json").write_text("{")
    assert remove_leftovers(synced.path, 0.0) == 0
    assert sorted(table.glob("*.parquet")) == files


def test_a_store_that_is_not_there_has_no_leftovers(tmp_path: Path) -> None:
    assert remove_leftovers(tmp_path / "nowhere", 0.0) == 0
