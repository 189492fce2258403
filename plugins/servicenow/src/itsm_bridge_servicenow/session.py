"""Signing in: pysnow makes the sessions, we fetch and renew the tokens.

pysnow knows the password grant only, and asks for tokens without any timeout; so tokens of all grants
come through our transport, and pysnow gets them where it can take them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import pysnow
import requests

from itsm_bridge.errors import AuthenticationFailed, BadAnswer
from itsm_bridge.secrets import Secret, conceal
from itsm_bridge.transport import Answer, Credentials, SignedIn, Token, TokenFile, Transport, conceal_token
from itsm_bridge_servicenow.settings import ServiceNowSettings

_PYSNOW_NEEDS = {"token_type", "refresh_token", "access_token", "scope", "expires_in", "expires_at"}
_EARLY_SECONDS = 60
_HINTS = {
    "client_credentials": "Check client id and secret, that the OAuth client has an application user, and that the "
    "instance's property glide.oauth.inbound.client.credential.grant_type.enabled is true.",
    "password": "Check user, password and client; the instance may forbid the password grant "
    "(glide.oauth.inbound.ropc.grant_type.disabled): then take `username` and `password` out, for client credentials.",
    "refresh_token": "The refresh token has expired, was revoked, or was spent by another program; or client id and "
    "secret are not those that it was made with. Sign in anew (docs/servicenow.md) and write the new one into {file}.",
}


class Header(requests.auth.AuthBase):
    """Puts one header with a credential on requests; also keeps requests from looking into ~/.netrc."""

    def __init__(self, name: str, value: str | bytes) -> None:
        self._name = name
        self._value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header."""
        request.headers[self._name] = self._value  # type: ignore[assignment]  # bytes may be sent too
        return request


class OAuth:
    """Credentials of an OAuth client: a token that is renewed shortly before it ends, and once when it is refused."""

    def __init__(
        self, settings: ServiceNowSettings, transport: Transport, now: Callable[[], float] = time.time
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._now = now
        self._lock = Lock()
        self._token: Token = {}
        self._file = TokenFile(settings.refresh_token_file) if settings.refresh_token_file else None
        self._session: requests.Session | None = None
        self._renew_at = 0.0

    def session(self) -> requests.Session:
        """Return a session whose token is good for another minute at least."""
        with self._lock:
            if self._session is None or self._now() >= self._renew_at:
                return self._sign_in()
            return self._session

    def renew(self, refused: requests.Session) -> bool:
        """Fetch another token, unless another thread already did."""
        with self._lock:
            if self._session is refused:
                self._sign_in()
            return True

    def _sign_in(self) -> requests.Session:
        self._token = self._kept(self._file) if self._file else self._refreshed() or self._granted()
        conceal_token(self._token)
        # An instance repeats a token that still lives: of one that ends soon, half of what is left is used.
        left = float(self._token["expires_at"]) - self._now()
        self._renew_at = self._now() + left - min(_EARLY_SECONDS, left / 2)
        self._session = oauth_session(self._settings, self._token)
        return self._session

    def _kept(self, file: TokenFile) -> Token:
        """Return a token from the file; every new refresh token goes there before it is used."""
        used = self._token.get("access_token")
        return file.renewed(
            lambda refresh: self._fetch("refresh_token", {"refresh_token": refresh}),
            lambda token: token["access_token"] != used and self._is_fresh(token),
        )

    def _is_fresh(self, token: Token) -> bool:
        return self._now() < float(token.get("expires_at") or 0) - _EARLY_SECONDS

    def _refreshed(self) -> Token | None:
        refresh = self._token.get("refresh_token")
        if not refresh:
            return None
        try:
            return self._fetch("refresh_token", {"refresh_token": str(refresh)})
        except AuthenticationFailed:
            return None

    def _granted(self) -> Token:
        if not self._settings.username:
            return self._fetch("client_credentials", {})
        return self._fetch(
            "password", {"username": self._settings.username, "password": _revealed(self._settings.password)}
        )

    def _fetch(self, grant: str, more: Mapping[str, str]) -> Token:
        form = {
            "grant_type": grant,
            "client_id": self._settings.client_id or "",
            "client_secret": _revealed(self._settings.client_secret),
            **more,
        }
        answer = self._transport.post(self._settings.address_of_tokens, data=form, keep=(400, 401, 403))
        token = _object(answer)
        if answer.status != 200 or not token.get("access_token"):
            words = str(token.get("error_description") or token.get("error") or f"status {answer.status}")[:200]
            raise AuthenticationFailed(
                f"the instance gives no token ({words})", where=f"POST {answer.address}",
                hint=_HINTS[grant].format(file=self._settings.refresh_token_file),
            )  # fmt: skip
        return token | {"expires_at": self._now() + _seconds(token.get("expires_in"))}


def credentials(settings: ServiceNowSettings, signing_in: Callable[[Credentials], Transport]) -> Credentials:
    """Return what keeps sessions of this source signed in; `signing_in` makes the transport for tokens."""
    # Credentials go as bytes: requests would encode text as Latin-1 and fail on any other letter.
    if settings.client_id:
        asking = requests.Session()
        asking.auth = _as_it_is
        return OAuth(settings, signing_in(SignedIn(asking)))
    if settings.api_key:
        return SignedIn(_plain(settings, Header("x-sn-apikey", settings.api_key.reveal().encode())))
    if not settings.username:
        return SignedIn(_plain(settings, _as_it_is))  # the certificate on the route says who we are
    name, password = settings.username, _revealed(settings.password)
    conceal(f"{name}:{password}")  # as the header carries it, in base64
    return SignedIn(pysnow.Client(**_place(settings), user=name.encode(), password=password.encode()).session)


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


def _object(answer: Answer) -> dict[str, Any]:
    found = answer.json()
    if not isinstance(found, dict):
        raise BadAnswer("the answer to a token request is no object", where=answer.address)
    return found


def _seconds(value: Any) -> float:
    try:
        return max(0.0, float(value))
    except (TypeError, ValueError):
        return 1799.0
