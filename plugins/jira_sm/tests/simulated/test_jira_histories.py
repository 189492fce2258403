"""What changing an issue leaves in its history, and how histories come in bulk."""

from __future__ import annotations

from datetime import timedelta

from asking_jira import NOW, Asking

from itsm_bridge_jira_sm.testing import SimulatedJira

HOUR = timedelta(hours=1)


def items(ask: Asking, key: str) -> list[tuple[str, str | None, str | None, str | None, str | None]]:
    """Return every change as (field id or name, from, fromString, to, toString)."""
    return [
        (item.get("fieldId", item["field"]), item["from"], item["fromString"], item["to"], item["toString"])
        for history in ask.get(f"issue/{key}/changelog")["values"] for item in history["items"]
    ]  # fmt: skip


def test_an_update_is_one_history_with_an_item_per_field_that_changed(jira: SimulatedJira, ask: Asking) -> None:
    jira.add_person("ben", "Ben Graf")
    key = jira.insert(at=NOW - HOUR, change_type="Normal")
    jira.update(key, {"Change type": "Emergency"}, status="In Progress", assignee="ben", priority="Medium", by="ben")
    history = ask.get(f"issue/{key}/changelog")["values"]
    assert len(history) == 1
    assert history[0]["author"]["accountId"] == jira.person("ben")
    field = jira.field_id("change_type")
    ids = {value: jira.site.options[field, value] for value in ("Normal", "Emergency")}
    assert items(ask, key) == [
        (field, ids["Normal"], "Normal", ids["Emergency"], "Emergency"),
        ("status", "10000", "Open", "10004", "In Progress"),
        ("assignee", None, None, jira.person("ben"), "Ben Graf"),
    ]
    assert history[0]["items"][0]["fieldtype"] == "custom"
    assert ask.get(f"issue/{key}")["fields"]["updated"] == "2026-11-22T09:00:00.000+0000"


def test_the_resolution_s_date_follows_without_a_trace(jira: SimulatedJira, ask: Asking) -> None:
    key = jira.insert(at=NOW - HOUR)
    jira.update(key, status="Resolved", resolution="Done")
    shown = ask.get(f"issue/{key}")["fields"]
    assert shown["resolutiondate"] == shown["statuscategorychangedate"] == "2026-11-22T09:00:00.000+0000"
    jira.update(key, status="In Progress", resolution=None)
    assert ask.get(f"issue/{key}")["fields"]["resolutiondate"] is None
    assert [item[0] for item in items(ask, key)] == ["status", "resolution"] * 2


def test_a_moved_issue_keeps_its_id_and_is_found_by_its_old_key(jira: SimulatedJira, ask: Asking) -> None:
    jira.add_project("OPS")
    key = jira.insert(at=NOW - HOUR)
    assert jira.move(key, "OPS", issue_type="Problem") == "OPS-1"
    moved = ask.get("issue/IT-1")
    assert (moved["id"], moved["key"], moved["fields"]["project"]["key"]) == (key, "OPS-1", "OPS")
    assert [item[0] for item in items(ask, key)] == ["Key", "project", "issuetype"]
    assert ask.ids("project = OPS") == [key]
    assert ask.ids("project = IT") == []
    assert [one["key"] for one in ask.post("issue/bulkfetch", issueIdsOrKeys=["IT-1"])["issues"]] == ["OPS-1"]


def test_links_stand_in_both_issues_with_their_phrase(jira: SimulatedJira, ask: Asking) -> None:
    problem, incident, hidden = jira.insert(issue_type="Problem"), jira.insert(), jira.insert()
    link = jira.link(problem, incident, "Problem/Incident")
    jira.link(problem, hidden, "Relates")
    jira.hide([hidden])
    there = ask.get(f"issue/{incident}")["fields"]["issuelinks"]
    assert [(one["id"], one["type"]["inward"], one["inwardIssue"]["id"]) for one in there] == [
        (link, "is caused by", problem)
    ]
    here = ask.get(f"issue/{problem}")["fields"]["issuelinks"]
    assert [(one["type"]["outward"], one["outwardIssue"]["key"]) for one in here] == [("causes", "IT-2")]
    jira.unlink(problem, link)
    assert ask.get(f"issue/{incident}")["fields"]["issuelinks"] == []
    assert [item[3] for item in items(ask, incident)] == ["IT-1", None]


def test_histories_in_bulk_come_by_time_and_an_issue_s_are_spread(jira: SimulatedJira, ask: Asking) -> None:
    one, other, quiet = (jira.insert(at=NOW - 9 * HOUR) for _ in range(3))
    for hours, key in ((8, one), (7, other), (6, one), (5, one)):
        jira.update(key, summary=f"{hours} hours ago", at=NOW - hours * HOUR)
    asked = {"issueIdsOrKeys": [one, other, quiet, "99999"], "maxResults": 3}
    first = ask.post("changelog/bulkfetch", **asked)
    second = ask.post("changelog/bulkfetch", **asked, nextPageToken=first["nextPageToken"])
    assert [entry["issueId"] for entry in first["issueChangeLogs"]] == [one, other, one]
    assert [entry["issueId"] for entry in second["issueChangeLogs"]] == [one]
    assert "nextPageToken" not in second
    created = first["issueChangeLogs"][0]["changeHistories"][0]["created"]
    assert created == int((NOW - 8 * HOUR).timestamp() * 1000)


def test_histories_in_bulk_can_be_those_of_some_fields(jira: SimulatedJira, ask: Asking) -> None:
    one, other = jira.insert(), jira.insert()
    jira.update(one, status="Pending")
    jira.update(other, summary="other")
    found = ask.post("changelog/bulkfetch", issueIdsOrKeys=[one, other], fieldIds=["status"])
    assert [entry["issueId"] for entry in found["issueChangeLogs"]] == [one]
    assert ask.refused("changelog/bulkfetch", {"issueIdsOrKeys": [one], "fieldIds": list("abcdefghijk")})[0] == 400
    assert ask.refused("changelog/bulkfetch", {"issueIdsOrKeys": ["1"] * 1001})[0] == 400
    assert ask.refused("changelog/bulkfetch", {"issueIdsOrKeys": [one], "maxResults": 10001})[0] == 400


def test_a_deleted_account_is_no_author_any_more(jira: SimulatedJira, ask: Asking) -> None:
    jira.add_person("ben")
    key = jira.insert(reporter="ben")
    jira.update(key, summary="changed", by="ben")
    jira.forget_person("ben")
    assert "author" not in ask.get(f"issue/{key}/changelog")["values"][0]
    assert ask.get(f"issue/{key}")["fields"]["reporter"]["displayName"] == "Former user"


def test_a_deleted_issue_takes_everything_with_it(jira: SimulatedJira, ask: Asking) -> None:
    key, other = jira.insert(), jira.insert()
    jira.link(key, other)
    jira.delete(key)
    assert ask.refused(f"issue/{key}")[0] == 404
    assert ask.get(f"issue/{other}")["fields"]["issuelinks"] == []
    assert ask.post("changelog/bulkfetch", issueIdsOrKeys=[key])["issueChangeLogs"] == []


def test_a_bulk_fetch_leaves_out_what_cannot_be_seen_and_reports_what_failed(jira: SimulatedJira, ask: Asking) -> None:
    ids = [jira.insert() for _ in range(4)]
    jira.hide(ids[:1])
    jira.routes.issues.failing.add(int(ids[3]))
    found = ask.post("issue/bulkfetch", issueIdsOrKeys=[ids[3], ids[2], ids[1], ids[0]], fields=["summary"])
    assert [issue["id"] for issue in found["issues"]] == ids[1:3]
    assert [error["id"] for error in found["issueErrors"]] == ids[3:]
    assert ask.refused("issue/bulkfetch", {"issueIdsOrKeys": ids * 30})[0] == 400
    assert ask.refused("issue/bulkfetch", {"issueIdsOrKeys": ids, "expand": "changelog"})[0] == 400
