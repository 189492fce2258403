"""OAuth 2.0 with refresh tokens that Atlassian replaces at every use: none is lost, and the right site is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
import responses
from jira_answers import BEHIND, CLOUD_ID, GATEWAY, OAUTH, TOKENS, URL, answers_at, connected, settings_of

from itsm_bridge.adapter import Traffic
from itsm_bridge.errors import AuthenticationFailed, ConfigurationError
from itsm_bridge.transport import SignedIn, Transport
from itsm_bridge_jira_sm.session import Site
from itsm_bridge_jira_sm.signing_in import credentials

RESOURCES = f"{GATEWAY}/oauth/token/accessible-resources"
OURS = {"id": CLOUD_ID, "url": URL, "name": "acme", "scopes": ["read:jira-work"]}
OTHER = {"id": "33333333-0000-4000-8000-444444444444", "url": "https://umbrella.atlassian.net", "name": "umbrella"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bridge.token"
    path.write_text("refresh-0\n", encoding="utf-8")
    path.chmod(0o600)
    return path


@pytest.fixture
def atlassian(tool: responses.RequestsMock) -> responses.RequestsMock:
    """Give tokens one after the other, each with the next refresh token."""
    for number in range(1, 4):
        granted = {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}", "expires_in": 3600}
        tool.post(TOKENS, json=granted | {"token_type": "Bearer", "scope": "read:jira-work offline_access"})
    tool.get(RESOURCES, json=[OURS, OTHER])
    answers_at(tool, BEHIND)
    return tool


def site_of(file: Path, **given: Any) -> Site:
    return connected(**(OAUTH | {"refresh_token_file": file} | given))


def spent(tool: responses.RequestsMock) -> list[str]:
    bodies = [str(call.request.body) for call in tool.calls if call.request.url == TOKENS]
    return [parse_qs(body)["refresh_token"][0] for body in bodies]


def test_the_site_is_found_among_those_that_the_app_was_let_into(atlassian: responses.RequestsMock, file: Path) -> None:
    site = site_of(file)
    assert (site.base, site.is_cloud, site.through_gateway) == (BEHIND, True, True)
    sent = [call.request.headers.get("Authorization") for call in atlassian.calls if call.request.url != TOKENS]
    assert set(sent) == {"Bearer access-1"}


def test_each_new_refresh_token_is_in_the_file_before_the_access_token_is_used(
    atlassian: responses.RequestsMock, file: Path
) -> None:
    held: list[str] = []

    def look(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        held.append(file.read_text(encoding="utf-8"))
        return 401 if len(held) == 1 else 200, {}, '{"accountId": "5b10a284"}'

    atlassian.remove("GET", f"{BEHIND}/rest/api/2/myself")
    atlassian.add_callback("GET", f"{BEHIND}/rest/api/2/myself", look)
    site_of(file)
    assert spent(atlassian) == ["refresh-0", "refresh-1"]
    assert ['"refresh-1"' in held[0], '"refresh-2"' in held[1]] == [True, True]


def test_another_run_uses_what_the_last_one_left(atlassian: responses.RequestsMock, file: Path) -> None:
    site_of(file)
    site_of(file)
    assert spent(atlassian) == ["refresh-0"]


def test_a_token_is_renewed_before_its_hour_is_over(atlassian: responses.RequestsMock, file: Path) -> None:
    now = 1000.0
    asking = Transport(SignedIn(requests.Session()), Traffic(), sleep=lambda _: None)
    settings = settings_of(**(OAUTH | {"refresh_token_file": file}))
    signed_in = credentials(settings, asking, now=lambda: now)
    first = signed_in.session()
    now += 3500
    assert signed_in.session() is first
    now += 50
    assert signed_in.session() is not first
    assert spent(atlassian) == ["refresh-0", "refresh-1"]


def test_a_refresh_token_that_is_refused_is_told_with_the_file_to_write(
    tool: responses.RequestsMock, file: Path
) -> None:
    refusal = {"error": "unauthorized_client", "error_description": "refresh_token is invalid"}
    tool.post(TOKENS, status=403, json=refusal)
    with pytest.raises(AuthenticationFailed, match="refresh_token is invalid") as caught:
        site_of(file)
    assert str(file) in str(caught.value.hint)
    assert file.read_text(encoding="utf-8").strip() == "refresh-0"
    assert "shh-client" not in f"{caught.value!r} {caught.value.hint}"


@pytest.mark.parametrize(
    ("sites", "given", "match"),
    [
        ([OURS, OTHER], {"url": "https://desk.acme.com"}, 'acme.atlassian.net .cloud_id = "1111.*umbrella.*"3333'),
        ([OTHER], {}, "let into https://umbrella.atlassian.net"),
        ([OURS], {"cloud_id": OTHER["id"]}, "which one is meant"),
        ([], {}, "let into no site"),
    ],
)
def test_a_site_that_does_not_follow_is_asked_for_and_all_are_listed(
    atlassian: responses.RequestsMock, file: Path, sites: list[Any], given: dict[str, str], match: str
) -> None:
    atlassian.replace("GET", RESOURCES, json=sites)
    with pytest.raises(ConfigurationError, match=match):
        site_of(file, **given)


def test_the_cloud_id_names_a_site_whose_address_is_another(atlassian: responses.RequestsMock, file: Path) -> None:
    # A product of the same site is listed once more.
    atlassian.replace("GET", RESOURCES, json=[OURS, OTHER, OURS])
    assert site_of(file, url="https://desk.acme.com", cloud_id=CLOUD_ID).base == BEHIND


def test_an_account_that_may_not_use_the_site_is_told_to_sign_in_anew(
    atlassian: responses.RequestsMock, file: Path
) -> None:
    atlassian.replace("GET", f"{BEHIND}/rest/api/2/myself", status=401, json={"message": "Unauthorized"})
    with pytest.raises(AuthenticationFailed, match="refused") as caught:
        site_of(file)
    assert "docs/jira.md" in str(caught.value.hint)
