"""Who is let in: basic authentication, OAuth, cookies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from itsm_bridge_servicenow.testing import SimulatedServiceNow


class Clock:
    """Seconds that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guarded(clock: Clock) -> Iterator[SimulatedServiceNow]:
    with SimulatedServiceNow({"incident": []}, clock=clock) as server:
        yield server


def token(server: SimulatedServiceNow, **form: str) -> requests.Response:
    credentials = {"client_id": server.client_id, "client_secret": server.client_secret}
    return requests.post(f"{server.url}/oauth_token.do", data={**credentials, **form}, timeout=10)


def read(server: SimulatedServiceNow, **options: object) -> requests.Response:
    return requests.get(f"{server.url}/api/now/table/incident", timeout=10, **options)  # type: ignore[arg-type]


def test_a_stranger_gets_401_in_the_vendors_words(guarded: SimulatedServiceNow) -> None:
    for options in ({}, {"auth": (guarded.username, "wrong")}):
        answer = read(guarded, **options)
        assert answer.status_code == 401
        assert answer.json()["error"]["message"] == "User Not Authenticated"


def test_a_session_cookie_stands_for_the_account(guarded: SimulatedServiceNow) -> None:
    with requests.Session() as session:
        address = f"{guarded.url}/api/now/table/incident"
        assert session.get(address, auth=(guarded.username, guarded.password), timeout=10).status_code == 200
        assert session.get(address, timeout=10).status_code == 200
        guarded.expire_tokens()
        assert session.get(address, timeout=10).status_code == 401


def test_client_credentials_give_a_bearer_token_without_refresh(guarded: SimulatedServiceNow, clock: Clock) -> None:
    body = token(guarded, grant_type="client_credentials").json()
    assert set(body) == {"access_token", "scope", "token_type", "expires_in"}
    assert body["expires_in"] == 1799
    bearer = {"Authorization": f"Bearer {body['access_token']}"}
    assert read(guarded, headers=bearer).status_code == 200
    clock.now += 1800
    assert read(guarded, headers=bearer).status_code == 401


def test_a_repeated_call_returns_the_current_token(guarded: SimulatedServiceNow, clock: Clock) -> None:
    first = token(guarded, grant_type="client_credentials").json()
    clock.now += 60
    second = token(guarded, grant_type="client_credentials").json()
    assert second["access_token"] == first["access_token"]
    assert second["expires_in"] == 1739


def test_the_password_grant_can_be_refreshed(guarded: SimulatedServiceNow, clock: Clock) -> None:
    user = {"username": guarded.username, "password": guarded.password}
    first = token(guarded, grant_type="password", **user).json()
    clock.now += 2000
    second = token(guarded, grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] == first["refresh_token"]
    assert token(guarded, grant_type="refresh_token", refresh_token="made up").status_code == 401
    assert token(guarded, grant_type="password", username=guarded.username, password="wrong").status_code == 401


def test_only_a_form_is_understood(guarded: SimulatedServiceNow) -> None:
    body = {"grant_type": "client_credentials", "client_id": guarded.client_id, "client_secret": guarded.client_secret}
    answer = requests.post(f"{guarded.url}/oauth_token.do", json=body, timeout=10)
    assert answer.status_code == 400
    assert "access_token" not in answer.json()


def test_a_grant_can_be_switched_off() -> None:
    with SimulatedServiceNow({}, grants={"client_credentials"}) as server:
        user = {"username": server.username, "password": server.password}
        assert token(server, grant_type="password", **user).status_code == 401
        assert token(server, grant_type="client_credentials").status_code == 200
