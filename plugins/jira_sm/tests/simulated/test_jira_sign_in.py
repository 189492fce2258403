"""Ways in, and what nobody and the wrong one get."""

from __future__ import annotations

from typing import Any

import requests
from asking_jira import Asking

from itsm_bridge_jira_sm.testing import SimulatedJira


def ask_as(url: str, user: str, secret: str, path: str = "rest/api/2/myself") -> requests.Response:
    return requests.get(f"{url}/{path}", auth=(user, secret), timeout=10)


def bear(url: str, token: str, path: str = "rest/api/2/myself") -> requests.Response:
    return requests.get(f"{url}/{path}", headers={"Authorization": f"Bearer {token}"}, timeout=10)


def test_who_is_nobody_finds_nothing_and_is_not_told_so(jira: SimulatedJira) -> None:
    jira.insert()
    wrong = {"auth": (jira.username, "wrong"), "timeout": 10}
    found = requests.post(f"{jira.url}/rest/api/2/search/jql", json={"jql": "project = IT"}, **wrong)  # type: ignore[arg-type]
    assert (found.status_code, found.json()) == (200, {"issues": [], "isLast": True})
    assert ask_as(jira.url, jira.username, "wrong").status_code == 401
    assert ask_as(jira.url, jira.username, "wrong", "rest/api/2/project/search").json()["total"] == 0
    assert ask_as(jira.url, jira.username, "wrong", "rest/api/2/issue/IT-1").status_code == 404
    assert ask_as(jira.url, "", "", "rest/api/2/serverInfo").json()["deploymentType"] == "Cloud"


def test_a_scoped_token_works_through_the_gateway_only(jira: SimulatedJira) -> None:
    assert requests.get(f"{jira.url}/_edge/tenant_info", timeout=10).json() == {"cloudId": jira.cloud_id}
    assert ask_as(jira.url, jira.username, jira.scoped_token, "rest/api/2/search/jql?jql=project=IT").status_code == 401
    through = ask_as(jira.gateway, jira.username, jira.scoped_token)
    assert through.json()["self"].startswith(jira.gateway)
    assert ask_as(jira.gateway, jira.username, jira.api_token).status_code == 401
    info = ask_as(jira.gateway, jira.username, jira.scoped_token, "rest/api/2/serverInfo").json()
    assert info["baseUrl"] == jira.url
    jira.sign_in.scopes = ("read:jira-work",)
    refused = ask_as(jira.gateway, jira.username, jira.scoped_token)
    assert (refused.status_code, refused.json()["message"]) == (401, "Unauthorized; scope does not match")


def renew(jira: SimulatedJira, refresh: str, **more: str) -> requests.Response:
    form: dict[str, Any] = {
        "grant_type": "refresh_token", "client_id": jira.client_id, "client_secret": jira.client_secret,
        "refresh_token": refresh, **more,
    }  # fmt: skip
    return requests.post(jira.token_url, json=form, timeout=10)


def test_a_refresh_token_is_spent_by_its_use(jira: SimulatedJira) -> None:
    first = jira.sign_in.refresh_token
    told = renew(jira, first).json()
    assert told["refresh_token"] == jira.sign_in.refresh_token != first
    assert bear(jira.gateway, told["access_token"]).status_code == 200
    assert bear(jira.url, told["access_token"]).status_code == 401
    sites = bear(jira.root, told["access_token"], "oauth/token/accessible-resources").json()
    assert [(site["id"], site["url"]) for site in sites] == [(jira.cloud_id, jira.url)]
    assert renew(jira, first).status_code == 403
    assert renew(jira, told["refresh_token"], client_secret="wrong").status_code == 401
    jira.sign_in.expire()
    assert bear(jira.gateway, told["access_token"]).status_code == 401


def test_data_center_takes_passwords_and_personal_access_tokens(data_center: SimulatedJira) -> None:
    assert bear(data_center.url, data_center.token).status_code == 200
    assert bear(data_center.url, "wrong").status_code == 401
    assert ask_as(data_center.url, data_center.username, data_center.password).status_code == 200


def test_three_wrong_passwords_lead_to_a_captcha(data_center: SimulatedJira) -> None:
    for _ in range(3):
        assert ask_as(data_center.url, data_center.username, "wrong").status_code == 401
    denied = ask_as(data_center.url, data_center.username, data_center.password)
    assert denied.status_code == 403
    assert (
        denied.headers["X-Authentication-Denied-Reason"] == f"CAPTCHA_CHALLENGE; login-url={data_center.url}/login.jsp"
    )
    assert bear(data_center.url, data_center.token).status_code == 200
    data_center.sign_in.solve_captcha()
    assert ask_as(data_center.url, data_center.username, data_center.password).status_code == 200


def test_nothing_can_be_written(jira: SimulatedJira, ask: Asking) -> None:
    key = jira.insert()
    assert ask.request("issue", {"fields": {}}).status_code == 405
    assert ask.session.delete(f"{jira.url}/rest/api/2/issue/{key}", timeout=10).status_code == 405
    assert jira.writes_attempted == ["POST /rest/api/2/issue", f"DELETE /rest/api/2/issue/{key}"]
    assert jira.issue(key)
