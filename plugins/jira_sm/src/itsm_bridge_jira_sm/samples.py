"""A look at some issues, and how many there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from itsm_bridge_jira_sm.answers import object_with
from itsm_bridge_jira_sm.session import Site


def count_issues(site: Site, query: str) -> int:
    """Return how many issues match, of those that the account may see; on Cloud, late by what is not indexed yet."""
    url = site.api("search/approximate-count" if site.is_cloud else "search")
    body: dict[str, object] = {"jql": query} if site.is_cloud else {"jql": query, "maxResults": 0, "fields": ["id"]}
    name = "count" if site.is_cloud else "total"
    return int(site.transport.post(url, json=body, accept=object_with(int, name)).json()[name])


def newest_issues(site: Site, query: str, fields: Sequence[str], size: int) -> list[Mapping[str, Any]]:
    """Return the newest issues that match, with some fields."""
    url = site.api("search/jql" if site.is_cloud else "search")
    body = {"jql": f"{query} ORDER BY created DESC", "fields": [*fields], "maxResults": size}
    issues = site.transport.post(url, json=body, accept=object_with(list, "issues")).json()["issues"]
    return [issue for issue in issues if isinstance(issue, dict) and issue.get("id")]
