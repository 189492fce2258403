"""May the account read a stream, all of its rows and all of its fields; and whom to ask for what when not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from itsm_bridge.adapter import Access
from itsm_bridge.errors import BadAnswer, PermissionDenied
from itsm_bridge_servicenow.scope import KEY, Scope
from itsm_bridge_servicenow.tables import Cancelled, PlainRows, Question, Tables

_SAMPLE = 100
_LARGEST = 10_000
_ROLES = {
    "incident": "sn_incident_read", "problem": "sn_problem_read", "change_request": "sn_change_read",
    "change_task": "sn_change_read", "sc_request": "sn_request_read", "sc_req_item": "sn_request_read",
    "sc_task": "sn_request_read", "cmdb_ci": "cmdb_read", "cmdb_ci_service": "cmdb_read",
    "service_offering": "cmdb_read", "task_ci": "cmdb_read", "cmdb_ci_outage": "cmdb_read",
}  # fmt: skip
_ADMIN_ONLY = ("sys_audit", "sys_audit_delete", "sys_journal_field", "sys_dictionary", "sys_choice")


def access_of(tables: Tables, scope: Scope, wanted: Collection[str], known: frozenset[str] | None) -> Access:
    """Probe one stream: `wanted` are the fields of the mapping, `known` the ones in the dictionary (None: not told)."""
    fields = tuple(dict.fromkeys((*wanted, *scope.query_fields)))
    unknown = [name for name in scope.query_fields if known is not None and name not in known]
    try:
        rows, total = _sample(tables, scope, fields)
        if total and not rows:
            rows = tables.first(scope.table, scope.filter, fields, limit=_LARGEST)
    except PermissionDenied as error:
        return Access(scope.table, False, reason=error.message, remedy=remedy(scope.table))
    except BadAnswer as error:
        reason = f"the instance does not serve this table: {error.message}"
        return Access(
            scope.table,
            False,
            reason=reason,
            remedy="Activate the plugin that brings it, or leave it out with `streams`.",
        )
    if total and not rows:
        reason = f"{total} rows exist, and none of them is shown to the account"
        return Access(scope.table, False, total, reason=reason, remedy=remedy(scope.table))
    missing = _missing(fields, rows, known)
    closed = sorted({*unknown, *missing} & set(scope.query_fields)) if rows else unknown
    if closed:
        reason = f"it cannot be paged: {', '.join(closed)} does not show"
        return Access(scope.table, False, total, missing, reason, remedy(scope.table, closed))
    reason = (
        "" if total != 0 else "it has no rows: the instance does not use it, or hides it from the account by a rule"
    )
    absent = tuple(name for name in missing if known is not None and name not in known)
    hidden = [name for name in missing if name not in absent]
    ask = remedy(scope.table, hidden) if hidden else ""
    if hidden and known is None:
        ask = f"{ask.rstrip('.')}, or check that these fields exist."
    return Access(scope.table, True, total, missing, reason, ask, absent_fields=absent)


def remedy(table: str, fields: Collection[str] = ()) -> str:
    """Return what to ask the instance's administrators for."""
    if fields:
        return f"Ask for read ACLs on {', '.join(f'{table}.{name}' for name in fields)}."
    if table in _ROLES:
        return f"Ask for the role {_ROLES[table]} (or itil), or a read ACL on {table}."
    if table in _ADMIN_ONLY:
        return f"Ask for a read ACL on {table} for a role of this account: as shipped, only administrators may read it."
    return f"Ask for a read ACL on {table} (often the role itil)."


def _sample(tables: Tables, scope: Scope, fields: tuple[str, ...]) -> tuple[list[Mapping[str, Any]], int | None]:
    try:
        rows, total = tables.ask(Question(scope.table, scope.filter, fields, _SAMPLE, with_count=True), PlainRows.read)
        return rows.records, total
    except Cancelled:
        # Counting took too long: there are many rows, and the first ones will do.
        return tables.first(scope.table, "", fields, limit=_SAMPLE), None


def _missing(
    fields: Collection[str], rows: Collection[Mapping[str, Any]], known: frozenset[str] | None
) -> tuple[str, ...]:
    if rows:
        shown = frozenset[str]().union(*rows)
    elif known:
        shown = known
    else:
        return ()
    return tuple(name for name in fields if name not in shown and "." not in name and name != KEY)
