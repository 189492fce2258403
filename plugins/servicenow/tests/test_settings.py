from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from servicenow_source import BASIC, OAUTH, settings_of


@pytest.mark.parametrize(
    ("given", "way"),
    [
        (BASIC, "basic"),
        (OAUTH, "client_credentials"),
        (OAUTH | BASIC, "password"),
        (OAUTH | BASIC | {"grant": "client_credentials"}, "client_credentials"),
    ],
)
def test_the_way_in_follows_from_what_is_given(given: dict[str, Any], way: str) -> None:
    assert settings_of(**given).way_in == way


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"url": "http://acme.service-now.com"}, "in the open"),
        ({"url": "acme.service-now.com"}, "no address"),
        ({"url": "https://me:pw@acme.service-now.com"}, "must not hold"),
        ({"password": None}, "belong together"),
        ({"username": None, "password": None}, "needs `username`"),
        ({"grant": "password"}, "needs `client_id`"),
        ({"client_id": "x"}, "belong together"),
        ({"page_size": 0}, "greater than or equal to 1"),
        ({"passwort": "x"}, "Extra inputs"),
    ],
)
def test_settings_that_cannot_work_are_refused_with_a_reason(given: dict[str, Any], complaint: str) -> None:
    options = {"url": "https://acme.service-now.com"} | BASIC | given
    with pytest.raises(ValidationError, match=complaint):
        settings_of(**({"client_id": None} | options))


def test_the_address_of_tokens_can_be_set() -> None:
    assert (
        settings_of("https://acme.service-now.com/").address_of_tokens == "https://acme.service-now.com/oauth_token.do"
    )
    assert settings_of(token_url="https://sso.example/token").address_of_tokens == "https://sso.example/token"
