"""Progress notes of a sync: which windows are on disk, so that a broken run is resumed and not repeated.

A lost or unreadable note costs a re-read, never a row (design §4).
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from itsm_bridge.adapter import Window


class Notes:
    """The note of one run, written anew after each finished window."""

    def __init__(self, path: Path, snapshot: int) -> None:
        self._path = path
        self._content: dict[str, Any] = {"snapshot": snapshot, "streams": {}}
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            found = {}
        if isinstance(found, dict) and found.get("snapshot") == snapshot and isinstance(found.get("streams"), dict):
            self._content = found

    def resumable(self, source: str, stream: str, question: str) -> list[Window] | None:
        """Return the windows still to be read of a plan made by a broken run; None when there is no such plan.

        `question` names what was asked (fields, cursor): another question starts over.
        """
        note = self._content["streams"].get(f"{source}/{stream}")
        if not note or note["question"] != question:
            return None
        done = set(note["done"])
        return [Window(**window) for window in note["plan"] if window["name"] not in done]

    def plan(self, source: str, stream: str, question: str, windows: Sequence[Window]) -> None:
        """Remember the plan of a stream."""
        plan = [asdict(window) for window in windows]
        self._content["streams"][f"{source}/{stream}"] = {"question": question, "plan": plan, "done": []}
        self._write()

    def done(self, source: str, stream: str, window: Window) -> None:
        """Remember that a window's rows are on disk."""
        note = self._content["streams"].get(f"{source}/{stream}")
        if note is not None:
            note["done"].append(window.name)
            self._write()

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".draft")
        draft.write_text(json.dumps(self._content), encoding="utf-8")
        os.replace(draft, self._path)

    def clear(self) -> None:
        """Forget everything: the run is published."""
        self._path.unlink(missing_ok=True)
        self._path.with_suffix(".draft").unlink(missing_ok=True)
