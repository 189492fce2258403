"""Names that are met in tickets and their histories: queues, services, SLAs, states, agents, customers.

No call lists them. Each is told once in a run, and again when a ticket tells it otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from threading import Lock

from itsm_bridge.nested import NestedPage
from itsm_bridge_otrs.grammar import Names
from itsm_bridge_otrs.shape import Rows, rows_of

_AGENT, _CUSTOMER, _STATE = "agent", "customer", "state"
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "queue": ("id", "name"), "service": ("id", "name"), "sla": ("id", "name"), _STATE: ("id", "name", "state_type"),
    _AGENT: ("id", "name"), _CUSTOMER: ("id", "company"),
}  # fmt: skip
_TOLD: Mapping[str, Sequence[tuple[str, ...]]] = {
    "queue": [("QueueID", "Queue")], "service": [("ServiceID", "Service")], "sla": [("SLAID", "SLA")],
    _STATE: [("StateID", "State", "StateType")], _AGENT: [("OwnerID", "Owner"), ("ResponsibleID", "Responsible")],
    _CUSTOMER: [("CustomerUserID", "CustomerID")],
}  # fmt: skip
_NAMED: Mapping[str, Sequence[tuple[str, ...]]] = {
    "queue": [("QueueID", "Queue")], "service": [("ServiceID", "Service")], "sla": [("SLAID", "SLA")],
    "state": [("StateID", "State")], "owner": [("OwnerID", "Owner"), ("ResponsibleID", "Responsible")],
    "type": [("TypeID", "Type")], "priority": [("PriorityID", "Priority")],
}  # fmt: skip
_Row = tuple[str | None, ...]


class Met:
    """What was met in one run; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._told: dict[str, set[_Row]] = {stream: set() for stream in _COLUMNS}
        self._ids: dict[str, set[str | None]] = {stream: set() for stream in _COLUMNS}
        self._names: dict[str, dict[str, str]] = {field: {} for field in _NAMED}

    @property
    def names(self) -> Names:
        """Return the names met so far, by field and id."""
        with self._lock:
            return {field: dict(names) for field, names in self._names.items()}

    def names_with(self, tickets: NestedPage) -> Names:
        """Return the names met so far and those of a page of tickets."""
        raw, count = rows_of(tickets, "met")
        with self._lock:
            for field, sources in _NAMED.items() if count else ():
                self._names[field] |= {
                    id_: name for row in _distinct(raw, sources) for id_, name in [row[:2]] if id_ and name
                }
        return self.names

    def of(self, tickets: NestedPage, history: Rows) -> dict[str, Rows]:
        """Return what is new on a page of tickets and in their histories, by stream."""
        raw, count = rows_of(tickets, "met")
        found: dict[str, Rows] = {}
        with self._lock:
            for stream, sources in _TOLD.items():
                rows = _distinct(raw, sources) if count else []
                new = {row[0]: row for row in rows if row not in self._told[stream]}
                self._told[stream].update(new.values())
                self._ids[stream].update(new)
                if stream == _AGENT:
                    new |= self._in_history(history, new)
                if new:
                    columns = zip(_COLUMNS[stream], map(list, zip(*new.values(), strict=True)), strict=True)
                    found[stream] = dict(columns), len(new)
        return found

    def _in_history(self, history: Rows, new: Mapping[str | None, _Row]) -> dict[str | None, _Row]:
        """Return agents who once owned tickets; a login that a ticket tells is newer than those of histories."""
        columns, count = history
        if not count:
            return {}
        given = zip(columns["field"], columns["to_id"], columns["to"], strict=True)
        rows = {(id_, name) for field, id_, name in given if field in ("owner", "responsible") and id_ and name}
        met: dict[str | None, _Row] = {
            row[0]: row for row in sorted(rows) if row[0] not in self._ids[_AGENT] and row[0] not in new
        }
        self._ids[_AGENT].update(met)
        return met


def _distinct(raw: Mapping[str, Sequence[str | None]], sources: Iterable[tuple[str, ...]]) -> list[_Row]:
    """Return what the columns of several sources hold, each row once; nothing without an id."""
    rows = dict.fromkeys(chain.from_iterable(_rows(raw, names) for names in sources))
    return [row for row in rows if row[0] and row[0] != "0"]


def _rows(raw: Mapping[str, Sequence[str | None]], names: tuple[str, ...]) -> Iterator[_Row]:
    return zip(*(raw[name] for name in names), strict=True)
