"""May the account ask for a range of a column and for its order: query ACLs forbid that column by column.

An instance that forbids it says nothing: it leaves the condition or the order out, or shows no row at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from itsm_bridge.errors import PermissionDenied
from itsm_bridge_servicenow.order import HEXADECIMAL
from itsm_bridge_servicenow.query import all_of, compare, ordered
from itsm_bridge_servicenow.scope import KEY, Scope
from itsm_bridge_servicenow.tables import Cancelled, Tables

_SAMPLE = 100
_TRIES = 3


def barred_columns(tables: Tables, scope: Scope, shown: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the columns among cursor and key by which the table cannot be asked for; `shown` are rows of it.

    The question is the one of every later read: from the time and id of a row that is known, in order. That row
    comes first in the answer, wherever the question is taken as it is meant.
    """
    places = sorted((str(row[scope.cursor]), str(row[KEY])) for row in shown if row.get(scope.cursor) and row.get(KEY))
    if len(places) < 2:
        return ()
    at, key = places[len(places) // 2]
    query = all_of(scope.filter, compare(scope.cursor, ">=", at), compare(KEY, ">=", key))
    try:
        found = _first(tables, scope, ordered(query, scope.cursor, KEY))
    except Cancelled:
        return ()  # many rows: reading asks in smaller spans, and looks at the order of each page again
    except PermissionDenied:
        found = []
    if not found:
        return scope.cursor, KEY
    moments, keys = [moment for moment, _ in found], [each for _, each in found]
    return tuple(
        column
        for column, is_barred in (
            (scope.cursor, min(moments) < at or not _rise(moments)),
            # Only plain ids sort alike in every database.
            (KEY, all(map(HEXADECIMAL.fullmatch, keys)) and (min(keys) < key or not _rise_in_ties(found))),
        )
        if is_barred
    )


def _first(tables: Tables, scope: Scope, query: str) -> list[tuple[str, str]]:
    for _ in range(_TRIES):
        rows = tables.first(scope.table, query, (KEY, scope.cursor), limit=_SAMPLE)
        if rows:
            break
    return [(str(row[scope.cursor]), str(row[KEY])) for row in rows if row.get(scope.cursor) and row.get(KEY)]


def _rise(values: Sequence[str]) -> bool:
    return all(one <= following for one, following in pairwise(values))


def _rise_in_ties(places: Sequence[tuple[str, str]]) -> bool:
    return all(key < next_key for (at, key), (next_at, next_key) in pairwise(places) if at == next_at)
