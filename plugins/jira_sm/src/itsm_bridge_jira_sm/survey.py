"""The preflight: who am I, what may I read, are clocks apart, what can therefore not be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from itsm_bridge.adapter import Access, Preflight, Right
from itsm_bridge.errors import AuthenticationFailed, BadAnswer, PermissionDenied
from itsm_bridge_jira_sm.access import AGENT, BROWSE, WORK, closed, grant_for, probed, probes
from itsm_bridge_jira_sm.asset_rights import look_at_assets
from itsm_bridge_jira_sm.capabilities import capabilities
from itsm_bridge_jira_sm.discovery import Fields
from itsm_bridge_jira_sm.queries import in_projects
from itsm_bridge_jira_sm.samples import count_issues, newest_issues
from itsm_bridge_jira_sm.scope import Projects
from itsm_bridge_jira_sm.session import Site
from itsm_bridge_jira_sm.sla_rights import Clocks, look_for_clocks, named
from itsm_bridge_jira_sm.streams import HISTORY, ISSUE

_CLOCK_TOLERANCE = 120
_ASKED = ("field", "sla_metric")
_NEEDS_FIELD = {
    "issue_sla": "sla", "sla_metric": "sla", "issue_approval": "approvals", "issue_vote": "approvals",
    "issue_organization": "organizations", "issue_service": "affected_services", "issue_asset": "assets",
}  # fmt: skip
_CLOUD_FIELDS = frozenset({"statusCategory", "statuscategorychangedate"})
_DECIDE = "Say in `fields` of this source which field is meant."


def preflight(
    site: Site,
    fields: Fields,
    projects: Projects,
    wanted: Mapping[str, tuple[str, ...]],
    connections: int = 4,
    attributes: Mapping[str, str] | None = None,
) -> Preflight:
    """Look at every stream that is to be read; `wanted` are the names that the mapping reads, by stream.

    `attributes` are the settings' names of attributes in Assets.
    """
    issue = _issues(site, fields, projects, wanted.get(ISSUE, ()))
    is_open = issue.is_readable and bool(issue.rows)
    lists = probes(site)
    asked = [name for name in wanted if name in lists]
    with ThreadPoolExecutor(connections) as pool:
        known = dict(zip(asked, pool.map(lambda name: probed(site, name, lists[name]), asked), strict=True))
        clocks = look_for_clocks(site, fields, projects, pool) if is_open and "issue_sla" in wanted else Clocks()
    known[ISSUE] = issue
    assets = look_at_assets(site, attributes or {}, wanted)
    known |= assets.access
    if is_open and HISTORY in wanted:
        known[HISTORY] = _history(site, in_projects(projects.ids))
    access = {name: known.get(name) or _follows(name, issue, fields, projects) for name in wanted}
    if "issue_sla" in access:
        access["issue_sla"] = _with_clocks(access["issue_sla"], fields, clocks)
    return Preflight(
        identity=_identity(site), product=f"Jira {'Cloud' if site.is_cloud else 'Data Center'}", version=site.version,
        timezone="UTC", timezone_note=_note(site), clock_difference_seconds=site.clock_difference_seconds,
        access=tuple(access.values()), capabilities=capabilities(access, clocks),
        problems=(*_problems(site, fields, projects, clocks), *assets.problems),
    )  # fmt: skip


def _identity(site: Site) -> str:
    account = site.account
    key = str(account.get("accountId") or account.get("name") or account.get("key") or "")
    shown = str(account.get("displayName") or "")
    return f"{shown} ({key})" if shown and shown != key else key


def _note(site: Site) -> str:
    zone = str(site.account.get("timeZone") or "")
    return f"the account's own, {zone or 'which is not told'}, does not matter: instants are asked for and read as such"


def _issues(site: Site, fields: Fields, projects: Projects, wanted: tuple[str, ...]) -> Access:
    if not projects.ids:
        return closed(ISSUE, "the account may browse no project", BROWSE)
    try:
        rows = count_issues(site, in_projects(projects.ids))
    except (PermissionDenied, AuthenticationFailed) as error:
        return closed(ISSUE, error.message, grant_for(site, error, BROWSE, WORK))
    access = _with_fields(Access(ISSUE, True, rows), site, fields, wanted)
    if rows == 0:
        reason = "no issue shows: the projects are empty, or an issue security scheme hides all from the account"
        access = replace(access, reason=reason, remedy="Ask which it is, and for a security level with the account.")
    return access


def _with_fields(issue: Access, site: Site, fields: Fields, wanted: tuple[str, ...]) -> Access:
    """Return the access with the names that show nothing: undecided ones, hidden ones, and those that do not exist."""
    roots = {name: name.partition(".")[0] for name in wanted}
    own = tuple(name for name, root in roots.items() if not fields.has(root))
    undecided = tuple(name for name in own if roots[name] in fields.undecided)
    unlisted = tuple(name for name, root in roots.items() if root not in fields.ids and fields.is_unlisted(root))
    absent = tuple(name for name in unlisted if not site.is_cloud and roots[name] in _CLOUD_FIELDS)
    hidden = tuple(name for name in unlisted if name not in absent)
    shown_by = "field configuration that shows the field (it is hidden in all projects that the account may browse)"
    asks = (_DECIDE if undecided else "", f"Ask for a {shown_by}: {', '.join(hidden)}." if hidden else "")
    return replace(
        issue, missing_fields=(*own, *unlisted), remedy=" ".join(filter(None, asks)),
        absent_fields=(*(name for name in own if name not in undecided), *absent),
        rights=tuple(Right(shown_by, f"{ISSUE}.{name}") for name in hidden),
    )  # fmt: skip


def _history(site: Site, query: str) -> Access:
    """Ask for the history of one issue in the way in which all are read."""
    try:
        for issue in newest_issues(site, query, ["created"], 1):
            if site.is_cloud:
                body = {"issueIdsOrKeys": [str(issue["id"])], "fieldIds": ["status"], "maxResults": 1}
                site.transport.post(site.api("changelog/bulkfetch"), json=body)
            else:
                url = site.api(f"issue/{issue['id']}")
                told = site.transport.get(url, {"expand": "changelog", "fields": "created"}).json()
                if not isinstance(told, dict) or not isinstance(told.get("changelog"), dict):
                    raise BadAnswer("issues come without their history")
    except (PermissionDenied, AuthenticationFailed) as error:
        return closed(HISTORY, error.message, grant_for(site, error, BROWSE, WORK))
    except BadAnswer as error:
        return Access(HISTORY, False, reason=error.message, remedy="Ask whether something in front of Jira keeps "
                      "the API of histories from us.")  # fmt: skip
    return Access(HISTORY, True)


def _follows(stream: str, issue: Access, fields: Fields, projects: Projects) -> Access:
    """Return the access to what comes with issues or projects, or was asked for already."""
    needed = _NEEDS_FIELD.get(stream)
    if needed and not fields.ids[needed]:
        return Access(stream, False, reason=f"the site has no field for it ({needed})", exists=False)
    if stream in _ASKED:
        return Access(stream, True, len(fields.names if stream == "field" else fields.ids["sla"]))
    rows = len(projects.keys) if stream == "project" else None
    if issue.is_readable:
        return Access(stream, True, rows)
    rights = tuple(Right(right.grant, stream) for right in issue.rights)
    return Access(stream, False, reason=issue.reason, remedy=issue.remedy, rights=rights)


def _with_clocks(access: Access, fields: Fields, clocks: Clocks) -> Access:
    """Return the access to clocks, given how they show: where all are empty, none was observed."""
    if not access.is_readable or not clocks.hidden:
        return access
    where = named(clocks.hidden)
    grant = f"{AGENT} in {where}, with a licence of Jira Service Management"
    if clocks.shown or clocks.without or clocks.left_out:
        reason = f"clocks are not observed in {where}: the account is no agent there"
        return replace(access, reason=reason, remedy=f"Ask for the {grant}.", rights=(Right(grant, access.stream),))
    number = len(fields.ids["sla"])
    reason = f"no issue shows a clock, though the site has {number} of them: the account is no agent"
    return closed(access.stream, reason, grant)


def _problems(site: Site, fields: Fields, projects: Projects, clocks: Clocks) -> Iterator[str]:
    yield from filter(None, (site.contradiction, projects.complaint))
    yield from fields.problems
    if clocks.left_out:
        yield (
            f"In {named(clocks.left_out)}, requests have clocks that a search leaves out: they are not observed. Have "
            "the site indexed anew (Data Center), or report it to Atlassian (Cloud)."
        )
    difference = site.clock_difference_seconds
    if abs(difference) > _CLOCK_TOLERANCE:
        yield (
            f"The site's clock is {difference:+.0f} seconds away from ours. Have both set by a time server: what is "
            "late or overdue is reckoned by them."
        )
