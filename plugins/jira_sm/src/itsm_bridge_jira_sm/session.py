"""Connecting: who are we there, where does the API lie, which kind of Jira is it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jira

from itsm_bridge.adapter import Traffic
from itsm_bridge.errors import AuthenticationFailed, BadAnswer, ConfigurationError, PermissionDenied, SourceError
from itsm_bridge.hostile import for_terminal
from itsm_bridge.transport import Answer, Transport, json_body
from itsm_bridge_jira_sm.deployment import (
    assets_base,
    base_address,
    cloud_id_of_site,
    contradiction,
    is_cloud,
    server_info,
)
from itsm_bridge_jira_sm.settings import DETECT, JiraSettings
from itsm_bridge_jira_sm.signing_in import Ways, client_through
from itsm_bridge_jira_sm.words import words

_NO_JIRA = (
    "Check that `url` is the address of the site, with the path it may have (as in https://acme.com/jira); and whether "
    "a sign-on page stands in front of it, which must let requests below /rest/ pass."
)
_SCOPED = (
    "A token with scopes, and every token of a service account, works through Atlassian's gateway only: set "
    'cloud_id = "{cloud_id}" in this source. Else check `username`, which is an e-mail, and whether the token has '
    "expired, as all do within a year, or was revoked."
)
_CAPTCHA = (
    "Sign in once as this account in a browser{where} and solve the CAPTCHA that Jira shows after failed attempts; "
    "correct the password here before the next run. Personal access tokens meet no CAPTCHA."
)
_BY_WAY = {
    "user name and password": "Check `username` and `password`; Jira may forbid passwords for its REST API: then make "
    "a personal access token and set `token`.",
    "personal access token": "Check whether the personal access token has expired or was revoked, and that the site is "
    "a Data Center: on Cloud, set `username` and `api_token` instead.",
    "OAuth 2.0, refresh token": "Sign in anew (docs/jira.md), as an account that may use this site.",
}  # fmt: skip
_SCOPES = "Add the scope read:jira-user (and read:jira-work, read:servicedesk-request); an app must be signed in anew."


@dataclass(frozen=True, slots=True)
class Site:
    """A Jira that let us in.

    `base` is the address below which `/rest` lies: the site's, or the gateway's for its cloudId. `account` is what
    Jira says of us, `browse_url` the address of an issue's page with `{key}` for its key, `client` the library's.
    `contradiction` says where settings and site disagree on what it is, `assets_base` where Assets lies on Cloud.
    """

    transport: Transport
    client: jira.JIRA
    base: str
    is_cloud: bool
    through_gateway: bool
    version: str
    browse_url: str
    account: Mapping[str, Any]
    clock_difference_seconds: float
    contradiction: str = ""
    assets_base: str = ""

    def api(self, path: str) -> str:
        """Return the address of something in Jira's own API, such as `myself`."""
        return f"{self.base}/rest/api/2/{path}"

    def desk(self, path: str) -> str:
        """Return the address of something in the service desk API, such as `servicedesk`."""
        return f"{self.base}/rest/servicedeskapi/{path}"

    def assets(self, workspace: str, path: str) -> str:
        """Return the address of something in the API of Assets, of one workspace on Cloud."""
        if not self.is_cloud:
            return f"{self.base}/rest/assets/1.0/{path}"
        return f"{self.assets_base or self.base}/jsm/assets/workspace/{workspace}/v1/{path}"

    def close(self) -> None:
        """Close all connections."""
        self.transport.close()


def connect(settings: JiraSettings, traffic: Traffic, *, sleep: Callable[[float], None] = time.sleep) -> Site:
    """Sign in and look around; raises SourceError or ConfigurationError where Jira does not know who we are."""
    ways = Ways(settings, traffic, sleep)
    base = base_address(settings, ways)
    account, difference = _account(settings, ways, base)
    client = client_through(ways.signed_in, base)
    info = server_info(settings, client)
    return Site(
        transport=ways.signed_in, client=client, base=base, is_cloud=is_cloud(settings, info),
        through_gateway=settings.goes_through_gateway, version=str(info.get("version") or ""),
        browse_url=f"{settings.url}/browse/{{key}}", account=account, clock_difference_seconds=difference,
        contradiction=contradiction(settings, info), assets_base=assets_base(settings, base),
    )  # fmt: skip


def _account(settings: JiraSettings, ways: Ways, base: str) -> tuple[Mapping[str, Any], float]:
    """Return what Jira says of us, and by how many seconds its clock is ahead; raises where it says nothing."""
    url = f"{base}/rest/api/2/myself"
    answer = ways.signed_in.get(url, keep=(401, 403, 404), accept=_is_data)
    where = f"GET {url}"
    if answer.status != 200:
        raise _refusal(answer, settings, ways, where)
    account = answer.json()
    # Jira answers many questions of somebody whom it did not sign in: with nothing, as if there were nothing.
    if not isinstance(account, dict) or not (account.get("accountId") or account.get("name") or account.get("key")):
        raise AuthenticationFailed("Jira takes us for nobody", where=where, hint=_hint(settings, ways))
    now = datetime.now(UTC)
    return account, ((answer.date or now) - now).total_seconds()


def _is_data(answer: Answer) -> None:
    """Refuse a web page at once: it would come again, and each attempt may count as a failed one."""
    if answer.body.lstrip()[:1] == b"<":
        title = re.search(rb"<title[^>]*>([^<]{1,80})", answer.body, re.IGNORECASE)
        named = f" ({for_terminal(' '.join(title[1].decode(errors='replace').split()))})" if title else ""
        raise SourceError(f"a web page came instead of data{named}", where=f"GET {answer.address}", hint=_NO_JIRA)
    json_body(answer)


def _refusal(answer: Answer, settings: JiraSettings, ways: Ways, where: str) -> SourceError:
    told = for_terminal(words(answer)[:300])
    named = f" (status {answer.status}{': ' + told if told else ''})"
    denied = answer.headers.get("X-Authentication-Denied-Reason", "")
    if "CAPTCHA" in denied or "AUTHENTICATION_DENIED" in answer.headers.get("X-Seraph-LoginReason", ""):
        place = re.search(r"login-url=(https?://[^\s;,]+)", denied)
        hint = _CAPTCHA.format(where=f" at {place[1]}" if place else "")
        return AuthenticationFailed("Jira wants a CAPTCHA before it tries this password again", where=where, hint=hint)
    if settings.goes_through_gateway and "scope" in told.lower():
        return PermissionDenied(f"the token may not ask who it belongs to{named}", where=where, hint=_SCOPES)
    if answer.status == 404 and not (told and settings.api_token):  # a token that Jira does not know may find nothing
        return BadAnswer(f"there is no Jira at this address{named}", where=where, hint=_NO_JIRA)
    return AuthenticationFailed(f"Jira refused the credentials{named}", where=where, hint=_hint(settings, ways))


def _hint(settings: JiraSettings, ways: Ways) -> str:
    if not settings.api_token:
        return _BY_WAY[settings.way_in]
    if settings.goes_through_gateway:
        return (
            "Check `username` (the account's e-mail), `cloud_id`, and whether the token has expired, as all do within "
            "a year; a token without scopes works without `cloud_id` only."
        )
    try:
        cloud_id = cloud_id_of_site(settings, ways.unknown)
    except (SourceError, ConfigurationError):
        cloud_id = DETECT
    return _SCOPED.format(cloud_id=cloud_id)
