"""An adapter for the small help desk that keeps every promise; what bad ones change are its small methods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import requests
from desk_server import instant

from itsm_bridge import (
    Access,
    Adapter,
    BadAnswer,
    Census,
    Envelope,
    Page,
    PermissionDenied,
    Preflight,
    Secret,
    SourceContext,
    SourceSettings,
    Stream,
    Transport,
    Window,
)
from itsm_bridge.transport import Answer, SignedIn, json_body

WINDOW = timedelta(days=10)
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


def believed(answer: Answer) -> None:
    json_body(answer)
    error = answer.json().get("error")
    if error:
        raise BadAnswer(f"a success carries an error ({error})", where=answer.address)


class DeskSettings(SourceSettings):
    url: str
    username: str
    password: Secret
    page_size: int = 100


class DeskAdapter(Adapter):
    name: ClassVar[str] = "help_desk"
    title: ClassVar[str] = "Help desk"
    settings: ClassVar[type[SourceSettings]] = DeskSettings
    streams: ClassVar[tuple[Stream, ...]] = (
        Stream("group", "id", "changed", "Groups"),
        Stream("person", "id", "changed", "People"),
    )
    envelope: ClassVar[Envelope] = Envelope("records", ("next", "error"))
    patience: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, context: SourceContext) -> None:
        super().__init__(context)
        self.site: DeskSettings = context.settings
        self.session = requests.Session()
        self.session.auth = (self.site.username, self.site.password.reveal())
        options = {"connections": self.site.connections, **self.patience}
        self.transport = Transport(SignedIn(self.session), self.traffic, **options)

    @classmethod
    def mapping_folder(cls) -> Path | None:
        return Path(__file__).parent / "desk_mapping"

    def ask(self, url: str, **asked: str) -> Answer:
        return self.transport.get(url if "://" in url else f"{self.site.url}/{url}", asked, accept=believed)

    # -- the four duties ------------------------------------------------------------------------------

    def preflight(self) -> Preflight:
        answer = self.ask("whoami")
        apart = (answer.date - datetime.now(UTC)).total_seconds() if answer.date else None
        access = tuple(self.access(name) for name in self.context.fields)
        return Preflight(answer.json()["account"], "Desk 1", clock_difference_seconds=apart, access=access)

    def access(self, stream: str) -> Access:
        try:
            records = self.ask(stream, limit="50").json()["records"]
        except PermissionDenied as error:
            return Access(stream, False, reason=error.message, remedy=f"Ask for the right to read {stream}.")
        shown = set[str]().union(*records)
        missing = tuple(name for name in self.context.fields[stream] if records and name not in shown)
        return Access(stream, True, missing_fields=missing, remedy="Ask for the right to see these fields.")

    def plan(self, stream: Stream, cursor: str | None) -> Sequence[Window]:
        tail = (datetime.now(UTC) - self.overlap()).replace(minute=0, second=0, microsecond=0)
        first = self.ask(f"{stream.name}/count").json()["first"]
        lower = self.since(cursor) or (moment(first) if first else tail)
        tail = max(tail, lower)
        place = BEGIN + (lower - BEGIN) // WINDOW * WINDOW
        windows = []
        while place < tail:
            upper = min(place + WINDOW, tail)
            windows.append(self.window(stream.name, max(place, lower), upper))
            place += WINDOW
        return [*windows, Window(stream.name, f"from {instant(tail)}", instant(tail), is_tail=True)]

    def read(self, window: Window) -> Iterator[Page]:
        asked = {"since": window.lower or "", "limit": str(self.site.page_size)}
        if window.upper:
            asked["until"] = window.upper
        for body in self.bodies(window.stream, asked):
            yield self.context.decode(window.stream, body)

    def census(self, stream: Stream) -> Census:
        bodies = self.answers(stream.name, {"by": "id", "limit": str(self.site.page_size)})
        return Census([row["id"] for answer in bodies for row in answer.json()["records"]], self.count(stream))

    # -- what is small ----------------------------------------------------------------------------------

    def overlap(self) -> timedelta:
        return timedelta(seconds=self.overlap_seconds)

    def since(self, cursor: str | None) -> datetime | None:
        return moment(cursor) - self.overlap() if cursor else None

    def window(self, stream: str, lower: datetime, upper: datetime) -> Window:
        return Window(stream, f"{instant(lower)} to {instant(upper)}", instant(lower), instant(upper))

    def answers(self, path: str, asked: Mapping[str, str]) -> Iterator[Answer]:
        answer = self.ask(path, **asked)
        yield answer
        while following := self.following(answer, asked):
            answer = self.ask(*following[:1], **following[1])
            yield answer

    def following(self, answer: Answer, asked: Mapping[str, str]) -> tuple[str, Mapping[str, str]] | None:
        link = answer.json()["next"]
        return (link, {}) if link else None

    def bodies(self, stream: str, asked: Mapping[str, str]) -> Iterator[bytes]:
        for answer in self.answers(stream, asked):
            yield answer.body

    def count(self, stream: Stream) -> int | None:
        return int(self.ask(f"{stream.name}/count").json()["count"])

    def deleted(self, stream: Stream, cursor: str | None) -> Sequence[str] | None:
        answer = self.ask("deletions", stream=stream.name, since=instant(self.since(cursor) or BEGIN))
        return [row["id"] for row in answer.json()["records"]]

    def close(self) -> None:
        self.transport.close()
