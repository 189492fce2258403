"""What a sweep will not be able to assess, foreseen from what a source says before anything is read.

Nothing is listed by hand. The rows that a sync would write about streams and capabilities are made from the
preflight, the code that a sweep uses says what is lost by them, and each loss is laid to the stream, the field
or the other reason that causes it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from itsm_bridge.adapter import Access, Preflight
from itsm_bridge.checking import Check, needs
from itsm_bridge.checking.losses import Loss, losses
from itsm_bridge.checking.verdicts import Judging
from itsm_bridge.mapping.lost import emptied_columns, empty_columns, lost_columns
from itsm_bridge.schema import TABLES
from itsm_bridge.sources import OpenSource
from itsm_bridge.store.store import insert_rows, new_connection, table_sql
from itsm_bridge.telling import capability_rows

_ANY = "*"
_UNRULED = "the mapping names no field for it"


@dataclass(frozen=True, slots=True)
class Cost:
    """Ids of checks that cannot be assessed in this source: at all (`whole`), or for a part of what they judge."""

    whole: tuple[str, ...] = ()
    part: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Untold:
    """Subjects that a source does not tell, or only in part, for a reason in which no right lies."""

    names: tuple[str, ...]
    reason: str
    is_partial: bool


@dataclass(frozen=True, slots=True)
class _Lost:
    """A loss with its cause: a stream, `stream.field`, or the words of another reason."""

    cause: str
    loss: Loss
    is_partial: bool = False


class Foreseen:
    """The losses of one source by their cause, and what they cost in checks; `left_out` are streams not to be read."""

    def __init__(
        self, source: OpenSource, found: Preflight, checks: Sequence[Check], left_out: Collection[str] = ()
    ) -> None:
        self._source = source
        self._left_out = frozenset(left_out)
        self._checks = checks
        known = {item.stream: item for item in found.access}
        self._access = {name: known.get(name, Access(name, True)) for name in source.decoders}
        self._told = {name: set(self._own(name)) for name in source.decoders}
        self._types = {record_type for pairs in self._told.values() for record_type, _ in pairs} - {_ANY}
        self._capabilities = self._declared(found)
        self._lost = [*self._as_in_a_sweep(), *self._weak(), *self._of_unread_streams(), *self._of_absent_fields()]

    def cost(self, causes: Collection[str]) -> Cost:
        """Return which checks some causes cost together."""
        lost = [each.loss for each in self._lost if each.cause in causes and not each.is_partial]
        weak = [each.loss for each in self._lost if each.cause in causes and each.is_partial]
        whole, part = [], []
        for check in self._checks:
            bearing = Judging(check, needs(check), lost).lost
            if self._covers(check, {loss.record_type for loss in bearing}):
                whole.append(check.id)
            elif bearing or Judging(check, needs(check), weak).lost:
                part.append(check.id)
        return Cost(tuple(whole), tuple(part))

    def untold(self) -> tuple[Untold, ...]:
        """Return what is not told for reasons in which no stream and no field lies, each reason once."""
        names: dict[tuple[str, bool], list[str]] = {}
        for row in self._capabilities:
            if row["level"] != "full" and self._cause(row["reason"]) == row["reason"]:
                of = "" if row["record_type"] == _ANY else f" ({row['record_type']})"
                names.setdefault((row["reason"], row["level"] == "partial"), []).append(f"{row['capability']}{of}")
        declared = {row["capability"] for row in self._capabilities}
        for each in self._lost:
            is_table = each.loss.what in TABLES.keys() - declared and each.cause not in self._access
            if is_table or each.cause == _UNRULED:
                names.setdefault((each.cause, False), []).append(each.loss.what)
        return tuple(Untold(tuple(found), reason, partial) for (reason, partial), found in names.items())

    def _covers(self, check: Check, lost: Collection[str]) -> bool:
        judged = set(check.record_types) or self._types
        types = judged & self._types or judged  # of the types that a check judges, this source may tell only some
        return _ANY in lost or bool(types and types <= set(lost))

    def _own(self, stream: str) -> Iterator[tuple[str, str]]:
        """Yield record type and name of the tables that a stream feeds."""
        for record_type, thing in self._filled(stream, self._source.decoders[stream].names):
            if thing.partition(".")[0] in self._feeds(stream):
                yield record_type, thing.partition(".")[0]

    def _feeds(self, stream: str) -> set[str]:
        return {part.table.name for part in self._source.mapping.streams[stream].tables}

    def _filled(self, stream: str, fields: Collection[str]) -> Iterator[tuple[str, str]]:
        for column in lost_columns(self._source.mapping, stream, fields):
            record_type, _, thing = column.partition(":")
            yield record_type, thing

    def _cause(self, reason: str) -> str:
        """Return the stream or field with which a reason begins, where something is wrong with it; else the reason."""
        first = reason.partition(" ")[0].rstrip(":")
        stream, _, field = first.partition(".")
        access = self._access.get(stream)
        if access is None:
            return reason
        is_cause = field in access.missing_fields if field else not access.is_readable or bool(access.reason)
        return first if is_cause else reason

    def _declared(self, found: Preflight) -> list[dict[str, Any]]:
        closed = {name: item.reason for name, item in self._access.items() if not item.is_readable and item.exists}
        rows = capability_rows(self._source.adapter.streams, found.capabilities, closed, self._source.mapping)
        return [{**row, "source_id": self._source.name, "reason": row["reason"] or ""} for row in rows]

    def _as_in_a_sweep(self) -> Iterator[_Lost]:
        reasons = {(row["capability"], row["record_type"]): row["reason"] for row in self._capabilities}
        with closing(new_connection()) as connection:
            for name, rows in (("stream_run", [*self._runs()]), ("capability", self._capabilities)):
                connection.execute(table_sql(TABLES[name])).fetchall()
                insert_rows(connection, TABLES[name], rows)
            found = losses(connection)
        for loss in found:
            if (loss.what, loss.record_type) in reasons:
                yield _Lost(self._cause(reasons[loss.what, loss.record_type]), loss)
            elif loss.what in TABLES:
                unread = [name for name, item in self._access.items() if not item.is_readable]
                causes = [name for name in unread if loss.what in self._feeds(name)]
                for cause in causes or [loss.reason.partition(": ")[2]]:
                    yield _Lost(cause, loss)
            else:
                hidden = [
                    f"{stream}.{field}"
                    for stream, field in self._hidden()
                    if (loss.record_type, loss.what) in self._filled(stream, [field])
                ]
                for cause in hidden or [_UNRULED]:
                    yield _Lost(cause, loss)

    def _runs(self) -> Iterator[Mapping[str, Any]]:
        for name, item in self._access.items():
            hidden = [field for stream, field in self._hidden() if stream == name]
            status = "complete" if item.is_readable else "denied" if item.exists else "skipped"
            yield {
                "source_id": self._source.name, "stream": name, "snapshot": 1, "status": status,
                "reason": item.reason, "feeds": ",".join(sorted(self._feeds(name))), "held": 0,
                "missing_fields": ", ".join(hidden),
                "lost_columns": ", ".join(lost_columns(self._source.mapping, name, hidden)),
                "emptied_columns": empty_columns(self._source.mapping, name, ()),
            }  # fmt: skip

    def _hidden(self) -> Iterator[tuple[str, str]]:
        for name, item in self._access.items():
            for field in item.missing_fields if item.is_readable else ():
                if field not in item.absent_fields and field in self._source.decoders[name].names:
                    yield name, field

    def _weak(self) -> Iterator[_Lost]:
        for row in self._capabilities:
            if row["level"] == "partial":
                loss = Loss(self._source.name, row["record_type"], row["capability"], row["reason"])
                yield _Lost(self._cause(row["reason"]), loss, is_partial=True)

    def _of_unread_streams(self) -> Iterator[_Lost]:
        """Yield what only an unread stream tells: records of its types, and what others look up in it.

        A stream that does not exist hides nothing: without it, a sweep misses its tables and no more.
        """
        for name, item in self._access.items():
            if item.is_readable or not (item.exists or name in self._left_out):
                continue
            others = [pairs for other, pairs in self._told.items() if self._access[other].is_readable]
            for record_type, thing in self._filled(name, self._source.decoders[name].names):
                pair = (record_type, thing.partition(".")[0])
                is_shared = pair in self._told[name] and any(pair in pairs for pairs in others)
                yield _Lost(name, Loss(self._source.name, record_type, thing, item.reason), is_partial=is_shared)

    def _of_absent_fields(self) -> Iterator[_Lost]:
        """Yield what nothing can fill without the fields that a tool does not have, each laid to what would have."""
        for name, item in self._access.items():
            emptied = set(emptied_columns(self._source.mapping, name, item.absent_fields))
            for field in item.absent_fields:
                for column in emptied.intersection(lost_columns(self._source.mapping, name, [field])):
                    record_type, _, thing = column.partition(":")
                    yield _Lost(f"{name}.{field}", Loss(self._source.name, record_type, thing, "it does not exist"))
