"""Tickets themselves: base and extended fields, a site's own fields, and what their first and last articles say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from itsm_bridge.nested import NestedPage
from itsm_bridge_otrs.shape import ANSWER, DYNAMIC, FIRST, PENDING, Rows, Shape, filled, rows_of
from itsm_bridge_otrs.streams import ARTICLE, KEY, TICKET
from itsm_bridge_otrs.times import AnyZone, from_epochs, to_utc, where_times

_UNFINISHED = frozenset({"new", "open", "pending reminder"})
"""Types of states in which a ticket has no last answer yet."""
_TIMES = frozenset({"Created", "Changed", "FirstLock", "FirstResponse", "Closed"})


def tickets(shape: Shape, page: NestedPage, zone: AnyZone) -> Rows:
    """Return the wanted fields of every ticket; dynamic fields that no ticket has are left out."""
    raw, count = rows_of(page, TICKET)
    if not count:
        return {}, 0
    columns = {name: filled(column) for name, column in raw.items() if name not in _TIMES}
    columns |= to_utc({name: column for name, column in raw.items() if name in _TIMES}, zone)
    if PENDING in shape.wanted:
        columns[PENDING] = from_epochs(rows_of(page, PENDING)[0]["RealTillTimeNotUsed"])
    if shape.has_dynamic:
        wanted = {name for name in shape.wanted if name.startswith(DYNAMIC)}
        own = _dynamic(page, raw[KEY], wanted)
        columns |= {name: where_times(filled(column), zone) for name, column in own.items()}
    for name in shape.wanted:
        if name.startswith((FIRST, ANSWER)):
            columns[name] = _of_article(page, raw[KEY], name)
    types = rows_of(page, "met")[0]["StateType"]
    for name in (name for name in shape.wanted if name.startswith(ANSWER)):
        given = zip(columns[name], types, strict=True)
        columns[name] = [None if kind in _UNFINISHED else value for value, kind in given]
    return columns, count


def _dynamic(
    page: NestedPage, tickets: Sequence[str | None], wanted: set[str]
) -> Mapping[str, Sequence[str | None]]:  # fmt: skip
    raw, count = rows_of(page, DYNAMIC)
    if not count:
        return {}
    names, values = raw["name"], raw["value"]
    width = count // len(tickets)
    first = list(names[:width])
    # All tickets list all fields in the same order, unless some are made in that very moment.
    if width * len(tickets) == count and len(set(first)) == width and list(names) == first * len(tickets):
        return {
            f"{DYNAMIC}{name}": values[place::width]
            for place, name in enumerate(first) if f"{DYNAMIC}{name}" in wanted
        }  # fmt: skip
    places = {ticket: place for place, ticket in enumerate(tickets)}
    found: dict[str, list[str | None]] = {}
    for ticket, name, value in zip(raw["ticket"], names, values, strict=True):
        if f"{DYNAMIC}{name}" in wanted:
            found.setdefault(f"{DYNAMIC}{name}", [None] * len(tickets))[places[ticket]] = value
    return found


def _of_article(page: NestedPage, tickets: Sequence[str | None], name: str) -> list[str | None]:
    """Return a field of the first article of each ticket, or of the last one by an agent."""
    raw, count = rows_of(page, ARTICLE)
    if not count:
        return [None] * len(tickets)
    which, _, field = name.partition(".")
    given = zip(raw["ticket"], raw["sender"], raw[field], strict=True)
    if f"{which}." == FIRST:
        found = {ticket: value for ticket, _, value in reversed(list(given))}
    else:
        found = {ticket: value for ticket, sender, value in given if sender == "agent"}
    return list(map(found.get, tickets))
