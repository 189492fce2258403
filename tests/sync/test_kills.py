"""A process that is killed at any moment, for real; and what others see while it lives."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from site_of_desk import Site, fill

from itsm_bridge.errors import StoreLocked

CHILD = Path(__file__).parent.parent / "fakes" / "child.py"


def begin(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(CHILD), str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def follow(child: subprocess.Popen[str], steps: int) -> None:
    """Let a child go on for some steps; then it waits inside the next one."""
    assert child.stdin is not None
    assert child.stdout is not None
    for _ in range(steps):
        assert child.stdout.readline()
        child.stdin.write("\n")
        child.stdin.flush()
    assert child.stdout.readline()


def kill(child: subprocess.Popen[str], seed: int | None = None) -> None:
    """Kill a child; with a seed, not where it waits but somewhere in the work behind."""
    assert child.stdin is not None
    if seed is not None:
        child.stdin.write("\n" * 200)
        child.stdin.flush()
        for _ in range(random.Random(seed).randrange(200)):
            os.sched_yield()
    os.kill(child.pid, signal.SIGKILL)
    with child:
        child.wait(timeout=30)


def test_kills_at_seeded_moments_lose_and_double_nothing(tmp_path: Path) -> None:
    site = Site(tmp_path)
    fill(site.desk, incidents=6)
    site.sync()
    desk_rows = {stream: len(rows) for stream, rows in site.desk.rows.items()}
    site.desk.put("incident", "i1", title="changed")
    moments = random.Random(2)
    killed = Site(tmp_path / "killed")
    fill(killed.desk, incidents=6)
    for seed in range(3):
        child = begin(killed.folder)
        follow(child, moments.randrange(3, 24))
        if seed == 1:
            with pytest.raises(StoreLocked, match=rf"sync, process {child.pid} on .*, since 20") as caught:
                killed.sync()
            assert "wait" in str(caught.value.hint).lower()
        kill(child, seed)
        assert len(killed.store.snapshots()) <= 1
    killed.sync()
    assert killed.item_keys() == ["i1", "i2", "i3", "i4", "i5", "i6", "x1", "x2"]
    for stream, rows in desk_rows.items():
        assert len(killed.store.current(killed.store.source_log("desk", stream), 9, ["id"])) == rows
    report = killed.verify()
    assert (report.problems, report.unpublished) == ([], 0)
    usual = site.sql("SELECT * EXCLUDE (requester_id, resolved_by_id, title_hash) FROM work_item ORDER BY 1", as_of=1)
    assert killed.sql("SELECT * EXCLUDE (requester_id, resolved_by_id, title_hash) FROM work_item ORDER BY 1") == usual


def test_a_second_writer_in_the_same_process_is_refused_too(synced: Site) -> None:
    with (
        synced.store.lock("remap"),
        pytest.raises(StoreLocked, match=f"remap, process {os.getpid()} on "),
        synced.store.lock("sync"),
    ):
        pass
    synced.sync()
