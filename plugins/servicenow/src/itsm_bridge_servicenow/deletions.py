"""What sys_audit_delete tells about deleted records, and when it cannot be relied on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from itsm_bridge.errors import PermissionDenied
from itsm_bridge_servicenow.discovery import Discovery
from itsm_bridge_servicenow.order import ById, ByTime
from itsm_bridge_servicenow.paging import read_pages
from itsm_bridge_servicenow.query import chunks, epoch, one_of, written
from itsm_bridge_servicenow.scope import KEY, Scope
from itsm_bridge_servicenow.streams import CREATED
from itsm_bridge_servicenow.tables import Cancelled, PlainRows, Question, Tables

TABLE = "sys_audit_delete"
_FIELDS = (KEY, CREATED, "tablename", "documentkey")
_PAGE = 1000
_SAMPLE = 10_000


def deleted_keys(
    tables: Tables, discovery: Discovery, table: str, cursor: str | None, overlap_seconds: int
) -> list[str] | None:
    """Return ids deleted from a table since `cursor`; None when the log cannot be read or begins later.

    Deletions are filed under the real class of a record, so every class of the table is asked for. Classes whose
    dictionary entry forbids the log have none that could be relied on.
    """
    since = written(datetime.fromtimestamp(epoch(cursor), UTC) - timedelta(seconds=overlap_seconds)) if cursor else None
    try:
        classes_of_table = discovery.classes(table)
        if not _reaches_back(tables, since) or not discovery.unlogged.isdisjoint(classes_of_table):
            return None
        found: list[str] = []
        for classes in chunks(classes_of_table):
            order = ByTime(Scope(TABLE, CREATED, {"tablename": tuple(classes)}), since, None)
            for page in read_pages(tables, order, _FIELDS, _PAGE, PlainRows.read):
                found.extend(key for key in page.values("documentkey") if key)
        return sorted(set(found) - _existing(tables, table, found))
    except (PermissionDenied, Cancelled):
        return None


def shows_gaps(tables: Tables, scope: Scope) -> bool:
    """Tell whether the first ids of a table, up to ten thousand, have holes: rows that the account may not see.

    Ids are random, so that these stand for all rows of a larger table.
    """
    first = Question(scope.table, ById(scope.table, scope.filter).after(None), (KEY,), _SAMPLE, with_count=True)
    try:
        page, total = tables.ask(first, PlainRows.read)
    except Cancelled:
        return False
    return total is not None and len(page) < min(total, _SAMPLE)


def _reaches_back(tables: Tables, since: str | None) -> bool:
    """Tell whether the log holds anything from before `since`: it is cleaned, and may have been switched on late."""
    if since is None:
        return False
    before = Scope(TABLE, CREATED).between(None, since)
    return bool(tables.first(TABLE, before, (KEY,), limit=50))


def _existing(tables: Tables, table: str, keys: list[str]) -> set[str]:
    """Return the keys that exist: a deleted record can be restored under its id."""
    found: set[str] = set()
    for part in chunks(sorted(set(keys))):
        for page in read_pages(tables, ById(table, one_of(KEY, part)), (KEY,), len(part), PlainRows.read):
            found.update(map(str, page.values(KEY)))
    return found
