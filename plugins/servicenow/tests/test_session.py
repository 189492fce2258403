from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import requests_oauthlib
import responses
from servicenow_source import BASIC, OAUTH, URL, Made, settings_of

from itsm_bridge import redaction
from itsm_bridge.adapter import Traffic
from itsm_bridge.errors import AuthenticationFailed, SourceError
from itsm_bridge.transport import Credentials, Transport
from itsm_bridge_servicenow.session import credentials

TOKEN_URL = f"{URL}/oauth_token.do"
TABLE = f"{URL}/api/now/table/incident"
Maker = Callable[..., Made]


@pytest.fixture
def tool() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_concealed", set())
    monkeypatch.setenv("BRIDGE_PASSWORD", "Grüße-日本")
    monkeypatch.setenv("BRIDGE_CLIENT_SECRET", "shh-client")


def token(access: str, refresh: str | None = None, expires_in: int = 1799) -> dict[str, object]:
    made: dict[str, object] = {
        "access_token": access,
        "scope": "useraccount",
        "token_type": "Bearer",
        "expires_in": expires_in,
    }
    return made | ({"refresh_token": refresh} if refresh else {})


def signing_in(signed_in: Credentials, address_setting: str = "url") -> Transport:
    return Transport(signed_in, Traffic(), sleep=lambda _: None, address_setting=address_setting)


def forms(tool: responses.RequestsMock) -> list[dict[str, str]]:
    bodies = [str(call.request.body) for call in tool.calls if call.request.url == TOKEN_URL]
    return [{name: values[0] for name, values in parse_qs(body).items()} for body in bodies]


def authorizations(tool: responses.RequestsMock) -> list[str]:
    return [call.request.headers["Authorization"] for call in tool.calls if call.request.url != TOKEN_URL]


def ask(signed_in: Credentials) -> int:
    return signing_in(signed_in).get(TABLE).status


def test_user_and_password_go_as_basic_authentication_in_any_alphabet(tool: responses.RequestsMock) -> None:
    tool.get(TABLE, json={"result": []})
    ask(credentials(settings_of(), signing_in))
    kind, _, value = authorizations(tool)[0].partition(" ")
    assert (kind, base64.b64decode(value).decode()) == ("Basic", "svc_bridge:Grüße-日本")


def test_client_credentials_fetch_a_token_with_a_form(tool: responses.RequestsMock) -> None:
    tool.post(TOKEN_URL, json=token("one"))
    tool.get(TABLE, json={"result": []})
    signed_in = credentials(settings_of(**OAUTH), signing_in)
    ask(signed_in)
    ask(signed_in)
    assert forms(tool) == [
        {"grant_type": "client_credentials", "client_id": "client-7f3a", "client_secret": "shh-client"}
    ]
    assert tool.calls[0].request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert authorizations(tool) == ["Bearer one", "Bearer one"]


def test_the_password_grant_uses_the_oauth_session_of_pysnow(tool: responses.RequestsMock) -> None:
    tool.post(TOKEN_URL, json=token("one", "again"))
    tool.get(TABLE, json={"result": []})
    signed_in = credentials(settings_of(**OAUTH, **BASIC), signing_in)
    ask(signed_in)
    assert isinstance(signed_in.session(), requests_oauthlib.OAuth2Session)
    assert (forms(tool)[0]["grant_type"], forms(tool)[0]["password"]) == ("password", "Grüße-日本")
    assert authorizations(tool) == ["Bearer one"]


def test_a_token_is_renewed_before_it_ends(tool: responses.RequestsMock) -> None:
    tool.post(TOKEN_URL, json=token("one", "again"))
    tool.post(TOKEN_URL, json=token("two", "again"))
    tool.get(TABLE, json={"result": []})
    now = 1000.0
    signed_in = credentials(settings_of(**OAUTH, **BASIC), signing_in, now=lambda: now)
    first = signed_in.session()
    now += 1700
    assert signed_in.session() is first
    now += 60
    assert signed_in.session() is not first
    assert [form["grant_type"] for form in forms(tool)] == ["password", "refresh_token"]
    assert forms(tool)[1]["refresh_token"] == "again"


def test_where_refreshing_is_refused_the_grant_is_used_again(tool: responses.RequestsMock) -> None:
    tool.post(TOKEN_URL, json=token("one", "stale", expires_in=0))
    tool.post(TOKEN_URL, json={"error": "access_denied"}, status=401)
    tool.post(TOKEN_URL, json=token("two", "fresh"))
    tool.get(TABLE, json={"result": []})
    signed_in = credentials(settings_of(**OAUTH, **BASIC), signing_in)
    signed_in.session()
    ask(signed_in)
    assert [form["grant_type"] for form in forms(tool)] == ["password", "refresh_token", "password"]
    assert authorizations(tool) == ["Bearer two"]


def test_a_refused_token_is_replaced_once_and_then_it_is_over(tool: responses.RequestsMock) -> None:
    tool.post(TOKEN_URL, json=token("one"))
    tool.get(TABLE, status=401, json={"error": {"message": "User Not Authenticated"}})
    tool.get(TABLE, json={"result": []})
    signed_in = credentials(settings_of(**OAUTH), signing_in)
    assert ask(signed_in) == 200
    assert len(forms(tool)) == 2
    tool.replace("GET", TABLE, status=401, json={"error": {"message": "User Not Authenticated"}})
    with pytest.raises(AuthenticationFailed):
        ask(signed_in)
    assert len(forms(tool)) == 3


def test_no_session_spends_a_kept_refresh_token_by_itself(tool: responses.RequestsMock, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("first", encoding="utf-8")
    tool.post(TOKEN_URL, json=token("one", "second", expires_in=0))
    tool.get(TABLE, json={"result": []})
    session = credentials(settings_of(**OAUTH, refresh_token_file=tmp_path / "token"), signing_in).session()
    session.get(TABLE)  # as after a long wait, with a token that has ended meanwhile
    assert [form["refresh_token"] for form in forms(tool)] == ["first"]
    assert '"second"' in (tmp_path / "token").read_text(encoding="utf-8")


def test_only_one_thread_replaces_a_refused_token(tool: responses.RequestsMock) -> None:
    tool.post(TOKEN_URL, json=token("one"))
    signed_in = credentials(settings_of(**OAUTH), signing_in)
    refused = signed_in.session()
    assert signed_in.renew(refused)
    assert signed_in.renew(refused)
    assert len(forms(tool)) == 2


def test_a_refused_client_is_told_with_what_to_check_and_without_its_secret(tool: responses.RequestsMock) -> None:
    tool.post(TOKEN_URL, json={"error_description": "access_denied", "error": "server_error"}, status=401)
    with pytest.raises(AuthenticationFailed, match="access_denied") as caught:
        credentials(settings_of(**OAUTH), signing_in).session()
    assert "inbound.client.credential.grant_type.enabled" in str(caught.value.hint)
    assert "shh-client" not in f"{caught.value!r} {caught.value.hint}"


def test_a_token_endpoint_that_serves_web_pages_is_not_believed(tool: responses.RequestsMock) -> None:
    tool.post(TOKEN_URL, body="<html>Sign in</html>", content_type="text/html")
    with pytest.raises(SourceError, match="web page"):
        credentials(settings_of(**OAUTH), signing_in).session()
