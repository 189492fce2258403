"""Searching a simulated Cloud site: pages, caps, and the vendor's refusals."""

from __future__ import annotations

from datetime import timedelta

from asking_jira import NOW, Asking

from itsm_bridge_jira_sm.testing import SimulatedJira


def fill(jira: SimulatedJira, count: int) -> list[str]:
    return [jira.insert(at=NOW - timedelta(minutes=count - n), summary=f"issue {n}") for n in range(count)]


def test_pages_follow_one_another_by_token_and_the_last_one_has_none(jira: SimulatedJira, ask: Asking) -> None:
    ids = fill(jira, 25)
    pages = ask.pages("project = IT ORDER BY updated ASC, key ASC", maxResults=10, fields=["summary"])
    assert [len(page["issues"]) for page in pages] == [10, 10, 5]
    assert [page["isLast"] for page in pages] == [False, False, True]
    assert ["nextPageToken" in page for page in pages] == [True, True, False]
    assert [issue["id"] for page in pages for issue in page["issues"]] == ids
    assert not {"total", "startAt", "maxResults"} & pages[0].keys()


def test_without_fields_there_are_only_ids(jira: SimulatedJira, ask: Asking) -> None:
    fill(jira, 1)
    assert ask.post("search/jql", jql="project = IT")["issues"] == [{"id": "10001"}]
    assert ask.post("search/jql", jql="project = IT", fields=["key"])["issues"] == [{"id": "10001", "key": "IT-1"}]


def test_pages_of_fields_hold_a_hundred_and_pages_of_ids_thousands(jira: SimulatedJira, ask: Asking) -> None:
    fill(jira, 120)
    assert len(ask.post("search/jql", jql="project = IT", maxResults=5000)["issues"]) == 120
    assert len(ask.post("search/jql", jql="project = IT", maxResults=5000, fields=["status"])["issues"]) == 100
    assert len(ask.post("search/jql", jql="project = IT")["issues"]) == 50


def test_fields_can_be_all_navigable_named_or_taken_away(jira: SimulatedJira, ask: Asking) -> None:
    fill(jira, 1)

    def shown(*fields: str) -> set[str]:
        return set(ask.post("search/jql", jql="project = IT", fields=fields)["issues"][0]["fields"])

    assert shown("summary", "nonsense") == {"summary"}
    assert "comment" in shown("*all")
    assert "comment" not in shown("*navigable")
    assert shown("*all") - shown("*all", "-summary") == {"summary"}


def test_the_same_by_get(jira: SimulatedJira, ask: Asking) -> None:
    fill(jira, 3)
    found = ask.get("search/jql", jql="project = IT ORDER BY id", maxResults=2, fields="summary,status")
    assert [issue["fields"]["summary"] for issue in found["issues"]] == ["issue 0", "issue 1"]
    rest = ask.get("search/jql", jql="project = IT ORDER BY id", maxResults=2, nextPageToken=found["nextPageToken"])
    assert [issue["id"] for issue in rest["issues"]] == ["10003"]


def test_the_removed_search_is_gone_for_good(ask: Asking) -> None:
    status, words = ask.refused("search", {"jql": "project = IT"})
    assert status == 410
    assert words.startswith("The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.")


def test_a_query_needs_a_restriction(ask: Asking) -> None:
    status, words = ask.refused("search/jql", {"jql": "ORDER BY key"})
    assert (status, words.startswith("Unbounded JQL queries are not allowed here.")) == (400, True)


def test_tokens_are_of_one_query_and_expire(jira: SimulatedJira, ask: Asking) -> None:
    fill(jira, 3)
    token = ask.post("search/jql", jql="project = IT", maxResults=1)["nextPageToken"]
    assert ask.refused("search/jql", {"jql": "project in (IT)", "nextPageToken": token})[0] == 400
    jira.pass_time(days=8)
    assert ask.refused("search/jql", {"jql": "project = IT", "nextPageToken": token})[0] == 400


def test_an_issue_that_changes_while_pages_are_read_moves_to_the_end(jira: SimulatedJira, ask: Asking) -> None:
    ids = fill(jira, 4)
    asked = {"jql": "project = IT ORDER BY updated", "maxResults": 2}
    first = ask.post("search/jql", **asked)
    jira.update(ids[0], summary="moved")
    second = ask.post("search/jql", **asked, nextPageToken=first["nextPageToken"])
    third = ask.post("search/jql", **asked, nextPageToken=second["nextPageToken"])
    assert [[issue["id"] for issue in page["issues"]] for page in (first, second, third)] == [ids[:2], ids[2:], ids[:1]]


def test_the_count_is_of_what_is_visible(jira: SimulatedJira, ask: Asking) -> None:
    ids = fill(jira, 5)
    jira.hide(ids[:2])
    assert ask.post("search/approximate-count", jql="project = IT") == {"count": 3}
    assert ask.refused("search/approximate-count", {"jql": ""})[0] == 400


def test_a_search_shows_the_forty_newest_changes_and_how_many_there_are(jira: SimulatedJira, ask: Asking) -> None:
    key = jira.insert()
    for number in range(105):
        jira.update(key, summary=f"now {number}", at=NOW + timedelta(seconds=number))
    log = ask.post("search/jql", jql="project = IT", fields=["summary"], expand="changelog")["issues"][0]["changelog"]
    assert (log["total"], len(log["histories"])) == (105, 40)
    assert log["histories"][0]["items"][0]["toString"] == "now 104"
    first = ask.get(f"issue/{key}/changelog")
    rest = ask.get(f"issue/{key}/changelog", startAt=100)
    assert (len(first["values"]), first["isLast"], first["total"]) == (100, False, 105)
    assert first["values"][0]["items"][0]["toString"] == "now 0"
    assert (len(rest["values"]), rest["isLast"]) == (5, True)


def test_comments_in_an_issue_are_capped_and_counted(jira: SimulatedJira, ask: Asking) -> None:
    key = jira.insert()
    for number in range(103):
        jira.comment(key, f"word {number}", is_public=number % 2 == 0)
    inside = ask.post("search/jql", jql="project = IT", fields=["comment"])["issues"][0]["fields"]["comment"]
    assert (len(inside["comments"]), inside["total"]) == (100, 103)
    rest = ask.get(f"issue/{key}/comment", startAt=100, maxResults=50)
    assert [one["body"] for one in rest["comments"]] == ["word 100", "word 101", "word 102"]
    assert [one["jsdPublic"] for one in rest["comments"]] == [True, False, True]


def test_a_query_is_evaluated_once_for_all_of_its_pages(jira: SimulatedJira, ask: Asking) -> None:
    fill(jira, 3000)
    pages = ask.pages("project = IT AND updated >= 0 ORDER BY updated, key", maxResults=100, fields=["summary"])
    assert sum(len(page["issues"]) for page in pages) == 3000
    assert jira.routes.search.searches == 1


def test_bodies_that_the_vendor_refuses(ask: Asking, ask_data_center: Asking) -> None:
    assert ask.refused("search/jql", {"jql": "project = IT", "expand": ["changelog"]})[0] == 400
    status, words = ask_data_center.refused("search", {"jql": "project = IT", "properties": None})
    assert (status, words.startswith('Unrecognized field "properties"')) == (400, True)
