"""Tokens are fetched when they are needed, renewed in time, and replaced once when they are refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
import responses
from asking import ADDRESS, asking

from itsm_bridge.errors import AuthenticationFailed, BadAnswer
from itsm_bridge.secrets import Secret
from itsm_bridge.transport import OAuth, Token, TokenServer, signed_in_as_nobody

TOKENS = "https://tool.example/token"


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> responses.RequestsMock:
    monkeypatch.setenv("CLIENT_SECRET", "shh-client")
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


class Client:
    """An OAuth client with a clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        transport = asking(signed_in_as_nobody()).transport
        self.server = TokenServer(transport, TOKENS, "app", Secret(env="CLIENT_SECRET"), lambda: self.now)
        self.used: list[Token] = []
        self.credentials = OAuth(self.obtain, self.session, lambda: self.now)

    def obtain(self, used: Token) -> Token:
        self.used.append(used)
        return self.server.fetch("client_credentials", {"audience": "us"}, "Check the client.")

    @staticmethod
    def session(token: Token) -> requests.Session:
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {token['access_token']}"
        return session


def give(tool: responses.RequestsMock, *tokens: str, seconds: Any = 3600) -> None:
    for token in tokens:
        tool.post(TOKENS, json={"access_token": token, "expires_in": seconds})


def test_a_token_is_asked_for_with_a_form_and_without_credentials(tool: responses.RequestsMock) -> None:
    give(tool, "one")
    Client().credentials.session()
    (call,) = tool.calls
    form = {name: values[0] for name, values in parse_qs(str(call.request.body)).items()}
    assert form == {
        "grant_type": "client_credentials", "client_id": "app", "client_secret": "shh-client", "audience": "us"
    }  # fmt: skip
    assert "Authorization" not in call.request.headers


def test_what_brings_the_next_token_is_given_the_last_one(tool: responses.RequestsMock) -> None:
    give(tool, "one", "two")
    client = Client()
    first = client.credentials.session()
    client.now += 3539
    assert client.credentials.session() is first
    client.now += 2
    assert client.credentials.session() is not first
    assert [used.get("access_token") for used in client.used] == [None, "one"]


@pytest.mark.parametrize("seconds", [None, "soon", -5])
def test_a_token_whose_end_is_not_told_is_used_for_a_while(tool: responses.RequestsMock, seconds: Any) -> None:
    give(tool, "one", "two", seconds=seconds)
    client = Client()
    first = client.credentials.session()
    assert (client.credentials.session() is first) is (seconds != -5)


def test_a_session_that_was_replaced_meanwhile_is_not_replaced_again(tool: responses.RequestsMock) -> None:
    give(tool, "one", "two")
    tool.get(ADDRESS, json=[])
    client = Client()
    refused = client.credentials.session()
    assert client.credentials.renew(refused)
    assert client.credentials.renew(refused)
    assert len(tool.calls) == 2


@pytest.mark.parametrize("status", [200, 400, 401, 403])
def test_where_there_is_no_token_the_servers_own_words_are_told(tool: responses.RequestsMock, status: int) -> None:
    tool.post(TOKENS, status=status, json={"error": "invalid_grant", "error_description": "Spent."})
    with pytest.raises(AuthenticationFailed, match=r"gives no token \(Spent") as caught:
        Client().credentials.session()
    assert caught.value.hint == "Check the client."


def test_an_answer_that_is_no_object_is_no_token(tool: responses.RequestsMock) -> None:
    tool.post(TOKENS, json=["token"])
    with pytest.raises(BadAnswer, match="no object"):
        Client().credentials.session()
