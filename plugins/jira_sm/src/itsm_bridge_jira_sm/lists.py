"""Small lists of both APIs: whole, or in pages by offset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from itsm_bridge.errors import BadAnswer
from itsm_bridge_jira_sm.answers import a_list
from itsm_bridge_jira_sm.session import Site

Row = Mapping[str, Any]
Page = TypeVar("Page")


def other_page(page: Page, count: int, before: Page | None, where: str) -> Page:
    """Return a page of so many rows that is not the one before it; raises BadAnswer where a site ignores the offset."""
    if count and page == before:
        raise BadAnswer("the same page came twice: the list would never end", where=where)
    return page


def listed(
    site: Site, url: str, params: Mapping[str, str] | None = None, *, size: int = 50, is_bare: bool = False
) -> Iterator[Row]:
    """Yield the members of a list, page by page; raises BadAnswer for what is none.

    Jira's own API counts pages by `startAt`, that of the service desk by `start`. A list that comes without anything
    around it is whole, unless it `is_bare`: people come so in pages, of which the last is empty.
    """
    first, most = ("start", "limit") if url.startswith(site.desk("")) else ("startAt", "maxResults")
    start, before = 0, None
    while True:
        asked = {**(params or {}), first: str(start), most: str(size)}
        told = site.transport.get(url, asked, accept=a_list).json()
        members = told["values"] if isinstance(told, dict) else told
        before = other_page(members, len(members), before, f"GET {url}")
        yield from (member for member in members if isinstance(member, dict))
        start += len(members)
        if not isinstance(told, dict):
            if is_bare and members:
                continue
            return
        total = told.get("total")
        ends = told.get("isLast", told.get("isLastPage"))
        is_last = start >= total if ends is None and isinstance(total, int) else ends
        if is_last is False and not members:
            raise BadAnswer("an empty page that is not the last", where=f"GET {url}")
        if is_last or not members:
            return


def first_of(site: Site, url: str, params: Mapping[str, str] | None = None) -> Row | None:
    """Return one member of a list, to see whether it may be read; None where it has none."""
    return next(listed(site, url, params, size=1), None)
