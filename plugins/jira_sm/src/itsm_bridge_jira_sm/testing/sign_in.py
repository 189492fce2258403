"""Who may come in: by e-mail and API token, scoped token, OAuth, password or personal access token."""

from __future__ import annotations

import base64
import binascii
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import orjson

from itsm_bridge.simulation import Answer, Refusal
from itsm_bridge_jira_sm.testing import answers
from itsm_bridge_jira_sm.testing.terms_json import CLOUD_ID

SCOPES = (
    "read:jira-work", "read:jira-user", "read:servicedesk-request", "read:cmdb-object:jira", "read:cmdb-schema:jira",
    "read:cmdb-attribute:jira",
)  # fmt: skip
_MUST = "Client must be authenticated to access this resource."
_CAPTCHA_AFTER = 3
_LOGIN_PAGE = (
    "<!DOCTYPE html><html><head><title>Log in - Jira</title></head><body><form id='login-form'>"
    "<h1>Welcome to Jira</h1></form></body></html>"
)


@dataclass(slots=True)
class SignIn:
    """Credentials of the one account, and what became of attempts to use them.

    `scoped_token` works through the gateway only, and `api_token` on the site only. `scopes` are those of the scoped
    token and the OAuth app. `refresh_token` is the one that is good now: each use makes a new one (`rotates`).
    """

    username: str
    api_token: str
    scoped_token: str
    password: str
    token: str
    client_id: str
    client_secret: str
    url: str
    clock: Callable[[], float]
    is_cloud: bool = True
    scopes: tuple[str, ...] = SCOPES
    rotates: bool = True
    lifetime: int = 3600
    refresh_token: str = ""
    failures: int = 0
    issued: int = 0
    _access: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.refresh_token = self.refresh_token or secrets.token_urlsafe(32)

    # -- requests -------------------------------------------------------------------------------------

    def admit(self, authorization: str, path: str, *, through_gateway: bool) -> bool:
        """Say whether a request is the account's, or nobody's; raises Refusal for what is turned away."""
        scheme, _, value = authorization.partition(" ")
        pair = _pair(value) if scheme.lower() == "basic" else None
        if through_gateway:
            self._admit_at_gateway(scheme, value, pair, path)
            return True
        if not self.is_cloud:
            return self._admit_to_data_center(scheme, value, pair)
        if pair == (self.username, self.scoped_token):
            raise answers.Refusal(401, _MUST)
        return pair == (self.username, self.api_token)

    def _admit_at_gateway(self, scheme: str, value: str, pair: tuple[str, str] | None, path: str) -> None:
        is_known = pair == (self.username, self.scoped_token)
        if scheme.lower() == "bearer":
            is_known = self._access.get(value, 0) > self.clock()
        if not is_known:
            raise _told(401, {"code": 401, "message": "Unauthorized"})
        wanted = "read:jira-user" if path.endswith("/myself") else "read:jira-work"
        if path.startswith("/rest/servicedeskapi"):
            wanted = "read:servicedesk-request"
        if path.startswith("/jsm/assets"):
            wanted = "read:cmdb-object:jira"
        if wanted not in self.scopes:
            raise _told(401, {"code": 401, "message": "Unauthorized; scope does not match"})

    def _admit_to_data_center(self, scheme: str, value: str, pair: tuple[str, str] | None) -> bool:
        if scheme.lower() == "bearer":
            if value != self.token:
                raise _told(401, {"message": _MUST, "status-code": 401})
            return True
        if pair is None:
            return False
        if self.failures >= _CAPTCHA_AFTER:
            denied = f"CAPTCHA_CHALLENGE; login-url={self.url}/login.jsp"
            headers = {"X-Authentication-Denied-Reason": denied, "X-Seraph-LoginReason": "AUTHENTICATION_DENIED"}
            raise _page(403, headers)
        if pair != (self.username, self.password):
            self.failures += 1
            raise _page(401, {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED",
                              "WWW-Authenticate": 'OAuth realm="https%3A%2F%2Fjira"'})  # fmt: skip
        self.failures = 0
        return True

    def solve_captcha(self) -> None:
        """Let the account in again, as a person does in a browser."""
        self.failures = 0

    # -- OAuth ----------------------------------------------------------------------------------------

    def exchange(self, content_type: str, body: bytes) -> Answer:
        """Answer `POST /oauth/token`: a refresh token is spent, and comes back as another."""
        form = _form(content_type, body)
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return _told(401, {"error": "access_denied", "error_description": "Unauthorized"}).answer
        with self._lock:
            if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != self.refresh_token:
                words = "Unknown or invalid refresh token."
                return _told(403, {"error": "invalid_grant", "error_description": words}).answer
            if self.rotates:
                self.refresh_token = secrets.token_urlsafe(32)
            access = secrets.token_urlsafe(48)
            self._access[access] = self.clock() + self.lifetime
            self.issued += 1
            told = {"access_token": access, "refresh_token": self.refresh_token, "expires_in": self.lifetime,
                    "token_type": "Bearer", "scope": " ".join(self.scopes)}  # fmt: skip
        return Answer.of(told)

    def resources(self, authorization: str) -> Answer:
        """Answer `accessible-resources`: the sites that the app was let into."""
        if self._access.get(authorization.partition(" ")[2], 0) <= self.clock():
            return _told(401, {"code": 401, "message": "Unauthorized"}).answer
        site = {"id": CLOUD_ID, "url": self.url, "name": "acme", "scopes": self.scopes, "avatarUrl": ""}
        return Answer.of([site])

    def expire(self) -> None:
        """Make all access tokens worthless, as an hour would."""
        with self._lock:
            self._access.clear()

    def revoke(self) -> None:
        """Make the refresh token worthless, as its owner would."""
        with self._lock:
            self.refresh_token = secrets.token_urlsafe(32)


def _pair(value: str) -> tuple[str, str] | None:
    try:
        user, _, password = base64.b64decode(value).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return user, password


def _form(content_type: str, body: bytes) -> Mapping[str, Any]:
    if "json" not in content_type:
        return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _told(status: int, body: dict[str, Any]) -> Refusal:
    return Refusal(Answer.of(body, status=status))


def _page(status: int, headers: dict[str, str]) -> Refusal:
    return Refusal(Answer.page(status, _LOGIN_PAGE, headers))


def login_page() -> Answer:
    """Return the page that some sites show instead of an answer, with status 200."""
    return Answer.page(200, _LOGIN_PAGE)
