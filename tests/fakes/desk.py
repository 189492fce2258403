"""A small ITSM tool in memory and the adapter that reads it: windows by day, pages of two, every fault on a switch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from itsm_bridge.adapter import (
    Access,
    Adapter,
    Capability,
    Census,
    Envelope,
    Page,
    Preflight,
    SourceContext,
    SourceSettings,
    Stream,
    Window,
)

STREAMS = (
    Stream("incident", "id", "updated", "Incidents", capabilities=("sla.claim",)),
    Stream("change", "id", "updated", "Changes", capabilities=("change.type",)),
    Stream(
        "history", "id", "updated", "History", is_append_only=True, has_census=False, capabilities=("history.state",)
    ),
    Stream("user", "id", "updated", "People"),
    Stream("choice", "id", "updated", "Labels"),
)
BEGIN = datetime(2026, 1, 5, 8, 0, 0)
Record = dict[str, Any]


def instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


@dataclass
class Desk:
    """What the tool holds, what of it the account may see, and what goes wrong."""

    rows: dict[str, dict[str, Record]] = field(default_factory=lambda: {stream.name: {} for stream in STREAMS})
    now: datetime = BEGIN
    page_rows: int = 2
    hidden: set[str] = field(default_factory=set)
    swallowed: set[str] = field(default_factory=set)  # listed by a census, never on a page
    denied: dict[str, str] = field(default_factory=dict)
    absent: dict[str, tuple[str, ...]] = field(default_factory=dict)  # fields that the tool does not have
    deletions: list[tuple[str, str, str]] | None = field(default_factory=list)
    counts_rows: bool = True
    fails: dict[tuple[str, str], tuple[int, BaseException]] = field(default_factory=dict)
    fails_to_connect: BaseException | None = None
    before_page: Callable[[str, str, int], None] | None = None
    body: Callable[[list[Record]], bytes] | None = None
    plans: list[tuple[str, str | None]] = field(default_factory=list)
    reads: list[tuple[str, str]] = field(default_factory=list)
    served: dict[str, int] = field(default_factory=dict)
    censuses: list[str] = field(default_factory=list)

    def tick(self, **time: float) -> str:
        """Let time pass (a minute, if not told otherwise) and return the new time as the tool writes it."""
        self.now += timedelta(**time) if time else timedelta(minutes=1)
        return instant(self.now)

    def put(self, stream: str, key: str, **fields: Any) -> None:
        """Insert or change a record."""
        known = self.rows[stream].get(key, {"id": key})
        self.rows[stream][key] = {**known, "updated": self.tick(), **fields}

    def remove(self, stream: str, key: str) -> None:
        """Delete a record, and note it where the tool keeps a record of deletions."""
        del self.rows[stream][key]
        at = self.tick()
        if self.deletions is not None:
            self.deletions.append((stream, key, at))

    def forget(self) -> None:
        """Forget what was asked so far."""
        self.plans.clear()
        self.reads.clear()
        self.served.clear()
        self.censuses.clear()

    def visible(self, stream: str) -> list[Record]:
        rows = [row for key, row in self.rows[stream].items() if key not in self.hidden]
        return sorted(rows, key=lambda row: (str(row["updated"]), row["id"]))

    def windows(self, stream: str, cursor: str | None) -> list[Window]:
        """One window a day since the cursor, and a tail for what is changed meanwhile."""
        moments = [
            str(row["updated"]) for row in self.visible(stream) if cursor is None or str(row["updated"]) >= cursor
        ]
        tail = instant(self.now + timedelta(seconds=1))
        windows = []
        for day in sorted({moment[:10] for moment in moments}):
            count = sum(moment.startswith(day) for moment in moments)
            windows.append(Window(stream, day, max(day, cursor or day), min(f"{day} 99", tail), expected=count))
        return [*windows, Window(stream, "tail", tail, None, is_tail=True)]

    def pages(self, window: Window) -> Iterator[bytes]:
        """Keyset pages: each asks anew for what lies behind the last row seen."""
        self.reads.append((window.stream, window.name))
        place, number = (window.lower or "", ""), 0
        failing, error = self.fails.get((window.stream, window.name), (-1, None))
        while True:
            if self.before_page is not None:
                self.before_page(window.stream, window.name, number)
            if number == failing and error is not None:
                raise error
            found = [
                row
                for row in self.visible(window.stream)
                if row["id"] not in self.swallowed
                and (str(row["updated"]), row["id"]) > place
                and (window.upper is None or str(row["updated"]) < window.upper)
            ][: self.page_rows]
            if not found:
                return
            self.served[window.stream] = self.served.get(window.stream, 0) + len(found)
            yield self.body(found) if self.body else json.dumps({"records": found, "more": True}).encode()
            place, number = (str(found[-1]["updated"]), found[-1]["id"]), number + 1


class DeskSettings(SourceSettings):
    """Settings of the fake; `url` makes links."""

    url: str = "https://desk.example"


class DeskAdapter(Adapter):
    """Reads a Desk; `adapter_for` binds one."""

    name: ClassVar[str] = "desk"
    title: ClassVar[str] = "Desk"
    settings: ClassVar[type[SourceSettings]] = DeskSettings
    streams: ClassVar[tuple[Stream, ...]] = STREAMS
    envelope: ClassVar[Envelope] = Envelope("records", ("more",))
    desk: ClassVar[Desk]
    folder: ClassVar[Path]

    def __init__(self, context: SourceContext) -> None:
        super().__init__(context)

    @classmethod
    def mapping_folder(cls) -> Path | None:
        return cls.folder

    def preflight(self) -> Preflight:
        if self.desk.fails_to_connect is not None:
            raise self.desk.fails_to_connect
        access = [
            Access(
                s.name,
                s.name not in self.desk.denied,
                reason=self.desk.denied.get(s.name, ""),
                missing_fields=self.desk.absent.get(s.name, ()),
                absent_fields=self.desk.absent.get(s.name, ()),
            )
            for s in STREAMS
        ]
        capabilities = tuple(Capability(name, "full") for stream in STREAMS for name in stream.capabilities)
        return Preflight("tester", "Desk 1", access=tuple(access), capabilities=capabilities)

    def plan(self, stream: Stream, cursor: str | None) -> Sequence[Window]:
        self.desk.plans.append((stream.name, cursor))
        return self.desk.windows(stream.name, cursor)

    def read(self, window: Window) -> Iterator[Page]:
        for body in self.desk.pages(window):
            self.traffic.requests += 1
            yield self.context.decode(window.stream, body)

    def census(self, stream: Stream) -> Census:
        self.desk.censuses.append(stream.name)
        return Census([row["id"] for row in self.desk.visible(stream.name)], self.count(stream))

    def count(self, stream: Stream) -> int | None:
        return len(self.desk.rows[stream.name]) if self.desk.counts_rows else None

    def deleted(self, stream: Stream, cursor: str | None) -> Sequence[str] | None:
        if self.desk.deletions is None:
            return None
        return [key for name, key, at in self.desk.deletions if name == stream.name and at >= (cursor or "")]

    def link(self, stream: str) -> str | None:
        return f"{self.context.settings.url}/{stream}/{{key}}" if stream in ("incident", "change") else None


def adapter_for(desk: Desk, folder: Path) -> type[DeskAdapter]:
    """Return an adapter class that reads `desk` and brings the mapping files in `folder`."""
    return type("BoundDesk", (DeskAdapter,), {"desk": desk, "folder": folder})
