"""One writer per store: a lock that names its holder and is released by the death of the process (design §4).

`writer.lock` is locked by the operating system; `writer.json` says who holds it. The latter outlives a holder that
died, and so tells the next one that there may be leftovers.
"""

from __future__ import annotations

import json
import os
import shlex
import socket
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from filelock import FileLock, Timeout

from itsm_bridge.disk import unwritten
from itsm_bridge.errors import StoreError, StoreLocked
from itsm_bridge.redaction import redact
from itsm_bridge.store.leftovers import remove_leftovers


class WriterLock:
    """Context manager that holds the store for writing; raises StoreLocked that names the holder.

    What dead runs left is removed when the lock is taken after one, and when it is given back by a run that failed.
    """

    def __init__(self, folder: Path, purpose: str) -> None:
        self._folder = folder
        self._purpose = purpose
        self._holder = folder / "writer.json"
        self._lock = FileLock(str(folder / "writer.lock"))
        self._began = 0.0
        self._dead_since: float | None = None

    def __enter__(self) -> WriterLock:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise StoreLocked(
                f"another run is writing to this store: {self._named_holder()}",
                where=str(self._folder.parent),
                hint="Wait until it has finished, or end that process: its lock is free at once, and what was "
                "published stays.",
            ) from error
        except NotImplementedError as error:
            raise StoreError(
                "the file system knows no locks, so two runs could write at once",
                where=str(self._folder.parent),
                hint="Keep the store on a file system with locks: a local disk, or NFS with locking.",
            ) from error
        except OSError as error:
            message, hint = unwritten(error, self._folder)
            raise StoreError(f"the lock {message}", where=str(self._folder), hint=hint) from error
        self._take_over()
        return self

    def _take_over(self) -> None:
        """Put our name in the place of a dead holder's, and clear up behind it."""
        now = datetime.now(UTC)
        self._began, self._dead_since = now.timestamp(), self._when_the_dead_began()
        about = {
            "pid": os.getpid(), "host": socket.gethostname(), "since": now.strftime("%Y-%m-%d %H:%M:%S UTC"),
            "purpose": self._purpose, "command": redact(shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])),
            "unfinished_since": self._dead_since or self._began,
        }  # fmt: skip
        with suppress(OSError):  # a full disk: the lock holds without a name
            self._holder.write_text(json.dumps(about), encoding="utf-8")
        if self._dead_since is not None:
            remove_leftovers(self._folder.parent, self._dead_since)

    def _when_the_dead_began(self) -> float | None:
        """Return when the first of the runs began that died since the last one that did not; None without any."""
        try:
            found = self._holder.stat().st_mtime
        except OSError:
            return None
        try:
            return min(found, float(self._about()["unfinished_since"]))
        except (OSError, ValueError, TypeError, KeyError):
            return found

    def _about(self) -> dict[str, Any]:
        about: dict[str, Any] = json.loads(self._holder.read_text(encoding="utf-8"))
        return about

    def _named_holder(self) -> str:
        try:
            about = self._about()
            return (
                f"{about['purpose']}, process {about['pid']} on {about['host']}, since {about['since']} "
                f"({about['command']})"
            )
        except (OSError, ValueError, TypeError, KeyError):
            return "its holder is not known yet"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            since = self._dead_since or (self._began if kind is not None else None)
            if since is not None:  # again behind the dead: their files in tables that nobody had begun are known now
                remove_leftovers(self._folder.parent, since)
            with suppress(OSError):
                self._holder.unlink()
        finally:
            self._lock.release()
