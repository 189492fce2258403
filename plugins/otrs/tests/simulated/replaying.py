"""Lets a captured ticket happen again in a simulated desk, by the rows of its history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from itsm_bridge_otrs.testing import Desk
from itsm_bridge_otrs.testing.changes import Change
from itsm_bridge_otrs.testing.records import Article

Row = dict[str, Any]
_ARTICLES = {
    "EmailCustomer": ("customer", "Email", True), "PhoneCallCustomer": ("customer", "Phone", True),
    "SendAnswer": ("agent", "Email", True), "AddNote": ("agent", "Internal", False),
    "NewTicket": ("agent", "Internal", True),
}  # fmt: skip


def replay(rows: Sequence[Row], ticket: Row, *, timezone: str = "UTC") -> Desk:
    """Return a desk with the ticket in it, and the clock at which it was asked for."""
    desk, zone = Desk(timezone), ZoneInfo(timezone)
    created = datetime.fromisoformat(ticket["Created"]).replace(tzinfo=zone)
    desk.now = datetime.fromtimestamp(created.timestamp() + ticket["Age"], UTC)
    logins = {agent.id: agent.name for agent in desk.words.agents}
    key = str(ticket["TicketID"])
    for (moment, by), group in groupby(rows, key=lambda row: (row["CreateTime"], row["CreateBy"])):
        at = datetime.fromisoformat(moment).replace(tzinfo=zone)
        left = list(group)
        if not desk.tickets:
            _create(desk, left, ticket, logins[by], at)
        for row in left:
            _again(desk, key, row, ticket, logins[by], at)
    return desk


def _create(desk: Desk, rows: Sequence[Row], ticket: Row, by: str, at: datetime) -> None:
    _, queue, priority, state, key = _parts(rows[0])
    service, sla = (_parts(row)[0].replace("NULL", "") for row in rows[1:3])
    desk.create(
        ticket["Title"], text="", queue=queue, priority=priority, state=state, type=_parts(rows[3])[0], service=service,
        sla=sla, customer=_parts(rows[4])[0].partition("CustomerUser=")[2].rstrip(";"), by=by, at=at, key=key,
    )  # fmt: skip
    desk.ticket(key).number = ticket["TicketNumber"]
    desk.ticket(key).rows[0].name = rows[0]["Name"]


def _again(desk: Desk, key: str, row: Row, ticket: Row, by: str, at: datetime) -> None:
    """Do what a row tells of, unless what was done before has written it already."""
    written, kind, parts = desk.ticket(key).rows, row["HistoryType"], _parts(row)
    if any((one.type, one.name, one.article) == (kind, row["Name"], row["ArticleID"]) and one.at == int(at.timestamp())
           for one in written):  # fmt: skip
        return
    with desk._changing(key, by, at) as change:
        if row["ArticleID"]:
            _article(change, row)
        elif kind == "SendAgentNotification":
            change.text_row(kind, row["Name"])
        elif kind == "TicketDynamicFieldUpdate":
            change.dynamic(parts[1], int(parts[3]) if parts[1] == "IsMajor" else _value(parts[1], parts[3]))
        elif kind == "SetPendingTime":
            change.pending(_until(parts[0], ticket, at, desk))
        elif kind == "CustomerUpdate":
            company, _, login = parts[0].removeprefix("CustomerID=").partition(";CustomerUser=")
            change.customer(login.rstrip(";"), company)
        else:
            _FIELDS[kind](change, parts)


def _article(change: Change, row: Row) -> None:
    sender, channel, is_visible = _ARTICLES[row["HistoryType"]]
    article = Article(row["ArticleID"], change.at, change.by, sender, channel, is_visible, "subject", "text")
    change.article(article, row["HistoryType"], row["Name"].removeprefix("%%"))


def _value(name: str, text: str) -> Any:
    return text.split(", ") if name == "AffectedSystems" else text


def _until(text: str, ticket: Row, at: datetime, desk: Desk) -> int | None:
    if text.startswith("00"):
        return None
    told: int = ticket["RealTillTimeNotUsed"]
    if told and desk.wall.text(told)[:16] == text:
        return told
    return int(datetime.fromisoformat(f"{text}:00").replace(tzinfo=at.tzinfo).timestamp())


def _parts(row: Row) -> list[str]:
    return str(row["Name"]).split("%%")[1:]


_FIELDS: dict[str, Callable[[Change, list[str]], None]] = {
    "StateUpdate": lambda change, parts: change.state(parts[1]),
    "Move": lambda change, parts: change.queue(parts[0]),
    "Lock": lambda change, _: change.lock(is_locked=True), "Unlock": lambda change, _: change.lock(is_locked=False),
    "OwnerUpdate": lambda change, parts: change.owner(parts[0]),
    "ResponsibleUpdate": lambda change, parts: change.responsible(parts[0]),
    "PriorityUpdate": lambda change, parts: change.priority(parts[2]),
    "TypeUpdate": lambda change, parts: change.type(parts[0]),
    "ServiceUpdate": lambda change, parts: change.service(parts[0]),
    "SLAUpdate": lambda change, parts: change.sla(parts[0]),
    "TitleUpdate": lambda change, parts: change.title(parts[1]),
}  # fmt: skip
