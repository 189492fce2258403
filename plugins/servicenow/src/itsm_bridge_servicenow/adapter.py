"""The ServiceNow adapter: what the core asks of it, put together from the modules beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from itsm_bridge.adapter import Adapter, Census, Demonstration, Envelope, Page, Preflight, SourceContext, Stream, Window
from itsm_bridge.transport import Credentials, Transport
from itsm_bridge_servicenow.canary import check_that_none_means_none
from itsm_bridge_servicenow.deletions import deleted_keys, shows_gaps
from itsm_bridge_servicenow.discovery import Discovery
from itsm_bridge_servicenow.history import unaudited
from itsm_bridge_servicenow.order import ById, ByTime
from itsm_bridge_servicenow.paging import read_pages
from itsm_bridge_servicenow.query import epoch
from itsm_bridge_servicenow.scope import KEY, Scope, audited_fields, fields_of_items, scope_of
from itsm_bridge_servicenow.session import credentials
from itsm_bridge_servicenow.settings import ServiceNowSettings
from itsm_bridge_servicenow.streams import BY_NAME, ITEM_HISTORY, OF_PLUGINS, STREAMS
from itsm_bridge_servicenow.survey import survey
from itsm_bridge_servicenow.tables import Cancelled, PlainRows, Tables, check_beside, words
from itsm_bridge_servicenow.windows import UNDATED, plan_windows, span_to_read

_METRICS = "metric_instance"
_CENSUS_PAGE = 10_000
_NO_PAGE = frozenset(
    (
        "sys_audit", "sys_audit_delete", "sys_journal_field", "sys_choice", "sys_dictionary", "metric_instance",
        "rm_m2m_release_task", ITEM_HISTORY,
    )
)  # fmt: skip


class ServiceNow(Adapter):
    """ServiceNow, through its Table API."""

    name: ClassVar[str] = "servicenow"
    title: ClassVar[str] = "ServiceNow"
    settings: ClassVar[type[ServiceNowSettings]] = ServiceNowSettings
    streams: ClassVar[tuple[Stream, ...]] = STREAMS
    envelope: ClassVar[Envelope] = Envelope("result", ("error", "status"))

    def __init__(self, context: SourceContext, *, sleep: Callable[[float], None] = time.sleep) -> None:
        super().__init__(context)
        self._settings: ServiceNowSettings = context.settings
        self._sleep = sleep
        self._transport = self._transport_for(credentials(self._settings, self._transport_for))
        self._tables = Tables(self._transport, self._settings.url)
        self._discovery = Discovery(self._tables, self._settings.page_size)
        folders = (self.mapping_folder(), *self._settings.mappings)
        audited = audited_fields(folders, self._settings.audit_fields)
        of_items = fields_of_items(folders)
        self._scopes: dict[str, Scope] = {stream.name: scope_of(stream, audited, of_items) for stream in STREAMS}

    @classmethod
    def mapping_folder(cls) -> Path:
        """Return the folder of the packaged mapping files."""
        return Path(__file__).parent / "mappings"

    @classmethod
    def demonstration(cls) -> AbstractContextManager[Demonstration]:
        """Return a context that serves a made-up company."""
        from itsm_bridge_servicenow.demonstration import serve_company

        return serve_company()

    def preflight(self) -> Preflight:
        """Find out who we are, what may be read, and what therefore cannot be told."""
        return survey(self._tables, self._discovery, self._scopes, self.context.fields, self._settings)

    def plan(self, stream: Stream, cursor: str | None) -> Sequence[Window]:
        """Cut the work since `cursor` into spans of time with at most `window_rows` rows, and a tail."""
        if self._is_idle(stream):
            return ()
        scope = self._scope(stream.name)
        span = span_to_read(cursor, self._tables.now(), self.overlap_seconds)
        windows = plan_windows(
            stream.name, scope, span, self._settings.window_rows,
            lambda query: self._tables.count(scope.table, query), lambda: self._earliest(scope),
            self._settings.connections,
        )  # fmt: skip
        if all(window.is_tail for window in windows):
            check_that_none_means_none(self._tables, scope)
        return windows

    def read(self, window: Window) -> Iterator[Page]:
        """Yield the pages of one window."""
        scope, wanted = self._scope(window.stream), self.context.fields[window.stream]
        if window.name == UNDATED:
            order: ById | ByTime = ById(scope.table, scope.undated)
        else:
            unseen = {*scope.filters, *scope.beginnings} - set(wanted)
            order = ByTime(scope, window.lower, window.upper, unseen)
        fields = tuple(dict.fromkeys((*wanted, *scope.query_fields)))
        yield from read_pages(
            self._tables, order, fields, self._settings.page_size,
            lambda body: self._page(window.stream, body), window.expected,
        )  # fmt: skip

    def census(self, stream: Stream) -> Census:
        """Return the ids that the account sees now, and the instance's own count."""
        if self._is_idle(stream):
            return Census((), 0)
        order = ById(stream.name, self._scope(stream.name).filter)
        pages = read_pages(self._tables, order, (KEY,), _CENSUS_PAGE, PlainRows.read)
        ids = [str(key) for page in pages for key in page.values(KEY)]
        return Census(ids, self.count(stream))

    def count(self, stream: Stream) -> int | None:
        """Return how many rows of the stream exist, those that the account may not see included."""
        if self._is_idle(stream):
            return None
        try:
            scope = self._scope(stream.name)
            return self._tables.count(scope.table, scope.filter)
        except Cancelled:
            return None

    def deleted(self, stream: Stream, cursor: str | None) -> Sequence[str] | None:
        """Return the keys that sys_audit_delete names since `cursor`; None when ids must be compared instead.

        The instance's count does not change when the account loses sight of rows, so ids are sampled for gaps.
        """
        if not stream.has_census:
            return ()
        if self._is_idle(stream) or shows_gaps(self._tables, self._scope(stream.name)):
            return None
        return deleted_keys(self._tables, self._discovery, stream.name, cursor, self.overlap_seconds)

    def link(self, stream: str) -> str | None:
        """Return the address of a record's form."""
        if stream in _NO_PAGE or stream not in BY_NAME:
            return None
        return f"{self._settings.url}/nav_to.do?uri={stream}.do%3Fsys_id%3D{{key}}"

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _transport_for(self, signed_in: Credentials, address_setting: str = "url") -> Transport:
        return Transport.of(
            self._settings, signed_in, self.traffic, words=words, sleep=self._sleep, address_setting=address_setting
        )

    def _page(self, stream: str, body: bytes) -> Page:
        page = self.context.decode(stream, body)
        check_beside({**page.envelope, "result": [] if page.has_records else None})
        return page

    def _earliest(self, scope: Scope) -> int | None:
        order = ByTime(scope, None, None)
        try:
            rows = self._tables.first(scope.table, order.after(None), (KEY, scope.cursor), limit=100)
        except Cancelled:
            return None
        moments = [epoch(str(row[scope.cursor])) for row in rows if row.get(scope.cursor)]
        return min(moments, default=None)

    def _scope(self, stream: str) -> Scope:
        scope = self._scopes[stream]
        return replace(scope, filters={"table": self._unaudited}) if stream == _METRICS else scope

    def _is_idle(self, stream: Stream) -> bool:
        """Tell whether there is nothing to read: metrics that would only repeat the history, tables of absent plugins.

        What was read of metrics before that was so is dropped.
        """
        return self._is_absent(stream.name) or (stream.name == _METRICS and not self._unaudited)

    def _is_absent(self, table: str) -> bool:
        return table in OF_PLUGINS and self._discovery.lacks(table)

    @cached_property
    def _unaudited(self) -> tuple[str, ...]:
        return tuple(name for name in unaudited(self._tables) if not self._is_absent(name))
