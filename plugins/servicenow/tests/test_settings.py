from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from pydantic import ValidationError
from servicenow_source import BASIC, OAUTH

from itsm_bridge.starter import starter_config
from itsm_bridge_servicenow.adapter import ServiceNow
from itsm_bridge_servicenow.settings import ServiceNowSettings

URL = "https://acme.service-now.com"
KEY = {"api_key": {"env": "BRIDGE_KEY"}}
CERTIFICATE = {"client_certificate": "bridge.pem"}
REFRESH = OAUTH | {"refresh_token_file": "bridge.token"}
WORD = {"env": "BRIDGE_PASSWORD"}


def settings(**given: Any) -> ServiceNowSettings:
    return ServiceNowSettings.model_validate({"adapter": "servicenow", "url": URL} | given)


@pytest.mark.parametrize(
    ("given", "way"),
    [
        (BASIC, "user name and password"),
        (KEY, "API key"),
        (CERTIFICATE, "client certificate"),
        (OAUTH, "OAuth, client credentials"),
        (OAUTH | BASIC, "OAuth, password"),
        (REFRESH, "OAuth, refresh token"),
    ],
)
def test_the_way_in_follows_from_what_is_given(given: dict[str, Any], way: str) -> None:
    assert settings(**given).way_in == way
    assert settings(**(given | CERTIFICATE), client_key="bridge.key").way_in == way


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({}, "says no way to sign in: add the settings of one way .`username` and `password`; `api_key`;"),
        ({"username": "svc"}, "has `username` without `password`: add `password`"),
        ({"password": WORD}, "has `password` without `username`: add `username`"),
        ({"client_id": "x"}, "has `client_id` without `client_secret`: add `client_secret`"),
        ({"client_secret": WORD}, "has `client_secret` without `client_id`"),
        ({"refresh_token_file": "t"}, "has `refresh_token_file` without `client_id` and `client_secret`"),
        (OAUTH | {"username": "svc"}, "has .* and `username` without `password`: add `password`"),
        (OAUTH | {"password": WORD}, "and `password` without `username`: add `username`"),
        (CERTIFICATE | {"username": "svc"}, "has `username` without `password`"),
        (BASIC | KEY, "mixes ways to sign in: `api_key`, `password` and `username` do not go together; keep"),
        (OAUTH | KEY, "mixes ways to sign in"),
        (REFRESH | BASIC, "mixes ways to sign in"),
        (KEY | {"username": "svc"}, "mixes ways to sign in"),
        (BASIC | {"token_url": "https://sso.example/t"}, "has `token_url` without an OAuth client"),
        (BASIC | {"client_key": "k"}, "has `client_key` without `client_certificate`"),
        (BASIC | {"client_key_password": WORD}, "has `client_key_password` without `client_certificate`"),
        (BASIC | {"proxy_username": "x", "proxy_password": WORD}, "has `proxy_username` without `proxy`: add `proxy`"),
        (BASIC | {"proxy": "http://p:1", "proxy_username": "x"}, "has `proxy_username` without `proxy_password`"),
        (BASIC | {"proxy": "http://p:1", "proxy_password": WORD}, "has `proxy_password` without `proxy_username`"),
        (BASIC | {"proxy": "http://me:pw@p:1"}, "use `proxy_username` and `proxy_password`"),
        (BASIC | {"proxy": "proxy.acme.com:3128"}, "no address of a proxy"),
        (BASIC | {"proxy": "http://p:none"}, "no address of a proxy"),
        (BASIC | {"url": "http://acme.service-now.com"}, "in the open"),
        (BASIC | {"url": "acme.service-now.com"}, "no address: write one such as https"),
        (BASIC | {"url": "https://me:pw@acme.service-now.com"}, "must not hold"),
        (BASIC | {"url": f"{URL}/nav_to.do?uri=incident.do"}, "leave out what follows"),
        (BASIC | {"url": f"{URL}/api/now"}, "address of a page or an API"),
        (BASIC | {"url": f"{URL}/login.do"}, "address of a page or an API"),
        (BASIC | {"username": ""}, "at least 1 character"),
        (BASIC | {"page_size": 0}, "greater than or equal to 1"),
        (BASIC | {"timeout": 0}, "greater than or equal to 1"),
        (BASIC | {"passwort": "x"}, "Extra inputs"),
    ],
)  # fmt: skip
def test_settings_that_cannot_work_are_refused_with_what_to_do(given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint) as caught:
        settings(**given)
    assert len(caught.value.errors()) == 1


def test_an_address_may_have_a_path_and_that_of_tokens_can_be_set() -> None:
    assert settings(url=f"{URL}/", **BASIC).url == URL
    assert settings(url="https://gate.acme.com/itsm/now/", **OAUTH).address_of_tokens == (
        "https://gate.acme.com/itsm/now/oauth_token.do"
    )
    assert settings(token_url="https://sso.example/token", **OAUTH).address_of_tokens == "https://sso.example/token"


def test_the_starter_shows_every_way_in_and_each_works_alone() -> None:
    text = starter_config({"servicenow": ServiceNow})
    ways = re.findall(r"(?m)^#   (\S.*?)  +(\w+(?: \+ \w+)*)$", text)
    assert [title for title, _ in ways] == list(ServiceNowSettings.ways_in)
    shown = tomllib.loads(
        "\n".join(re.findall(r"(?m)^#((?:username|password|api_key|client\w+|refresh\w+) = .*)$", text))
    )
    for title, names in ways:
        assert settings(**{name: shown[name] for name in names.split(" + ")}).way_in == title
