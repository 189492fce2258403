"""Progress notes of a sync: which windows are on disk, so that a broken run is resumed and not repeated.

A lost or unreadable note costs a re-read, never a row (design §4).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from itsm_bridge.adapter import Window
from itsm_bridge.disk import unwritten, written_whole
from itsm_bridge.errors import StoreError

NOTE = "progress.json"
"""Name of the note in the folder for what is not evidence."""


class StreamNote(msgspec.Struct):
    """How far one stream is: its plan, the names of finished windows, the highest cursor, rows set aside."""

    question: str
    plan: list[Window]
    done: list[str] = []
    highest: str | None = None
    quarantined: int = 0

    @property
    def left(self) -> list[Window]:
        """Windows still to be read."""
        done = set(self.done)
        return [window for window in self.plan if window.name not in done]


class _Note(msgspec.Struct):
    snapshot: int
    streams: dict[str, StreamNote] = {}


class Notes:
    """The note of one run, written anew after each finished window."""

    def __init__(self, path: Path, snapshot: int) -> None:
        self._path = path
        try:
            found = msgspec.json.decode(path.read_bytes(), type=_Note)
        except (OSError, msgspec.DecodeError):
            found = _Note(snapshot)
        self._content = found if found.snapshot == snapshot else _Note(snapshot)

    def resumable(self, source: str, stream: str, question: str) -> StreamNote | None:
        """Return how far a broken run came with a stream; None where it made no plan for the same question.

        `question` names what was asked (fields, cursor): another question starts over.
        """
        note = self._content.streams.get(f"{source}/{stream}")
        return note if note is not None and note.question == question else None

    def plan(self, source: str, stream: str, question: str, windows: Sequence[Window]) -> None:
        """Remember the plan of a stream."""
        self._content.streams[f"{source}/{stream}"] = StreamNote(question, list(windows))
        self._write()

    def done(self, source: str, stream: str, window: Window, highest: str | None, quarantined: int) -> None:
        """Remember that a window's rows are on disk."""
        note = self._content.streams.get(f"{source}/{stream}")
        if note is not None:
            note.done.append(window.name)
            note.highest, note.quarantined = highest, quarantined
            self._write()

    def _write(self) -> None:
        content = msgspec.json.encode(self._content)
        try:
            with written_whole(self._path) as draft:
                draft.write_bytes(content)
        except OSError as error:
            message, hint = unwritten(error, self._path.parent, len(content))
            raise StoreError(f"the progress note {message}", where=str(self._path), hint=hint) from error

    def clear(self) -> None:
        """Forget everything: the run is published, so a note that stays behind does no harm."""
        with suppress(OSError):
            self._path.unlink()
