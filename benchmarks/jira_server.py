"""A simulated Jira Cloud in a process of its own, whose issues and histories were written beforehand.

Everything else about the site is the simulated Jira's own, so that the adapter looks around as always. As a program
(`python -m benchmarks.jira_server ISSUES ENTRIES`) it prints its address and serves until its input ends.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_left
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.jira_issues import FIRST, Issues
from benchmarks.serving import served, until_told
from itsm_bridge.simulation import Answer
from itsm_bridge_jira_sm.testing import SimulatedJira
from itsm_bridge_jira_sm.testing.asked import Asked

TOKEN = "benchmark"
_CLOCK = re.compile(r"(created|updated) (>=|<) (\d+)")
_AFTER_CREATION = timedelta(hours=30)


class _Search:
    """Answers searches with pages of issues that lie ready; all fields of an issue come, whatever is asked."""

    def __init__(self, issues: Issues) -> None:
        self._issues = issues

    def count(self, asked: Asked) -> Answer:
        """Answer `search/approximate-count`."""
        return _answer(b'{"count":%d}' % len(self._found(str(asked.get("jql")))))

    def by_token(self, asked: Asked, _: Any) -> Answer:
        """Answer `search/jql`; a token is the place of the next issue."""
        found = self._found(str(asked.get("jql")))
        start, size = int(asked.get("nextPageToken") or 0), asked.number("maxResults", 50)
        shown = found[start : start + size]
        is_short = set(asked.names("fields") or ()) <= {"id", "key"}
        parts = [b'{"id":"%d"}' % (FIRST + n) if is_short else self._issues.issue(n) for n in shown]
        more = b',"nextPageToken":"%d"' % (start + size) if start + size < len(found) else b""
        return _answer(b'{"issues":[%s]%s}' % (b",".join(parts), more))

    def _found(self, query: str) -> range:
        if "statusCategory" in query:
            return range(0)
        first, after = 0, self._issues.count
        for field, sign, given in _CLOCK.findall(query):
            moment = datetime.fromtimestamp(int(given) / 1000, UTC)
            place = self._place(moment - _AFTER_CREATION if field == "updated" else moment)
            first, after = (max(first, place), after) if sign == ">=" else (first, min(after, place))
        return range(first, after)[:: -1 if "DESC" in query else 1]

    def _place(self, moment: datetime) -> int:
        return bisect_left(range(self._issues.count), moment, key=self._issues.created)


class _Histories:
    """Answers `changelog/bulkfetch` with histories that lie ready; a token is the place of the next issue."""

    def __init__(self, issues: Issues, entries: int) -> None:
        self._issues = issues
        self._entries = entries

    def changelogs(self, asked: Asked, _: Any) -> Answer:
        """Answer `changelog/bulkfetch`."""
        names, start = asked.get("issueIdsOrKeys") or [], int(asked.get("nextPageToken") or 0)
        at_once = max(asked.number("maxResults", 1000) // max(self._entries, 1), 1)
        shown = names[start : start + at_once] if self._entries else []
        more = b',"nextPageToken":"%d"' % (start + at_once) if shown and start + at_once < len(names) else b""
        parts = [self._issues.history(int(name)) for name in shown]
        return _answer(b'{"issueChangeLogs":[%s]%s}' % (b",".join(parts), more))


def _answer(body: bytes) -> Answer:
    return Answer(200, body)


def jira(count: int, entries: int = 0) -> AbstractContextManager[str]:
    """Serve issues with so many entries of history each; yields the address."""
    return served("benchmarks.jira_server", count, entries)


def _serve(count: int, entries: int) -> None:
    with SimulatedJira(api_token=TOKEN, username="reader") as site:
        issues = Issues(site, count, entries)
        ready: dict[str, Any] = {"search": _Search(issues), "issues": _Histories(issues, entries)}
        for name, api in ready.items():
            setattr(site.routes, name, api)
        until_told(site.url)


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]))
