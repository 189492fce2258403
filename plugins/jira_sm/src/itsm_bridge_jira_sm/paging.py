"""The page loops of both searches: by token on Cloud, by the last instant read on Data Center."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from itsm_bridge.errors import BadAnswer
from itsm_bridge_jira_sm.answers import Decode, Found, asked_for
from itsm_bridge_jira_sm.instants import epoch
from itsm_bridge_jira_sm.queries import all_of, between, ordered
from itsm_bridge_jira_sm.session import Site
from itsm_bridge_jira_sm.streams import ISSUE

_AGAIN = "Run it again; if it persists, report it to Atlassian with the time of the request."
_KEY = "id@0"
_MOST_EMPTY = 50
"""Pages in a row that hold nothing and still name a next one, before a search is given up."""


def pages_by_token(
    site: Site, query: str, field: str, asked: Sequence[str], size: int, decode: Decode
) -> Iterator[Found]:
    """Yield all pages of a search on Cloud; the end is where no next page is named, whatever else an answer says."""
    url = site.api("search/jql")
    token, seen, empty = None, set(), 0
    while True:
        body: dict[str, Any] = {"jql": ordered(query, field), "fields": list(asked), "maxResults": size}
        page, answer = asked_for(site, url, body | ({"nextPageToken": token} if token else {}), decode)
        yield page, answer
        token = page.envelope["nextPageToken"]
        if not token:
            return
        if token in seen:
            raise BadAnswer("a page token came twice: the search would never end", where=f"POST {url}", hint=_AGAIN)
        seen.add(token)
        empty = 0 if page.count else empty + 1
        if empty >= _MOST_EMPTY:
            raise BadAnswer(f"{empty} empty pages in a row, each with a next one", where=f"POST {url}", hint=_AGAIN)


def pages_by_instant(
    site: Site, query: str, field: str, asked: Sequence[str], size: int, decode: Decode,
    span: tuple[int | None, int | None], expands: Sequence[str] = (),
) -> Iterator[Found]:  # fmt: skip
    """Yield all pages of a search on Data Center.

    Rows move while they are read, so that offsets would miss some: each page begins at the second in which the last
    one ended, and only within one second is there an offset. What came of that second before is left out.
    The end is where no more is counted.
    """
    url, (floor, upper), offset = site.api("search"), span, 0
    seen: set[str | None] = set()
    while True:
        jql = ordered(all_of(query, between(field, floor, upper)), field)
        body = {"jql": jql, "fields": [*asked, field], "maxResults": size, "startAt": offset, "expand": [*expands]}
        page, answer = asked_for(site, url, body, decode)
        issues, came = page.tables[ISSUE], page.count + page.quarantined
        keys = issues.columns[_KEY] if issues.count else ()
        yield page.only([place for place, key in enumerate(keys) if key not in seen]) if seen else page, answer
        if offset + came >= int(page.envelope["total"] or 0):
            return
        if not came:
            told = f"an empty page, though {page.envelope['total']} issues are counted"
            raise BadAnswer(told, where=f"POST {url}", hint=_AGAIN)
        seconds = [epoch(value) if value else None for value in issues.columns[f"{field}@0"]] if issues.count else []
        at = max((second for second in seconds if second is not None), default=floor)
        last = {key for key, second in zip(keys, seconds, strict=True) if second == at} if seconds else set()
        seen = last | (seen if at == floor else set())
        floor, offset = at, (offset + came if at == floor else 0)


def many_at_once(found: Iterable[Found], least: int) -> Iterator[Found]:
    """Yield pages joined to so many issues: what is done for each page is then done a few times only.

    An issue that came twice, because it moved while it was read, is there as it came last.
    """
    waiting: list[Found] = []
    for page, answer in found:
        waiting.append((page, answer))
        if sum(page.count for page, _ in waiting) >= least:
            yield _joined(waiting)
            waiting = []
    if waiting:
        yield _joined(waiting)


def _joined(found: Sequence[Found]) -> Found:
    (page, answer), *others = found
    whole = page.joined([other for other, _ in others])
    keys = whole.tables[ISSUE].columns[_KEY] if whole.count else ()
    last = {key or place: place for place, key in enumerate(keys)}
    return (whole if len(last) == whole.count else whole.only(sorted(last.values()))), answer
