"""Signing in: the `jira` library makes client and session, the requests are ours.

The library's own session retries too little and too early, swallows `timeout` and reads bodies whole before it tests
them; so its credentials and headers are put on a plain session, and its client asks through our transport.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Mapping
from typing import Any

import jira
import requests

from itsm_bridge.adapter import Traffic
from itsm_bridge.errors import AuthenticationFailed, ConfigurationError
from itsm_bridge.secrets import Secret, conceal
from itsm_bridge.transport import (
    Answer,
    Credentials,
    OAuth,
    SignedIn,
    Token,
    TokenFile,
    TokenServer,
    Transport,
    signed_in_as_nobody,
)
from itsm_bridge_jira_sm.settings import JiraSettings
from itsm_bridge_jira_sm.words import words

_REFUSED = (
    "The refresh token has expired (after 90 days without use), was revoked, or was spent by another program; or client"
    " id and secret are not those that it was made with. Sign in anew (docs/jira.md) and write the new one into {file}."
)
# Data Center marks parts of its service desk API as experimental, and refuses them without this.
_HEADERS = {"X-ExperimentalApi": "opt-in"}


class Ways:
    """The transports of a source: `signed_in` with its credentials, `unknown` without, to find out where to go."""

    def __init__(self, settings: JiraSettings, traffic: Traffic, sleep: Callable[[float], None] = time.sleep) -> None:
        self._settings = settings
        self._traffic = traffic
        self._sleep = sleep
        self.unknown = self._transport(signed_in_as_nobody())
        self.signed_in = self._transport(credentials(settings, self.unknown))

    def _transport(self, signed_in: Credentials) -> Transport:
        return Transport.of(self._settings, signed_in, self._traffic, words=words, sleep=self._sleep)


def credentials(settings: JiraSettings, asking: Transport, now: Callable[[], float] = time.time) -> Credentials:
    """Return what keeps sessions of this source signed in; `asking` is the transport for tokens."""
    if settings.client_id and settings.client_secret and settings.refresh_token_file:
        file = TokenFile(settings.refresh_token_file)
        hint = _REFUSED.format(file=settings.refresh_token_file)
        server = TokenServer(asking, settings.token_url, settings.client_id, settings.client_secret, now)

        def obtain(used: Token) -> Token:
            return server.kept(file, used, hint)

        return OAuth(obtain, lambda token: _session(settings.url, token_auth=_sendable(token["access_token"])), now)
    if settings.token:
        return SignedIn(_session(settings.url, token_auth=_sendable(settings.token.reveal(), settings.token)))
    secret = settings.api_token or settings.password
    name, password = settings.username or "", secret.reveal() if secret else ""
    conceal(f"{name}:{password}")  # as the header carries it, in base64
    # As bytes: requests would encode text as Latin-1 and fail on any other letter.
    return SignedIn(_session(settings.url, basic_auth=(name.encode(), password.encode())))


def client_through(transport: Transport, base: str) -> jira.JIRA:
    """Return the library's client for an address; what it asks goes through our transport."""
    client = _client(base)
    client._session = _Carried(transport)  # type: ignore[assignment]  # noqa: SLF001  the library has no other door
    return client


def _session(url: str, **sign_in: Any) -> requests.Session:
    theirs = _client(url, **sign_in)._session  # noqa: SLF001
    session = requests.Session()
    session.headers.update(theirs.headers)
    session.auth = theirs.auth
    session.hooks["response"].append(_refuse_what_is_told_to_nobody)
    return session


def _refuse_what_is_told_to_nobody(response: requests.Response, **_: Any) -> None:
    """Refuse a success that Data Center gives to a passer-by: it shows what everybody may see, which is often nothing.

    So it goes where the credentials end in the middle of a run.
    """
    if response.ok and response.headers.get("X-AUSERNAME", "").lower() == "anonymous":
        raise AuthenticationFailed(
            "Jira takes us for nobody", where=f"{response.request.method} {response.request.url}".partition("?")[0],
            hint="Check whether the password was changed or the token has ended, then run it again.",
        )  # fmt: skip


def _client(url: str, **sign_in: Any) -> jira.JIRA:
    return jira.JIRA(
        options={"server": url, "headers": dict(_HEADERS)}, get_server_info=False, logging=False, max_retries=0,
        timeout=1, **sign_in,
    )  # fmt: skip


class _Carried:
    """What the library takes for its session."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self, url: str, params: Mapping[str, str] | None = None) -> requests.Response:
        """Return the answer to a GET; errors are ours."""
        return _response(self._transport.get(url, params))

    def close(self) -> None:
        """Do nothing: the library closes its session whenever a client is thrown away."""


def _response(answer: Answer) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.headers.update(answer.headers)
    response.raw = io.BytesIO(answer.body)
    response.encoding = "utf-8"
    return response


def _sendable(token: str, secret: Secret | None = None) -> str:
    if token.isascii() and token.isprintable() and " " not in token:
        return token
    raise ConfigurationError(
        "the token holds characters that no token has", where=str(secret) if secret else None,
        hint="Copy it once more, without blanks, line breaks and quotation marks.",
    )  # fmt: skip
