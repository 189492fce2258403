"""What a simulated OTRS keeps: tickets, their articles, and the rows of their history. Moments are epoch seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Article:
    """A mail, a call or a note. `sender` is agent, customer or system, `channel` Email, Phone or Internal."""

    id: int
    at: int
    by: int
    sender: str
    channel: str
    is_visible: bool
    subject: str
    body: str
    is_attached: bool = False


@dataclass(slots=True)
class Row:
    """A row of the history, with what held after it."""

    id: int
    type: str
    name: str
    at: int
    by: int
    article: int
    owner: int
    priority: int
    queue: int
    state: int
    ticket_type: int


@dataclass(slots=True)
class Ticket:
    """A ticket. `due` holds the running targets by kind: response, update, solution."""

    id: int
    number: str
    title: str
    created: int
    created_by: int
    changed: int
    changed_by: int
    queue: int
    state: int
    priority: int
    type: int
    owner: int = 1
    responsible: int = 1
    service: int = 0
    sla: int = 0
    company: str = ""
    customer: str = ""
    is_locked: bool = False
    is_archived: bool = False
    unlock_timeout: int = 0
    pending_until: int = 0
    minutes_accounted: int = 0
    due: dict[str, int] = field(default_factory=dict)
    dynamic: dict[str, Any] = field(default_factory=dict)
    articles: list[Article] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
