"""What the preflight says of a simulated Jira."""

from __future__ import annotations

from typing import Any

from itsm_bridge.adapter import Access, Preflight, Traffic
from itsm_bridge_jira_sm.discovery import discover
from itsm_bridge_jira_sm.scope import projects_in_scope
from itsm_bridge_jira_sm.session import connect
from itsm_bridge_jira_sm.settings import JiraSettings
from itsm_bridge_jira_sm.streams import STREAMS
from itsm_bridge_jira_sm.survey import preflight
from itsm_bridge_jira_sm.testing import SimulatedJira

READ = ("id", "key", "updated", "status.id", "priority.name", "impact.value", "change_type.value", "assets")
WANTED = {stream.name: READ if stream.name == "issue" else ("id",) for stream in STREAMS}


def settings_for(jira: SimulatedJira, **given: Any) -> JiraSettings:
    if given.get("cloud_id"):
        secret, given = {"api_token": {"env": "JIRA_SCOPED"}}, given | {"gateway": jira.root}
    else:
        secret = {"api_token": {"env": "JIRA_TOKEN"}} if jira.site.is_cloud else {"password": {"env": "JIRA_PASSWORD"}}
    return JiraSettings.model_validate(
        {"adapter": "jira_sm", "url": jira.url, "username": jira.username} | secret | given
    )


def looked_at(jira: SimulatedJira, wanted: dict[str, tuple[str, ...]] | None = None, **given: Any) -> Preflight:
    settings = settings_for(jira, **given)
    site = connect(settings, Traffic(), sleep=lambda _: None)
    try:
        return preflight(site, discover(site, settings), projects_in_scope(site, settings), wanted or WANTED)
    finally:
        site.close()


def access(found: Preflight, stream: str) -> Access:
    return next(item for item in found.access if item.stream == stream)


def level(found: Preflight, name: str) -> tuple[str, str]:
    return next((item.level, item.reason) for item in found.capabilities if item.name == name)
