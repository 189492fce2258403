"""A disk that is full: one clear error, nothing published is touched, and with room again the next run is complete."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from site_of_desk import Site

from itsm_bridge.disk import unwritten, written_whole
from itsm_bridge.errors import DeliveryError, StoreError
from itsm_bridge.reports.delivery import deliver

SCRIPT = Path(__file__).parent.parent / "fakes" / "small_disk.py"
MOUNT = 'mount -t tmpfs -o size=8m tmpfs "$1" && exec "$2" "$3" "$1" "$4"'
STORE_JOBS = ("first sync", "sync", "check")


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What jobs did on a file system of 8 MB that was filled up to what they need and less."""
    folder = tmp_path_factory.mktemp("disk")
    (folder / "small").mkdir()
    (folder / "base").mkdir()
    alone = [shutil.which("unshare") or "unshare", "-Urm", "sh", "-c"]
    try:
        subprocess.run([*alone, f'mount -t tmpfs tmpfs "{folder / "small"}"'], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"this machine lets nobody mount a small file system of their own: {error}")
    done = subprocess.run(
        [*alone, MOUNT, "sh", folder / "small", sys.executable, SCRIPT, folder / "base"],
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.xdist_group("full disk")
class TestSmallDisk:
    def test_every_job_ends_in_one_error_that_says_where_and_what_to_do(self, cases: list[dict[str, Any]]) -> None:
        assert cases
        for case in cases:
            said = case["said"]
            is_store = case["job"] in STORE_JOBS
            assert (said["error"], said["exit_code"]) == (("StoreError", 3) if is_store else ("DeliveryError", 4)), said
            assert "No space left on device" in said["said"], said
            assert "small/" in said["said"], "it says where"
            assert "free space" in said["said"] or "Make room" in said["said"], "it says what to do"

    def test_what_was_published_stays_as_it_was(self, cases: list[dict[str, Any]]) -> None:
        for case in cases:
            if case["job"] in ("sync", "check"):
                held = ("published", "contents", "problems")
                assert {name: case["full"][name] for name in held} == {name: case["before"][name] for name in held}
                assert set(case["full"]["left"]) <= {"state/progress.json"}, "what was written in vain takes no room"

    def test_reports_and_exports_are_whole_or_not_there(self, cases: list[dict[str, Any]]) -> None:
        for case in cases:
            if case["job"] in ("export", "reports"):
                assert set(case["full"]["delivered"]) < set(case["whole"]["delivered"])

    def test_with_room_again_the_next_run_is_complete_and_nothing_is_left(self, cases: list[dict[str, Any]]) -> None:
        for case in cases:
            assert case["again"]["error"] is None, case["again"]
            assert case["after"] == case["whole"], (case["job"], case["share"])
            assert case["after"].get("left", []) == []


def full(*arguments: Any, **named: Any) -> int:
    raise OSError(28, "No space left on device")


def test_a_progress_note_that_does_not_fit_stops_the_sync_with_one_clear_error(
    synced: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced.desk.put("incident", "i1", title="changed")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        with pytest.raises(StoreError, match=r"note cannot be written, the disk is full: No space left") as caught:
            synced.sync()
    assert "about" in str(caught.value)
    assert "Make room on the disk of" in str(caught.value.hint)
    assert [path.name for path in synced.store.state_folder.iterdir()].count("writer.json") == 0
    synced.sync()
    assert synced.sql("SELECT title_length FROM work_item WHERE source_key = 'i1'") == [(7,)]


def test_a_key_that_does_not_fit_is_not_kept_by_half(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(StoreError, match="the key of the pseudonyms cannot be written, the disk is full"):
            site.sync()
    assert not list(site.store.state_folder.glob("*key*"))
    site.sync()
    assert (site.store.state_folder / "privacy.key").stat().st_mode & 0o777 == 0o600


def test_a_report_that_does_not_fit_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "audit.html"
    deliver("the one before", place)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        with pytest.raises(DeliveryError, match=r"audit.html: the report cannot be written, the disk is full.*needed"):
            deliver("x" * 5000, place)
    assert [path.name for path in tmp_path.iterdir()] == ["audit.html"]
    assert place.read_text() == "the one before"


def test_a_full_disk_is_known_by_the_words_of_a_library_too(tmp_path: Path) -> None:
    for words in ("Generic error: No space left on device (os error 28)", "Disk quota exceeded (os error 122)"):
        message, hint = unwritten(OSError(words), tmp_path, 2_000_000)
        assert "the disk is full: " in message
        assert "about 2 MB needed" in message
        assert str(tmp_path) in hint
    assert "disk is full" not in unwritten(PermissionError(13, "Permission denied"), tmp_path)[0]


def test_drafts_of_dead_processes_go_and_those_of_living_ones_stay(tmp_path: Path) -> None:
    place, dead = tmp_path / "a.json", subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (tmp_path / f".a.json.{dead.pid}.draft").write_text("half")
    (tmp_path / f".a.json.{os.getppid()}.draft").write_text("still being written")
    (tmp_path / f".b.json.{dead.pid}.draft").write_text("another file's")
    deliver("{}", place)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"a.json", f".a.json.{os.getppid()}.draft", f".b.json.{dead.pid}.draft"}


def test_a_pipe_or_device_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    device = tmp_path / "device"
    device.symlink_to("/dev/null")
    deliver("text", device)
    assert device.is_symlink()
    assert Path("/dev/null").is_char_device()
    target = tmp_path / "kept" / "report.json"
    deliver("{}", target)
    (tmp_path / "link.json").symlink_to(target)
    with written_whole(tmp_path / "link.json") as draft:
        draft.write_text("new")
    assert (tmp_path / "link.json").is_symlink()
    assert target.read_text() == "new"


@pytest.mark.parametrize("arguments", [("schema",), ("schema", "--json")])
def test_an_output_on_a_full_disk_is_told_on_the_other_way_out(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as nowhere:
        done = subprocess.run(
            [sys.executable, "-c", "from itsm_bridge.cli import main; main()", *arguments],
            stdout=nowhere, stderr=subprocess.PIPE, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert done.returncode == 4, done.stderr
    assert "standard output" in done.stderr
    assert "disk is full" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_log_on_a_full_disk_stops_nothing() -> None:
    work = "import logging; from itsm_bridge.logs import configure_logging; configure_logging(as_json=True, verbose=2)"
    with Path("/dev/full").open("w") as nowhere:
        done = subprocess.run(
            [sys.executable, "-c", f"{work}; logging.getLogger('itsm_bridge').error('x' * 9000); print('done')"],
            stdout=subprocess.PIPE, stderr=nowhere, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "done\n")
