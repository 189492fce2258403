"""The small tables that issues point to: each is asked for whole, by the paging that its own part of the API has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count as counted_from
from typing import Any

from itsm_bridge.errors import BadAnswer
from itsm_bridge.nested import Columns, NestedDecoder, Path
from itsm_bridge_jira_sm.answers import looked_up
from itsm_bridge_jira_sm.assets import ASSET, RELATION, Assets
from itsm_bridge_jira_sm.discovery import Fields
from itsm_bridge_jira_sm.instants import in_utc
from itsm_bridge_jira_sm.lists import other_page
from itsm_bridge_jira_sm.session import Site
from itsm_bridge_jira_sm.shape import PERSON

_AT_ONCE = 100
_MOST_GROUPS = 10_000
_EXPERIMENTAL = {"X_ExperimentalApi": "opt-in"}

Rows = tuple[Mapping[str, Sequence[str | None]], int]


class SmallTables:
    """Reads the tables of one site. `columns` are the names wanted of each; `projects` the ids of those in scope.

    `attributes` are the settings' names of attributes in Assets.
    """

    def __init__(
        self,
        site: Site,
        fields: Fields,
        wanted: Mapping[str, Sequence[str]],
        projects: Sequence[str],
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        self._site = site
        self._fields = fields
        self._wanted = wanted
        self._projects = projects
        self._assets = Assets(site, attributes or {})

    def read(self, stream: str) -> Iterator[Rows]:
        """Yield the rows of a table."""
        ways: Mapping[str, Callable[[], Iterator[Rows]]] = {
            "field": lambda: self._list(stream, "field"),
            "status": lambda: self._list(stream, "status"),
            "priority": lambda: self._numbered(self._list(stream, "priority")),
            "resolution": lambda: self._list(stream, "resolution"),
            "issue_type": lambda: self._list(stream, "issuetype"),
            "project": self._project_table,
            "component": lambda: self._by_project(stream, "components"),
            "version": lambda: self._by_project(stream, "versions"),
            "sla_metric": self._metrics,
            "service_desk": lambda: self._desk(stream, "servicedesk"),
            "organization": lambda: self._desk(stream, "organization"),
            "request_type": self._request_types,
            "person": self._people,
            "group": self._group_table,
            "group_member": self._members,
            ASSET: lambda: self._assets.read(ASSET),
            RELATION: lambda: self._assets.read(RELATION),
        }
        yield from ways[stream]()

    # -- one way for each kind of paging ---------------------------------------------------------------

    def _list(self, stream: str, path: str, **asked: str) -> Iterator[Rows]:
        """A list that comes whole."""
        page, _ = looked_up(self._site, self._site.api(path), asked, self._decoder(stream, ""))
        yield _rows(page.tables[stream])

    def _values(
        self, stream: str, path: str, paths: Mapping[str, Path] | None = None, records: str = "values", **asked: str
    ) -> Iterator[Rows]:
        """Pages by `startAt` until `isLast`."""
        decode = self._decoder(stream, records, paths)
        yield from self._paged(stream, self._site.api(path), decode, "startAt", "maxResults", "isLast", asked)

    def _desk(self, stream: str, path: str) -> Iterator[Rows]:
        """Pages of the service desk API by `start` until `isLastPage`."""
        decode = self._decoder(stream, "values")
        yield from self._paged(stream, self._site.desk(path), decode, "start", "limit", "isLastPage", {})

    def _paged(
        self, stream: str, url: str, decode: NestedDecoder, start: str, limit: str, last: str, asked: Mapping[str, str]
    ) -> Iterator[Rows]:
        place, before = 0, None
        while True:
            params = {**asked, start: str(place), limit: str(_AT_ONCE)}
            page, _ = looked_up(self._site, url, params, decode, **_EXPERIMENTAL)
            table = page.tables[stream]
            before = other_page(table, table.count, before, f"GET {url}")
            yield _rows(table)
            place += table.count + page.quarantined
            if page.envelope[last] is True or (page.envelope[last] is None and not table.count):
                return
            if not table.count + page.quarantined:
                raise BadAnswer("an empty page that is not the last", where=f"GET {url}")

    # -- tables with a way of their own ------------------------------------------------------------------

    def _project_table(self) -> Iterator[Rows]:
        if self._site.is_cloud:
            yield from self._values("project", "project/search", orderBy="key")
        else:
            yield from self._list("project", "project")

    def _by_project(self, stream: str, path: str) -> Iterator[Rows]:
        for project in self._projects:
            for columns, count in self._list(stream, f"project/{project}/{path}"):
                yield {**columns, "project.id": [project] * count}, count

    def _metrics(self) -> Iterator[Rows]:
        ids = list(self._fields.ids["sla"])
        yield {"id": ids, "name": [self._fields.names.get(field) for field in ids]}, len(ids)

    def _request_types(self) -> Iterator[Rows]:
        for rows, count in self._desk_ids():
            for desk in rows:
                yield from self._desk("request_type", f"servicedesk/{desk}/requesttype")
            if not count:
                return

    def _desk_ids(self) -> Iterator[tuple[list[str], int]]:
        decode = NestedDecoder("values", {"desk": {"id": ("id",)}}, ("isLastPage",))
        url = self._site.desk("servicedesk")
        for columns, count in self._paged("desk", url, decode, "start", "limit", "isLastPage", {}):
            yield [value for value in columns.get("id", ()) if value], count

    def _people(self) -> Iterator[Rows]:
        """All accounts, inactive ones included; the API names no last page: an empty one is it."""
        is_cloud = self._site.is_cloud
        decode = self._decoder("person", "", self._person_paths())
        url = self._site.api("users/search" if is_cloud else "user/search")
        asked = {} if is_cloud else {"username": ".", "includeInactive": "true"}
        before = None
        for page in counted_from():
            params = {**asked, "startAt": str(page * _AT_ONCE), "maxResults": str(_AT_ONCE)}
            table = looked_up(self._site, url, params, decode)[0].tables["person"]
            if not table.count:
                return
            before = other_page(table, table.count, before, f"GET {url}")
            yield _rows(table)

    def _groups(self, columns: Mapping[str, Path]) -> Iterator[Columns]:
        """All groups: with an id of their own on Cloud, known by their name on Data Center."""
        if self._site.is_cloud:
            decode = NestedDecoder("values", {"group": columns}, ("isLast",))
            url = self._site.api("group/bulk")
            for rows, count in self._paged("group", url, decode, "startAt", "maxResults", "isLast", {}):
                yield Columns(rows, count)
            return
        decode = NestedDecoder("groups", {"group": columns}, ("total",))
        url = self._site.api("groups/picker")
        page, _ = looked_up(self._site, url, {"maxResults": str(_MOST_GROUPS)}, decode)
        if page.tables["group"].count < int(page.envelope["total"] or 0):
            raise BadAnswer(f"only {_MOST_GROUPS} of {page.envelope['total']} groups came", where=f"GET {url}")
        yield page.tables["group"]

    def _group_table(self) -> Iterator[Rows]:
        own = "groupId" if self._site.is_cloud else "name"
        names = self._wanted["group"]
        for table in self._groups({name: (own,) if name == "id" else tuple(name.split(".")) for name in names}):
            yield _rows(table)

    def _members(self) -> Iterator[Rows]:
        own, asked = ("groupId", "groupId") if self._site.is_cloud else ("name", "groupname")
        person = PERSON if self._site.is_cloud else "key"
        found = self._groups({"id": (own,)})
        for group in (value for table in found for value in table.columns.get("id", ()) if value):
            more = {asked: group, "includeInactiveUsers": "true"}
            for columns, count in self._values("group_member", "group/member", {PERSON: (person,)}, **more):
                people = columns.get(PERSON, ())
                yield {"id": [f"{group}/{one}" for one in people], "group": [group] * count, PERSON: people}, count

    # -- columns -------------------------------------------------------------------------------------------

    def _decoder(self, stream: str, records: str, paths: Mapping[str, Path] | None = None) -> NestedDecoder:
        paths = paths or {name: tuple(name.split(".")) for name in self._wanted[stream]}
        beside = ("isLast", "isLastPage", "total") if records else ()
        return NestedDecoder(records, {stream: paths}, beside)

    def _person_paths(self) -> Mapping[str, Path]:
        own = PERSON if self._site.is_cloud else "key"
        return {name: (own,) if name in ("id", PERSON) else tuple(name.split(".")) for name in self._wanted["person"]}

    @staticmethod
    def _numbered(pages: Iterator[Rows]) -> Iterator[Rows]:
        """Jira lists priorities from the highest to the lowest: their place is their rank."""
        for columns, count in pages:
            yield {**columns, "place": [str(place) for place in range(1, count + 1)]}, count


def _rows(table: Columns) -> Rows:
    return {name: _in_utc(name, column) for name, column in table.columns.items()}, table.count


def _in_utc(name: str, column: Sequence[Any]) -> Sequence[str | None]:
    return [in_utc(value) for value in column] if name.endswith(("Date", "created")) else column
