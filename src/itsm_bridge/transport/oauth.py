"""Tokens of an OAuth client: fetched from the tool's token server, renewed in time, and once when they are refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

import requests

from itsm_bridge.errors import AuthenticationFailed, BadAnswer
from itsm_bridge.secrets import Secret
from itsm_bridge.transport.answer import Answer
from itsm_bridge.transport.token_file import Token, TokenFile, conceal_token
from itsm_bridge.transport.transport import SignedIn, Transport

Now = Callable[[], float]

_EARLY_SECONDS = 60
_USUAL_SECONDS = 1799.0


@dataclass(frozen=True, slots=True)
class TokenServer:
    """Where one OAuth client gets its tokens; `transport` asks without credentials (`signed_in_as_nobody`)."""

    transport: Transport
    url: str
    client_id: str
    client_secret: Secret
    now: Now = time.time

    def fetch(self, grant: str, more: Mapping[str, str], hint: str) -> Token:
        """Return a token with `expires_at`; AuthenticationFailed, with `hint`, where the server gives none."""
        form = {
            "grant_type": grant, "client_id": self.client_id, "client_secret": self.client_secret.reveal(), **more
        }  # fmt: skip
        answer = self.transport.post(self.url, data=form, keep=(400, 401, 403))
        token = _object(answer)
        if answer.status != 200 or not token.get("access_token"):
            words = str(token.get("error_description") or token.get("error") or f"status {answer.status}")[:200]
            raise AuthenticationFailed(f"the tool gives no token ({words})", where=f"POST {answer.address}", hint=hint)
        return token | {"expires_at": self.now() + _seconds(token.get("expires_in"))}

    def kept(self, file: TokenFile, used: Token, hint: str) -> Token:
        """Return a token from the file, other than the one used; each new refresh token goes there before it is used.

        `hint` says what to do where the refresh token is refused.
        """

        def is_good(token: Token) -> bool:
            is_fresh = self.now() < float(token.get("expires_at") or 0) - _EARLY_SECONDS
            return is_fresh and token["access_token"] != used.get("access_token")

        return file.renewed(lambda refresh: self.fetch("refresh_token", {"refresh_token": refresh}, hint), is_good)


class OAuth:
    """Credentials of an OAuth client.

    `obtain` brings a token, and is given the one used until then (empty at first); `session_of` makes a session of it.
    """

    def __init__(
        self, obtain: Callable[[Token], Token], session_of: Callable[[Token], requests.Session], now: Now = time.time
    ) -> None:
        self._obtain = obtain
        self._session_of = session_of
        self._now = now
        self._lock = Lock()
        self._token: Token = {}
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
        self._token = self._obtain(self._token)
        conceal_token(self._token)
        # A tool may repeat a token that still lives: of one that ends soon, half of what is left is used.
        left = float(self._token["expires_at"]) - self._now()
        self._renew_at = self._now() + left - min(_EARLY_SECONDS, left / 2)
        self._session = self._session_of(self._token)
        return self._session


def signed_in_as_nobody() -> SignedIn:
    """Return credentials that say nothing of us, whatever ~/.netrc holds: to ask for tokens."""
    session = requests.Session()
    session.auth = _as_it_is
    return SignedIn(session)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _object(answer: Answer) -> dict[str, Any]:
    found = answer.json()
    if not isinstance(found, dict):
        raise BadAnswer("the answer to a token request is no object", where=answer.address)
    return found


def _seconds(value: Any) -> float:
    try:
        return max(0.0, float(value))
    except (TypeError, ValueError):
        return _USUAL_SECONDS
