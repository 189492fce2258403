"""Settings of Jira sources, and what a Jira answers to them, as tests write it."""

from __future__ import annotations

from typing import Any

import responses

from itsm_bridge.adapter import Traffic
from itsm_bridge_jira_sm.session import Site, connect
from itsm_bridge_jira_sm.settings import JiraSettings

URL = "https://acme.atlassian.net"
DATA_CENTER = "https://desk.acme.com/jira"
GATEWAY = "https://api.atlassian.com"
TOKENS = "https://auth.atlassian.com/oauth/token"
CLOUD_ID = "11111111-aaaa-4bbb-8ccc-222222222222"
BEHIND = f"{GATEWAY}/ex/jira/{CLOUD_ID}"
SECRETS = {"BRIDGE_TOKEN": "api-token-4711", "BRIDGE_PASSWORD": "Grüße-日本", "BRIDGE_CLIENT_SECRET": "shh-client"}

TOKEN = {"username": "bridge@acme.com", "api_token": {"env": "BRIDGE_TOKEN"}}
PASSWORD = {"username": "svc_bridge", "password": {"env": "BRIDGE_PASSWORD"}}
PAT = {"token": {"env": "BRIDGE_TOKEN"}}
OAUTH = {
    "client_id": "app-7f3a", "client_secret": {"env": "BRIDGE_CLIENT_SECRET"}, "refresh_token_file": "bridge.token"
}  # fmt: skip

ON_CLOUD = {"accountId": "5b10a284", "displayName": "Bridge", "timeZone": "America/Los_Angeles", "active": True}
ON_DATA_CENTER = {"name": "svc_bridge", "key": "JIRAUSER10100", "displayName": "Bridge", "timeZone": "Europe/Berlin"}
CLOUD = {"baseUrl": URL, "version": "1001.0.0-SNAPSHOT", "deploymentType": "Cloud", "versionNumbers": [1001, 0, 0]}
SERVER = {"baseUrl": DATA_CENTER, "version": "10.3.2", "deploymentType": "Server", "versionNumbers": [10, 3, 2]}


def settings_of(url: str = URL, **given: Any) -> JiraSettings:
    if not given.keys() & {"username", "token", "client_id"}:
        given |= TOKEN if url == URL else PASSWORD
    return JiraSettings.model_validate({"adapter": "jira_sm", "url": url} | given)


def answers_at(tool: responses.RequestsMock, base: str, account: Any = None, info: Any = None) -> None:
    """Have a Jira answer who we are and what it is."""
    is_cloud = "atlassian" in base
    tool.get(f"{base}/rest/api/2/myself", json=account or (ON_CLOUD if is_cloud else ON_DATA_CENTER))
    tool.get(f"{base}/rest/api/2/serverInfo", json=info or (CLOUD if is_cloud else SERVER))


def connected(**given: Any) -> Site:
    return connect(settings_of(**given), Traffic(), sleep=lambda _: None)


def asked(tool: responses.RequestsMock) -> list[str]:
    return [str(call.request.url) for call in tool.calls]
