"""Faults that real sites show."""

from __future__ import annotations

from datetime import datetime

import pytest
import requests
from asking_jira import Asking

from itsm_bridge_jira_sm.testing import Fault, SimulatedJira

ASKED = {"jql": "project = IT ORDER BY id", "maxResults": 4, "fields": ["summary"]}


@pytest.fixture
def ids(jira: SimulatedJira) -> list[str]:
    return [jira.insert() for _ in range(10)]


def first(jira: SimulatedJira, ask: Asking, kind: str, **more: float) -> requests.Response:
    """Return the answer to a search that a fault befalls."""
    jira.faults.add(Fault(kind, nth=(1,), about="*search*", **more))
    return ask.request("search/jql", ASKED)


@pytest.mark.usefixtures("ids")
def test_limits_are_told_in_several_ways(jira: SimulatedJira, ask: Asking) -> None:
    headers = {}
    for kind in ("rate_limit", "rate_limit_seconds", "rate_limit_date", "rate_limit_reset"):
        jira.faults.clear()
        answer = first(jira, ask, kind, seconds=30)
        assert (answer.status_code, answer.headers["RateLimit-Reason"]) == (429, "jira-burst-based")
        headers[kind] = answer.headers
    assert "Retry-After" not in headers["rate_limit"]
    assert headers["rate_limit_seconds"]["Retry-After"] == "30"
    assert headers["rate_limit_date"]["Retry-After"].endswith("GMT")
    assert "Retry-After" not in headers["rate_limit_reset"]
    assert datetime.fromisoformat(headers["rate_limit_reset"]["X-RateLimit-Reset"])


@pytest.mark.usefixtures("ids")
@pytest.mark.parametrize(
    ("kind", "status", "begins"),
    [
        ("server_error", 500, "<html>"), ("bad_gateway", 502, "<html>"), ("unavailable", 503, "<html>"),
        ("html", 200, "<!DOCTYPE html>"), ("null_body", 200, "null"), ("list_body", 200, "[]"), ("empty_body", 200, ""),
    ],
)  # fmt: skip
def test_outages_and_bodies_that_are_none(
    jira: SimulatedJira, ask: Asking, kind: str, status: int, begins: str
) -> None:
    answer = first(jira, ask, kind)
    assert (answer.status_code, answer.text[: len(begins) or 1]) == (status, begins)
    assert ask.request("search/jql", ASKED).status_code == 200


@pytest.mark.usefixtures("ids")
def test_connections_break_and_bodies_are_cut(jira: SimulatedJira, ask: Asking) -> None:
    with pytest.raises(requests.ConnectionError):
        first(jira, ask, "reset")
    jira.faults.clear()
    cut = first(jira, ask, "cut_json")
    with pytest.raises(requests.JSONDecodeError):
        cut.json()


def test_a_short_page_loses_nothing(jira: SimulatedJira, ask: Asking, ids: list[str]) -> None:
    jira.faults.add(Fault("short_page", every=2, about="*search*"))
    pages = ask.pages(**ASKED)  # type: ignore[arg-type]
    assert [len(page["issues"]) for page in pages] == [4, 2, 4]
    assert [issue["id"] for page in pages for issue in page["issues"]] == ids


def test_an_empty_page_with_a_token_loses_nothing(jira: SimulatedJira, ask: Asking, ids: list[str]) -> None:
    jira.faults.add(Fault("empty_page", nth=(1, 3), about="*search*"))
    pages = ask.pages(**ASKED)  # type: ignore[arg-type]
    assert [len(page["issues"]) for page in pages] == [0, 4, 0, 4, 2]
    assert [issue["id"] for page in pages for issue in page["issues"]] == ids


@pytest.mark.usefixtures("ids")
def test_a_token_may_be_repeated_and_the_end_not_be_marked(jira: SimulatedJira, ask: Asking) -> None:
    token = ask.post("search/jql", **ASKED)["nextPageToken"]
    jira.faults.add(Fault("repeated_token", nth=(1,), about="*search*"))
    assert ask.post("search/jql", **ASKED, nextPageToken=token)["nextPageToken"] == token
    jira.faults.clear()
    jira.faults.add(Fault("missing_is_last", every=1))
    assert ["isLast" in page for page in ask.pages(**ASKED)] == [False, False, False]  # type: ignore[arg-type]


@pytest.mark.usefixtures("ids")
def test_half_a_page_may_stand_beside_an_error(jira: SimulatedJira, ask: Asking) -> None:
    told = first(jira, ask, "partial_result").json()
    assert (len(told["issues"]), "nextPageToken" in told, len(told["errorMessages"])) == (2, False, 1)


def test_a_short_page_of_data_center(data_center: SimulatedJira, ask_data_center: Asking) -> None:
    for _ in range(4):
        data_center.insert()
    data_center.faults.add(Fault("short_page", nth=(1,), about="*search*"))
    page = ask_data_center.post("search", jql="project = IT", maxResults=4)
    assert (page["maxResults"], len(page["issues"]), page["total"]) == (4, 2, 4)


def test_issues_may_change_while_others_are_read(jira: SimulatedJira, ask: Asking, ids: list[str]) -> None:
    seen: list[str] = []

    def disturb(path: str, question: object) -> None:
        seen.append(path)
        jira.touch(ids[0])

    jira.unrest = disturb
    ask.pages(**ASKED)  # type: ignore[arg-type]
    assert seen == ["/rest/api/2/search/jql"] * 3
    assert jira.requests_about["/rest/api/2/search/jql"] == 3
    assert [request.rows for request in jira.requests] == [4, 4, 2]
