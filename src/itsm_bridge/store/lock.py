"""One writer per store: a lock that names its holder and is released by the death of the process (design §4)."""

from __future__ import annotations

import json
import os
import socket
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from itsm_bridge.errors import StoreError, StoreLocked


class WriterLock:
    """Context manager that holds the store for writing; raises StoreLocked that names the holder."""

    def __init__(self, folder: Path, purpose: str) -> None:
        self._folder = folder
        self._purpose = purpose
        self._holder = folder / "writer.json"
        self._lock = FileLock(str(folder / "writer.lock"))

    def __enter__(self) -> WriterLock:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise StoreLocked(
                f"another run is writing to this store: {self._named_holder()}",
                where=str(self._folder.parent),
                hint="Wait until it has finished; when its process dies, the lock is free at once.",
            ) from error
        except OSError as error:
            raise StoreError(
                f"cannot be locked for writing: {error}",
                where=str(self._folder.parent),
                hint="Check the path and its rights.",
            ) from error
        about = {"pid": os.getpid(), "host": socket.gethostname(), "since": _now(), "purpose": self._purpose}
        with suppress(OSError):  # a full disk: the lock holds without a name
            self._holder.write_text(json.dumps(about), encoding="utf-8")
        return self

    def _named_holder(self) -> str:
        try:
            about = json.loads(self._holder.read_text(encoding="utf-8"))
            return f"{about['purpose']}, process {about['pid']} on {about['host']}, since {about['since']}"
        except (OSError, ValueError, KeyError):
            return "its holder is not known yet"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._holder.unlink(missing_ok=True)
        self._lock.release()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
