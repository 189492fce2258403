"""What a site can tell, by what it shows (catalogue §2.8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from itsm_bridge.adapter import Access, Capability
from itsm_bridge_jira_sm.sla_rights import Clocks, named

_NEVER = {
    "sla.pause": "Jira tells whether a clock is paused, not for how long",
    "sla.original_due": "only the breach time as it stands is told, which pauses move",
    "ci.history": "the history of assets is not read",
    "outage": "outages are not recorded in Jira",
    "release.detail": "of a version Jira keeps two days and whether it is released, nothing else",
    "change.review": "a change has no field for its review; a post-implementation review is no record of its own",
}
_IN_PART = {
    "state.resolved_distinct": "resolved and closed differ only where the site's workflows have a status for each",
    "delete.detect": "Jira keeps no list of deleted issues; ids are compared instead",
    "sla.calendar": "calendars of SLAs are not told: the policy has to bind each metric by its name (calendars.toml)",
    "change.outcome": "the outcome is taken from resolution and last status, as the site words them",
}
_OF_HISTORY = {
    "history.state": "",
    "history.priority": "",
    "history.fields": "",
    "history.group": "the group of a record is its project, unless an overlay of the mapping names a field of the site",
    "relation.created_at": "links keep no date: the history has it, but for those made with an issue",
}
_CUSTOM = (
    # our names of the fields, capability
    (("impact",), "field.impact"),
    (("urgency",), "field.urgency"),
    (("pending_reason",), "state.pending_reason"),
    (("change_type",), "change.type"),
    (("change_risk",), "change.risk"),
    (("planned_start", "planned_end"), "change.window"),
    (("implementation_plan", "backout_plan", "test_plan"), "change.plan"),
    (("actual_start", "actual_end"), "change.actuals"),
    (("root_cause",), "problem.cause"),
    (("satisfaction",), "csat"),
)


def capabilities(access: Mapping[str, Access], clocks: Clocks) -> tuple[Capability, ...]:
    """Return what the site can tell; `access` by stream, streams that are not read are missing from it."""
    found = (
        *(Capability(name, "none", reason) for name, reason in _NEVER.items()),
        *(_limited(access, "issue", name, reason) for name, reason in _IN_PART.items()),
        *(_limited(access, "issue_history", name, limit) for name, limit in _OF_HISTORY.items()),
        *_by_field(access), *_approvals(access), *_clocks(access, clocks), *_others(access),
    )  # fmt: skip
    return tuple(replace(one, record_type="change") if one.name.startswith("change.") else one for one in found)


def closed_because(access: Mapping[str, Access], stream: str) -> str:
    """Return why a stream tells nothing; an empty text when it does."""
    seen = access.get(stream)
    if seen is None:
        return f"{stream} is not read (`streams` leaves it out)"
    if not seen.is_readable:
        return f"{stream} cannot be read: {seen.reason}"
    return ""


def _limited(access: Mapping[str, Access], stream: str, name: str, limit: str = "") -> Capability:
    """Return a capability that a stream gives, in part where there is a limit to it."""
    why = closed_because(access, stream)
    if why:
        return Capability(name, "none", why)
    return Capability(name, "partial", limit) if limit else Capability(name, "full")


def _by_field(access: Mapping[str, Access]) -> Iterator[Capability]:
    closed = closed_because(access, "issue")
    for fields, name in _CUSTOM:
        lost = "" if closed else next(filter(None, (_lost_field(access["issue"], field) for field in fields)), "")
        yield Capability(name, "none", closed or lost) if closed or lost else Capability(name, "full")


def _lost_field(issue: Access, field: str) -> str:
    """Return why a custom field tells nothing, beginning with the name under which it is missing."""
    for missing in issue.missing_fields:
        if missing.partition(".")[0] == field:
            does_not = "does not exist on this site" if missing in issue.absent_fields else "is not decided on"
            return f"issue.{missing} {does_not}"
    return ""


def _approvals(access: Mapping[str, Access]) -> Iterator[Capability]:
    why = closed_because(access, "issue_vote")
    yield Capability("approval.vote", "none", why) if why else Capability("approval.vote", "full")
    history = closed_because(access, "issue_history")
    guess = "the time of a vote is that of the approver's own step in the history, where there is one"
    lost = why or (f"{history}; approvals with one approver keep their time" if history else "")
    yield Capability("approval.vote_time", "none" if why else "partial", lost or guess)
    yield _limited(access, "issue_approval", "approval.rollup")


def _clocks(access: Mapping[str, Access], clocks: Clocks) -> Iterator[Capability]:
    why = closed_because(access, "issue_sla")
    if why:
        yield Capability("sla.claim", "none", why)
    elif clocks.hidden or clocks.left_out:
        unseen = named(sorted((*clocks.hidden, *clocks.left_out)))
        yield Capability("sla.claim", "partial", f"issue_sla is not observed in {unseen}")
    else:
        yield Capability("sla.claim", "full")


def _others(access: Mapping[str, Access]) -> Iterator[Capability]:
    yield _limited(access, "issue_comment", "comment.visibility")
    yield _limited(access, "issue_link", "relation.types")
    yield _linked_items(access)
    yield _limited(access, "version", "release", "of a version only the day is known")
    yield _limited(access, "group_member", "membership", "current members only: Jira keeps no dates")


def _linked_items(access: Mapping[str, Access]) -> Capability:
    """Assets are configuration items, and where there are none, components are."""
    asset = _limited(access, "issue_asset", "ci.link")
    if asset.level == "full":
        return asset
    return _limited(access, "issue_component", "ci.link", f"components only: {asset.reason}")
