"""Changes of a ticket by one hand at one moment, each with the rows of history that the real server writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from itsm_bridge_otrs.testing.records import Article, Row, Ticket
from itsm_bridge_otrs.testing.vocabulary import CLOSING

if TYPE_CHECKING:
    from itsm_bridge_otrs.testing.desk import Desk

SYSTEM = 1
_LONGEST_NAME, _LONGEST_TITLE = 200, 50
_LONGEST_VALUES, _LONGEST_OLD, _CUT = 166, 55, "[...]"
_STOPPED = {"response": "EscalationResponseTimeStop", "solution": "EscalationSolutionTimeStop",
            "update": "EscalationUpdateTimeStop"}  # fmt: skip


class Change:
    """What one agent (by id) does to a ticket at one moment. Names are those of the vocabulary."""

    def __init__(self, desk: Desk, ticket: Ticket, at: int, by: int) -> None:
        self.ticket = ticket
        self.at = at
        self.by = by
        self.desk = desk
        self._words = desk.words
        self._escalations = desk.escalations
        self.is_for_escalations = False

    def row(self, type_: str, *parts: object, article: int = 0, by: int | None = None) -> None:
        """Write a row; its name holds the parts, each behind two percent signs."""
        self.text_row(type_, "".join(f"%%{part}" for part in parts), article=article, by=by)

    def text_row(self, type_: str, name: str, *, article: int = 0, by: int | None = None) -> None:
        """Write a row with a name of its own."""
        ticket = self.ticket
        ticket.rows.append(
            Row(self.desk.next_row(), type_, name[:_LONGEST_NAME], self.at, self.by if by is None else by, article,
                ticket.owner, ticket.priority, ticket.queue, ticket.state, ticket.type)
        )  # fmt: skip

    def touch(self, by: int | None = None) -> None:
        """Move `Changed`."""
        self.ticket.changed, self.ticket.changed_by = self.at, self.by if by is None else by

    # -- one field each -------------------------------------------------------------------------------

    def title(self, text: str) -> None:
        """Set the title."""
        if text != self.ticket.title:
            old, self.ticket.title = self.ticket.title, text
            self.touch()
            self.row("TitleUpdate", old, f"{text[:_LONGEST_TITLE]}..." if len(text) >= _LONGEST_TITLE else text)

    def state(self, name: str) -> None:
        """Set the state; what is not pending loses its date, and what is closed stops its clocks."""
        old, new = self._words.states.by_id[self.ticket.state], self._words.states[name]
        if new is old:
            return
        late = self._escalations.overdue(self.ticket, self.at)
        self.ticket.state = new.id
        self._counted()
        self.row("StateUpdate", old.name, new.name, "")
        if self.ticket.is_archived and new.type not in CLOSING:
            self.archive(is_archived=False)
        if not new.type.startswith("pending"):
            self.pending(None)
        self._stopped(late)

    def pending(self, until: int | None) -> None:
        """Set the date until which a ticket is pending, or take it away."""
        self.ticket.pending_until = until or 0
        self.touch()
        self.row("SetPendingTime", self.desk.wall.text(until)[:16] if until else "00-00-00 00:00")

    def queue(self, name: str) -> None:
        """Move to a queue, which unlocks."""
        old, new = self._words.queues.by_id[self.ticket.queue], self._words.queues[name]
        if new is old:
            return
        late = self._escalations.overdue(self.ticket, self.at)
        self.ticket.queue = new.id
        self._counted()
        self.row("Move", new.name, new.id, old.name, old.id)
        self.lock(is_locked=False, by=SYSTEM)
        self._stopped(late)

    def lock(self, *, is_locked: bool, by: int | None = None) -> None:
        """Lock for the owner, or unlock."""
        if is_locked == self.ticket.is_locked:
            return
        self.ticket.is_locked = is_locked
        self.touch(by)
        word = "lock" if is_locked else "unlock"
        self.row(word.capitalize(), word, by=by)
        if is_locked:
            self._reset_unlock_time()

    def owner(self, login: str, *, is_told: bool = False) -> None:
        """Give the ticket to an agent, who becomes responsible too where nobody was."""
        agent = self._words.agents[login]
        if agent.id == self.ticket.owner:
            return
        self.ticket.owner = agent.id
        self.touch()
        self.row("OwnerUpdate", login, agent.id)
        if is_told:
            self.row("SendAgentNotification", "Ticket owner update notification", login, "Email")
        if self.ticket.responsible == SYSTEM and self.by != SYSTEM:
            self.responsible(login)

    def responsible(self, login: str, *, is_told: bool = False) -> None:
        """Make an agent responsible."""
        agent = self._words.agents[login]
        if agent.id == self.ticket.responsible:
            return
        self.ticket.responsible = agent.id
        self.touch()
        self.row("ResponsibleUpdate", login, agent.id)
        if is_told:
            self.row("SendAgentNotification", "Ticket responsible update notification", login, "Email")

    def priority(self, name: str) -> None:
        """Set the priority; its row is the one that names the old value first."""
        old, new = self._words.priorities.by_id[self.ticket.priority], self._words.priorities[name]
        if new is not old:
            self.ticket.priority = new.id
            self._counted()
            self.row("PriorityUpdate", old.name, old.id, new.name, new.id)

    def type(self, name: str) -> None:
        """Set the type."""
        old, new = self._words.types.by_id[self.ticket.type], self._words.types[name]
        if new is not old:
            self.ticket.type = new.id
            self._counted()
            self.row("TypeUpdate", new.name, new.id, old.name, old.id)

    def service(self, name: str) -> None:
        """Set the service; "" takes it away."""
        old, new = self._words.services.by_id.get(self.ticket.service), self._words.services[name] if name else None
        if new is not old:
            self.ticket.service = new.id if new else 0
            self._counted()
            self.row("ServiceUpdate", *_named(new), *_named(old))

    def sla(self, name: str) -> None:
        """Set the agreement; "" takes it away."""
        old, new = self._words.slas.by_id.get(self.ticket.sla), self._words.slas[name] if name else None
        if new is old:
            return
        late = self._escalations.overdue(self.ticket, self.at)
        self.ticket.sla = new.id if new else 0
        self._counted()
        self.row("SLAUpdate", *_named(new), *_named(old))
        self._stopped(late)

    def customer(self, login: str, company: str) -> None:
        """Set the customer."""
        self.ticket.customer, self.ticket.company = login, company
        self._counted()
        self.row("CustomerUpdate", f"CustomerID={company};CustomerUser={login};")

    def dynamic(self, name: str, value: Any) -> None:
        """Set a dynamic field: a text, a number, a list, or None; the same value again changes nothing."""
        old, kind = self.ticket.dynamic.get(name), self._words.dynamic_fields[name]
        if value != old:
            self.ticket.dynamic[name] = value
            self._counted()
            new, before = _fitting(name, _readable(value, kind), _readable(old, kind))
            self.text_row("TicketDynamicFieldUpdate", f"%%FieldName%%{name}%%Value%%{new}%%OldValue%%{before}")

    def archive(self, *, is_archived: bool) -> None:
        """Put into the archive, or take out of it."""
        if is_archived != self.ticket.is_archived:
            self.ticket.is_archived = is_archived
            self.touch()
            self.row("ArchiveFlagUpdate", "y" if is_archived else "n")

    # -- articles -------------------------------------------------------------------------------------

    def article(self, article: Article, type_: str, comment: str = "") -> None:
        """Add an article; what an agent writes, and an answer of the customer to it, resets the time to unlock."""
        before = next((one.sender for one in reversed(self.ticket.articles) if one.sender != "system"), "")
        self.ticket.articles.append(article)
        self._counted()
        self.row(type_, comment, article=article.id)
        if article.sender == "agent" or (article.sender == "customer" and before == "agent"):
            self._reset_unlock_time()

    def account(self, minutes: int, article: int) -> None:
        """Account for time, with an article."""
        self.ticket.minutes_accounted += minutes
        self.touch()
        self.row("TimeAccounting", minutes, self.ticket.minutes_accounted, article=article)

    # -- what follows ---------------------------------------------------------------------------------

    def _counted(self) -> None:
        self.touch()
        self.is_for_escalations = True

    def _reset_unlock_time(self) -> None:
        if self.ticket.unlock_timeout != self.at:
            self.ticket.unlock_timeout = self.at
            self.touch()
            self.text_row("Misc", "Reset of unlock time.")

    def _stopped(self, late: Sequence[str]) -> None:
        still = self._escalations.overdue(self.ticket, self.at)
        for kind in late:
            if kind not in still:
                self.row(_STOPPED[kind], _STOPPED[kind], "triggered")


def _named(thing: Any) -> tuple[str, object]:
    return (thing.name, thing.id) if thing else ("NULL", "")


def _readable(value: Any, kind: str) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return str(value)[:10] if kind == "date" else str(value)


def _fitting(name: str, new: str, old: str) -> tuple[str, str]:
    """Return two values cut so that a row's name holds both, the old one first."""
    if len(name) + len(new) + len(old) <= _LONGEST_VALUES:
        return new, old
    old = f"{old[: _LONGEST_OLD - len(_CUT)]}{_CUT}" if len(old) > _LONGEST_OLD else old
    room = _LONGEST_VALUES - len(name) - len(old)
    return f"{new[: room - len(_CUT)]}{_CUT}" if len(new) > room else new, old
