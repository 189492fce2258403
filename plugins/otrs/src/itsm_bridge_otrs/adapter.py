"""The adapter of OTRS, Znuny and OTOBO: what the core asks of it, put together from the modules beside it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import ClassVar

from itsm_bridge.adapter import Adapter, Census, Demonstration, Envelope, Page, Preflight, SourceContext, Stream, Window
from itsm_bridge.nested import NestedPage
from itsm_bridge_otrs.articles import articles
from itsm_bridge_otrs.batches import batches, pages
from itsm_bridge_otrs.clocks import clocks, targets
from itsm_bridge_otrs.history import history
from itsm_bridge_otrs.listing import escalating_tickets, server_wall, tickets_since
from itsm_bridge_otrs.met import Met
from itsm_bridge_otrs.session import Site, connect
from itsm_bridge_otrs.settings import OtrsSettings
from itsm_bridge_otrs.shape import Rows, Shape
from itsm_bridge_otrs.streams import ARTICLE, CLOCK, HISTORY, KEY, STREAMS, TARGET, TICKET
from itsm_bridge_otrs.survey import preflight
from itsm_bridge_otrs.tickets import tickets
from itsm_bridge_otrs.windows import plan, question, room

log = logging.getLogger(__name__)


class OtrsAdapter(Adapter):
    """OTRS 6, Znuny and OTOBO through the ticket operations of their generic interface."""

    name: ClassVar[str] = "otrs"
    title: ClassVar[str] = "OTRS, Znuny and OTOBO"
    settings: ClassVar[type[OtrsSettings]] = OtrsSettings
    streams: ClassVar[tuple[Stream, ...]] = STREAMS
    envelope: ClassVar[Envelope] = Envelope("Ticket", ("Error",))
    overlap_seconds: ClassVar[int] = 3600

    def __init__(self, context: SourceContext, *, sleep: Callable[[float], None] = time.sleep) -> None:
        super().__init__(context)
        self._settings: OtrsSettings = context.settings
        self._sleep = sleep
        self._met = Met()
        self._lists: dict[str | None, list[str]] = {}
        self._lock = Lock()
        self._closed: set[str] = set()

    @classmethod
    def mapping_folder(cls) -> Path:
        """Return the folder of the packaged mapping files."""
        return Path(__file__).parent / "mappings"

    @classmethod
    def demonstration(cls) -> AbstractContextManager[Demonstration]:
        """Return a context that serves a made-up company."""
        from itsm_bridge_otrs.demonstration import serve_company

        return serve_company()

    # -- what is asked once ------------------------------------------------------------------------------

    @cached_property
    def _site(self) -> Site:
        return connect(self._settings, self.traffic, sleep=self._sleep)

    @cached_property
    def _shape(self) -> Shape:
        return Shape(self.context.fields)

    def _listed(self, since: str | None) -> list[str]:
        """Return the tickets changed since a moment, all of them for None; asked once for all windows that share it."""
        with self._lock:
            if since not in self._lists:
                self._lists[since] = tickets_since(self._site, since, self._settings.search_limit)
            return self._lists[since]

    def _to_read(self, since: str | None) -> list[str]:
        """Return the tickets of all windows but the last; in a later run, those that escalate are among them."""
        listed = self._listed(since)
        return list(dict.fromkeys([*listed, *self._escalating])) if since else listed

    @cached_property
    def _escalating(self) -> list[str]:
        return escalating_tickets(self._site, self._settings.search_limit)

    # -- the duties ---------------------------------------------------------------------------------------

    def preflight(self) -> Preflight:
        """Find out who we are, what may be read, in which time zone, and what therefore cannot be told."""
        found = preflight(self._site, self.context.fields)
        self._closed = {access.stream for access in found.access if not access.is_readable}
        return found

    def plan(self, stream: Stream, cursor: str | None) -> Sequence[Window]:  # noqa: ARG002  there is one stream to plan
        """Cut the tickets changed since `cursor` into windows; then comes what changed while they were read."""
        overlap = timedelta(seconds=self.overlap_seconds)
        since = self._site.zone.wall(datetime.fromisoformat(cursor).replace(tzinfo=UTC) - overlap) if cursor else None
        with self._lock:
            self._lists.pop(since, None)
        tail = server_wall(self._site, overlap)
        ids = self._to_read(since)
        return plan(ids, since, tail, room(len(ids), self._settings.connections, self._settings.window_tickets))

    def read(self, window: Window) -> Iterator[Page]:
        """Yield the pages of one window, each ticket with all that lies in it."""
        asked = question(window)
        ids = asked.of(self._listed(asked.since) if window.is_tail else self._to_read(asked.since))
        for batch in batches(ids, self._site.most_ids):
            for page in self._tickets(batch):
                yield self._page(page)

    def census(self, stream: Stream) -> Census:  # noqa: ARG002  there is one stream with a census
        """Return the ids of all tickets that the account sees; how many there are beyond, nobody tells."""
        return Census(tickets_since(self._site, None, self._settings.search_limit))

    def count(self, stream: Stream) -> int | None:  # noqa: ARG002  there is one stream to count
        """Return how many tickets the account sees, where all were listed: one that was refused then leaves a gap."""
        with self._lock:
            return len(self._lists[None]) if None in self._lists else None

    def link(self, stream: str) -> str | None:
        """Return the address of a ticket's page."""
        return f"{self._settings.url}/index.pl?Action=AgentTicketZoom;TicketID={{key}}" if stream == TICKET else None

    def close(self) -> None:
        """Close the connections, and tell what the clock left open."""
        if "_site" not in self.__dict__:
            return
        self._site.close()
        if self._site.zone.ambiguous:
            told = "%s: %d times lie in the hour that clocks in %s show twice; they are read as the first of the two"
            log.warning(told, self.context.name, self._site.zone.ambiguous, self._site.timezone)

    # -- tickets ------------------------------------------------------------------------------------------

    def _tickets(self, ids: Sequence[str]) -> Iterator[NestedPage]:
        flags = self._shape.flags
        return pages(ids, lambda some, accept: self._site.tickets(some, accept, **flags), self._shape.decode_tickets)

    def _page(self, page: NestedPage) -> Page:
        wanted, zone = self.context.fields, self._site.zone
        columns, count = tickets(self._shape, page, zone)
        found: dict[str, Rows] = {ARTICLE: articles(page, zone), CLOCK: clocks(page, zone)}
        found[TARGET] = targets(found[CLOCK])
        if HISTORY in wanted and HISTORY not in self._closed:
            found[HISTORY] = self._history(page, [key for key in columns.get(KEY, ()) if key])
        found |= self._met.of(page, found.get(HISTORY, ({}, 0)))
        details = {
            stream: self.context.tabulate(stream, rows, number)
            for stream, (rows, number) in found.items() if stream in wanted
        }  # fmt: skip
        return self.context.tabulate(
            TICKET, columns, count, details=details, quarantined=page.quarantined + page.misfits
        )

    def _history(self, page: NestedPage, ids: Sequence[str]) -> Rows:
        parts = list(pages(ids, self._site.histories, self._shape.decode_histories))
        if not parts:
            return {}, 0
        return history(parts[0].joined(parts[1:]), self._site.zone, self._met.names_with(page))
