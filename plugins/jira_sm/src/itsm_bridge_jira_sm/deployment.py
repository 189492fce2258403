"""Where a site's API lies, and what the site says it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jira

from itsm_bridge.errors import AuthenticationFailed, BadAnswer, ConfigurationError, PermissionDenied
from itsm_bridge.hostile import for_terminal
from itsm_bridge.transport import Transport
from itsm_bridge_jira_sm.settings import DETECT, JiraSettings
from itsm_bridge_jira_sm.signing_in import Ways

_CLOUD = "Cloud"


def base_address(settings: JiraSettings, ways: Ways) -> str:
    """Return the address below which /rest lies."""
    if settings.client_id:
        cloud_id = _cloud_id_of_app(settings, ways.signed_in)
    elif settings.cloud_id == DETECT:
        cloud_id = cloud_id_of_site(settings, ways.unknown)
    elif settings.cloud_id:
        cloud_id = settings.cloud_id
    else:
        return settings.url
    return f"{settings.gateway}/ex/jira/{cloud_id}"


def assets_base(settings: JiraSettings, base: str) -> str:
    """Return the address below which Assets of a Cloud site lies: Atlassian's gateway, or the site's own door to it.

    The site's own is for addresses that Atlassian did not give it, so that no credentials go to another host than told.
    """
    if settings.goes_through_gateway:
        return base
    return settings.gateway if settings.is_at_atlassian else f"{base}/gateway/api"


def cloud_id_of_site(settings: JiraSettings, transport: Transport) -> str:
    """Return the cloudId that a Cloud site tells everybody; ConfigurationError where it does not."""
    url = f"{settings.url}/_edge/tenant_info"
    try:
        told = transport.get(url).json()
        cloud_id = told.get("cloudId") if isinstance(told, dict) else None
    except BadAnswer:
        cloud_id = None
    if not isinstance(cloud_id, str) or not cloud_id:
        raise ConfigurationError(
            "the site does not tell its cloudId", where=f"GET {url}",
            hint="Check that `url` is a Cloud site, or write the id itself: cloud_id = \"…\".",
        )  # fmt: skip
    return cloud_id


def _cloud_id_of_app(settings: JiraSettings, transport: Transport) -> str:
    """Return the cloudId of the site among those that the app was let into."""
    url = f"{settings.gateway}/oauth/token/accessible-resources"
    found = transport.get(url).json()
    sites = {
        str(item["id"]): str(item.get("url") or "")
        for item in (found if isinstance(found, list) else ()) if isinstance(item, dict) and item.get("id")
    }  # fmt: skip
    wanted = [
        cloud_id for cloud_id, address in sites.items()
        if cloud_id == settings.cloud_id or (settings.cloud_id in (None, DETECT) and _same(address, settings.url))
    ]  # fmt: skip
    if len(wanted) == 1:
        return wanted[0]
    listed = ", ".join(f'{address or "a site"} (cloud_id = "{cloud_id}")' for cloud_id, address in sites.items())
    raise ConfigurationError(
        f"the app was let into {for_terminal(listed)}, and which one is meant does not follow from `url`"
        if sites else "the app was let into no site",
        where=f"GET {url}",
        hint="Set `url` to one of them, or `cloud_id` too." if sites else "Sign in anew, and choose the site there.",
    )  # fmt: skip


def _same(one: str, other: str) -> bool:
    return one.rstrip("/").lower() == other.rstrip("/").lower()


def server_info(settings: JiraSettings, client: jira.JIRA) -> Mapping[str, Any]:
    """Return what the site says of itself; nothing where it may keep silent, as its kind is known without."""
    try:
        info = client.server_info()
    except (BadAnswer, PermissionDenied, AuthenticationFailed):
        if settings.goes_through_gateway or settings.deployment != DETECT:
            return {}
        raise
    return info if isinstance(info, dict) else {}


def is_cloud(settings: JiraSettings, info: Mapping[str, Any]) -> bool:
    """Tell Cloud from Data Center: as it is set, else by where requests go, else by what the site says."""
    if settings.deployment != DETECT:
        return settings.deployment == "cloud"
    return settings.goes_through_gateway or info.get("deploymentType") == _CLOUD


def contradiction(settings: JiraSettings, info: Mapping[str, Any]) -> str:
    """Return what is wrong where `deployment` says something else than the site; empty where nothing is."""
    told = info.get("deploymentType")
    if not told or is_cloud(settings, info) == (told == _CLOUD):
        return ""
    return (
        f'`deployment` is "{settings.deployment}", and the site says that it is {told}: what one kind has, the other '
        "may not. Take `deployment` out, unless you know better than the site."
    )
