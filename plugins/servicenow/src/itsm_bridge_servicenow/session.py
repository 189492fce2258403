"""Signing in: pysnow makes the sessions, we fetch and renew the tokens.

pysnow knows the password grant only, and asks for tokens without any timeout; so tokens of all grants
come through our transport, and pysnow gets them where it can take them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pysnow
import requests

from itsm_bridge.errors import AuthenticationFailed
from itsm_bridge.secrets import Secret, conceal
from itsm_bridge.transport import (
    Credentials,
    OAuth,
    SignedIn,
    Token,
    TokenFile,
    TokenServer,
    Transport,
    signed_in_as_nobody,
)
from itsm_bridge_servicenow.settings import ServiceNowSettings

_PYSNOW_NEEDS = {"token_type", "refresh_token", "access_token", "scope", "expires_in", "expires_at"}


class Header(requests.auth.AuthBase):
    """Puts one header with a credential on requests; also keeps requests from looking into ~/.netrc."""

    def __init__(self, name: str, value: str | bytes) -> None:
        self._name = name
        self._value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header."""
        request.headers[self._name] = self._value  # type: ignore[assignment]  # bytes may be sent too
        return request


def credentials(
    settings: ServiceNowSettings,
    signing_in: Callable[[Credentials, str], Transport],
    now: Callable[[], float] = time.time,
) -> Credentials:
    """Return what keeps sessions of this source signed in.

    `signing_in` makes the transport for tokens, and is told the setting that holds their address.
    """
    # Credentials go as bytes: requests would encode text as Latin-1 and fail on any other letter.
    if settings.client_id and settings.client_secret:
        asking = signing_in(signed_in_as_nobody(), "token_url" if settings.token_url else "url")
        server = TokenServer(asking, settings.address_of_tokens, settings.client_id, settings.client_secret, now)
        return OAuth(_tokens(settings, server), lambda token: oauth_session(settings, token), now)
    if settings.api_key:
        return SignedIn(_plain(settings, Header("x-sn-apikey", settings.api_key.reveal().encode())))
    if not settings.username:
        return SignedIn(_plain(settings, _as_it_is))  # the certificate on the route says who we are
    name, password = settings.username, _revealed(settings.password)
    conceal(f"{name}:{password}")  # as the header carries it, in base64
    return SignedIn(pysnow.Client(**_place(settings), user=name.encode(), password=password.encode()).session)


def _tokens(settings: ServiceNowSettings, server: TokenServer) -> Callable[[Token], Token]:
    """Return what brings tokens: from the file, or by the last refresh token, or by the grant anew."""

    def granted() -> Token:
        if not settings.username:
            return server.fetch("client_credentials", {}, settings.when_refused)
        user = {"username": settings.username, "password": _revealed(settings.password)}
        return server.fetch("password", user, settings.when_refused)

    def refreshed(used: Token) -> Token | None:
        if not used.get("refresh_token"):
            return None
        try:
            return server.fetch("refresh_token", {"refresh_token": str(used["refresh_token"])}, "")
        except AuthenticationFailed:
            return None

    if settings.refresh_token_file:
        file = TokenFile(settings.refresh_token_file)
        return lambda used: server.kept(file, used, settings.when_refused)
    return lambda used: refreshed(used) or granted()


def oauth_session(settings: ServiceNowSettings, token: Token) -> requests.Session:
    """Return a session that carries a token: pysnow's OAuth session where it can take the token, else a plain one.

    Never where refresh tokens are kept in a file: that session would spend one by itself.
    """
    # oauthlib refuses plain http, which settings allow for this machine only; and pysnow needs a refresh token.
    place = _place(settings)
    if place["use_ssl"] and set(token) >= _PYSNOW_NEEDS and not settings.refresh_token_file:
        oauth = pysnow.OAuthClient(
            client_id=settings.client_id,
            client_secret=_revealed(settings.client_secret),
            token_updater=_ignore,
            **place,
        )
        oauth.set_token(token)
        oauth.resource(api_path="/table/sys_user")
        session: requests.Session = oauth.session
        return session
    return _plain(settings, Header("Authorization", f"Bearer {token['access_token']}"))


def _plain(
    settings: ServiceNowSettings, auth: Callable[[requests.PreparedRequest], requests.PreparedRequest]
) -> requests.Session:
    session = requests.Session()
    session.auth = auth
    made: requests.Session = pysnow.Client(**_place(settings), session=session).session
    return made


def _place(settings: ServiceNowSettings) -> dict[str, Any]:
    parts = urlsplit(settings.url)
    return {"host": f"{parts.netloc}{parts.path}", "use_ssl": parts.scheme == "https"}


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _ignore(token: Token) -> None:
    """Take note of nothing: tokens are renewed by us before pysnow's session would."""


def _revealed(secret: Secret | None) -> str:
    return secret.reveal() if secret else ""
