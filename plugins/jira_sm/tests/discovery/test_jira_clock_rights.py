"""Are clocks empty because there are none, because the account is no agent, or because a search leaves them out?"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
import responses
from jira_answers import URL, answers_at, asked, connected

from itsm_bridge_jira_sm.discovery import Fields
from itsm_bridge_jira_sm.scope import Projects
from itsm_bridge_jira_sm.sla_rights import Clocks, look_for_clocks
from itsm_bridge_jira_sm.survey import preflight

SEARCH = f"{URL}/rest/api/2/search/jql"
CLOCKS = f"{URL}/rest/servicedeskapi/request/10001/sla"
MAY = f"{URL}/rest/api/2/mypermissions"
FIELDS = Fields({"sla": ("customfield_1", "customfield_2"), "request_type": ("customfield_3",)}, {})
RUNNING = {"id": "1", "name": "Time to resolution", "completedCycles": [], "ongoingCycle": {"breached": False}}
DONE = {"id": "1", "name": "Time to resolution", "completedCycles": [{"breached": True}]}
IDLE = {"id": "1", "name": "Time to resolution", "completedCycles": []}
DELETED = {"errorMessage": "metric not found"}


def looked(tool: responses.RequestsMock, value: Any, *, is_agent: bool | None, request: Any = None) -> Clocks:
    """Look at one issue whose search shows `value` as its clock; `request` is what the request itself answers."""
    answers_at(tool, URL)
    fields = {"customfield_1": None, "customfield_2": value, "customfield_3": {"requestType": {"id": "1"}}}
    tool.post(SEARCH, json={"issues": [{"id": "10000", "fields": {}}, {"id": "10001", "fields": fields}]})
    status, clocks = request or (200, [])
    tool.get(CLOCKS, status=status, json={"values": clocks, "isLastPage": True} if status == 200 else {})
    has = {} if is_agent is None else {"SERVICEDESK_AGENT": {"havePermission": is_agent}}
    tool.get(MAY, json={"permissions": has})
    projects = Projects(["10000"], {"10000": "IT"}, frozenset({"10000"}))
    with ThreadPoolExecutor(1) as pool:
        return look_for_clocks(connected(), FIELDS, projects, pool)


@pytest.mark.parametrize("value", [RUNNING, DONE])
def test_one_clock_that_shows_is_enough_and_nothing_more_is_asked(tool: responses.RequestsMock, value: Any) -> None:
    assert looked(tool, value, is_agent=False) == Clocks(shown=("IT",))
    assert [url for url in asked(tool) if "servicedeskapi" in url or "mypermissions" in url] == []


@pytest.mark.parametrize("value", [None, IDLE, DELETED, "text"])
@pytest.mark.parametrize(
    ("is_agent", "request_", "sight"),
    [
        (False, (403, None), "hidden"), (True, (403, None), "hidden"), (None, (401, None), "hidden"),
        (False, (404, None), "hidden"), (False, (200, []), "hidden"),
        (True, (200, []), "without"), (None, (200, [IDLE, DELETED]), "without"), (True, (404, None), "without"),
        (True, (200, [RUNNING]), "left_out"), (None, (200, [DONE]), "left_out"),
    ],
)  # fmt: skip
def test_where_none_shows_the_request_itself_and_our_permissions_tell_why(
    tool: responses.RequestsMock, value: Any, is_agent: bool | None, request_: Any, sight: str
) -> None:
    assert looked(tool, value, is_agent=is_agent, request=request_) == Clocks(**{sight: ("IT",)})


def test_the_request_of_an_issue_that_is_one_is_asked_for(tool: responses.RequestsMock) -> None:
    looked(tool, None, is_agent=True)
    assert [url for url in asked(tool) if "servicedeskapi" in url] == [f"{CLOCKS}?start=0&limit=50"]


def test_projects_in_which_clocks_are_hidden_are_named_where_others_show_them(tool: responses.RequestsMock) -> None:
    answers_at(tool, URL)
    tool.post(f"{URL}/rest/api/2/search/approximate-count", json={"count": 2})

    def search(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        told = json.loads(request.body or "{}")
        clock = RUNNING if "10000" in told["jql"] else None
        return 200, {}, json.dumps({"issues": [{"id": "10001", "fields": {"customfield_1": clock}}]})

    tool.add_callback("POST", SEARCH, search)
    tool.get(CLOCKS, status=403, json={})
    tool.get(MAY, json={})
    projects = Projects(["10000", "10001"], {"10000": "IT", "10001": "HR"}, frozenset())
    found = preflight(connected(), FIELDS, projects, {"issue": ("id",), "issue_sla": ("id",)})
    (seen,) = [item for item in found.access if item.stream == "issue_sla"]
    assert (seen.is_readable, seen.reason) == (
        True, "clocks are not observed in HR: the account is no agent there"
    )  # fmt: skip
    assert [right.grant.partition(",")[0] for right in seen.rights] == ["project permission Service Desk Agent in HR"]
    (told,) = [item for item in found.capabilities if item.name == "sla.claim"]
    assert (told.level, told.reason) == ("partial", "issue_sla is not observed in HR")


def test_clocks_that_a_search_leaves_out_are_a_problem_of_the_site(tool: responses.RequestsMock) -> None:
    answers_at(tool, URL)
    tool.post(f"{URL}/rest/api/2/search/approximate-count", json={"count": 1})
    tool.post(SEARCH, json={"issues": [{"id": "10001", "fields": {}}]})
    tool.get(CLOCKS, json={"values": [RUNNING], "isLastPage": True})
    tool.get(MAY, json={})
    projects = Projects(["10000"], {"10000": "IT"}, frozenset())
    found = preflight(connected(), FIELDS, projects, {"issue": ("id",), "issue_sla": ("id",)})
    assert "In IT, requests have clocks that a search leaves out" in found.problems[0]
    assert [item.level for item in found.capabilities if item.name == "sla.claim"] == ["partial"]


def test_a_site_without_clocks_is_not_searched_for_them(tool: responses.RequestsMock) -> None:
    answers_at(tool, URL)
    projects = Projects(["10000"], {"10000": "IT"}, frozenset())
    with ThreadPoolExecutor(1) as pool:
        assert look_for_clocks(connected(), Fields({"sla": ()}, {}), projects, pool) == Clocks()
    assert SEARCH not in asked(tool)
