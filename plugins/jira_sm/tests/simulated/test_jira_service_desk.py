"""Service-level clocks, approvals, request types and organisations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from asking_jira import NOW, Asking

from itsm_bridge_jira_sm.testing import Raw, SimulatedJira

HOUR = timedelta(hours=1)
METRIC = "Time to resolution"


def clock(ask: Asking, jira: SimulatedJira, key: str) -> Any:
    return ask.get(f"issue/{key}")["fields"][jira.field_id(METRIC)]


def test_a_clock_runs_pauses_and_breaches(jira: SimulatedJira, ask: Asking) -> None:
    key = jira.insert(at=NOW)
    jira.start_sla(key, METRIC, 4 * 3600)
    jira.pass_time(hours=1)
    running = clock(ask, jira, key)["ongoingCycle"]
    assert (running["elapsedTime"]["millis"], running["remainingTime"]["millis"]) == (3_600_000, 3 * 3_600_000)
    assert running["breachTime"]["epochMillis"] == int((NOW + 4 * HOUR).timestamp() * 1000)
    jira.pause_sla(key, METRIC)
    jira.pass_time(hours=10)
    paused = clock(ask, jira, key)["ongoingCycle"]
    assert (paused["paused"], paused["elapsedTime"]["millis"], "breachTime" in paused) == (True, 3_600_000, False)
    jira.resume_sla(key, METRIC)
    jira.pass_time(hours=4)
    late = clock(ask, jira, key)["ongoingCycle"]
    assert (late["breached"], late["remainingTime"]["millis"]) == (True, -3_600_000)
    assert late["breachTime"]["epochMillis"] == int((NOW + 14 * HOUR).timestamp() * 1000)
    assert ask.get(f"issue/{key}")["fields"]["updated"] == "2026-11-22T09:00:00.000+0000"


def test_a_reopened_issue_has_several_cycles(jira: SimulatedJira, ask: Asking) -> None:
    key = jira.insert(at=NOW)
    jira.start_sla(key, METRIC, 3600)
    jira.stop_sla(key, METRIC, at=NOW + HOUR / 2)
    jira.start_sla(key, METRIC, 3600, at=NOW + HOUR)
    jira.stop_sla(key, METRIC, at=NOW + 3 * HOUR)
    cycles = clock(ask, jira, key)
    assert [cycle["breached"] for cycle in cycles["completedCycles"]] == [False, True]
    assert "ongoingCycle" not in cycles
    assert cycles["completedCycles"][0]["stopTime"]["iso8601"] == "2026-11-22T09:30:00+0000"


def test_a_clock_is_null_where_no_goal_matched_and_can_be_anything(jira: SimulatedJira, ask: Asking) -> None:
    key = jira.insert()
    assert clock(ask, jira, key) is None
    jira.set_sla(key, METRIC, Raw({"errorMessage": "metric not found"}))
    assert clock(ask, jira, key) == {"errorMessage": "metric not found"}


def test_who_is_no_agent_sees_no_clocks(jira: SimulatedJira, ask: Asking) -> None:
    key = jira.insert(request_type="Get IT help")
    jira.start_sla(key, METRIC, 3600)
    inline = clock(ask, jira, key)
    assert ask.desk(f"request/{key}/sla")["values"] == [inline]
    jira.site.is_agent = False
    assert clock(ask, jira, key) is None
    refused = ask.request(f"rest/servicedeskapi/request/{key}/sla")
    assert (refused.status_code, set(refused.json())) == (403, {"errorMessage", "i18nErrorMessage"})
    assert ask.desk("servicedesk")["values"] == []


def test_a_site_may_leave_clocks_out_of_searches(jira: SimulatedJira, ask: Asking) -> None:
    key = jira.insert()
    jira.start_sla(key, METRIC, 3600)
    jira.routes.search.omits_clocks = True
    found = ask.post("search/jql", jql="project = IT", fields=["*all"])["issues"][0]["fields"]
    assert jira.field_id(METRIC) not in found
    assert clock(ask, jira, key)


def test_an_approval_stands_in_the_issue_and_its_last_vote_moves_the_issue(jira: SimulatedJira, ask: Asking) -> None:
    for login in ("ben", "eva"):
        jira.add_person(login)
    key = jira.insert(issue_type="Change", status="Awaiting CAB approval", at=NOW - 3 * HOUR)
    approval = jira.ask_approval(key, ["ben", "eva"], needed=2, at=NOW - 2 * HOUR)
    jira.approve(key, approval, "ben", at=NOW - HOUR, then={"status": "Awaiting implementation"})
    shown = ask.get(f"issue/{key}")["fields"]
    told = shown[jira.field_id("approvals")][0]
    assert told["finalDecision"] == "pending"
    assert [vote["approverDecision"] for vote in told["approvers"]] == ["approved", "pending"]
    assert "completedDate" not in told
    assert ask.get(f"issue/{key}/changelog")["values"] == []
    jira.approve(key, approval, "eva", then={"status": "Awaiting implementation"})
    told = ask.desk(f"request/{key}/approval")["values"][0]
    assert (told["finalDecision"], told["completedDate"]["jira"]) == ("approved", "2026-11-22T09:00:00.000+0000")
    history = ask.get(f"issue/{key}/changelog")["values"]
    assert [(one["author"]["accountId"], one["items"][0]["toString"]) for one in history] == [
        (jira.person("eva"), "Awaiting implementation")
    ]


def test_desks_request_types_and_organisations(jira: SimulatedJira, ask: Asking) -> None:
    number = jira.add_organization("Northwind")
    desk = ask.desk("servicedesk")["values"][0]
    assert (desk["id"], desk["projectKey"]) == ("1", "IT")
    kinds = ask.desk("servicedesk/1/requesttype", limit=2)
    assert (kinds["size"], kinds["isLastPage"]) == (2, False)
    rest = ask.desk("servicedesk/1/requesttype", start=2)
    assert [kind["practice"] for kind in kinds["values"] + rest["values"]] == [
        "incidents", "service_requests", "service_requests", "changes", "problems",
    ]  # fmt: skip
    assert ask.desk("organization")["values"][0]["name"] == "Northwind"
    key = jira.insert(request_type="Get IT help", organizations=["Northwind"], satisfaction=4)
    shown = ask.get(f"issue/{key}")["fields"]
    assert shown[jira.field_id("request_type")]["requestType"]["id"] == "2"
    assert [one["id"] for one in shown[jira.field_id("organizations")]] == [number]
    assert shown[jira.field_id("satisfaction")] == {"rating": 4}
    assert ask.desk(f"request/{key}")["requestTypeId"] == "2"
