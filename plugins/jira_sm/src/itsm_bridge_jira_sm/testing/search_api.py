"""Searching: pages by token on Cloud, pages by offset on Data Center."""

from __future__ import annotations

import secrets
from bisect import bisect_right
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from itsm_bridge.simulation import Answer
from itsm_bridge_jira_sm.testing import jql
from itsm_bridge_jira_sm.testing.answers import Refusal
from itsm_bridge_jira_sm.testing.asked import Asked
from itsm_bridge_jira_sm.testing.choosing import chosen
from itsm_bridge_jira_sm.testing.history_json import embedded
from itsm_bridge_jira_sm.testing.instants import DAY
from itsm_bridge_jira_sm.testing.issue_json import Issues
from itsm_bridge_jira_sm.testing.records import Issue
from itsm_bridge_jira_sm.testing.site import Site
from itsm_bridge_jira_sm.testing.terms_json import Json

_REMOVED = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline "
    "is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
_UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
_TOKEN_LIVES = 7 * DAY
_REMEMBERED = 16
_OFFSET_BODY = frozenset({"jql", "startAt", "maxResults", "fields", "expand", "validateQuery"})
Place = tuple[Any, ...]
Found = list[tuple[Place, Issue]]
_IDS_ONLY = frozenset({"id", "key"})


@dataclass(slots=True)
class _Mark:
    """Where a page ended."""

    query: str
    behind: Place
    made: int


@dataclass(slots=True)
class SearchApi:
    """Answers searches. `ids_per_page` and `issues_per_page` are the most that a page holds, whatever is asked.

    `breaks_ties` is false where issues that the order does not tell apart come in another order each time, as they do
    with several nodes. `knows_issues` is false where ids of issues that are gone are no error in a query.
    `omits_clocks` leaves service-level fields out of what searches find, as some sites do.
    """

    site: Site
    ids_per_page: int = 5000
    issues_per_page: int = 100
    breaks_ties: bool = True
    knows_issues: bool = True
    omits_clocks: bool = False
    searches: int = 0
    _marks: dict[str, _Mark] = field(default_factory=dict)
    _known: dict[Any, Found] = field(default_factory=dict)

    def by_token(self, asked: Asked, issues: Issues) -> Answer:
        """Answer `search/jql` of Cloud: no total, and a token as long as there is more."""
        if asked.method == "POST" and not isinstance(asked.get("expand", ""), str):
            raise Refusal(400, "Invalid request payload. Refer to the REST API documentation and try again.")
        text = str(asked.get("jql") or "")
        reconciled = frozenset(map(int, asked.get("reconcileIssues") or ()))
        found = self._found(text, reconciled, is_bounded=True)
        names = asked.names("fields") or ["id"]
        is_short = set(names) <= _IDS_ONLY
        size = asked.number("maxResults", 50, self.ids_per_page if is_short else self.issues_per_page)
        behind = self._behind(asked.get("nextPageToken"), text)
        start = 0 if behind is None else bisect_right(found, behind, key=_place)
        end = start + max(1, size)
        shown = found[start:end]
        body: Json = {"issues": self._rendered([issue for _, issue in shown], names, asked, issues)}
        if end < len(found):
            body["nextPageToken"] = self._token(text, shown[-1][0])
        body["isLast"] = end >= len(found)
        return Answer.of(body | self._expanded(asked, issues), len(shown))

    def by_offset(self, asked: Asked, issues: Issues) -> Answer:
        """Answer `search` of Data Center: offsets and a total."""
        strange = sorted(set(asked.body) - _OFFSET_BODY)
        if strange:
            raise Refusal(400, f'Unrecognized field "{strange[0]}" (Class SearchRequestBean), not marked as ignorable')
        start = asked.number("startAt", 0)
        size = asked.number("maxResults", 50, self.issues_per_page)
        found = self._found(str(asked.get("jql") or ""), (), is_bounded=False)
        shown = [issue for _, issue in found[start : start + size]]
        names = asked.names("fields") or ["*navigable"]
        body: Json = {"expand": "schema,names", "startAt": start, "maxResults": size, "total": len(found),
                      "issues": self._rendered(shown, names, asked, issues)}  # fmt: skip
        return Answer.of(body | self._expanded(asked, issues), len(shown))

    def count(self, asked: Asked) -> Answer:
        """Answer `search/approximate-count`."""
        return Answer.of({"count": len(self._found(str(asked.get("jql") or ""), (), is_bounded=True))})

    @staticmethod
    def removed() -> Refusal:
        """Return the refusal of the search that Cloud had until 2025."""
        return Refusal(410, _REMOVED)

    def same_place(self, asked: Asked) -> str:
        """Return another token for where a request begins."""
        query = str(asked.get("jql") or "")
        mark = self._marks.get(str(asked.get("nextPageToken") or ""))
        return self._token(query, mark.behind if mark else ())

    def expire_tokens(self) -> None:
        """Make the tokens of all pages worthless."""
        self._marks.clear()

    def _found(self, text: str, reconciled: Collection[int], *, is_bounded: bool) -> Found:
        """Return what a query finds, each with what it is sorted by; remembered until something changes."""
        site = self.site
        search = jql.compiled(text, site, knows_issues=self.knows_issues)
        if is_bounded and not search.is_bounded:
            raise Refusal(400, _UNBOUNDED)
        known = site.indexed(reconciled)
        sign = (text, reconciled, site.changes, site.present if "(" in text or "-" in text else 0, site.zone)
        if self.breaks_ties and sign in self._known:
            return self._known[sign]
        self.searches += 1
        tie = self._tie()
        holds, order, may_see = search.holds, search.order, site.may_see
        found = [((*order(issue), tie(issue)), issue) for issue in known
                 if issue.id in site.issues and holds(issue) and may_see(issue)]  # fmt: skip
        found.sort(key=_place)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[sign] = found
        return found

    def _tie(self) -> Callable[[Issue], int]:
        salt = 0 if self.breaks_ties else self.searches
        return lambda issue: (issue.id + salt) * 7919 % 10007

    def _rendered(self, found: Sequence[Issue], names: Sequence[str], asked: Asked, issues: Issues) -> list[Json]:
        if self.site.is_cloud and set(names) <= _IDS_ONLY:
            return [{"id": str(one.id)} | ({"key": one.key} if "key" in names else {}) for one in found]
        fields = [f for f in chosen(self.site, names) if not (self.omits_clocks and f.kind == "sla")]
        current = self.site.issues
        shown = [issues.issue(current[one.id], fields) for one in found]
        if "changelog" in (asked.names("expand") or ()):
            most = 40 if self.site.is_cloud else None
            for body, one in zip(shown, found, strict=True):
                body["changelog"] = embedded(issues.words, current[one.id], most, issues.zone)
        return shown

    def _expanded(self, asked: Asked, issues: Issues) -> Json:
        wanted = asked.names("expand") or ()
        fields = self.site.shown_fields()
        found: Json = {}
        if "names" in wanted:
            found["names"] = {one.id: one.name for one in fields}
        if "schema" in wanted:
            found["schema"] = {one.id: issues.words.schema(one) for one in fields}
        return found

    def _token(self, query: str, behind: Place) -> str:
        token = secrets.token_urlsafe(24)
        self._marks[token] = _Mark(query, behind, self.site.present)
        return token

    def _behind(self, token: str | None, query: str) -> Place | None:
        if not token:
            return None
        mark = self._marks.get(token)
        if mark is None or mark.query != query or mark.made + _TOKEN_LIVES < self.site.present:
            raise Refusal(400, "The provided next page token is invalid or expired.")
        return mark.behind


def _place(pair: tuple[Place, Issue]) -> Place:
    return pair[0]
