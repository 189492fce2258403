"""Do service-level clocks show? Whoever is no agent of a service desk gets issues whose clocks are all empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Literal

from itsm_bridge.errors import AuthenticationFailed, BadAnswer, PermissionDenied
from itsm_bridge_jira_sm.discovery import Fields
from itsm_bridge_jira_sm.lists import listed
from itsm_bridge_jira_sm.queries import in_projects
from itsm_bridge_jira_sm.samples import newest_issues
from itsm_bridge_jira_sm.scope import Projects
from itsm_bridge_jira_sm.session import Site

Sight = Literal["shown", "hidden", "left out", "none"]

AGENT = "SERVICEDESK_AGENT"
_MOST = 20
_SAMPLE = 30


@dataclass(frozen=True, slots=True)
class Clocks:
    """Keys of projects by how their clocks show in issues.

    `shown`: they do; `hidden`: the account is no agent there; `left_out`: the request itself has clocks that a search
    leaves out; `without`: newest issues have none. `is_sample` says that there are more projects than were looked at.
    """

    shown: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    is_sample: bool = False


def look_for_clocks(site: Site, fields: Fields, projects: Projects, pool: Executor) -> Clocks:
    """Look at the newest issues of some projects; a request for each, and two more where no clock shows."""
    looked_at = projects.ids[:_MOST]
    if not fields.ids["sla"]:
        return Clocks()
    sights = list(pool.map(lambda project: _sight(site, fields, project, projects.keys[project]), looked_at))

    def those(wanted: Sight) -> tuple[str, ...]:
        return tuple(
            projects.keys[project] for project, sight in zip(looked_at, sights, strict=True) if sight == wanted
        )

    return Clocks(those("shown"), those("hidden"), those("left out"), those("none"), len(projects.ids) > _MOST)


def _sight(site: Site, fields: Fields, project: str, key: str) -> Sight:
    asked = [*fields.ids["sla"], *fields.ids["request_type"]]
    issues = newest_issues(site, in_projects([project]), asked, _SAMPLE)
    if any(_is_clock(_value(issue, field)) for issue in issues for field in fields.ids["sla"]):
        return "shown"
    is_agent = _is_agent(site, key)
    if not issues:
        return "hidden" if is_agent is False else "none"
    requests = [i for i in issues if any(_value(i, field) for field in fields.ids["request_type"])] or issues
    try:
        clocks = list(listed(site, site.desk(f"request/{requests[0]['id']}/sla")))
    except PermissionDenied:
        return "hidden"
    except AuthenticationFailed:  # a token without the scope to ask
        return "none" if is_agent else "hidden"
    except BadAnswer:  # no request, or one that the account may not see as such
        return "hidden" if is_agent is False else "none"
    if any(map(_is_clock, clocks)):
        return "left out"
    return "hidden" if is_agent is False else "none"


def _is_agent(site: Site, key: str) -> bool | None:
    """Tell whether Jira calls us an agent of the project; None where it does not say."""
    asked = {"projectKey": key, "permissions": AGENT}
    try:
        told = site.transport.get(site.api("mypermissions"), asked).json()
        has = told["permissions"][AGENT]["havePermission"]
    except (BadAnswer, PermissionDenied, AuthenticationFailed, KeyError, TypeError):
        return None
    return has if isinstance(has, bool) else None


def _value(issue: Mapping[str, Any], field: str) -> Any:
    values = issue.get("fields")
    return values.get(field) if isinstance(values, dict) else None


def _is_clock(value: Any) -> bool:
    """Tell a clock that ran or runs from one that never began, and from the error that stands for a deleted metric."""
    return isinstance(value, dict) and bool(value.get("completedCycles") or value.get("ongoingCycle"))


def named(keys: Sequence[str], most: int = 8) -> str:
    """Return keys for a sentence, the first ones where there are many."""
    more = f" and {len(keys) - most} more" if len(keys) > most else ""
    return f"{', '.join(keys[:most])}{more}"
