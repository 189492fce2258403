"""The streams of OTRS: tickets with what lies in them, and the names that are met there because no call lists them."""

from __future__ import annotations

from itsm_bridge.adapter import Stream

TICKET, HISTORY, ARTICLE, CLOCK, TARGET = "ticket", "ticket_history", "ticket_article", "ticket_clock", "ticket_target"
KEY, CURSOR, PARENT, MET_KEY = "TicketID", "Changed", "ticket", "id"


def _detail(name: str, title: str, *capabilities: str, is_append_only: bool = False) -> Stream:
    return Stream(
        name, MET_KEY, "", title, is_append_only=is_append_only, capabilities=capabilities, detail_of=TICKET,
        parent=PARENT,
    )  # fmt: skip


def _met(name: str, title: str) -> Stream:
    return Stream(name, MET_KEY, "", title, is_append_only=True, detail_of=TICKET, parent=MET_KEY)


DETAILS = (
    _detail(
        HISTORY, "History of tickets", "history.state", "history.priority", "history.group", "history.fields",
        is_append_only=True,
    ),
    _detail(ARTICLE, "Articles of tickets", "comment.visibility"),
    _detail(CLOCK, "Escalation clocks", "sla.claim"),
    _detail(TARGET, "Escalation targets while they ran", is_append_only=True),
)  # fmt: skip
MET = (
    _met("queue", "Queues met in tickets"),
    _met("service", "Services met in tickets"),
    _met("sla", "SLAs met in tickets"),
    _met("state", "States met in tickets"),
    _met("agent", "Agents met in tickets"),
    _met("customer", "Customers met in tickets"),
)
STREAMS = (Stream(TICKET, KEY, CURSOR, "Tickets", group="QueueID"), *DETAILS, *MET)
