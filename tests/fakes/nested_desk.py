"""A tool whose tickets bring their notes and history along, and whose labels have no time of change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from itsm_bridge.adapter import Access, Adapter, Census, Envelope, Page, Preflight, SourceSettings, Stream, Window
from itsm_bridge.errors import Unreachable
from itsm_bridge.progress import SilentProgress
from itsm_bridge.settings import Config
from itsm_bridge.settings import Store as StoreSettings
from itsm_bridge.store.store import Store
from itsm_bridge.sync import SyncReport, sync

MAPPING = {
    "tool": "",
    "ticket": 'stream = "ticket"\nkeep = ["title"]\n',
    "note": 'stream = "note"\nkeep = ["words"]\n',
    "event": 'stream = "event"\nkeep = ["new"]\n',
    "label": 'stream = "label"\nkeep = ["name"]\n',
}


@dataclass
class NestedTool:
    """What the tool holds: tickets by id with their notes and events, and labels."""

    tickets: dict[str, dict[str, Any]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    now: int = 0
    closed: tuple[str, ...] = ()
    page_rows: int = 2
    fails_after_pages: int | None = None
    pages: int = 0

    def put(self, key: str, title: str = "t", notes: Sequence[str] = (), events: Sequence[str] = ()) -> None:
        """Insert or change a ticket."""
        self.now += 1
        at = f"2026-01-05 08:{self.now:02}:00"
        self.tickets[key] = {"id": key, "updated": at, "title": title, "notes": [*notes], "events": [*events]}


class NestedSite:
    """A store that is filled from the tool; `mapping` files can be changed between syncs."""

    def __init__(self, folder: Path, tool: NestedTool) -> None:
        self.folder, self.tool = folder, tool
        self.mapping = dict(MAPPING)
        self.settings: dict[str, Any] = {"connections": 1}

    def sync(self, **how: Any) -> SyncReport:
        mapping = self.folder / "mapping"
        mapping.mkdir(parents=True, exist_ok=True)
        for name, text in self.mapping.items():
            (mapping / f"{name}.toml").write_text(text)
        settings = SourceSettings(adapter="nested", **self.settings)
        config = Config(
            store=StoreSettings(path=str(self.folder / "store")), sources={"desk": settings},
            folder=self.folder, file=self.folder / "itsm-bridge.toml",
        )  # fmt: skip
        return sync(config, {"nested": _adapter(self.tool, mapping)}, SilentProgress(), **how)

    def held(self, stream: str, *columns: str, as_of: int | None = None) -> list[tuple[str | None, ...]]:
        """Current rows of a source table, in order of their keys."""
        store = Store(self.folder / "store")
        log = store.source_log("desk", stream)
        if not log.exists:
            return []
        table = store.current(log, store.snapshot(as_of).number, ["id", *columns])
        return sorted(zip(*(table[name].to_pylist() for name in ("id", *columns)), strict=True))


def _adapter(tool: NestedTool, mapping: Path) -> type[Adapter]:
    class Nested(Adapter):
        name: ClassVar[str] = "nested"
        title: ClassVar[str] = "Nested"
        settings: ClassVar[type[SourceSettings]] = SourceSettings
        envelope: ClassVar[Envelope] = Envelope("rows")
        streams: ClassVar[tuple[Stream, ...]] = (
            Stream("ticket", "id", "updated", "Tickets"),
            Stream("note", "id", "", "Notes", detail_of="ticket", parent="ticket"),
            Stream("event", "id", "", "History", is_append_only=True, detail_of="ticket", parent="ticket"),
            Stream("label", "id", "", "Labels"),
        )

        @classmethod
        def mapping_folder(cls) -> Path:
            return mapping

        def preflight(self) -> Preflight:
            return Preflight("me", access=tuple(Access(name, False, reason="no right") for name in tool.closed))

        def plan(self, stream: Stream, cursor: str | None) -> Sequence[Window]:
            if stream.is_whole:
                return [Window(stream.name, "all")]
            since = cursor or ""
            found = sorted(t["updated"] for t in tool.tickets.values() if t["updated"] >= since)
            half = found[len(found) // 2] if found else ""
            return [Window("ticket", "first", since, half), Window("ticket", "second", half, is_tail=True)]

        def read(self, window: Window) -> Iterator[Page]:
            if window.stream == "label":
                yield self.context.tabulate(
                    "label", {"id": list(tool.labels), "name": list(tool.labels.values())}, len(tool.labels)
                )
                return
            found = [
                ticket for _, ticket in sorted(tool.tickets.items())
                if (window.lower or "") <= ticket["updated"] < (window.upper or "9")
            ]  # fmt: skip
            for start in range(0, len(found), tool.page_rows):
                if tool.pages == tool.fails_after_pages:
                    raise Unreachable("the tool is gone", where="desk")
                tool.pages += 1
                yield self._page(found[start : start + tool.page_rows])

        def _page(self, tickets: list[dict[str, Any]]) -> Page:
            details = {}
            for stream, inside, value in (("note", "notes", "words"), ("event", "events", "new")):
                rows = [(t["id"], text) for t in tickets for text in t[inside]]
                columns = {
                    "id": [f"{key}/{text}" for key, text in rows], "ticket": [key for key, _ in rows],
                    value: [text for _, text in rows],
                }  # fmt: skip
                if stream in self.context.fields:
                    details[stream] = self.context.tabulate(stream, columns, len(rows))
            columns = {name: [t[name] for t in tickets] for name in ("id", "updated", "title")}
            return self.context.tabulate("ticket", columns, len(tickets), details=details)

        def census(self, stream: Stream) -> Census:
            return Census(list(tool.labels if stream.name == "label" else tool.tickets))

        def deleted(self, stream: Stream, cursor: str | None) -> Sequence[str] | None:
            return None

    return Nested
