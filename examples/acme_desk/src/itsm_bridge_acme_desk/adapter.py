"""The Acme Desk adapter; docs/adapters.md goes through it piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import requests
from pydantic import Field, field_validator

import itsm_bridge as bridge


class AcmeDeskSettings(bridge.SourceSettings):
    """Where the desk is, and who asks."""

    url: str = Field(description="Address of the desk, such as https://desk.acme.com")
    username: str = Field(min_length=1, description="Name of the account")
    password: bridge.Secret = Field(description="Where its password lies")
    page_size: int = Field(default=100, ge=1, le=500, description="Records asked for in one request")

    @field_validator("url")
    @classmethod
    def _is_a_safe_address(cls, url: str) -> str:
        return bridge.safe_address(url, "https://desk.acme.com")


LIMITS = tuple(bridge.Capability(name, "none", "Acme Desk has no field for it") for name in (
    "field.impact", "field.urgency", "state.pending_reason", "csat", "ci.link", "change.type", "change.risk",
    "change.actuals", "change.outcome", "change.review",
))  # fmt: skip
INSIDE = {"comment": ("comments", "*"), "history": ("history", "*")}  # where details lie in a ticket
WINDOW, GRID = timedelta(days=10), datetime(2020, 1, 1, tzinfo=UTC)


def believed(answer: bridge.Answer, wanted: str) -> None:
    """Accept an answer that holds what was asked: a desk that fails in the middle says 200, and `error`."""
    bridge.json_body(answer)
    body = answer.json()
    if not isinstance(body, dict) or body.get("error") or body.get(wanted) is None:
        raise bridge.BadAnswer(f"a success without `{wanted}`, or with an error beside it", where=answer.address)


class AcmeDesk(bridge.Adapter):
    """Acme Desk, through its REST API."""

    name = "acme_desk"
    title = "Acme Desk"
    settings = AcmeDeskSettings
    envelope = bridge.Envelope("records")
    streams = (
        bridge.Stream("ticket", "id", "changed", "Tickets"),
        bridge.Stream("comment", "id", "", "Comments", detail_of="ticket", parent="ticket"),
        bridge.Stream("history", "id", "", "History", is_append_only=True, detail_of="ticket", parent="ticket",
                      capabilities=("history.state", "history.priority", "history.group")),
        bridge.Stream("team", "id", "", "Teams"),
    )  # fmt: skip

    def __init__(self, context: bridge.SourceContext) -> None:
        super().__init__(context)
        self.site: AcmeDeskSettings = context.settings
        session = requests.Session()
        session.auth = (self.site.username, self.site.password.reveal())
        self.transport = bridge.Transport.of(self.site, bridge.SignedIn(session), self.traffic)
        tables = {name: {field: (*INSIDE.get(name, ()), *field.split(".")) for field in fields}
                  for name, fields in context.fields.items() if name in ("ticket", *INSIDE)}  # fmt: skip
        self.tickets = bridge.NestedDecoder("records", tables)

    @classmethod
    def mapping_folder(cls) -> Path:
        """Return the folder of the packaged mapping files."""
        return Path(__file__).parent / "mappings"

    def ask(self, path: str, wanted: str, **asked: str) -> bridge.Answer:
        """Return an answer that holds what is wanted of it."""
        return self.transport.get(f"{self.site.url}/api/{path}", asked, accept=lambda answer: believed(answer, wanted))

    def answers(self, path: str, **asked: str) -> Iterator[bridge.Answer]:
        """Yield the answers of a list until the desk gives no link to more."""
        following = {"limit": str(self.site.page_size), **asked}
        while following:
            answer = self.ask(path, "records", **following)
            yield answer
            following = dict(parse_qsl(urlsplit(answer.json()["next"] or "").query))

    def preflight(self) -> bridge.Preflight:
        """Find out who we are, how far clocks are apart, and what may be read."""
        me = self.ask("me", "account")
        apart = (me.date - datetime.now(UTC)).total_seconds() if me.date else None
        return bridge.Preflight(
            me.json()["account"], "Acme Desk", clock_difference_seconds=apart,
            access=tuple(map(self.access, self.context.fields)), capabilities=LIMITS,
        )  # fmt: skip

    def access(self, stream: str) -> bridge.Access:
        """Look at some records: a field that is in none of them does not show."""
        source = "ticket" if stream in INSIDE else stream
        remedy = f"Ask for the right to read {source}, with all its fields."
        try:
            records = self.ask(source, "records", limit="50").json()["records"]
        except bridge.PermissionDenied as error:
            return bridge.Access(stream, False, reason=error.message, remedy=remedy)
        shown = set[str]().union(*records)
        places = {name: INSIDE.get(stream, name.split("."))[0] for name in self.context.fields[stream]}
        missing = tuple(name for name, place in places.items() if records and place not in shown)
        if missing and stream in INSIDE:  # without them, all details would look deleted
            return bridge.Access(stream, False, reason=f"{INSIDE[stream][0]} do not show", remedy=remedy)
        return bridge.Access(stream, True, missing_fields=missing, remedy=remedy)

    def plan(self, stream: bridge.Stream, cursor: str | None) -> Sequence[bridge.Window]:
        """Cut what changed since the cursor at fixed places; the tail is what changes from now on."""
        if stream.is_whole:
            return [bridge.Window(stream.name, "all")]
        overlap = timedelta(seconds=self.overlap_seconds)
        tail = (datetime.now(UTC) - overlap).replace(minute=0, second=0, microsecond=0)
        first = cursor or self.ask(f"{stream.name}/count", "count").json()["first"]
        lower = min(tail, datetime.fromisoformat(first) - overlap) if first else tail
        places = [GRID + WINDOW * n for n in range((lower - GRID) // WINDOW + 1, (tail - GRID) // WINDOW + 1)]
        edges = [edge.isoformat() for edge in sorted({lower, tail, *places})]
        windows = [bridge.Window(stream.name, f"{since} to {until}", since, until) for since, until in pairwise(edges)]
        return [*windows, bridge.Window(stream.name, f"from {edges[-1]}", edges[-1], is_tail=True)]

    def read(self, window: bridge.Window) -> Iterator[bridge.Page]:
        """Yield the pages of a window; tickets bring their comments and history along."""
        tabulate = self.context.tabulate
        for answer in self.answers(window.stream, since=window.lower or "", until=window.upper or "9"):
            if window.stream != "ticket":
                yield self.context.decode(window.stream, answer.body)
                continue
            found = self.tickets(answer.body)
            rows = {name: (table.columns, table.count) for name, table in found.tables.items()}
            details = {name: tabulate(name, *rows[name]) for name in rows if name in INSIDE}
            yield tabulate("ticket", *rows["ticket"], details=details, quarantined=found.quarantined + found.misfits)

    def census(self, stream: bridge.Stream) -> bridge.Census:
        """Return the ids that the account sees, and how many records there are."""
        answers = self.answers(stream.name, by="id")
        return bridge.Census([row["id"] for answer in answers for row in answer.json()["records"]], self.count(stream))

    def count(self, stream: bridge.Stream) -> int:
        """Return how many records there are, hidden ones included."""
        return int(self.ask(f"{stream.name}/count", "count").json()["count"])

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()
