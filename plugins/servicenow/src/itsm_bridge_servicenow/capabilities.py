"""What an instance can tell, by what its tables show (catalogue §2.8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from itsm_bridge.adapter import Access, Capability
from itsm_bridge_servicenow.streams import ITEM_HISTORY, RECORD_TYPES

_NEVER = {
    "csat": "survey results lie in assessment tables that are not read",
    "relation.created_at": "reference fields keep no date of their own",
}
_WORKFLOW = "a closed record has one end state: resolved and closed cannot be told apart"
_FIELDS = (
    # table, field, capability, record type
    ("incident", "impact", "field.impact", "incident"),
    ("incident", "urgency", "field.urgency", "incident"),
    ("problem", "impact", "field.impact", "problem"),
    ("problem", "urgency", "field.urgency", "problem"),
    ("change_request", "impact", "field.impact", "change"),
    ("change_request", "urgency", "field.urgency", "change"),
    ("rm_release", "impact", "field.impact", "release"),
    ("rm_release", "urgency", "field.urgency", "release"),
    ("sc_req_item", "impact", "field.impact", "service_request"),
    ("sc_req_item", "urgency", "field.urgency", "service_request"),
    ("change_request", "type", "change.type", "change"),
    ("change_request", "risk", "change.risk", "change"),
    ("change_request", "work_start", "change.actuals", "change"),
    ("change_request", "work_end", "change.actuals", "change"),
    ("change_request", "start_date", "change.window", "change"),
    ("change_request", "end_date", "change.window", "change"),
    ("change_request", "backout_plan", "change.plan", "change"),
    ("change_request", "close_code", "change.outcome", "change"),
    ("change_request", "review_date", "change.review", "change"),
    ("problem", "cause_notes", "problem.cause", "problem"),
    ("rm_release", "work_end", "release", "*"),
    ("rm_release", "state", "release.detail", "*"),
    ("task_sla", "start_time", "sla.claim", "*"),
    ("task_sla", "stage", "sla.claim", "*"),
    ("task_sla", "business_pause_duration", "sla.pause", "*"),
    ("task_sla", "original_breach_time", "sla.original_due", "*"),
    ("contract_sla", "schedule", "sla.calendar", "*"),
    ("sys_journal_field", "element", "comment.visibility", "*"),
    ("sysapproval_approver", "state", "approval.vote", "*"),
    ("cmdb_ci_outage", "begin", "outage", "*"),
    ("sys_user_grmember", "user", "membership", "*"),
)


@dataclass(frozen=True, slots=True)
class Histories:
    """Task tables whose history the account sees, and those whose states metrics follow instead."""

    audited: frozenset[str]
    measured: frozenset[str]


def capabilities(access: Mapping[str, Access], histories: Histories) -> tuple[Capability, ...]:
    """Return what the source can tell; `access` by stream, streams that are not read are missing from it."""
    found = [
        *(Capability(name, "none", reason) for name, reason in _NEVER.items()),
        *_by_field(access), *_by_history(access, histories), *_by_state(access), *_approvals(access), *_others(access),
    ]  # fmt: skip
    return tuple(found)


def closed_because(access: Mapping[str, Access], stream: str, *, empty: bool = True) -> str:
    """Return why a stream tells nothing; an empty text when it does. An empty table counts as closed by default."""
    seen = access.get(stream)
    if seen is None:
        return f"{stream} is not read (`streams` leaves it out)"
    if not seen.is_readable:
        return f"{stream} cannot be read: {seen.reason}"
    return f"{stream} has no rows" if empty and seen.rows == 0 else ""


def _by_field(access: Mapping[str, Access]) -> Iterator[Capability]:
    lost: dict[tuple[str, str], str] = {}
    for table, field, name, record_type in _FIELDS:
        reason = closed_because(access, table, empty=table != "change_request")
        if not reason and field in access[table].missing_fields:
            how = "does not exist in this instance" if field in access[table].absent_fields else "does not show"
            reason = f"{table}.{field} {how}"
        lost[name, record_type] = lost.get((name, record_type)) or reason
    for (name, record_type), reason in lost.items():
        if name == "membership" and not reason:
            yield Capability(name, "partial", "current members only: the instance keeps no dates")
        else:
            yield Capability(name, "none" if reason else "full", reason, record_type)
    for name in ("field.impact", "field.urgency"):
        yield Capability(name, "full", record_type="task")


def _by_history(access: Mapping[str, Access], histories: Histories) -> Iterator[Capability]:
    closed = closed_because(access, "sys_audit")
    for table, record_type in _tables_by_type().items():
        why = closed
        if not why and table not in histories.audited:
            why = f"sys_audit shows no history of {table}: auditing of the table may be off"
        for name in ("history.state", "history.priority", "history.group", "history.fields"):
            if why and name == "history.state" and table in histories.measured:
                yield Capability(name, "partial", f"{why}; metrics tell the states, not who changed them", record_type)
            else:
                yield Capability(name, "none" if why else "full", why, record_type)


def _tables_by_type() -> dict[str, str]:
    """Return one table per record type: the one that stands for it."""
    return {table: kind for table, kind in RECORD_TYPES.items() if table not in ("sc_request", "change_task")}


def _by_state(access: Mapping[str, Access]) -> Iterator[Capability]:
    for table, record_type in _tables_by_type().items():
        is_distinct = table in ("incident", "problem")
        yield Capability(
            "state.resolved_distinct", "full" if is_distinct else "none", "" if is_distinct else _WORKFLOW, record_type
        )
        reason = f"{table} has no field for the reason of waiting"
        if table == "incident":
            reason = closed_because(access, "incident")
            if not reason and "hold_reason" in access["incident"].missing_fields:
                reason = "incident.hold_reason does not show"
        yield Capability("state.pending_reason", "none" if reason else "full", reason, record_type)


def _approvals(access: Mapping[str, Access]) -> Iterator[Capability]:
    votes = closed_because(access, "sysapproval_approver")
    guess = "the time of a vote is taken from the last update of its record"
    yield Capability("approval.vote_time", "none" if votes else "partial", votes or guess)
    rollup = closed_because(access, "sys_audit")
    yield Capability("approval.rollup", "none" if rollup else "full", rollup)


def _others(access: Mapping[str, Access]) -> Iterator[Capability]:
    yield Capability("relation.types", "full")
    unaudited = closed_because(access, ITEM_HISTORY)
    partly = "no row says for which record an item was edited, and only of classes that are audited there is one"
    yield Capability("ci.history", "none" if unaudited else "partial", unaudited or partly)
    links = closed_because(access, "task_ci")
    only = "only the record's own configuration item is known"
    yield Capability("ci.link", "partial" if links else "full", f"{links}; {only}" if links else "")
    deleted = closed_because(access, "sys_audit_delete", empty=False)
    yield Capability(
        "delete.detect", "partial" if deleted else "full", f"{deleted}; ids are compared instead" if deleted else ""
    )
