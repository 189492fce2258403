"""Histories of issues on Cloud: of many issues at once, whole, however they are spread over pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from itsm_bridge.errors import BadAnswer
from itsm_bridge.nested import EACH, Columns, NestedDecoder, one_below_other
from itsm_bridge_jira_sm.answers import asked_for
from itsm_bridge_jira_sm.session import Site
from itsm_bridge_jira_sm.shape import HISTORY_COLUMNS

_ISSUES_AT_ONCE = 1000
_ENTRIES_AT_ONCE = 10_000
_TABLE = {"issue": ("issueId",)} | {name: ("changeHistories", EACH, *path) for name, path in HISTORY_COLUMNS.items()}
_DECODE = NestedDecoder("issueChangeLogs", {"history": _TABLE}, ("nextPageToken", "errorMessages"))


def histories(site: Site, issues: Sequence[str]) -> Columns:
    """Return all changes of issues, by their numeric ids; an issue that never changed has none."""
    url = site.api("changelog/bulkfetch")
    parts = [
        part for start in range(0, len(issues), _ISSUES_AT_ONCE)
        for part in _pages(site, url, issues[start : start + _ISSUES_AT_ONCE])
    ]  # fmt: skip
    return one_below_other(parts)


def _pages(site: Site, url: str, issues: Sequence[str]) -> Iterator[Columns]:
    token, seen = None, set()
    while True:
        body: dict[str, Any] = {"issueIdsOrKeys": list(issues), "maxResults": _ENTRIES_AT_ONCE}
        page, _ = asked_for(site, url, body | ({"nextPageToken": token} if token else {}), _DECODE)
        if page.quarantined or page.misfits:
            raise BadAnswer("the answer holds no histories as they were known so far", where=f"POST {url}")
        yield page.tables["history"]
        token = page.envelope["nextPageToken"]
        if not token:
            return
        if token in seen:
            raise BadAnswer("a page token came twice: histories would never end", where=f"POST {url}")
        seen.add(token)
