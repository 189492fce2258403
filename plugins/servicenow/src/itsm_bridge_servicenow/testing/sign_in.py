"""Who is asking: a password, an API key, a certificate, OAuth tokens, and the session cookie that outlives them."""

from __future__ import annotations

import base64
import binascii
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import orjson

from itsm_bridge.simulation import Answer
from itsm_bridge_servicenow.testing.answers import Refusal, error

GRANTS = frozenset({"password", "client_credentials", "refresh_token"})


@dataclass(slots=True)
class SignIn:
    """Credentials, tokens and sessions of the one account. `clock` gives seconds; tests move it to expire tokens.

    `api_key` and `certificates` (common names) let the account in where they are set. `rotates` is how an
    authorization server in front of the instance behaves: each refresh token is good once, and using it
    again revokes them all.
    """

    username: str
    password: str
    client_id: str
    client_secret: str
    clock: Callable[[], float]
    grants: frozenset[str] = GRANTS
    lifetime: int = 1799
    refresh_lifetime: int = 8_640_000
    api_key: str = ""
    certificates: frozenset[str] = frozenset()
    rotates: bool = False
    tokens: dict[str, float] = field(default_factory=dict)
    refreshes: dict[str, float] = field(default_factory=dict)
    sessions: set[str] = field(default_factory=set)
    issued: int = 0
    spent: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self, headers: Mapping[str, str], certificate: str = "") -> dict[str, str]:
        """Let a request in, and return the cookie to set for a new session; raises Refusal otherwise.

        Names of headers are in lower case. `certificate` is the common name of the client's, which the connection has
        already verified.
        """
        if any(f"JSESSIONID={session}" in (headers.get("cookie") or "") for session in self.sessions):
            return {}
        has_key = bool(self.api_key) and headers.get("x-sn-apikey") == self.api_key
        if not (has_key or certificate in self.certificates or self._is_known(headers.get("authorization") or "")):
            raise Refusal(
                401,
                "User Not Authenticated",
                "Required to provide Auth information",
                {"WWW-Authenticate": 'BASIC realm="Service-now"'},
            )
        session = secrets.token_hex(16)
        self.sessions.add(session)
        return {"Set-Cookie": f"JSESSIONID={session}; Path=/; HttpOnly"}

    def expire(self) -> None:
        """Make every access token and session worthless, as time would."""
        with self._lock:
            self.tokens.clear()
            self.sessions.clear()

    def authorize(self) -> str:
        """Return a refresh token, as a person gets one who signs in once in a browser."""
        refresh = secrets.token_urlsafe(48)
        self.refreshes[refresh] = self.clock() + self.refresh_lifetime
        return refresh

    def revoke(self) -> None:
        """Make every refresh token worthless, as an administrator would."""
        with self._lock:
            self.refreshes.clear()

    def token(self, content_type: str, body: bytes) -> Answer:
        """Answer `POST /oauth_token.do`; only a form is understood."""
        if "application/x-www-form-urlencoded" not in content_type:
            return _refused(400, "server_error", "unspecified error")
        form = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return _refused(401, "invalid_client", "access_denied")
        grant = form.get("grant_type", "")
        if grant not in self.grants:
            return _refused(401, "unsupported_grant_type", "access_denied")
        if not self._is_granted(grant, form):
            return _refused(401, "access_denied", "access_denied")
        return self._issue(grant, form.get("refresh_token"))

    def _is_granted(self, grant: str, form: Mapping[str, str]) -> bool:
        if grant == "password":
            return (form.get("username"), form.get("password")) == (self.username, self.password)
        if grant == "refresh_token":
            return self._is_refreshing(form.get("refresh_token", ""))
        return True

    def _is_refreshing(self, refresh: str) -> bool:
        with self._lock:
            if refresh in self.spent:
                self.refreshes.clear()
            is_good = self.refreshes.get(refresh, 0) > self.clock()
            if is_good and self.rotates:
                del self.refreshes[refresh]
                self.spent.add(refresh)
            return is_good

    def _issue(self, grant: str, refresh: str | None) -> Answer:
        now = self.clock()
        if self.rotates:
            refresh = None
        with self._lock:
            current = next((token for token, until in self.tokens.items() if until > now), None)
            token = current or secrets.token_urlsafe(48)
            self.issued += current is None
            until = self.tokens.setdefault(token, now + self.lifetime)
            body = {
                "access_token": token,
                "scope": "useraccount",
                "token_type": "Bearer",
                "expires_in": int(until - now),
            }
            if grant != "client_credentials":
                refresh = refresh or secrets.token_urlsafe(48)
                self.refreshes.setdefault(refresh, now + self.refresh_lifetime)
                body["refresh_token"] = refresh
        return Answer.of(body)

    def _is_known(self, authorization: str) -> bool:
        scheme, _, value = authorization.partition(" ")
        if scheme.lower() == "bearer":
            return self.tokens.get(value, 0) > self.clock()
        if scheme.lower() != "basic":
            return False
        try:
            user, _, password = base64.b64decode(value).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return False
        return (user, password) == (self.username, self.password)


def _refused(status: int, name: str, description: str) -> Answer:
    answer = error(status, name, description)
    answer.body = orjson.dumps({"error": name, "error_description": description})
    return answer
