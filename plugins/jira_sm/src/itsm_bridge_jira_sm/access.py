"""May the account read a stream; and whom to ask for what when not, in Jira's own words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from itsm_bridge.adapter import Access, Right
from itsm_bridge.errors import AuthenticationFailed, BadAnswer, PermissionDenied, SourceError
from itsm_bridge_jira_sm.lists import first_of, listed
from itsm_bridge_jira_sm.session import Site

BROWSE = "project permission Browse Projects"
AGENT = "project permission Service Desk Agent"
LIST_PEOPLE = "global permission Browse users and groups"
ADMINISTER = "global permission Administer Jira"
WORK, USERS, GROUPS, DESK = "read:jira-work", "read:jira-user", "read:group:jira", "read:servicedesk-request"

_NO_DESK_SHOWS = "no service desk shows to the account"
_NO_DESK = "the site has no Jira Service Management"


@dataclass(frozen=True, slots=True)
class Probe:
    """How to see whether a list may be read: `look` asks for it and returns its rows, None where that needs too much.

    `grant` opens it, `scope` must be had by a token with scopes; `is_desk` says that only service management has it.
    """

    look: Callable[[], int | None]
    grant: str
    scope: str
    is_desk: bool = False


def probes(site: Site) -> Mapping[str, Probe]:
    """Return the probes of the streams that are lists of their own."""

    def whole(path: str) -> Callable[[], int]:
        return lambda: sum(1 for _ in listed(site, site.api(path)))

    def beginning(url: str, **params: str) -> Callable[[], int | None]:
        def look() -> int | None:
            first_of(site, url, params)
            return None

        return look

    def desks() -> int:
        return sum(1 for _ in listed(site, site.desk("servicedesk")))

    people = beginning(site.api("users/search")) if site.is_cloud else beginning(site.api("user/search"), username=".")
    return {
        **{name: Probe(whole(path), BROWSE, WORK) for name, path in _WORDS.items()},
        "service_desk": Probe(desks, AGENT, DESK, True),
        "request_type": Probe(lambda: None if desks() else 0, AGENT, DESK, True),  # they are listed desk by desk
        "organization": Probe(beginning(site.desk("organization")), AGENT, DESK, True),
        "person": Probe(people, LIST_PEOPLE, USERS),
        "group": Probe(lambda: None if _a_group(site) else 0, LIST_PEOPLE, GROUPS),
        "group_member": Probe(lambda: _members(site), LIST_PEOPLE if site.is_cloud else ADMINISTER, GROUPS),
    }


_WORDS = {"status": "status", "priority": "priority", "issue_type": "issuetype", "resolution": "resolution"}


def probed(site: Site, stream: str, probe: Probe) -> Access:
    """Return whether a list may be read."""
    try:
        rows = probe.look()
        if rows == 0 and probe.is_desk:
            return Access(stream, True, 0, reason=_NO_DESK_SHOWS, remedy=f"Ask for the {AGENT}, if there are any.")
        return Access(stream, True, rows)
    except (PermissionDenied, AuthenticationFailed) as error:
        if probe.is_desk and "access to Jira Service Management" in error.message:
            return closed(stream, error.message, "product access to Jira Service Management")
        return closed(stream, error.message, grant_for(site, error, probe.grant, probe.scope))
    except BadAnswer as error:
        if probe.is_desk and "status 404" in error.message:
            return Access(stream, False, reason=_NO_DESK, exists=False)
        return Access(
            stream, False, reason=error.message, remedy="Run it again; if it persists, leave this stream out."
        )


def grant_for(site: Site, error: SourceError, grant: str, scope: str) -> str:
    """Return what to ask for after a refusal: the scope where a token lacks that, else the permission."""
    is_scope = site.through_gateway and (isinstance(error, AuthenticationFailed) or "scope" in error.message.lower())
    return f"scope {scope}" if is_scope else grant


def closed(stream: str, reason: str, grant: str) -> Access:
    """Return the access to a stream that cannot be read."""
    return Access(stream, False, reason=reason, remedy=f"Ask for the {grant}.", rights=(Right(grant, stream),))


def _a_group(site: Site) -> Mapping[str, Any] | None:
    if site.is_cloud:
        return first_of(site, site.api("group/bulk"))
    told = site.transport.get(site.api("groups/picker"), {"maxResults": "1"}).json()
    groups = told.get("groups") if isinstance(told, dict) else None
    if not isinstance(groups, list):
        raise BadAnswer("the answer holds no list of groups", where=f"GET {site.api('groups/picker')}")
    return groups[0] if groups and isinstance(groups[0], dict) else None


def _members(site: Site) -> int | None:
    group = _a_group(site)
    if group is None:
        return 0
    which = {"groupId": str(group["groupId"])} if group.get("groupId") else {"groupname": str(group.get("name"))}
    first_of(site, site.api("group/member"), which)
    return None
