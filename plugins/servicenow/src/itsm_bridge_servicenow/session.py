"""Signing in: pysnow makes the sessions, we fetch and renew the tokens.

pysnow knows the password grant only, and asks for tokens without any timeout; so tokens of both grants
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
from requests.adapters import HTTPAdapter

from itsm_bridge.errors import AuthenticationFailed, BadAnswer
from itsm_bridge.secrets import Secret, conceal
from itsm_bridge.transport import Answer, Credentials, SignedIn, Transport
from itsm_bridge_servicenow.settings import ServiceNowSettings

Token = dict[str, Any]

_PYSNOW_NEEDS = {"token_type", "refresh_token", "access_token", "scope", "expires_in", "expires_at"}
_EARLY_SECONDS = 60
_HINTS = {
    "client_credentials": "Check client id and secret, that the OAuth client has an application user, and that the "
    "instance's property glide.oauth.inbound.client.credential.grant_type.enabled is true.",
    "password": "Check user, password and client; the instance may forbid the password grant "
    '(glide.oauth.inbound.ropc.grant_type.disabled): then use grant = "client_credentials".',
    "refresh_token": "",
}


class Bearer(requests.auth.AuthBase):
    """Puts an access token on requests; also keeps requests from looking into ~/.netrc."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self._token}"
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
        self._session: requests.Session | None = None

    def session(self) -> requests.Session:
        """Return a session whose token is good for another minute at least."""
        with self._lock:
            if self._session is None or self._now() >= self._token["expires_at"] - _EARLY_SECONDS:
                return self._sign_in()
            return self._session

    def renew(self, refused: requests.Session) -> bool:
        """Fetch another token, unless another thread already did."""
        with self._lock:
            if self._session is refused:
                self._sign_in()
            return True

    def _sign_in(self) -> requests.Session:
        self._token = self._refreshed() or self._granted()
        for name in ("access_token", "refresh_token", "id_token"):
            conceal(str(self._token.get(name) or ""))
        self._session = oauth_session(self._settings, self._token)
        return self._session

    def _refreshed(self) -> Token | None:
        refresh = self._token.get("refresh_token")
        if not refresh:
            return None
        try:
            return self._fetch("refresh_token", {"refresh_token": str(refresh)})
        except AuthenticationFailed:
            return None

    def _granted(self) -> Token:
        if self._settings.way_in == "client_credentials":
            return self._fetch("client_credentials", {})
        return self._fetch(
            "password", {"username": self._settings.username or "", "password": _revealed(self._settings.password)}
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
                f"the instance gives no token ({words})", where=f"POST {answer.address}", hint=_HINTS[grant] or None
            )
        return token | {"expires_at": self._now() + _seconds(token.get("expires_in"))}


def credentials(settings: ServiceNowSettings, signing_in: Callable[[Credentials], Transport]) -> Credentials:
    """Return what keeps sessions of this source signed in; `signing_in` makes the transport for tokens."""
    if settings.way_in != "basic":
        plain = requests.Session()
        plain.auth = _as_it_is
        return OAuth(settings, signing_in(SignedIn(plain)))
    # Bytes: requests would encode text as Latin-1 and fail on any other letter.
    name, password = (settings.username or "").encode(), _revealed(settings.password).encode()
    conceal(f"{settings.username}:{_revealed(settings.password)}")  # as the header carries it, in base64
    client = pysnow.Client(**_place(settings), user=name, password=password)
    return SignedIn(_widened(client.session, settings.connections))


def oauth_session(settings: ServiceNowSettings, token: Token) -> requests.Session:
    """Return a session that carries a token: pysnow's OAuth session where it can take the token, else a plain one."""
    place = _place(settings)
    # oauthlib refuses plain http, which settings allow for this machine only; and pysnow needs a refresh token.
    if place["use_ssl"] and set(token) >= _PYSNOW_NEEDS:
        oauth = pysnow.OAuthClient(
            client_id=settings.client_id,
            client_secret=_revealed(settings.client_secret),
            token_updater=_ignore,
            **place,
        )
        oauth.set_token(token)
        oauth.resource(api_path="/table/sys_user")
        return _widened(oauth.session, settings.connections)
    session = requests.Session()
    session.auth = Bearer(str(token["access_token"]))
    return _widened(pysnow.Client(**place, session=session).session, settings.connections)


def _widened(session: requests.Session, connections: int) -> requests.Session:
    session.mount("https://", HTTPAdapter(pool_maxsize=connections))
    session.mount("http://", HTTPAdapter(pool_maxsize=connections))
    return session


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
