"""Where requests go, who Jira says that we are, and what is told where it lets nobody in."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import responses
from jira_answers import (
    BEHIND,
    CLOUD_ID,
    DATA_CENTER,
    PASSWORD,
    PAT,
    SERVER,
    URL,
    answers_at,
    asked,
    connected,
)

from itsm_bridge.errors import (
    AuthenticationFailed,
    BadAnswer,
    ConfigurationError,
    PermissionDenied,
    RateLimited,
    SourceError,
)

MYSELF = "rest/api/2/myself"
TENANT = f"{URL}/_edge/tenant_info"
DENIED = {"errorMessages": ["Client must be authenticated to access this resource."], "errors": {}}


def authorization(tool: responses.RequestsMock) -> str:
    return next(call.request.headers["Authorization"] for call in tool.calls if "myself" in str(call.request.url))


def basic(text: str) -> str:
    return f"Basic {base64.b64encode(text.encode()).decode()}"


def refused(error: type[Exception], match: str, **given: Any) -> str:
    with pytest.raises(error, match=match) as caught:
        connected(**given)
    told = f"{caught.value} {caught.value.hint}"  # type: ignore[attr-defined]  # all errors of ours have hints
    assert "api-token-4711" not in told
    return told


def test_a_cloud_site_is_asked_with_e_mail_and_token(tool: responses.RequestsMock) -> None:
    answers_at(tool, URL)
    site = connected()
    assert (site.is_cloud, site.base, site.version) == (True, URL, "1001.0.0-SNAPSHOT")
    assert site.browse_url.format(key="IT-7") == f"{URL}/browse/IT-7"
    assert site.api("field") == f"{URL}/rest/api/2/field"
    assert authorization(tool) == basic("bridge@acme.com:api-token-4711")
    assert "myself" in asked(tool)[0]


def test_a_data_center_keeps_its_path_and_takes_passwords_of_any_alphabet(tool: responses.RequestsMock) -> None:
    answers_at(tool, DATA_CENTER)
    site = connected(url=DATA_CENTER, **PASSWORD)
    assert (site.is_cloud, site.version, site.account["key"]) == (False, "10.3.2", "JIRAUSER10100")
    assert site.desk("info") == f"{DATA_CENTER}/rest/servicedeskapi/info"
    assert authorization(tool) == basic("svc_bridge:Grüße-日本")
    assert tool.calls[0].request.headers["X-ExperimentalApi"] == "opt-in"


def test_a_data_center_takes_a_personal_access_token(tool: responses.RequestsMock) -> None:
    answers_at(tool, DATA_CENTER)
    connected(url=DATA_CENTER, **PAT)
    assert authorization(tool) == "Bearer api-token-4711"


def test_a_token_with_line_breaks_is_told_before_anything_is_sent(
    tool: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRIDGE_TOKEN", "half a token\nand “more”")
    told = refused(ConfigurationError, "no token has", url=DATA_CENTER, **PAT)
    assert "BRIDGE_TOKEN" in told
    assert asked(tool) == []


@pytest.mark.parametrize("cloud_id", [CLOUD_ID, "detect"])
def test_a_scoped_token_goes_through_the_gateway(tool: responses.RequestsMock, cloud_id: str) -> None:
    tool.get(TENANT, json={"cloudId": CLOUD_ID})
    answers_at(tool, BEHIND)
    site = connected(cloud_id=cloud_id)
    assert (site.base, site.is_cloud, site.through_gateway) == (BEHIND, True, True)
    assert site.browse_url.startswith(URL)
    assert (TENANT in asked(tool)) is (cloud_id == "detect")
    assert [c for c in tool.calls if c.request.url == TENANT and "Authorization" in c.request.headers] == []


def test_another_gateway_can_be_named(tool: responses.RequestsMock) -> None:
    behind = f"https://gate.example/ex/jira/{CLOUD_ID}"
    answers_at(tool, behind)
    assert connected(cloud_id=CLOUD_ID, gateway="https://gate.example/").base == behind


def test_a_site_without_cloud_id_says_what_to_write(tool: responses.RequestsMock) -> None:
    tool.get(TENANT, status=404)
    assert 'cloud_id = "…"' in refused(ConfigurationError, "does not tell its cloudId", cloud_id="detect")


def test_a_gateway_that_lacks_the_scope_for_the_site_itself_is_cloud_all_the_same(tool: responses.RequestsMock) -> None:
    answers_at(tool, BEHIND)
    tool.replace("GET", f"{BEHIND}/rest/api/2/serverInfo", status=401, json={"message": "scope does not match"})
    site = connected(cloud_id=CLOUD_ID)
    assert (site.is_cloud, site.version) == (True, "")


def test_the_kind_of_site_can_be_set_by_hand_and_a_contradiction_is_told(tool: responses.RequestsMock) -> None:
    answers_at(tool, URL, info=SERVER)
    site = connected(deployment="cloud")
    assert (site.is_cloud, "says that it is Server" in site.contradiction) == (True, True)
    answers_at(tool, DATA_CENTER)
    assert connected(url=DATA_CENTER, deployment="data_center").contradiction == ""


def test_a_site_that_does_not_say_what_it_is_counts_as_data_center(tool: responses.RequestsMock) -> None:
    answers_at(tool, DATA_CENTER, info={"version": "7.13"})
    assert not connected(url=DATA_CENTER).is_cloud


@pytest.mark.parametrize("status", [401, 404])
def test_a_refused_api_token_may_be_a_scoped_one_and_the_cloud_id_is_named(
    tool: responses.RequestsMock, status: int
) -> None:
    tool.get(f"{URL}/{MYSELF}", status=status, json=DENIED)
    tool.get(TENANT, json={"cloudId": CLOUD_ID})
    told = refused(AuthenticationFailed, "refused the credentials")
    assert f'cloud_id = "{CLOUD_ID}"' in told
    assert "Client must be authenticated" in told
    assert len([url for url in asked(tool) if "myself" in url]) == 1


def test_a_token_that_lacks_the_scope_is_told_with_the_scope(tool: responses.RequestsMock) -> None:
    tool.get(f"{BEHIND}/{MYSELF}", status=401, json={"code": 401, "message": "Unauthorized; scope does not match"})
    assert "read:jira-user" in refused(PermissionDenied, "scope does not match", cloud_id=CLOUD_ID)


def test_a_token_refused_by_the_gateway_is_told_with_what_else_may_be_wrong(tool: responses.RequestsMock) -> None:
    tool.get(f"{BEHIND}/{MYSELF}", status=401, json={"code": 401, "message": "Unauthorized"})
    assert "without `cloud_id` only" in refused(AuthenticationFailed, "refused", cloud_id=CLOUD_ID)


@pytest.mark.parametrize(
    ("given", "hint"), [(PASSWORD, "personal access token and set `token`"), (PAT, "expired or was revoked")]
)
def test_refused_credentials_of_a_data_center_are_told_with_what_to_check(
    tool: responses.RequestsMock, given: dict[str, Any], hint: str
) -> None:
    tool.get(f"{DATA_CENTER}/{MYSELF}", status=401, body="<html>Basic Authentication Failure</html>")
    assert hint in refused(AuthenticationFailed, "status 401", url=DATA_CENTER, **given)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (403, {"X-Authentication-Denied-Reason": f"CAPTCHA_CHALLENGE; login-url={DATA_CENTER}/login.jsp"}),
        (401, {"X-Seraph-LoginReason": "AUTHENTICATION_DENIED"}),
    ],
)
def test_a_captcha_is_told_with_where_to_solve_it(
    tool: responses.RequestsMock, status: int, headers: dict[str, str]
) -> None:
    tool.get(f"{DATA_CENTER}/{MYSELF}", status=status, headers=headers)
    told = refused(AuthenticationFailed, "wants a CAPTCHA", url=DATA_CENTER)
    assert ("login.jsp" in told) is (status == 403)
    assert len(tool.calls) == 1


@pytest.mark.parametrize("account", [{"displayName": "Anonymous"}, {"accountId": None}, [{"accountId": "x"}]])
def test_an_answer_to_nobody_is_no_connection(tool: responses.RequestsMock, account: Any) -> None:
    answers_at(tool, URL, account=account)
    tool.get(TENANT, status=404)
    assert 'cloud_id = "detect"' in refused(AuthenticationFailed, "takes us for nobody")


def test_a_login_page_with_success_is_told_at_once_with_its_title(tool: responses.RequestsMock) -> None:
    page = "<!DOCTYPE html><html><head><title>\n Log in - ACME </title></head></html>"
    tool.get(f"{DATA_CENTER}/{MYSELF}", body=page, content_type="text/html")
    assert "sign-on page" in refused(SourceError, r"web page .*\(Log in - ACME\)", url=DATA_CENTER)
    assert len(tool.calls) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"body": "<html><title>Log in \x1b[2J\u202e</title>", "content_type": "text/html"},
        {"status": 401, "json": {"errorMessages": ["no \x1b[2J\u202e"]}},
    ],
)
def test_what_a_stranger_writes_is_harmless_in_a_message(tool: responses.RequestsMock, answer: dict[str, Any]) -> None:
    tool.get(f"{DATA_CENTER}/{MYSELF}", **answer)
    assert refused(SourceError, "status 401|web page", url=DATA_CENTER).isprintable()


def test_an_address_without_jira_is_told_as_such(tool: responses.RequestsMock) -> None:
    tool.get(f"{DATA_CENTER}/{MYSELF}", status=404, body="Not Found")
    assert "with the path it may have" in refused(BadAnswer, "no Jira at this address", url=DATA_CENTER)


def test_a_redirect_to_a_sign_on_is_named(tool: responses.RequestsMock) -> None:
    tool.get(f"{DATA_CENTER}/{MYSELF}", status=302, headers={"Location": "https://sso.acme.com/login?back=1"})
    refused(BadAnswer, "redirects to https://sso.acme.com/login", url=DATA_CENTER)


def test_a_cut_answer_is_asked_again(tool: responses.RequestsMock) -> None:
    tool.get(f"{URL}/{MYSELF}", body='{"accountId": "5b1')
    answers_at(tool, URL)
    assert connected().account["accountId"] == "5b10a284"


def test_the_clocks_are_compared(tool: responses.RequestsMock) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    answers_at(tool, URL)
    tool.replace("GET", f"{URL}/{MYSELF}", json={"accountId": "5b10a284"}, headers={"Date": later})
    assert 590 < connected().clock_difference_seconds < 610


def test_an_answer_to_nobody_in_the_middle_of_a_run_is_not_believed(tool: responses.RequestsMock) -> None:
    answers_at(tool, DATA_CENTER)
    site = connected(url=DATA_CENTER, **PAT)
    url = site.api("search")
    tool.get(url, json={"issues": [], "total": 0}, headers={"X-AUSERNAME": "svc_bridge"})
    tool.get(url, json={"issues": [], "total": 0}, headers={"X-AUSERNAME": "anonymous"})
    assert site.transport.get(url).status == 200
    with pytest.raises(AuthenticationFailed, match="takes us for nobody") as caught:
        site.transport.get(url)
    assert caught.value.where == f"GET {url}"


def test_a_quota_that_outlasts_our_patience_is_told_by_its_name(tool: responses.RequestsMock) -> None:
    answers_at(tool, URL)
    site = connected()
    used_up = {"Retry-After": "7200", "RateLimit-Reason": "jira-quota-tenant-based"}
    tool.get(site.api("field"), status=429, headers=used_up, json={"errorMessages": ["Rate limit exceeded."]})
    with pytest.raises(RateLimited, match="jira-quota-tenant-based; Rate limit exceeded"):
        site.transport.get(site.api("field"))


def test_the_search_that_was_removed_is_a_matter_of_configuration(tool: responses.RequestsMock) -> None:
    answers_at(tool, URL)
    site = connected(deployment="cloud")
    words = "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API."
    tool.post(site.api("search"), status=410, json={"errorMessages": [words], "errors": {}})
    with pytest.raises(ConfigurationError, match="Please migrate"):
        site.transport.post(site.api("search"), json={})
    assert len([url for url in asked(tool) if url.endswith("/search")]) == 1
