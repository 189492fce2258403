"""One writer, many readers: a second writer is refused at once and told by whom; a dead one's lock is free."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from jobs import few_checks
from site_of_desk import Site, fill

from itsm_bridge import pipeline
from itsm_bridge.analysis import open_store
from itsm_bridge.errors import StoreError, StoreLocked
from itsm_bridge.store.lock import WriterLock

CHILD = Path(__file__).parent.parent / "fakes" / "child.py"
STEPS = 22
"""After so many steps the child has read much and projects: rows that nobody may see yet lie in the store."""


def follow(child: subprocess.Popen[str], steps: int) -> None:
    """Let a child go on for some steps; then it waits inside the next one."""
    assert child.stdin is not None
    assert child.stdout is not None
    for _ in range(steps):
        assert child.stdout.readline()
        child.stdin.write("\n")
        child.stdin.flush()
    assert child.stdout.readline()


def test_while_one_writes_others_read_and_no_second_one_writes(tmp_path: Path) -> None:
    site = Site(tmp_path)
    fill(site.desk)  # the child's desk has one incident more
    site.sync()
    before = site.item_keys()
    with subprocess.Popen(
        [sys.executable, str(CHILD), str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        follow(child, STEPS)
        plugins = few_checks(tmp_path)
        for write in (site.sync, site.remap, lambda: pipeline.check(site.config, plugins)):
            with pytest.raises(StoreLocked) as refused:
                write()
            said = str(refused.value)
            assert f"sync, process {child.pid} on {os.uname().nodename}, since 20" in said
            assert "UTC (child.py" in said, "its command"
            assert str(site.path) in said
            assert "Wait until it has finished, or end that process" in str(refused.value.hint)
        assert site.verify().unpublished > 0, "the child is in the middle"
        assert site.verify().problems == []
        assert site.item_keys() == before == sorted(open_store(site.path).load("work_item")["source_key"])
        evidence = pipeline.export(site.config, tmp_path / "evidence", "csv", ["work_item"])
        assert len(evidence[0].read_text().splitlines()) == 1 + len(before)
        os.kill(child.pid, signal.SIGKILL)
    fill(site.desk, incidents=6)
    report = site.sync()
    assert (report.snapshot.number, site.item_keys()) == (2, sorted([*before, "i6"])), "the dead one's lock was free"
    assert site.verify().problems == []


def test_a_second_writer_in_the_same_process_is_refused_too(synced: Site) -> None:
    with (
        synced.store.lock("remap"),
        pytest.raises(StoreLocked, match=f"remap, process {os.getpid()} on "),
        synced.store.lock("sync"),
    ):
        pass
    synced.sync()


@pytest.mark.parametrize("about", [None, "", "{", "[]", '{"pid": 7}'])
def test_a_holder_without_a_readable_name_holds_all_the_same(tmp_path: Path, about: str | None) -> None:
    with WriterLock(tmp_path, "sync"):
        (tmp_path / "writer.json").unlink()
        if about is not None:
            (tmp_path / "writer.json").write_text(about)
        with pytest.raises(StoreLocked, match="not known yet"), WriterLock(tmp_path, "check"):
            pass


@pytest.mark.parametrize("about", ["", "{", "[]", '{"unfinished_since": "yesterday"}', '{"pid": 4194304}'])
def test_what_a_dead_holder_said_of_itself_stops_nobody(tmp_path: Path, about: str) -> None:
    (tmp_path / "writer.json").write_text(about)
    with WriterLock(tmp_path, "sync"):
        assert json.loads((tmp_path / "writer.json").read_text())["pid"] == os.getpid()
    assert [path.name for path in tmp_path.iterdir()] == ["writer.lock"]


def test_a_lock_that_cannot_be_written_is_one_clear_error(synced: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:

        def acquire(self: FileLock, timeout: float | None = None) -> None:
            raise PermissionError(13, "Permission denied", self.lock_file)

        patched.setattr(FileLock, "acquire", acquire)
        with pytest.raises(StoreError, match=r"state: the lock cannot be written: Permission denied") as caught:
            synced.sync()
    assert "rights of the folder" in str(caught.value.hint)
    assert synced.item_keys()


def test_a_store_in_a_place_that_is_no_folder_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file")
    with pytest.raises(StoreError, match="the lock cannot be written: Not a directory"), Site(tmp_path).store.lock("x"):
        pass


def test_a_file_system_without_locks_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def acquire(self: FileLock, timeout: float | None = None) -> None:
        raise NotImplementedError("FileSystem does not appear to support flock")

    monkeypatch.setattr(FileLock, "acquire", acquire)
    with pytest.raises(StoreError, match="knows no locks") as caught, WriterLock(tmp_path, "sync"):
        pass
    assert "local disk" in str(caught.value.hint)


def test_no_secret_on_a_command_line_gets_into_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/itsm-bridge", "sync", "password=hunter2hunter2"])
    with WriterLock(tmp_path, "sync"):
        said = (tmp_path / "writer.json").read_text()
    assert "itsm-bridge sync" in said
    assert "hunter2" not in said
