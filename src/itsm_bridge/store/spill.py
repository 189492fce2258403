"""A folder for what does not fit into memory: it goes when its run ends, and at the latest when the next one begins."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

_NAME = "spill-"


@contextmanager
def spill_folder(near: Path) -> Iterator[Path]:
    """Give a folder below `near`, or below the system's temporary folder where nothing can be written there.

    A lock beside it lives as long as its process, so that what a killed run left behind can be told apart.
    """
    try:
        near.mkdir(parents=True, exist_ok=True)
        lock = _locked(near)
    except OSError:
        near = Path(tempfile.gettempdir())
        lock = _locked(near)
    folder = Path(lock.lock_file).with_suffix("")
    try:
        _sweep(near)
        folder.mkdir()
        yield folder
    finally:
        _remove(folder, lock)


def _locked(near: Path) -> FileLock:
    lock = FileLock(str(near / f"{_NAME}{uuid4().hex}.lock"))
    lock.acquire()
    return lock


def _sweep(near: Path) -> None:
    """Remove the folders whose process is dead: each was made under its lock."""
    for place in near.glob(f"{_NAME}*.lock"):
        lock, folder = FileLock(str(place)), place.with_suffix("")
        try:
            lock.acquire(timeout=0)
        except (Timeout, OSError):  # in use, or somebody else's
            continue
        _remove(folder, lock)


def _remove(folder: Path, lock: FileLock) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    lock.release()
    Path(lock.lock_file).unlink(missing_ok=True)
