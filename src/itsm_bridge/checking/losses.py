"""What each source cannot tell in this snapshot: capabilities that it lacks, tables that could not be read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import duckdb

from itsm_bridge.schema import TABLES

_UNREAD = ("denied", "failed")
_OF_TYPE = {"change_detail": "change", "problem_detail": "problem", "release_detail": "release"}
_LATEST = """
SELECT r.source_id, r.stream, r.status, r.reason, r.feeds, r.held, r.missing_fields, r.unread_fields,
  r.lost_columns, r.emptied_columns
FROM stream_run AS r
JOIN (SELECT source_id, stream, MAX(snapshot) AS snapshot FROM stream_run GROUP BY source_id, stream) AS l
  ON l.source_id = r.source_id AND l.stream = r.stream AND l.snapshot = r.snapshot
ORDER BY r.source_id, r.stream
"""


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that a source cannot tell: a capability, table or `table.column`, for a record type or `*`, and why."""

    source_id: str
    record_type: str
    what: str
    reason: str


def losses(connection: duckdb.DuckDBPyConnection) -> tuple[Loss, ...]:
    """Return what is lost: capabilities at level none, tables that no stream brought, columns that no field fills.

    A table counts as lost when every stream that feeds it was denied or failed, or when the source has
    streams and none of them feeds it: no rows then mean nothing. Where the source declares that it lacks the
    capability by which the table lives, that is the loss, and a check that copes with the lack goes on.
    """
    return (*_capabilities(connection), *_tables(connection), *_columns(connection))


def lost_everywhere(found: Iterable[Loss], sources: Collection[str], name: str) -> Iterable[Loss]:
    """Return what no source can tell, under the name of the organisation: what is told of it rests on all sources."""
    by_thing: dict[str, dict[str, str]] = {}
    for loss in found:
        if loss.record_type == "*":
            by_thing.setdefault(loss.what, {})[loss.source_id] = loss.reason
    for what, reasons in by_thing.items():
        if reasons.keys() >= set(sources):
            yield Loss(name, "*", what, min(reasons.values()))


def _capabilities(connection: duckdb.DuckDBPyConnection) -> Iterable[Loss]:
    rows = connection.execute(
        "SELECT source_id, record_type, capability, reason FROM capability WHERE level = 'none' ORDER BY ALL"
    ).fetchall()
    for source, record_type, capability, reason in rows:
        yield Loss(source, record_type, capability, f"{capability}: {reason or 'the source cannot tell this'}")


def _tables(connection: duckdb.DuckDBPyConnection) -> Iterable[Loss]:
    lacking = set(
        connection.execute(
            "SELECT source_id, capability FROM capability WHERE level = 'none' AND record_type = '*'"
        ).fetchall()
    )
    fed: dict[str, dict[str, list[tuple[str, str, str, int]]]] = {}
    for source, stream, status, reason, feeds, held, *_ in connection.execute(_LATEST).fetchall():
        for table in _named(feeds):
            fed.setdefault(source, {}).setdefault(table, []).append((stream, status, reason or "", held or 0))
    for source, tables in fed.items():
        for table in (name for name, each in TABLES.items() if each.origin == "tool"):
            reason = _lost(table, tables)
            is_declared = any((source, TABLES[table].column(key).capability) in lacking for key in TABLES[table].key)
            if reason and (table in tables or not is_declared):
                yield Loss(source, _OF_TYPE.get(table, "*"), table, reason)


def _columns(connection: duckdb.DuckDBPyConnection) -> Iterable[Loss]:
    for source, stream, status, reason, _, _, hidden, unread, lost, emptied in connection.execute(_LATEST).fetchall():
        closed = "was not read" if status == "skipped" else "could not be read"
        causes = [
            f"{', '.join(f'{stream}.{name}' for name in _named(fields))} {what}"
            for fields, what in ((hidden, "does not show to the account"), (unread, "has not been read yet"))
            if fields
        ]
        why = "; ".join(causes) or _told([(stream, status, reason, 0)], closed)
        none = f"{stream} has no field for it, or none that the mapping names"
        for columns, cause in ((lost, why), (emptied, none)):
            for column in _named(columns):
                record_type, _, name = column.partition(":")
                yield Loss(source, record_type, name, f"{name}: {cause}")


def _lost(table: str, fed: Mapping[str, list[tuple[str, str, str, int]]]) -> str:
    if table not in fed:
        return f"{table}: no stream of this source tells it"
    runs = fed[table]
    if all(status == "skipped" and not held for _, status, _, held in runs):
        return f"{table}: {_told(runs, 'was not read')}"
    if all(status in _UNREAD for _, status, _, _ in runs):
        return f"{table}: {_told(runs, 'could not be read')}"
    return ""


def _told(runs: Iterable[tuple[str, str, str, int]], what: str) -> str:
    return "; ".join(f"{stream} {what}{f' ({reason})' if reason else ''}" for stream, _, reason, _ in runs)


def _named(feeds: str | None) -> list[str]:
    return [name.strip() for name in (feeds or "").split(",") if name.strip()]
