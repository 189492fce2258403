"""May the account read a stream, all of its rows and all of its fields; and whom to ask for what when not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from itsm_bridge.adapter import Access, Right
from itsm_bridge.errors import BadAnswer, PermissionDenied
from itsm_bridge_servicenow.query_rights import barred_columns
from itsm_bridge_servicenow.scope import KEY, Scope
from itsm_bridge_servicenow.streams import ITEM_HISTORY, OF_PLUGINS
from itsm_bridge_servicenow.tables import Cancelled, PlainRows, Question, Tables

_SAMPLE = 100
_LARGEST = 10_000
_ROLES = {
    "incident": "sn_incident_read", "problem": "sn_problem_read", "change_request": "sn_change_read",
    "change_task": "sn_change_read", "sc_request": "sn_request_read", "sc_req_item": "sn_request_read",
    "sc_task": "sn_request_read", "cmdb_ci": "cmdb_read", "cmdb_ci_service": "cmdb_read",
    "service_offering": "cmdb_read", "task_ci": "cmdb_read", "cmdb_ci_outage": "cmdb_read", "cmdb_rel_ci": "cmdb_read",
    "rm_release": "sn_release_read", "rm_m2m_release_task": "sn_release_read",
}  # fmt: skip
_ADMIN_ONLY = ("sys_audit", "sys_audit_delete", "sys_journal_field", "sys_dictionary", "sys_choice")
_MAY_BE_EMPTY = ("metric_instance", "sys_audit_delete", ITEM_HISTORY, *OF_PLUGINS)
_ACL = "{operation} ACL (type record, operation {operation}) for a role of the account"
_EMPTY = "it has no rows: the instance does not use it, or hides it from the account by a rule"
_LOOK_AT_EMPTY = "Ask which it is; what the organisation does not use can be left out with `streams`."
_NO_API = (
    "No table can be read. Ask for the role snc_platform_rest_api_access, which the instance's REST API ACL "
    "`Table API` demands where it is active, and whether an API access policy stops the account."
)


def access_of(tables: Tables, scope: Scope, wanted: Collection[str], known: frozenset[str] | None) -> Access:
    """Probe one stream: `wanted` are the fields of the mapping, `known` the ones in the dictionary (None: not told)."""
    fields = tuple(dict.fromkeys((*wanted, *scope.query_fields)))
    limit = _SAMPLE
    try:
        rows, total = _sample(tables, scope, fields)
        if total and not rows:
            limit = _LARGEST
            rows = tables.first(scope.table, scope.filter, fields, limit=limit)
        seen = Access(scope.name, True, total, looked_at=min(total or len(rows), limit), shown=len(rows))
        if total and not rows:
            reason = f"{total} rows exist, and none of them is shown to the account"
            return replace(_closed(scope, reason), rows=total, looked_at=seen.looked_at, shown=0)
        return _looked_at(tables, scope, seen, fields, rows, known)
    except PermissionDenied as error:
        return _closed(scope, error.message)
    except BadAnswer as error:
        reason = f"the instance does not serve this table: {error.message}"
        ask = "Activate the plugin that brings it, or leave it out with `streams`."
        return Access(scope.name, False, reason=reason, remedy=ask)


def not_installed(table: str) -> Access:
    """Return the access of a table of a plugin that the instance does not have: there is nothing to be seen."""
    return Access(table, True, rows=0, looked_at=0, shown=0)


def without_api(access: Access) -> Access:
    """Return the access of a table of an instance that shows no table at all: what to ask for first is the API."""
    return replace(
        access, remedy=_NO_API, rights=(Right("role snc_platform_rest_api_access", "REST API ACL `Table API`"),)
    )


def remedy(table: str, fields: Collection[str] = ()) -> str:
    """Return what to ask the instance's administrators for."""
    if fields:
        return f"Ask for read ACLs on {', '.join(f'{table}.{name}' for name in fields)}."
    if table in _ROLES:
        return f"Ask for the role {_ROLES[table]} (or itil), or a read ACL on {table}."
    if table in _ADMIN_ONLY:
        return f"Ask for a read ACL on {table} for a role of this account: as shipped, only administrators may read it."
    return f"Ask for a read ACL on {table} (often the role itil)."


def rights(table: str, fields: Collection[str] = (), operation: str = "read") -> tuple[Right, ...]:
    """Return the same as single rights: the role that is shipped for a table, or ACLs."""
    if fields:
        return tuple(Right(_ACL.format(operation=operation), f"{table}.{name}") for name in fields)
    if table in _ADMIN_ONLY:
        return (Right(_ACL.format(operation=operation), table),)
    role = _ROLES.get(table)
    return (Right(f"role {role} (or itil)" if role else "role itil (or a read ACL on each)", table),)


def _closed(scope: Scope, reason: str) -> Access:
    return Access(scope.name, False, reason=reason, remedy=remedy(scope.table), rights=rights(scope.table))


def _looked_at(
    tables: Tables, scope: Scope, seen: Access, fields: tuple[str, ...], rows: list[Mapping[str, Any]],
    known: frozenset[str] | None,
) -> Access:  # fmt: skip
    unknown = [name for name in scope.query_fields if known is not None and name not in known]
    missing = _missing(fields, rows, known)
    absent = tuple(name for name in missing if known is not None and name not in known)
    seen = replace(seen, missing_fields=missing, absent_fields=absent)
    closed = sorted({*unknown, *missing} & set(scope.query_fields)) if rows else unknown
    if closed:
        reason = f"it cannot be paged: {', '.join(closed)} does not show"
        return replace(
            seen, is_readable=False, reason=reason, remedy=remedy(scope.table, closed),
            rights=rights(scope.table, closed),
        )  # fmt: skip
    if barred := barred_columns(tables, scope, rows):
        named = ", ".join(f"{scope.table}.{name}" for name in barred)
        reason = f"it cannot be paged: ranges or order of {', '.join(barred)} are refused (query ACLs)"
        ask = f"Ask for query_range ACLs on {named}."
        return replace(
            seen, is_readable=False, reason=reason, remedy=ask, rights=rights(scope.table, barred, "query_range")
        )
    if seen.rows == 0:
        is_fine = scope.name in _MAY_BE_EMPTY
        return replace(seen, reason="" if is_fine else _EMPTY, remedy="" if is_fine else _LOOK_AT_EMPTY)
    hidden = [name for name in missing if name not in absent]
    if not hidden:
        return seen
    ask = remedy(scope.table, hidden)
    if known is None:
        ask = f"{ask.rstrip('.')}, or check that these fields exist."
    return replace(seen, remedy=ask, rights=rights(scope.table, hidden))


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
