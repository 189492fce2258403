"""The conditions of TicketSearch on times. Dates are in the server's zone; they are compared as they are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from itsm_bridge_otrs.testing.desk import Desk
from itsm_bridge_otrs.testing.records import Ticket
from itsm_bridge_otrs.testing.wall import MINUTE

Condition = Callable[[Ticket], bool]
_Texts = Callable[[Ticket], list[str]]


class NotUnderstood(Exception):
    """A question that the server takes for one without an answer."""


def _created(desk: Desk, asked: Mapping[str, Any]) -> list[Condition]:
    return _between(desk, asked, "TicketCreateTime", lambda one: [desk.wall.text(one.created)])


def _changed(desk: Desk, asked: Mapping[str, Any]) -> list[Condition]:
    return _between(desk, asked, "TicketLastChangeTime", lambda one: [desk.wall.text(one.changed)])


def _happened(desk: Desk, asked: Mapping[str, Any]) -> list[Condition]:
    return _between(desk, asked, "TicketChangeTime", lambda one: [desk.wall.text(row.at) for row in one.rows])


def _closed(desk: Desk, asked: Mapping[str, Any]) -> list[Condition]:
    def closings(one: Ticket) -> list[str]:
        return [
            desk.wall.text(row.at) for row in one.rows
            if row.type in ("NewTicket", "StateUpdate") and desk.words.states.by_id[row.state].type == "closed"
        ]  # fmt: skip

    return _between(desk, asked, "TicketCloseTime", closings)


def _escalating(desk: Desk, asked: Mapping[str, Any]) -> list[Condition]:
    found: list[Condition] = []
    for word, kind in (("", ""), ("Update", "update"), ("Response", "response"), ("Solution", "solution")):
        for which, is_older in (("OlderMinutes", True), ("NewerMinutes", False)):
            minutes = asked.get(f"TicketEscalation{word}Time{which}")
            if minutes not in (None, ""):
                found.append(_due(desk.moment - _minutes(minutes), kind, is_older=is_older))
    return found


def _due(limit: int, kind: str, *, is_older: bool) -> Condition:
    def is_due(one: Ticket) -> bool:
        due = one.due.get(kind, 0) if kind else min(one.due.values(), default=0)
        return bool(due) and (due <= limit if is_older else due >= limit)

    return is_due


TIMES = (_created, _changed, _happened, _closed, _escalating)


def _between(desk: Desk, asked: Mapping[str, Any], name: str, texts: _Texts) -> list[Condition]:
    """Return the conditions on one time: inclusive at both ends; a floor that lies in the future is not understood."""
    floors: list[str] = []
    ceilings: list[str] = []
    for which, limits in (("NewerMinutes", floors), ("OlderMinutes", ceilings)):
        if (minutes := asked.get(f"{name}{which}")) not in (None, ""):
            limits.append(desk.wall.text(desk.moment - _minutes(minutes)))
    older, newer = (_date(desk, asked.get(f"{name}{which}Date")) for which in ("Older", "Newer"))
    if newer and desk.wall.read(newer) > desk.moment:
        raise NotUnderstood
    if newer and older and desk.wall.read(newer) > desk.wall.read(older):
        raise NotUnderstood
    floor, ceiling = max([*floors, newer or ""]), min([*ceilings, older or "~"])
    if not floor and ceiling == "~":
        return []
    return [lambda one: any(floor <= text <= ceiling for text in texts(one))]


def _date(desk: Desk, text: Any) -> str | None:
    if text in (None, ""):
        return None
    try:
        return desk.wall.asked(str(text).strip())
    except ValueError:
        raise NotUnderstood from None


def _minutes(text: Any) -> int:
    try:
        return int(str(text).strip()) * MINUTE
    except ValueError:
        return 0
