"""Reads the streams of one source into its source tables, and says how complete each is (design §5).

Requests run in threads, as many at once as the source allows, and so does decoding; writing happens in one place.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from itsm_bridge.adapter import Access, Adapter, Census, Window
from itsm_bridge.completeness import (
    Verdict,
    by_count,
    by_ids,
    census_is_due,
    highest_until,
    out_of_sight,
    with_lost,
    without_ids,
)
from itsm_bridge.details import Arrived, keyed
from itsm_bridge.errors import BadAnswer, ItsmBridgeError, PermissionDenied
from itsm_bridge.mapping.decoder import StreamDecoder
from itsm_bridge.notes import Notes
from itsm_bridge.outcome import outcome
from itsm_bridge.progress import Progress
from itsm_bridge.readings import Asked, Reading
from itsm_bridge.resumption import Resumption
from itsm_bridge.store.log import Log
from itsm_bridge.store.store import Store

log = logging.getLogger(__name__)


def _windows_at_once(connections: int) -> int:
    """Return how many windows are read at once: one more than requests, so that one asks while another decodes.

    One connection reads window after window: a run that breaks off has finished all but one that it began.
    """
    return connections + 1 if connections > 1 else 1


class Extraction:
    """One run over the streams of one source."""

    def __init__(
        self, store: Store, connection: duckdb.DuckDBPyConnection, source: str, adapter: Adapter,
        decoders: Mapping[str, StreamDecoder], number: int, notes: Notes, progress: Progress, asked: Asked,
    ) -> None:  # fmt: skip
        self._store = store
        self._connection = connection
        self._source = source
        self._adapter = adapter
        self._decoders = decoders
        self._number = number
        self._notes = notes
        self._progress = progress
        self._asked = asked
        self._events: queue.Queue[tuple[Callable[..., None], tuple[Any, ...]]] = queue.Queue(maxsize=16)
        self._stop = threading.Event()
        self._open = 0

    def run(self, access: Sequence[Access]) -> dict[str, dict[str, Any]]:
        """Read every readable stream; returns the completeness record of each stream by name."""
        readings, results = Resumption(
            self._store, self._connection, self._source, self._decoders, self._number, self._asked
        ).begin(self._adapter.streams, access)
        self._open = len(readings)
        self._pool = ThreadPoolExecutor(_windows_at_once(self._adapter.context.settings.connections))
        try:
            for reading in readings:
                self._plan(reading)
            while self._open:
                act, arguments = self._events.get()
                act(*arguments)
        finally:
            self._stop.set()
            self._pool.shutdown(wait=True, cancel_futures=True)
        for reading in readings:
            within = reading.details.readings.values()
            results |= {each.stream.name: each.outcome for each in (reading, *within)}
        return results

    # -- jobs: run in threads, tell the main thread by events --

    def _submit(self, reading: Reading, job: Callable[..., None], *arguments: Any) -> None:
        self._pool.submit(self._guarded, reading, job, *arguments)

    def _guarded(self, reading: Reading, job: Callable[..., None], *arguments: Any) -> None:
        try:
            job(reading, *arguments)
        except ItsmBridgeError as error:
            self._tell(self._failed, reading, error)
        except BaseException as error:  # noqa: BLE001  a thread's error must reach the main thread, whatever it is
            self._tell(self._crashed, error)

    def _tell(self, act: Callable[..., None], *arguments: Any) -> None:
        while not self._stop.is_set():
            try:
                self._events.put((act, arguments), timeout=1)
                return
            except queue.Full:
                continue

    def _job_plan(self, reading: Reading, cursor: str | None) -> None:
        self._tell(self._planned, reading, self._adapter.plan(reading.stream, cursor))

    def _job_read(self, reading: Reading, window: Window) -> None:
        for page in self._adapter.read(window):
            if self._stop.is_set() or reading.error is not None:
                return
            if not page.has_records:
                raise BadAnswer("an answer has no list of records", where=reading.stream.name)
            self._tell(self._page, reading, page.table, page.quarantined, reading.details.of(page))
        self._tell(self._window_done, reading, window)

    def _job_finish(self, reading: Reading) -> None:
        deleted = self._adapter.deleted(reading.stream, reading.cursor) if reading.cursor else None
        self._tell(self._counted, reading, deleted, self._adapter.count(reading.stream))

    def _job_census(self, reading: Reading) -> None:
        self._tell(self._counted_heads, reading, self._adapter.census(reading.stream))

    # -- events: run in the main thread, one at a time --

    def _plan(self, reading: Reading) -> None:
        note = self._notes.resumable(self._source, reading.stream.name, reading.question)
        if note is None or reading.stream.is_whole:  # what is missing there is told by what came in this run
            self._submit(reading, self._job_plan, reading.cursor)
        else:
            log.info("%s/%s: resuming, %d windows left", self._source, reading.stream.name, len(note.left))
            reading.highest, reading.quarantined = note.highest or reading.highest, note.quarantined
            self._start(reading, note.left)

    def _planned(self, reading: Reading, windows: Sequence[Window]) -> None:
        if not reading.rereads:
            self._notes.plan(self._source, reading.stream.name, reading.question, windows)
        self._start(reading, windows)

    def _start(self, reading: Reading, windows: Sequence[Window]) -> None:
        main = [window for window in windows if not window.is_tail]
        reading.tail = [window for window in windows if window.is_tail]
        expected = sum(window.expected or 0 for window in windows)
        self._progress.start(f"{self._source}/{reading.stream.name}", expected or None)
        if main:
            self._read(reading, main)
        else:
            self._read_tail(reading)

    def _read(self, reading: Reading, windows: Sequence[Window]) -> None:
        reading.waiting = len(windows)
        for window in windows:
            self._submit(reading, self._job_read, window)

    def _read_tail(self, reading: Reading) -> None:
        tail, reading.tail = reading.tail, []
        reading.writer.compare_all()
        reading.details.compare_all()
        if tail:
            self._read(reading, tail)
        else:
            self._submit(reading, self._job_finish)

    def _page(
        self, reading: Reading, table: pa.Table, quarantined: int, details: Mapping[str, Arrived]
    ) -> None:  # fmt: skip
        if reading.error is not None:
            return
        stream = reading.stream
        good = keyed(table, stream.key)
        reading.quarantined += quarantined + table.num_rows - good.num_rows
        keys = good[stream.key]
        cursors = good[stream.cursor] if stream.cursor else pa.nulls(good.num_rows, pa.string())
        if stream.cursor:
            highest = highest_until(cursors, datetime.now(UTC) + timedelta(seconds=self._asked.clock_difference))
            if highest and (reading.highest is None or highest > reading.highest):
                reading.highest = highest
        if reading.cursor or stream.is_whole:
            reading.received.update(keys.to_pylist())
        reading.writer.add(good.append_column("_key", keys).append_column("_cursor", cursors))
        reading.details.add(keys, details)
        self._progress.advance(f"{self._source}/{reading.stream.name}", table.num_rows)

    def _window_done(self, reading: Reading, window: Window) -> None:
        if reading.error is not None:
            return
        reading.writer.flush()
        reading.details.flush()
        self._notes.done(self._source, reading.stream.name, window, reading.highest, reading.quarantined)
        reading.waiting -= 1
        if not reading.waiting:
            self._read_tail(reading)

    def _counted(self, reading: Reading, deleted: Sequence[str] | None, expected: int | None) -> None:
        stream, reading.expected = reading.stream, expected
        if deleted:
            recorded = self._decoders[stream.name].key(stream.key, deleted)
            self._delete(reading, [key for key in recorded if key not in reading.received])
        held = self._count_held(reading)
        if stream.is_whole:
            gone, whole = by_ids(self._earlier(reading), expected, reading.received, self._held_keys(reading))
            self._delete(reading, sorted(gone))
            self._end(reading, whole)
            return
        if not stream.has_census:
            self._end(reading, without_ids(expected, held))
            return
        # Without a record of deletions, ids must be compared; a first reading has nothing that could be gone.
        is_blind = deleted is None and bool(self._earlier(reading))
        verdict = by_count(self._earlier(reading), expected, held)
        days = self._adapter.context.settings.census_days
        is_due = bool(reading.cursor) and census_is_due(self._earlier(reading), days, reading.started)
        if verdict is None or is_blind or is_due or self._asked.wants_census:
            self._submit(reading, self._job_census)
        else:
            self._end(reading, verdict)

    def _counted_heads(self, reading: Reading, census: Census) -> None:
        stream = reading.stream
        seen = set(self._decoders[stream.name].key(stream.key, census.ids))
        held = self._held_keys(reading)
        unseen = seen - held
        # What one census did not find missing yet is newer than the reading before it: the next run's.
        unseen = unseen & reading.unseen if reading.rereads else unseen
        if unseen and reading.rereads < 2:
            reading.rereads += 1
            reading.unseen = unseen
            again = reading.highest if reading.rereads == 1 else None
            log.info("%s/%s: %d rows exist that did not come; reading again", self._source, stream.name, len(unseen))
            self._submit(reading, self._job_plan, again)
            return
        reading.compared_at = datetime.now(UTC).isoformat()
        total = reading.expected if census.total is None else census.total
        gone, verdict = by_ids(self._earlier(reading), total, seen, held)
        if census.problem:
            verdict = replace(verdict, status="partial", reason=census.problem)
        if gone and stream.group:
            groups = self._groups(reading)
            visible = census.groups
            if visible is None:  # the tool names none: one that still shows a row is seen
                visible = {groups[key] for key in held - gone} if not self._asked.is_full else set(groups.values())
            lost = out_of_sight(groups, gone, visible, is_believed=self._asked.is_full)
            verdict = with_lost(verdict, lost, len(held) - len(gone - lost)) if lost else verdict
            gone = gone - lost
        self._delete(reading, sorted(gone))
        if unseen:
            verdict = replace(verdict, status="partial", reason=f"{len(unseen)} rows exist that were not received")
        self._end(reading, verdict)

    def _delete(self, reading: Reading, keys: Sequence[str]) -> None:
        reading.writer.delete(list(keys))
        reading.details.remove(keys)

    def _failed(self, reading: Reading, error: ItsmBridgeError) -> None:
        if reading.error is not None or reading.outcome:
            return
        reading.error = error
        log.error("%s/%s: %s", self._source, reading.stream.name, error)
        status = "denied" if isinstance(error, PermissionDenied) else "failed"
        reading.writer.flush()
        reading.details.flush()
        self._end(reading, Verdict(status, str(error), None, self._count_held(reading), None), error.hint)

    def _crashed(self, error: BaseException) -> None:
        raise error

    def _end(self, reading: Reading, verdict: Verdict, remedy: str | None = None) -> None:
        for detail in reading.details.readings.values():
            found = Verdict(verdict.status, verdict.reason, None, self._count_held(detail), None)
            self._note_outcome(detail, found, remedy)
        self._note_outcome(reading, verdict, remedy)
        self._progress.done(f"{self._source}/{reading.stream.name}")
        self._open -= 1

    def _note_outcome(self, reading: Reading, verdict: Verdict, remedy: str | None) -> None:
        decoder = self._decoders[reading.stream.name]
        reading.outcome = outcome(reading, verdict, remedy, decoder, self._earlier(reading))

    def _earlier(self, reading: Reading) -> Mapping[str, Any]:
        return self._asked.earlier.get(reading.stream.name, {})

    def _count_held(self, reading: Reading) -> int:
        reading.writer.flush()
        written = reading.writer.written
        if reading.held is not None:
            return reading.held + written.added - written.deleted
        return self._store.count(self._log(reading), self._number)

    def _log(self, reading: Reading) -> Log:
        return self._store.source_log(self._source, reading.stream.name)

    def _groups(self, reading: Reading) -> dict[str, str]:
        """Return the group in which each key lies that is held."""
        held = self._store.current(self._log(reading), self._number, ["_key", reading.stream.group])
        return {key: group or "" for key, group in zip(*(column.to_pylist() for column in held.columns), strict=True)}

    def _held_keys(self, reading: Reading) -> set[str]:
        reading.writer.flush()
        held = self._log(reading)
        if not held.exists:
            return set()
        return set(self._store.current(held, self._number, ["_key"])["_key"].to_pylist())
