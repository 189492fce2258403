"""No request per issue: what lies in issues comes with them, histories of many at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from jira_site import JiraSite

from itsm_bridge_jira_sm.testing import SimulatedJira

ISSUES, PAGE = 120, 20


def busy(server: SimulatedJira) -> list[str]:
    """Issues with clocks, approvals, comments, links and some history."""
    start = datetime.now(UTC) - timedelta(days=40)
    ids = []
    for number in range(ISSUES):
        at = start + timedelta(hours=number)
        key = server.insert("IT", "Change" if number % 3 else "Incident", at=at, status="Open")
        server.update(key, {"status": "In Progress"}, at=at + timedelta(minutes=5))
        server.comment(key, "first", at=at + timedelta(minutes=6))
        if number % 3:
            approval = server.ask_approval(key, ["admin"], at=at + timedelta(minutes=7))
            server.approve(key, approval, "admin", at=at + timedelta(minutes=9))
        ids.append(key)
    for one, other in pairwise(ids):
        server.link(one, other, "Relates")
    return ids


def test_requests_grow_with_pages_and_not_with_issues(site: JiraSite, server: SimulatedJira) -> None:
    busy(server)
    site.settings["streams"] = None
    report = site.sync()
    states = {name: about["status"] for name, about in report.streams["jira"].items()}
    assert {name for name, status in states.items() if status != "complete"} <= {"issue_service"}
    asked = site.asked()
    per_issue = {path: count for path, count in asked.items() if "…" in path and "issue" in path.split("/")}
    assert sum(per_issue.values()) <= 1, per_issue  # a look at one, whether it may be seen
    pages = ISSUES // PAGE
    allowed = 2 * pages + 10  # windows have a page of their own that ends them, and a tail
    assert asked["/rest/api/2/search/jql" if server.site.is_cloud else "/rest/api/2/search"] <= allowed
    assert asked["/rest/api/2/changelog/bulkfetch"] <= (allowed if server.site.is_cloud else 0)
    assert sum(count for path, count in asked.items() if path.endswith(("/sla", "/approval"))) <= 3  # a probe
    assert len(site.keys("issue_history")) >= ISSUES
    assert len(site.keys("issue_approval")) == sum(1 for number in range(ISSUES) if number % 3)


def test_comments_beyond_those_that_an_issue_shows_are_asked_for(site: JiraSite, server: SimulatedJira) -> None:
    talk = server.insert("IT", status="Closed")
    for number in range(130):
        server.comment(talk, f"word {number}")
    site.sync()
    assert len(site.keys("issue_comment")) == 130


def test_histories_beyond_what_an_issue_shows_are_whole(site: JiraSite, server: SimulatedJira) -> None:
    busy_one = server.insert("IT", status="Open")
    for number in range(150):
        server.update(busy_one, {"summary": f"attempt {number}"})
    site.sync()
    assert len(site.keys("issue_history")) == 150
