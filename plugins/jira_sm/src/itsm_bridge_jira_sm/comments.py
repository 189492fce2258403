"""Comments that an issue does not bring along: a search shows some of them and how many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import compress

from itsm_bridge.errors import BadAnswer
from itsm_bridge.nested import Columns, NestedDecoder, NestedPage, Path
from itsm_bridge_jira_sm.answers import looked_up
from itsm_bridge_jira_sm.details import Rows
from itsm_bridge_jira_sm.instants import all_in_utc
from itsm_bridge_jira_sm.session import Site
from itsm_bridge_jira_sm.shape import COMMENT_TOTAL, Shape

_AT_ONCE = 100
_STREAM = "issue_comment"


def comments(site: Site, shape: Shape, page: NestedPage) -> Rows:
    """Return all comments of all issues on a page; those of issues that show only a part are asked for."""
    found, totals = page.tables[_STREAM], page.tables[COMMENT_TOTAL]
    shown = Counter(found.columns["issue"] if found.count else ())
    given = zip(totals.columns["issue"], totals.columns["total"], strict=True) if totals.count else ()
    cut = {issue for issue, total in given if issue and total and int(total) > shown[issue]}
    columns = {name: list(found.columns[name]) if found.count else [] for name in shape.wanted[_STREAM]}
    if cut and found.count:
        keep = [issue not in cut for issue in found.columns["issue"]]
        columns = {name: list(compress(column, keep)) for name, column in columns.items()}
    for issue in sorted(cut):
        for part in _pages(site, shape, issue):
            for name, column in columns.items():
                column.extend([issue] * part.count if name == "issue" else part.columns[name] if part.count else ())
    if "created" in columns:
        columns["created"] = all_in_utc(columns["created"])
    return columns, len(columns["id"])


def _pages(site: Site, shape: Shape, issue: str) -> Iterator[Columns]:
    names = [name for name in shape.wanted[_STREAM] if name != "issue"]
    paths: Mapping[str, Path] = {name: shape.person(tuple(name.split("."))) for name in names}
    decode = NestedDecoder("comments", {_STREAM: paths}, ("total", "errorMessages"))
    url, start = site.api(f"issue/{issue}/comment"), 0
    while True:
        params = {"startAt": str(start), "maxResults": str(_AT_ONCE), "orderBy": "created"}
        page, _ = looked_up(site, url, params, decode)
        part = page.tables[_STREAM]
        yield part
        start += part.count
        if start >= int(page.envelope["total"] or 0):
            return
        if not part.count:
            raise BadAnswer(f"{start} of {page.envelope['total']} comments came", where=f"GET {url}")
