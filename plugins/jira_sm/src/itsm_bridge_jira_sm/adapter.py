"""The Jira Service Management adapter: what the core asks of it, put together from the modules beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from itsm_bridge.adapter import Adapter, Census, Demonstration, Envelope, Page, Preflight, SourceContext, Stream, Window
from itsm_bridge.nested import Columns, NestedDecoder, NestedPage
from itsm_bridge.transport import Answer
from itsm_bridge_jira_sm import details
from itsm_bridge_jira_sm.answers import Found
from itsm_bridge_jira_sm.comments import comments
from itsm_bridge_jira_sm.discovery import Fields, discover
from itsm_bridge_jira_sm.history import histories
from itsm_bridge_jira_sm.instants import all_in_utc, written
from itsm_bridge_jira_sm.instants import epoch as epoch_of
from itsm_bridge_jira_sm.paging import many_at_once, pages_by_instant, pages_by_token
from itsm_bridge_jira_sm.queries import all_of, in_projects
from itsm_bridge_jira_sm.samples import count_issues
from itsm_bridge_jira_sm.scope import Projects, projects_in_scope
from itsm_bridge_jira_sm.session import Site, connect
from itsm_bridge_jira_sm.settings import DEFAULT_OVERLAP_HOURS, JiraSettings
from itsm_bridge_jira_sm.shape import Shape
from itsm_bridge_jira_sm.streams import CURSOR, HISTORY, ISSUE, STREAMS
from itsm_bridge_jira_sm.survey import preflight
from itsm_bridge_jira_sm.tables import SmallTables
from itsm_bridge_jira_sm.windows import CREATED, Question, plan, question

_CENSUS_PAGE = 5000
_AT_ONCE, _AT_ONCE_WITH_HISTORY = 1000, 200
"""Issues whose pages become columns together; a history has many times the rows of its issue."""
_KEY_COLUMN, _CREATED_COLUMN = "id@0", f"{CREATED}@0"
_IDS = NestedDecoder(
    "issues", {ISSUE: {_KEY_COLUMN: ("id",), _CREATED_COLUMN: ("fields", CREATED)}},
    ("nextPageToken", "total", "errorMessages"),
)  # fmt: skip
_LISTED = ("issue_component", "issue_version", "issue_organization", "issue_service", "issue_asset")


class JiraServiceManagement(Adapter):
    """Jira Service Management, Cloud and Data Center, through its REST API."""

    name: ClassVar[str] = "jira_sm"
    title: ClassVar[str] = "Jira Service Management"
    settings: ClassVar[type[JiraSettings]] = JiraSettings
    streams: ClassVar[tuple[Stream, ...]] = STREAMS
    envelope: ClassVar[Envelope] = Envelope("issues", ("nextPageToken",))
    overlap_seconds: ClassVar[int] = DEFAULT_OVERLAP_HOURS * 3600

    def __init__(self, context: SourceContext, *, sleep: Callable[[float], None] = time.sleep) -> None:
        super().__init__(context)
        self._settings: JiraSettings = context.settings
        self._sleep = sleep

    @classmethod
    def mapping_folder(cls) -> Path:
        """Return the folder of the packaged mapping files."""
        return Path(__file__).parent / "mappings"

    @classmethod
    def demonstration(cls) -> AbstractContextManager[Demonstration]:
        """Return a context that serves a made-up company."""
        from itsm_bridge_jira_sm.demonstration import serve_company

        return serve_company()

    # -- what is asked once ------------------------------------------------------------------------------

    @cached_property
    def _site(self) -> Site:
        return connect(self._settings, self.traffic, sleep=self._sleep)

    @cached_property
    def _fields(self) -> Fields:
        return discover(self._site, self._settings, self._projects.ids)

    @cached_property
    def _projects(self) -> Projects:
        return projects_in_scope(self._site, self._settings)

    @cached_property
    def _shape(self) -> Shape:
        return Shape(self._fields, self.context.fields, is_cloud=self._site.is_cloud)

    # -- the duties ---------------------------------------------------------------------------------------

    def preflight(self) -> Preflight:
        """Find out who we are, what may be read, and what therefore cannot be told."""
        return preflight(
            self._site, self._fields, self._projects, self.context.fields, self._settings.connections,
            self._settings.asset_attributes,
        )  # fmt: skip

    def plan(self, stream: Stream, cursor: str | None) -> Sequence[Window]:
        """Cut the issues since `cursor` into windows; a small table is one."""
        if stream.name != ISSUE:
            return (Window(stream.name, "all"),)
        if cursor is None:
            self._projects.refuse_missing()
        overlap = self._settings.overlap_hours * 3600
        now = datetime.now(UTC) + timedelta(seconds=self._site.clock_difference_seconds)
        return plan(
            cursor, int(now.timestamp()), overlap, self._settings.window_rows, self._counted, self._earliest,
            self._settings.connections,
        )  # fmt: skip

    def read(self, window: Window) -> Iterator[Page]:
        """Yield the pages of one window, each issue with all that lies in it."""
        if window.stream != ISSUE:
            for columns, count in self._tables.read(window.stream):
                yield self.context.tabulate(window.stream, columns, count)
            return
        shape = self._shape
        found = self._search(question(window), shape.asked, shape.decode, expands=shape.expands)
        at_once = _AT_ONCE_WITH_HISTORY if HISTORY in self.context.fields else _AT_ONCE
        for page, answer in many_at_once(found, at_once):
            yield self._page(page, answer)

    def census(self, stream: Stream) -> Census:
        """Return the ids of all issues that the account sees, and the projects that it sees."""
        if stream.name != ISSUE:
            tables = (rows for rows, _ in self._tables.read(stream.name))
            return Census([key for rows in tables for key in rows["id"] if key])
        found = self._search(Question("", CREATED, None, None), ("id",), _IDS, _CENSUS_PAGE)
        ids = [key for page, _ in found for key in _column(page, _KEY_COLUMN) if key]
        return Census(ids, groups=self._projects.existing, problem=self._projects.complaint)

    def link(self, stream: str) -> str | None:
        """Return the address of an issue's page."""
        return f"{self._settings.url}/browse/{{number}}" if stream == ISSUE else None

    def close(self) -> None:
        """Close the connections."""
        if "_site" in self.__dict__:
            self._site.close()

    # -- issues --------------------------------------------------------------------------------------------

    def _search(
        self, asked: Question, fields: Sequence[str], decode: Callable[[bytes], NestedPage], size: int | None = None,
        expands: Sequence[str] = (),
    ) -> Iterator[Found]:  # fmt: skip
        if not self._projects.ids:
            return
        site, size = self._site, size or self._settings.page_size
        scope = all_of(in_projects(self._projects.ids), asked.condition)
        if site.is_cloud:
            bounded = Question(scope, asked.field, asked.lower, asked.upper)
            yield from pages_by_token(site, bounded.query, asked.field, fields, size, decode)
        else:
            span = (asked.lower, asked.upper)
            yield from pages_by_instant(site, scope, asked.field, fields, size, decode, span, expands)

    def _page(self, page: NestedPage, answer: Answer) -> Page:
        shape, wanted = self._shape, self.context.fields
        columns = shape.issues(page)
        columns[CURSOR] = all_in_utc(columns.get(CURSOR, ()))
        ids = [key for key in columns.get("id", ()) if key]
        changes = details.history(shape, self._histories(page, ids)) if HISTORY in wanted else ({}, 0)
        found: dict[str, details.Rows] = {HISTORY: changes}
        if "issue_comment" in wanted:
            found["issue_comment"] = comments(self._site, shape, page)
        if "issue_approval" in wanted or "issue_vote" in wanted:
            found["issue_approval"], found["issue_vote"] = details.approvals(page, changes)
        captured = written(int((answer.date or datetime.now(UTC)).timestamp()))
        found["issue_sla"] = details.cycles(shape, page, captured)
        found["issue_link"] = details.links(page)
        found |= {stream: details.values(shape, page, stream) for stream in _LISTED}
        # Whoever is no agent sees no clock: an issue that shows none says nothing of those that it showed before.
        covers = {"issue_sla": sorted({issue for issue in found["issue_sla"][0].get("issue", ()) if issue})}
        pages = {
            stream: self.context.tabulate(stream, rows, count, covers=covers.get(stream))
            for stream, (rows, count) in found.items() if stream in wanted
        }  # fmt: skip
        return self.context.tabulate(
            ISSUE, columns, page.count, details=pages, quarantined=page.quarantined + page.misfits
        )

    def _histories(self, page: NestedPage, issues: Sequence[str]) -> Columns:
        if self._site.is_cloud:
            return histories(self._site, issues)
        return page.tables[HISTORY]

    def _counted(self, query: str) -> int | None:
        ids = self._projects.ids
        return count_issues(self._site, all_of(in_projects(ids), query)) if ids else 0

    def _earliest(self) -> int | None:
        asked = Question("", CREATED, None, None)
        for page, _ in self._search(asked, (CREATED,), _IDS, 1):
            found = [value for value in _column(page, _CREATED_COLUMN) if value]
            if found:
                return min(map(epoch_of, found))
        return None

    @property
    def _tables(self) -> SmallTables:
        return SmallTables(
            self._site, self._fields, self.context.fields, self._projects.ids, self._settings.asset_attributes
        )


def _column(page: NestedPage, name: str) -> Sequence[str | None]:
    table = page.tables[ISSUE]
    return table.columns[name] if table.count else ()
