"""The service desk that a simulated OTRS serves: its tickets, and what people and jobs do with them.

Each method takes `at`, the moment at which it happens (now by default), and `by`, the login of the agent who does it.
Ids of tickets are texts, as searches bring them.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from itsm_bridge_otrs.testing.changes import Change
from itsm_bridge_otrs.testing.escalations import Escalations
from itsm_bridge_otrs.testing.jobs import announce
from itsm_bridge_otrs.testing.records import Article, Ticket
from itsm_bridge_otrs.testing.vocabulary import ROOT, Vocabulary, packaged
from itsm_bridge_otrs.testing.wall import Wall, seconds

Way = Literal["mail", "phone", "interface"]
_FIRST: Mapping[Way, str] = {"mail": "EmailCustomer", "phone": "PhoneCallCustomer", "interface": "NewTicket"}
_CHANNELS: Mapping[str, str] = {"mail": "Email", "phone": "Phone", "interface": "Internal"}
_HIDDEN = "Out of sight"


class Desk:
    """Tickets of one installation, whose clock shows the time of `timezone`.

    `now` fixes that clock, `ahead_seconds` lets it be wrong.
    """

    def __init__(self, timezone: str = "UTC", *, now: datetime | None = None, words: Vocabulary | None = None) -> None:
        self.wall = Wall(timezone)
        self.words = words or packaged()
        self.escalations = Escalations(self.words, self.wall)
        self.now = now
        self.ahead_seconds = 0.0
        self.tickets: dict[int, Ticket] = {}
        self.spared: set[str] = set()
        """Tickets that another day is to leave there, because something is to be found in them."""
        self.lock = threading.RLock()
        self._last_ticket = self._last_article = self._last_row = 0
        self._numbers: dict[str, int] = {}

    @property
    def moment(self) -> int:
        """The clock in seconds since 1970."""
        return seconds((self.now or datetime.now(UTC)) + timedelta(seconds=self.ahead_seconds))

    def ticket(self, key: str) -> Ticket:
        """Return a ticket."""
        return self.tickets[int(key)]

    def visible(self, login: str) -> list[Ticket]:
        """Return the tickets that an agent may see: those in queues of the agent's groups."""
        agent = self.words.agents[login]
        queues = {queue.id for queue in self.words.queues if self.words.may_see(agent, queue)}
        return [ticket for ticket in self.tickets.values() if ticket.queue in queues]

    # -- what people do -------------------------------------------------------------------------------

    def create(
        self, title: str = "VPN bricht ständig ab", *, text: str = "Es geht nicht.", way: Way = "mail",
        queue: str = "Service Desk", type: str = "Incident", state: str = "new", priority: str = "3 normal",  # noqa: A002  OTRS's word
        service: str = "", sla: str = "", customer: str = "jane", owner: str = ROOT, responsible: str = ROOT,
        dynamic: Mapping[str, Any] | None = None, by: str = ROOT, at: datetime | None = None, key: str = "",
    ) -> str:  # fmt: skip
        """Create a ticket and return its id, which `key` may choose.

        It begins with a mail or a call of the customer (no article where `text` is empty), or with a note by which the
        interface lets an agent create it: the note counts as the first response.
        """
        words, number = self.words, int(key or self._last_ticket + 1)
        with self.lock:
            moment = self._at(at)
            self._last_ticket = max(number, self._last_ticket)
            ticket = self.tickets[number] = Ticket(
                number, self._number(moment), title, moment, words.agents[by].id, moment, words.agents[by].id,
                words.queues[queue].id, words.states[state].id, words.priorities[priority].id, words.types[type].id,
            )  # fmt: skip
            ticket.service = words.services[service].id if service else 0
            ticket.sla = words.slas[sla].id if sla else 0
            if way != "interface":
                ticket.owner, ticket.responsible = words.agents[owner].id, words.agents[responsible].id
        with self._changing(str(number), by, at) as change:
            change.row("NewTicket", ticket.number, queue, priority, state, number)
            change.row("ServiceUpdate", service or "NULL", ticket.service or "", "NULL", "")
            change.row("SLAUpdate", sla or "NULL", ticket.sla or "", "NULL", "")
            change.row("TypeUpdate", type, ticket.type)
            if customer:
                change.customer(customer, words.customers[customer].company)
            if text:
                sender = "agent" if way == "interface" else "customer"
                article = self._article(change, sender, _CHANNELS[way], title, text, is_visible=True)
                change.article(article, _FIRST[way], "GenericInterface Create" if way == "interface" else "")
            if way == "interface":
                change.owner(by if owner == ROOT else owner)
                change.responsible(by if responsible == ROOT else responsible)
            for name, value in (dynamic or {}).items():
                change.dynamic(name, value)
            change.is_for_escalations = True
        return str(number)

    def update(
        self, key: str, *, title: str | None = None, queue: str | None = None, type: str | None = None,  # noqa: A002  OTRS's word
        state: str | None = None, service: str | None = None, sla: str | None = None, priority: str | None = None,
        customer: str | None = None, owner: str | None = None, responsible: str | None = None,
        is_locked: bool | None = None, pending_until: datetime | None = None,
        dynamic: Mapping[str, Any] | None = None, is_told: bool = False, by: str = "api", at: datetime | None = None,
    ) -> None:  # fmt: skip
        """Change fields of a ticket, in the order in which TicketUpdate does it; `is_told` sends notifications."""
        wanted = {"title": title, "queue": queue, "type": type, "state": state, "service": service, "sla": sla,
                  "priority": priority}  # fmt: skip
        with self._changing(key, by, at) as change:
            for name, value in wanted.items():
                if name == "type" and is_locked is not None:
                    change.lock(is_locked=is_locked)
                if name == "state" and pending_until:
                    change.pending(seconds(pending_until))
                if value is not None:
                    getattr(change, name)(value)
            if customer is not None:
                change.customer(customer, self.words.customers[customer].company)
            if owner is not None:
                change.owner(owner, is_told=is_told)
            if responsible is not None:
                change.responsible(responsible, is_told=is_told)
            for name, value in (dynamic or {}).items():
                change.dynamic(name, value)

    def take(self, key: str, by: str, at: datetime | None = None) -> None:
        """Lock a ticket and become its owner."""
        with self._changing(key, by, at) as change:
            change.lock(is_locked=True)
            change.owner(by)

    def close(self, key: str, state: str = "closed successful", *, by: str = "api", at: datetime | None = None) -> None:
        """Close and unlock a ticket; "removed" is a state, too."""
        with self._changing(key, by, at) as change:
            change.state(state)
            change.lock(is_locked=False)

    def reopen(self, key: str, state: str = "open", *, by: str = "api", at: datetime | None = None) -> None:
        """Open a ticket again: `Closed` stays as it is."""
        self.update(key, state=state, by=by, at=at)

    def note(
        self, key: str, text: str = "internal", *, is_visible: bool = False, comment: str = "", minutes: int = 0,
        by: str = "api", at: datetime | None = None,
    ) -> str:  # fmt: skip
        """Add a note of an agent, perhaps with time accounted, and return the article's id."""
        return self._write(key, "agent", "Internal", "AddNote", text, is_visible, comment, by, at, minutes)

    def answer(self, key: str, text: str = "We work on it.", *, by: str = "api", at: datetime | None = None) -> str:
        """Answer the customer by mail, and return the article's id."""
        return self._write(key, "agent", "Email", "SendAnswer", text, True, "", by, at)

    def follow_up(self, key: str, text: str = "still broken", *, at: datetime | None = None) -> str:
        """Let the customer write again, and return the article's id."""
        return self._write(key, "customer", "Email", "FollowUp", text, True, "", ROOT, at)

    def merge(self, key: str, into: str, *, by: str = "api", at: datetime | None = None) -> None:
        """Merge a ticket into another: articles move, and rows that name one, with the ids of the ticket they leave."""
        with self._changing(key, by, at) as change, self._changing(into, by, at) as kept:
            gone, main = change.ticket, kept.ticket
            main.articles = sorted([*main.articles, *gone.articles], key=lambda one: (one.at, one.id))
            main.rows += [row for row in gone.rows if row.article]
            gone.rows, gone.articles = [row for row in gone.rows if not row.article], []
            text = f"Merged Ticket {gone.number} to {main.number}."
            note = self._article(change, "agent", "Internal", "Ticket Merged", text, is_visible=True)
            change.article(note, "AddNote", "Note")
            for one in (change, kept):
                one.row("Merged", gone.number, gone.id, main.number, main.id)
            kept.row("TicketLinkAdd", gone.number, gone.id, main.id)
            change.row("TicketLinkAdd", main.number, main.id, gone.id)
            kept.touch()
            change.state("merged")
            change.lock(is_locked=False)

    def link(self, key: str, other: str, *, by: str = "api", at: datetime | None = None) -> None:
        """Link two tickets: the history of each names the other, and `Changed` of neither moves."""
        with self._changing(key, by, at) as one, self._changing(other, by, at) as two:
            one.row("TicketLinkAdd", two.ticket.number, two.ticket.id, one.ticket.id)
            two.row("TicketLinkAdd", one.ticket.number, one.ticket.id, two.ticket.id)

    def archive(self, keys: Collection[str], *, by: str = ROOT, at: datetime | None = None) -> None:
        """Put tickets into the archive."""
        for key in keys:
            with self._changing(key, by, at) as change:
                change.archive(is_archived=True)

    def delete(self, key: str) -> None:
        """Delete a ticket; nothing of it is left."""
        with self.lock:
            del self.tickets[int(key)]

    def hide(self, keys: Collection[str]) -> None:
        """Put tickets into a queue that only administrators see, as if they had always been there."""
        with self.lock:
            if self.words.queues.get(_HIDDEN) is None:
                self.words.add_queue(_HIDDEN, group="admin")
            for key in keys:
                self.ticket(key).queue = self.words.queues[_HIDDEN].id

    # -- what jobs do ---------------------------------------------------------------------------------

    def rebuild_index(self, *, at: datetime | None = None) -> None:
        """Let the job find all targets anew, which moves `Changed` of all tickets that are not closed, at once."""
        with self.lock:
            for ticket in self.tickets.values():
                self.escalations.rebuild(ticket)
                if self.words.states.by_id[ticket.state].type not in ("closed", "merged", "removed"):
                    self._change(ticket, ROOT, at).touch()

    def escalate(self, *, at: datetime | None = None, told: Collection[str] = ()) -> None:
        """Let the job look for targets that have passed or will soon: rows without a change of `Changed`.

        It does not repeat itself within a day, and keeps still outside of working hours; `told` are notified.
        """
        with self.lock:
            for ticket in self.tickets.values():
                announce(self._change(ticket, ROOT, at), told)

    def next_row(self) -> int:
        """Return the number of one more row of history."""
        self._last_row += 1
        return self._last_row

    # -- below ----------------------------------------------------------------------------------------

    @contextmanager
    def _changing(self, key: str, by: str, at: datetime | None) -> Iterator[Change]:
        with self.lock:
            change = self._change(self.ticket(key), by, at)
            yield change
            if change.is_for_escalations:
                self.escalations.rebuild(change.ticket)

    def _change(self, ticket: Ticket, by: str, at: datetime | None) -> Change:
        return Change(self, ticket, self._at(at), self.words.agents[by].id)

    def _at(self, at: datetime | None) -> int:
        return self.moment if at is None else seconds(at)

    def _number(self, moment: int) -> str:
        day = self.wall.text(moment)[:10].replace("-", "")
        self._numbers[day] = self._numbers.get(day, 0) + 1
        digits = f"{day}10{self._numbers[day]:05}"
        left = 10 - sum(int(digit) * (1 + place % 2) for place, digit in enumerate(digits)) % 10
        return f"{digits}{1 if left == 10 else left}"

    def _article(
        self, change: Change, sender: str, channel: str, subject: str, text: str, *, is_visible: bool
    ) -> Article:
        self._last_article += 1
        return Article(self._last_article, change.at, change.by, sender, channel, is_visible, subject, text)

    def _write(
        self, key: str, sender: str, channel: str, type_: str, text: str, is_visible: bool, comment: str, by: str,
        at: datetime | None, minutes: int = 0,
    ) -> str:  # fmt: skip
        with self._changing(key, by, at) as change:
            subject = f"Re: {change.ticket.title}"
            article = self._article(change, sender, channel, subject, text, is_visible=is_visible)
            change.article(article, type_, comment)
            if minutes:
                change.account(minutes, article.id)
        return str(article.id)
