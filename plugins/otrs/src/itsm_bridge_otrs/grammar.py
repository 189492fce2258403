"""What a history row says: each HistoryType puts its values into one text in an order of its own.

The parts stand between `%%`, which names may hold themselves, and a text is cut after 200 characters. So a text may be
read in several ways: the ids that the row has after the change, and names known from elsewhere, tell which is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

MARK = "%%"
MOST = 200
"""Characters after which a text is cut."""
NULL = "NULL"

Names = Mapping[str, Mapping[str, str]]
"""Names by field (state, queue, owner …) and id."""


class Change(NamedTuple):
    """The field that a row changes, and what the text says of it."""

    field: str
    from_: str | None = None
    from_id: str | None = None
    to: str | None = None
    to_id: str | None = None


class Evidence(NamedTuple):
    """What is known beside the text: the id after the change and before it, and the names of the field by id."""

    to_id: str | None
    from_id: str | None
    names: Mapping[str, str]


_ELSE, _FROM, _FROM_ID, _TO, _TO_ID, _END = range(6)
"""What a part is: one that says nothing of the change, a name or an id of before or after, or always empty."""
_Order = tuple[int, ...]

_NEW_FIRST, _OLD_FIRST, _NEW = (_TO, _TO_ID, _FROM, _FROM_ID), (_FROM, _FROM_ID, _TO, _TO_ID), (_TO, _TO_ID)
_ORDERS: Mapping[str, tuple[str, tuple[_Order, ...]]] = {
    "NewTicket": ("created", ((_ELSE, _ELSE, _ELSE, _TO, _ELSE),)),
    "StateUpdate": ("state", ((_FROM, _TO, _END), (_FROM, _TO))),
    "PriorityUpdate": ("priority", (_OLD_FIRST,)),
    "Move": ("queue", (_NEW_FIRST,)),
    "OwnerUpdate": ("owner", (_NEW,)),
    "ResponsibleUpdate": ("responsible", (_NEW,)),
    "TypeUpdate": ("type", (_NEW_FIRST, _NEW)),
    "SLAUpdate": ("sla", (_NEW_FIRST,)),
    "ServiceUpdate": ("service", (_NEW_FIRST,)),
    "TitleUpdate": ("title", ((_FROM, _TO),)),
    "Merged": ("merged", (_OLD_FIRST,)),
}
FIELDS = {kind: field for kind, (field, _) in _ORDERS.items()}
"""The fields of the types whose texts may mean several things."""
_ARTICLES = frozenset({
    "AddNote", "AddSMS", "Bounce", "ChatExternal", "ChatInternal", "EmailAgent", "EmailCustomer", "EmailResend",
    "FollowUp", "Forward", "PhoneCallAgent", "PhoneCallCustomer", "SendAnswer", "SendAutoFollowUp", "SendAutoReject",
    "SendAutoReply", "SystemRequest", "WebRequestCustomer",
})  # fmt: skip
_LINKS = ("TicketLinkAdd", "TicketLinkDelete")
_MOST_WAYS = 2000
"""Ways to read a text that are looked at: a text of nothing but marks has millions."""
_REMEMBERED = 10_000
"""Texts whose reading is kept: most of them repeat, from ticket to ticket."""
_NO_MARKS = re.compile("(?<!%)(?:%{3}|%{5,})(?!%)")
"""Neither a mark nor two with nothing between them: a name ends or begins with the sign."""
_DYNAMIC = re.compile(r"%%FieldName%%(.+?)%%Value%%(.*?)(?:%%OldValue%%(.*))?", re.DOTALL)
_CUSTOMER = re.compile(r"%%CustomerID=(.*);CustomerUser=(.*);", re.DOTALL)
_LINK = re.compile(r"%%(.*)%%(\d+)%%(\d+)", re.DOTALL)
_PENDING = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")


@lru_cache(_REMEMBERED)
def read(kind: str | None, text: str | None) -> Change | None:
    """Return what a row of a HistoryType says; None where the text could mean several things."""
    kind, text = kind or "", text or ""
    if kind in _ARTICLES:
        return Change("article", to=_rest(text))
    known = _ORDERS.get(kind)
    if known is None:
        return _other(kind, text)
    field, orders = known
    if not text.startswith(MARK):
        return Change(field)  # `New Ticket [20210127…] created.`: the ids of the row say the rest
    parts = text.split(MARK)[1:]
    if field == "created" and len(parts) == 1:
        return Change("article", to=_rest(text))  # the article with which the interface made the ticket
    is_clear = "%%%" not in text or not _NO_MARKS.search(text)
    for order in orders if is_clear else ():
        if len(order) == len(parts) and all(map(_fits, order, parts)):
            return _change(field, order, parts)
    if len(text) >= MOST and len(parts) < len(orders[0]):
        return _change(field, orders[0], parts)
    return None


def read_with(kind: str, text: str, evidence: Evidence) -> Change:
    """Return the reading that fits what is known beside the text best; the text itself where none does at all."""
    field, orders = _ORDERS[kind]
    body = text.removeprefix(MARK)
    ways = [_change(field, order, parts) for order in orders for parts in islice(_ways(order, body), _MOST_WAYS)]
    best = max(ways, key=lambda way: _weight(way, evidence), default=None)
    if best is None or (len(ways) > 1 and not _weight(best, evidence)):
        return Change(field, to=_rest(text))
    return best


def _fits(place: int, part: str) -> bool:
    if place == _END:
        return not part
    return place not in (_FROM_ID, _TO_ID) or not part or part.isdecimal()


def _change(field: str, order: _Order, parts: Sequence[str]) -> Change:
    found: list[str | None] = [None] * (_END + 1)
    for place, part in zip(order, parts, strict=False):
        found[place] = part or None
    from_ = None if found[_FROM] == NULL and not found[_FROM_ID] else found[_FROM]
    to = None if found[_TO] == NULL and not found[_TO_ID] else found[_TO]
    return Change(field, from_, found[_FROM_ID], to, found[_TO_ID])


def _ways(order: _Order, text: str) -> Iterator[list[str]]:
    """Yield all ways to cut a text at marks into as many parts as the order has."""
    if len(order) == 1:
        if _fits(order[0], text):
            yield [text]
        return
    end = text.find(MARK)
    while end >= 0:
        if _fits(order[0], text[:end]):
            yield from ([text[:end], *others] for others in _ways(order[1:], text[end + len(MARK) :]))
        end = text.find(MARK, end + 1)


def _weight(way: Change, evidence: Evidence) -> int:
    """Return how well a reading fits: an id of the row weighs more than a name that is merely known."""
    names = evidence.names
    known = set(names.values())
    return (
        8 * (way.to_id is not None and way.to_id == evidence.to_id)
        + 8 * (way.to is not None and way.to == names.get(evidence.to_id or ""))
        + 4 * (way.from_id is not None and way.from_id == evidence.from_id)
        + 4 * (way.from_ is not None and way.from_ == names.get(evidence.from_id or ""))
        + 2 * (way.to in known) + (way.from_ in known)
    )  # fmt: skip


def _other(kind: str, text: str) -> Change:
    if kind in ("Lock", "Unlock"):
        return Change("lock", to=kind.lower())
    if kind == "TicketDynamicFieldUpdate" and (found := _DYNAMIC.fullmatch(text)):
        name, value, old = found.groups()
        return Change(f"dynamic.{name}", from_=old or None, to=value or None)
    if kind == "SetPendingTime":
        found = _PENDING.fullmatch(_rest(text) or "")
        return Change("pending", to=None if found is None or found[0].startswith("00") else f"{found[0]}:00")
    if kind == "CustomerUpdate" and (found := _CUSTOMER.fullmatch(text)):
        return Change("customer", to=found[1] or None, to_id=found[2] or None)
    if kind in _LINKS and (found := _LINK.fullmatch(text)):
        # Both tickets have a row that names the other one first: the lower id stands for the same link in both.
        first, second = sorted(found.groups()[1:], key=int)
        return Change("link", None, first, found[1] or None, second)
    if kind.startswith("Escalation"):
        return Change("escalation", to=kind.removeprefix("Escalation"))
    return Change("other", to=_rest(text))


def _rest(text: str) -> str | None:
    return text.removeprefix(MARK) or None
