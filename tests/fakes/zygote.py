"""A process that has imported everything and done nothing: for each job it forks a child, which may be killed.

A line of JSON in, a line of JSON out. It must stay free of threads, or children would be born with locks held:
so nothing of DuckDB, Arrow or Delta is called here, only in children.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import resource  # noqa: F401  needed by what children do

from jobs import JOBS, look, site_at

from itsm_bridge.checking.views import relations
from itsm_bridge.notes import Notes
from itsm_bridge.store.log import Log
from itsm_bridge.store.store import Store

NEEDED_LATER = (
    "deltalake.fs.fs_handler", "pyarrow.dataset", "pyarrow.parquet", "itsm_bridge.export", "itsm_bridge.reports.html.page",
)  # fmt: skip
LONGEST_SECONDS = 60.0
PHASES = {
    "b": "beginning", "r": "reading", "w": "writing", "c": "clearing", "p": "projecting", "j": "checking",
    "n": "noting", "P": "publishing", "d": "delivering", ".": "done",
}  # fmt: skip


class Phases:
    """Tells in which phase a job is by one letter per change: from its progress, and from calls of the store."""

    def __init__(self, way_out: int) -> None:
        self._way_out = way_out
        self._now = "b"
        self.tell("b")

    def tell(self, letter: str) -> None:
        self._now = letter
        os.write(self._way_out, letter.encode())

    def start(self, task: str, total: int | None = None) -> None:
        self.tell("p" if task.endswith("to the common schema") else "r")

    def advance(self, task: str, count: int = 1) -> None:
        pass

    def note(self, text: str) -> None:
        letter = {"running": "j", "delivering": "d"}.get(text.split()[0])
        if letter:
            self.tell(letter)

    def done(self, task: str) -> None:
        pass

    @contextmanager
    def inner(self, letter: str) -> Iterator[None]:
        before = self._now
        self.tell(letter)
        yield
        self.tell(before)

    def listen_to_the_store(self) -> None:
        self._wrap(Log, "append", lambda log: "P" if log.location.endswith("/manifests") else "w")
        self._wrap(Log, "discard", lambda _: "c")
        self._wrap(Notes, "done", lambda _: "n")  # rows are written then, and nobody knows it yet

    def _wrap(self, kind: type, name: str, letter: Callable[[Any], str]) -> None:
        real = getattr(kind, name)

        def told(self_: Any, *arguments: Any, **named: Any) -> Any:
            with self.inner(letter(self_)):
                return real(self_, *arguments, **named)

        setattr(kind, name, told)


def child(order: dict[str, Any], phases_out: int, answer_out: int) -> None:
    """Do one job, or look at a store and tell what it holds."""
    folder = Path(order["folder"])
    if order["job"] == "look":
        os.write(answer_out, json.dumps(look(Store(folder / "store"))).encode())
        return
    site = site_at(folder, order["steps"], mapped_otherwise=order["mapped_otherwise"])
    phases = Phases(phases_out)
    phases.listen_to_the_store()
    JOBS[order["job"]](site, phases)
    phases.tell(".")


def serve(order: dict[str, Any]) -> dict[str, Any]:
    """Fork a child for an order; kill it `late` seconds after it entered a phase for the n-th time, if so ordered."""
    phases, phases_out = os.pipe()
    answer, answer_out = os.pipe()
    pid = os.fork()
    if not pid:
        code = 1
        try:
            child(order, phases_out, answer_out)
            code = 0
        except BaseException:  # noqa: BLE001  a child must never go on as its parent
            sys.stderr.write(traceback.format_exc())
        finally:
            os._exit(code)
    os.close(phases_out)
    os.close(answer_out)
    heard = _follow(pid, phases, order.get("kill"))
    said = b"".join(iter(lambda: os.read(answer, 65536), b""))
    os.close(phases)
    os.close(answer)
    _, status, used = os.wait4(pid, 0)
    struck = os.WIFSIGNALED(status)
    return {
        "ended": "killed" if struck else "done" if status == 0 else "failed",
        "phase": PHASES[heard[-1][0]] if heard else None,
        "events": [(PHASES[letter], round(at, 5)) for letter, at in heard],
        "answer": json.loads(said) if said else None,
        "cpu": used.ru_utime + used.ru_stime,
    }  # fmt: skip


def _follow(pid: int, phases: int, kill: dict[str, Any] | None) -> list[tuple[str, float]]:
    """Return the phases of a child with their times until it has ended; kill it when its moment has come."""
    heard: list[tuple[str, float]] = []
    deadline = time.monotonic() + LONGEST_SECONDS
    begun, left = time.monotonic(), kill["entry"] if kill else 0
    while True:
        ready, _, _ = select.select([phases], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            os.kill(pid, signal.SIGKILL)
            deadline = time.monotonic() + LONGEST_SECONDS
            continue
        letters = os.read(phases, 1).decode()
        if not letters:
            return heard
        heard.append((letters, time.monotonic() - begun))
        if kill and PHASES[letters] == kill["phase"]:
            left -= 1
            if not left:
                deadline = time.monotonic() + kill["late"]


def main() -> None:
    for name in NEEDED_LATER:
        import_module(name)
    relations()  # parses the views: pure Python, slow, and the same for every child
    for line in sys.stdin:
        sys.stdout.write(json.dumps(serve(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
