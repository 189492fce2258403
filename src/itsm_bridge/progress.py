"""How long work tells where it stands: a small protocol, and its forms for terminals, logs and silence."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

_log = logging.getLogger("itsm_bridge.progress")

LOG_EVERY_SECONDS = 10.0


class Progress(Protocol):
    """Told by long work from any thread; `task` names one bar, such as `prod/incident`."""

    def start(self, task: str, total: int | None = None) -> None:
        """Begin a task of `total` steps; None where nobody knows how many."""

    def advance(self, task: str, count: int = 1) -> None:
        """Count steps of a task that has begun."""

    def note(self, text: str) -> None:
        """Say something in between."""

    def done(self, task: str) -> None:
        """End a task."""


class SilentProgress:
    """Says nothing: for tests and for callers that do not care."""

    def start(self, task: str, total: int | None = None) -> None:
        """Begin a task."""

    def advance(self, task: str, count: int = 1) -> None:
        """Count steps."""

    def note(self, text: str) -> None:
        """Say something in between."""

    def done(self, task: str) -> None:
        """End a task."""


class LoggedProgress:
    """One log line when a task begins, ends, and every ten seconds between."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._totals: dict[str, int | None] = {}
        self._counts: dict[str, int] = {}
        self._said: dict[str, float] = {}

    def start(self, task: str, total: int | None = None) -> None:
        """Begin a task."""
        with self._lock:
            self._totals[task], self._counts[task], self._said[task] = total, 0, self._clock()
        _log.info("%s: started%s", task, f", {total} expected" if total is not None else "")

    def advance(self, task: str, count: int = 1) -> None:
        """Count steps."""
        with self._lock:
            done = self._counts[task] = self._counts.get(task, 0) + count
            now = self._clock()
            if now - self._said.get(task, now) < LOG_EVERY_SECONDS:
                return
            self._said[task] = now
        total = self._totals.get(task)
        _log.info("%s: %s%s", task, done, f" of {total}" if total is not None else "")

    def note(self, text: str) -> None:
        """Say something in between."""
        _log.info("%s", text)

    def done(self, task: str) -> None:
        """End a task."""
        _log.info("%s: done, %s", task, self._counts.get(task, 0))


class StoppableProgress:
    """Hands on to another progress, and interrupts the work at its next step once `stop` is set.

    KeyboardInterrupt, so that no code takes it for the failure of one record or stream.
    """

    def __init__(self, inner: Progress, stop: Event) -> None:
        self._inner = inner
        self._stop = stop

    def start(self, task: str, total: int | None = None) -> None:
        """Begin a task."""
        self._go_on_or_stop()
        self._inner.start(task, total)

    def advance(self, task: str, count: int = 1) -> None:
        """Count steps."""
        self._go_on_or_stop()
        self._inner.advance(task, count)

    def note(self, text: str) -> None:
        """Say something in between."""
        self._inner.note(text)

    def done(self, task: str) -> None:
        """End a task."""
        self._inner.done(task)

    def _go_on_or_stop(self) -> None:
        if self._stop.is_set():
            raise KeyboardInterrupt("asked to stop")


class _BarProgress:
    """Bars on a terminal; rich locks by itself."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def start(self, task: str, total: int | None = None) -> None:
        """Begin a task."""
        if task in self._tasks:
            self._bars.reset(self._tasks[task], total=total)
        else:
            self._tasks[task] = self._bars.add_task(task, total=total)

    def advance(self, task: str, count: int = 1) -> None:
        """Count steps."""
        self._bars.advance(self._tasks[task], count)

    def note(self, text: str) -> None:
        """Say something in between."""
        self._bars.console.print(text, style="dim", markup=False, highlight=False)

    def done(self, task: str) -> None:
        """End a task."""
        number = self._tasks[task]
        finished = next(item for item in self._bars.tasks if item.id == number)
        self._bars.update(number, total=finished.completed, completed=finished.completed)


@contextmanager
def shown_progress(*, quiet: bool = False) -> Iterator[Progress]:
    """Yield progress that fits where stderr goes: bars on a terminal, log lines elsewhere, nothing when quiet."""
    from rich.console import Console

    console = Console(stderr=True)
    if quiet:
        yield SilentProgress()
    elif not console.is_terminal:
        yield LoggedProgress()
    else:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bars

        words = TextColumn("{task.description}", markup=False)
        columns = (words, BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn())
        with Bars(*columns, console=console, transient=True) as bars:
            yield _BarProgress(bars)
