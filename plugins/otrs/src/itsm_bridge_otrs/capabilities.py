"""What a tool of this family can tell, by what it shows (catalogue §2.8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from itsm_bridge.adapter import Access, Capability
from itsm_bridge_otrs.streams import ARTICLE, CLOCK, HISTORY, TICKET

DYNAMIC = "dynamic."

_NEVER = {
    "state.resolved_distinct": "a ticket has one closed state: resolved and closed cannot be told apart",
    "approval.vote": "the tool keeps one decision of a ticket, in a field, and no votes of persons",
    "sla.pause": "clocks of this tool never pause, whatever the state of the ticket",
    "sla.original_due": "due times are reckoned anew from the settings of today, and forgotten on closing",
    "ci.link": "links to configuration items are not told by the operations for tickets",
    "ci.history": "configuration items are not told by the operations for tickets",
    "outage": "outages are not recorded in tickets",
    "membership": "agents, groups and roles are not told by the operations for tickets",
    "release": "releases are not recorded in tickets",
    "release.detail": "releases are not recorded in tickets",
}
_IN_PART = {
    "delete.detect": "no list of deleted tickets is kept: ids are compared; and tickets of queues that the agent may "
    "not read are neither seen nor counted",
    "sla.calendar": "calendars of queues and SLAs are not told: the policy has to bind each agreement by its name "
    "(calendars.toml)",
    "state.pending_reason": "by the name of the pending state; what a site's own states mean is said in an overlay of "
    "the mapping (own_state_reason)",
    "change.outcome": "by the name of the closed state; what a site's own states mean is said in an overlay "
    "(own_outcome)",
}
_OF_HISTORY = {
    "history.state": "",
    "history.priority": "",
    "history.group": "",
    "history.fields": "its times are whole seconds: what happened within one is in the order of the answer",
    "relation.types": "what links mean is not told: one between an incident and a problem is taken for its "
    "investigation",
    "relation.created_at": "the history tells when tickets were linked, and not which way round; links of other "
    "objects are not told",
}
# By capability: the dynamic field of the ITSM package that tells it, if any does.
_BY_FIELD = {
    "field.impact": "ITSMImpact",
    "field.urgency": "",
    "approval.rollup": "ITSMDecisionResult",
    "approval.vote_time": "ITSMDecisionResult",
    "change.type": "",
    "change.risk": "",
    "change.actuals": "",
    "change.plan": "",
    "change.window": "",
    "change.review": "",
    "problem.cause": "",
    "csat": "",
}
_PACKAGE = f"{DYNAMIC}ITSM"
_DECISION_TIME = "the time of a decision is when it was entered"
_CLAIMED = (
    "of a clock that has stopped, the tool claims the working minutes to the first response and to the last close; its "
    "due time is known only where it was read while the clock ran"
)


def capabilities(access: Mapping[str, Access], wanted: Sequence[str]) -> tuple[Capability, ...]:
    """Return what the tool can tell.

    `access` is by stream, without those that are not read; `wanted` are the fields of tickets that the mapping reads.
    """
    found = (
        *(Capability(name, "none", reason) for name, reason in _NEVER.items()),
        *(_limited(access, TICKET, name, limit) for name, limit in _IN_PART.items()),
        *(_limited(access, HISTORY, name, limit) for name, limit in _OF_HISTORY.items()),
        *_by_field(access, wanted),
        _limited(access, ARTICLE, "comment.visibility"),
        _limited(access, CLOCK, "sla.claim", _CLAIMED),
    )  # fmt: skip
    return tuple(replace(one, record_type="change") if one.name.startswith("change.") else one for one in found)


def closed_because(access: Mapping[str, Access], stream: str) -> str:
    """Return why a stream tells nothing; an empty text when it does."""
    seen = access.get(stream)
    if seen is None:
        return f"{stream} is not read (`streams` leaves it out)"
    return "" if seen.is_readable else f"{stream} cannot be read: {seen.reason}"


def _limited(access: Mapping[str, Access], stream: str, name: str, limit: str = "") -> Capability:
    """Return a capability that a stream gives, in part where there is a limit to it."""
    why = closed_because(access, stream)
    if why:
        return Capability(name, "none", why)
    return Capability(name, "partial", limit) if limit else Capability(name, "full")


def _by_field(access: Mapping[str, Access], wanted: Sequence[str]) -> Iterator[Capability]:
    """Yield what only dynamic fields tell: of the ITSM package, or of the site's own that an overlay names."""
    closed = closed_because(access, TICKET)
    missing = frozenset() if closed else frozenset(access[TICKET].missing_fields)
    shown = [name for name in wanted if name.startswith(DYNAMIC) and name not in missing]
    own = ", ".join(name for name in shown if not name.startswith(_PACKAGE))
    for name, field in _BY_FIELD.items():
        of_package = f"{DYNAMIC}{field}" if field else ""
        if closed:
            yield Capability(name, "none", closed)
        elif of_package in shown:
            is_time = name == "approval.vote_time"
            yield Capability(name, "partial", _DECISION_TIME) if is_time else Capability(name, "full")
        elif own:
            yield Capability(name, "partial", f"only if the mapping takes it from a field of the site's own ({own})")
        elif of_package in missing:
            yield Capability(name, "none", f"{TICKET}.{of_package} does not exist on this site")
        else:
            yield Capability(name, "none", "tickets have no field for it, unless an overlay names a dynamic field")
