"""Is "no rows" an answer, or a refusal: an instance may answer a condition that it does not allow with nothing.

That is what the property glide.invalid_query.returns_no_rows does, and query ACLs may do. Where the property is off,
the condition is left out instead; then rows come that were not asked for, which every page is checked for.
"""

from __future__ import annotations

from itsm_bridge.errors import PermissionDenied
from itsm_bridge_servicenow.query import all_of, compare
from itsm_bridge_servicenow.scope import KEY, Scope
from itsm_bridge_servicenow.tables import Cancelled, Tables

_SAMPLE = 100


def check_that_none_means_none(tables: Tables, scope: Scope) -> None:
    """Ask for a row that is known in the way in which all rows are asked for.

    Raises PermissionDenied when it does not come; where the table shows no row at all, nothing can be told.
    """
    try:
        rows = tables.first(scope.table, "", scope.query_fields, limit=_SAMPLE)
        missing = [name for name in scope.query_fields if rows and not any(name in row for row in rows)]
        if missing:
            raise _refused(scope, missing)
        known = next((row for row in rows if all(row.get(name) for name in scope.query_fields)), None)
        if known is None:
            return
        same = (compare(name, "=", str(known[name])) for name in (*scope.beginnings, *scope.filters))
        since = compare(scope.cursor, ">=", str(known[scope.cursor]))
        if not tables.count(scope.table, all_of(*same, since, compare(KEY, "=", str(known[KEY])))):
            raise _refused(scope, [*scope.beginnings, *scope.filters, scope.cursor])
    except Cancelled:
        return


def _refused(scope: Scope, fields: list[str]) -> PermissionDenied:
    named = ", ".join(f"{scope.table}.{name}" for name in fields)
    return PermissionDenied(
        f"the instance answers questions for {', '.join(fields)} with no rows, though there are some",
        where=scope.table,
        hint=f"Ask for read ACLs on {named}, and for query_range where query ACLs are used.",
    )
