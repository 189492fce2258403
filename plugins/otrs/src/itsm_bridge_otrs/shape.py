"""Where in the answers of TicketGet and TicketHistoryGet the columns of the source tables lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from itsm_bridge.nested import EACH, PLACE, NestedDecoder, NestedPage, Path
from itsm_bridge_otrs.streams import ARTICLE, CLOCK, HISTORY, KEY, TARGET, TICKET

Rows = tuple[dict[str, Sequence[str | None]], int]
"""Columns by name, and how many rows there are."""

DYNAMIC = "dynamic."
PENDING = "pending_until"
FIRST, ANSWER = "first_article.", "last_answer."
"""Fields of a ticket taken from its first article, and from the last one that an agent wrote."""

_EXTENDED = frozenset(
    {"FirstLock", "FirstResponse", "FirstResponseInMin", "FirstResponseDiffInMin", "Closed", "SolutionInMin",
     "SolutionDiffInMin", "SolutionTime", "FirstResponseTime"}
)  # fmt: skip
MET = (
    "QueueID", "Queue", "ServiceID", "Service", "SLAID", "SLA", "StateID", "State", "StateType", "OwnerID", "Owner",
    "ResponsibleID", "Responsible", "TypeID", "Type", "PriorityID", "Priority", "CustomerUserID", "CustomerID",
)  # fmt: skip
CLOCKS = (
    KEY, "SLAID", "QueueID", "Created", "Changed", "FirstResponse", "FirstResponseInMin", "FirstResponseDiffInMin",
    "FirstResponseTimeEscalation", "EscalationResponseTime", "UpdateTimeEscalation", "EscalationUpdateTime", "Closed",
    "StateType", "SolutionInMin", "SolutionDiffInMin", "SolutionTimeEscalation", "EscalationSolutionTime",
)  # fmt: skip
_ARTICLE: Mapping[str, Path] = {
    "article": ("ArticleID",), "created": ("CreateTime",), "sender": ("SenderType",), "author": ("CreateBy",),
    "is_visible": ("IsVisibleForCustomer",), "channel": ("CommunicationChannelID",), "subject": ("Subject",),
    "body": ("Body",),
}  # fmt: skip
_ENTRY: Mapping[str, Path] = {
    "created": ("CreateTime",), "type": ("HistoryType",), "text": ("Name",), "author": ("CreateBy",),
    "article": ("ArticleID",), "state_id": ("StateID",), "queue_id": ("QueueID",), "owner_id": ("OwnerID",),
    "priority_id": ("PriorityID",), "type_id": ("TypeID",), "place": (PLACE,),
}  # fmt: skip
_BESIDE = ("Error",)


class Shape:
    """The decoders of tickets and histories, and the flags of TicketGet, for the columns that are wanted."""

    def __init__(self, wanted: Mapping[str, Sequence[str]]) -> None:
        self.wanted = tuple(dict.fromkeys((KEY, *wanted.get(TICKET, ()))))
        told = [name for name in self.wanted if "." not in name and name != PENDING]
        self.has_dynamic = any(name.startswith(DYNAMIC) for name in self.wanted)
        has_articles = ARTICLE in wanted or any(name.startswith((FIRST, ANSWER)) for name in self.wanted)
        has_clocks = CLOCK in wanted or TARGET in wanted
        tables: dict[str, Mapping[str, Path]] = {TICKET: {name: (name,) for name in told}, "met": _plain(MET)}
        if PENDING in self.wanted:
            tables[PENDING] = _plain(["RealTillTimeNotUsed"])
        if self.has_dynamic:
            place = ("DynamicField", EACH)
            tables[DYNAMIC] = {"ticket": (KEY,), "name": (*place, "Name"), "value": (*place, "Value")}
        if has_articles:
            articles = {name: ("Article", EACH, *path) for name, path in _ARTICLE.items()}
            tables[ARTICLE] = {"ticket": (KEY,), **articles}
        if has_clocks:
            tables[CLOCK] = _plain(CLOCKS)
        is_extended = has_clocks or not _EXTENDED.isdisjoint(told)
        given = {"Extended": is_extended, "DynamicFields": self.has_dynamic, "AllArticles": has_articles}
        self.flags = {name: "1" for name, is_wanted in given.items() if is_wanted} | {"Attachments": "0"}
        self.decode_tickets = NestedDecoder("Ticket", tables, _BESIDE)
        entries = {name: ("History", EACH, *path) for name, path in _ENTRY.items()}
        self.decode_histories = NestedDecoder("TicketHistory", {HISTORY: {"ticket": (KEY,), **entries}}, _BESIDE)


def rows_of(page: NestedPage, table: str) -> tuple[Mapping[str, Sequence[str | None]], int]:
    """Return a table of a page, empty where it was not wanted."""
    found = page.tables.get(table)
    return (found.columns, found.count) if found else ({}, 0)


def filled(values: Sequence[str | None]) -> Sequence[str | None]:
    """Return a column in which "" is nothing."""
    return [value or None for value in values] if "" in values else values


def _plain(names: Sequence[str]) -> dict[str, Path]:
    return {name: (name,) for name in names}
