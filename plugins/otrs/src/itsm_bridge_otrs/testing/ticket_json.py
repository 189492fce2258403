"""Tickets and their histories as TicketGet and TicketHistoryGet say them, key by key and type by type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from itsm_bridge_otrs.testing.desk import Desk
from itsm_bridge_otrs.testing.records import Article, Row, Ticket
from itsm_bridge_otrs.testing.vocabulary import HISTORY_TYPE_IDS

_CHANNELS: Mapping[str, int] = {"Email": 1, "Phone": 2, "Internal": 3}
_SENDERS: Mapping[str, str] = {"agent": "1", "system": "2", "customer": "3"}
_FROM: Mapping[str, str] = {"agent": "Service Desk <desk@example.com>", "system": "Service Desk <desk@example.com>",
                            "customer": "Kunde <kunde@example.org>"}  # fmt: skip
_IMAGE = {
    "Content": "iVBORyBmYWtlIDUw", "ContentAlternative": "", "ContentID": "", "ContentType": "image/png",
    "Disposition": "attachment", "FileID": "1", "Filename": "Bildschirmfoto ä 50.png", "FilesizeRaw": "12",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What TicketGet is asked for."""

    is_extended: bool = False
    with_dynamic_fields: bool = False
    with_articles: bool = False
    with_attachments: bool = False
    with_contents: bool = True
    senders: Sequence[str] = ()
    is_newest_first: bool = False
    most_articles: int = 0


def ticket(desk: Desk, one: Ticket, wanted: Wanted) -> dict[str, Any]:
    """Return a ticket."""
    told = _base(desk, one, desk.moment)
    if wanted.is_extended:
        told |= desk.escalations.extended(one)
    if wanted.with_dynamic_fields:
        told["DynamicField"] = [
            {"Name": name, "Value": one.dynamic.get(name)} for name in sorted(desk.words.dynamic_fields)
        ]
    if wanted.with_articles and (articles := _articles(desk, one, wanted)):
        told["Article"] = articles
    return told


def history(desk: Desk, one: Ticket, key: str) -> dict[str, Any]:
    """Return the history of a ticket: rows in the order of their times as they are written."""
    rows = sorted(one.rows, key=lambda row: (desk.wall.text(row.at), row.id))
    return {"History": [_row(desk, row, key) for row in rows], "TicketID": key}


def _base(desk: Desk, one: Ticket, now: int) -> dict[str, Any]:
    words, text = desk.words, desk.wall.text
    state, queue = words.states.by_id[one.state], words.queues.by_id[one.queue]
    told = {
        "Age": now - desk.wall.read(text(one.created)), "ArchiveFlag": "y" if one.is_archived else "n",
        "ChangeBy": one.changed_by, "Changed": text(one.changed), "CreateBy": one.created_by,
        "Created": text(one.created), "CustomerID": one.company, "CustomerUserID": one.customer, "GroupID": queue.group,
        "Lock": "lock" if one.is_locked else "unlock", "LockID": 2 if one.is_locked else 1,
        "Owner": words.agents.by_id[one.owner].name, "OwnerID": one.owner,
        "Priority": words.priorities.by_id[one.priority].name, "PriorityID": one.priority, "Queue": queue.name,
        "QueueID": queue.id, "RealTillTimeNotUsed": one.pending_until,
        "Responsible": words.agents.by_id[one.responsible].name, "ResponsibleID": one.responsible,
        "SLAID": one.sla or "", "ServiceID": one.service or "", "State": state.name, "StateID": state.id,
        "StateType": state.type, "TicketID": one.id, "TicketNumber": one.number, "TimeUnit": one.minutes_accounted,
        "Title": one.title, "Type": words.types.by_id[one.type].name, "TypeID": one.type,
        "UnlockTimeout": one.unlock_timeout, "UntilTime": one.pending_until - now if one.pending_until else 0,
        **desk.escalations.numbers(one, now),
    }  # fmt: skip
    if one.sla:
        told["SLA"] = words.slas.by_id[one.sla].name
    if one.service:
        told["Service"] = words.services.by_id[one.service].name
    return told


def _articles(desk: Desk, one: Ticket, wanted: Wanted) -> list[dict[str, Any]]:
    numbered = list(enumerate(sorted(one.articles, key=lambda article: article.id), 1))
    if wanted.senders:
        numbered = [(number, article) for number, article in numbered if article.sender in wanted.senders]
    if wanted.most_articles:
        if wanted.is_newest_first:
            numbered.reverse()
        numbered = numbered[: wanted.most_articles]
    return [_article(desk, one, article, number, wanted) for number, article in numbered]


def _article(desk: Desk, one: Ticket, article: Article, number: int, wanted: Wanted) -> dict[str, Any]:
    moment = desk.wall.text(article.at)
    told: dict[str, Any] = {
        "ArticleID": article.id, "ArticleNumber": number, "Bcc": "", "Body": article.body, "Cc": "",
        "ChangeBy": article.by, "ChangeTime": moment, "Charset": "utf-8",
        "CommunicationChannelID": _CHANNELS[article.channel], "ContentCharset": "utf-8",
        "ContentType": "text/plain; charset=utf-8", "CreateBy": article.by, "CreateTime": moment,
        "From": _FROM[article.sender], "InReplyTo": "", "IncomingTime": article.at,
        "IsVisibleForCustomer": int(article.is_visible), "MessageID": "", "MimeType": "text/plain", "References": "",
        "ReplyTo": "", "SenderType": article.sender, "SenderTypeID": _SENDERS[article.sender],
        "Subject": article.subject, "TicketID": one.id, "TimeUnit": 0, "To": "Service Desk",
    }  # fmt: skip
    if wanted.with_attachments and article.is_attached:
        told["Attachment"] = [_IMAGE if wanted.with_contents else {**_IMAGE, "Content": ""}]
    return told


def _row(desk: Desk, row: Row, key: str) -> dict[str, Any]:
    return {
        "ArticleID": row.article, "CreateBy": row.by, "CreateTime": desk.wall.text(row.at), "HistoryType": row.type,
        "HistoryTypeID": HISTORY_TYPE_IDS[row.type], "Name": row.name, "OwnerID": row.owner,
        "PriorityID": row.priority, "QueueID": row.queue, "StateID": row.state, "TicketID": key,
        "TypeID": row.ticket_type,
    }  # fmt: skip
