"""Escalation: until when a ticket must be answered, updated and solved, and what the server says of that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from itsm_bridge_otrs.testing.records import Ticket
from itsm_bridge_otrs.testing.vocabulary import CLOSING, Targets, Vocabulary
from itsm_bridge_otrs.testing.wall import HOUR, MINUTE, Wall
from itsm_bridge_otrs.testing.working_time import WorkingTime

PREFIXES: Mapping[str, str] = {"response": "FirstResponse", "solution": "Solution", "update": "Update"}


class Escalations:
    """The targets of tickets. They are stored on the ticket, and forgotten when it is closed."""

    def __init__(self, words: Vocabulary, wall: Wall) -> None:
        self._words = words
        self._wall = wall

    def targets(self, ticket: Ticket) -> Targets:
        """Return the targets of a ticket's agreement, or else of its queue."""
        sla = self._words.slas.by_id.get(ticket.sla)
        return sla.targets if sla else self._words.queues.by_id[ticket.queue].targets

    def calendar(self, ticket: Ticket) -> WorkingTime:
        """Return when time counts for a ticket."""
        return self._words.calendars[self.targets(ticket).calendar]

    def rebuild(self, ticket: Ticket) -> None:
        """Find the running targets anew, by what holds now."""
        state = self._words.states.by_id[ticket.state].type
        ticket.due.clear()
        if state in CLOSING:
            return
        targets = self.targets(ticket)
        if targets.response and first_response(ticket) is None:
            self._set(ticket, "response", ticket.created, targets.response)
        contact = last_contact(ticket)
        if targets.update and contact is not None and not state.startswith("pending"):
            self._set(ticket, "update", contact, targets.update)
        if targets.solution and self.closed(ticket) is None:
            self._set(ticket, "solution", ticket.created, targets.solution)

    def overdue(self, ticket: Ticket, now: int) -> list[str]:
        """Return the kinds of targets that have passed, in the order of PREFIXES."""
        if not self._counts(ticket):
            return []
        return [kind for kind in PREFIXES if kind in ticket.due and ticket.due[kind] <= now]

    def closed(self, ticket: Ticket) -> int | None:
        """Return when the ticket was last closed by a change of its state; reopening does not undo it."""
        moments = [
            row.at for row in ticket.rows
            if row.type in ("StateUpdate", "NewTicket") and self._words.states.by_id[row.state].type == "closed"
        ]  # fmt: skip
        return max(moments, default=None)

    def numbers(self, ticket: Ticket, now: int) -> dict[str, Any]:
        """Return what TicketGet says about targets."""
        due = ticket.due
        told: dict[str, Any] = {
            "EscalationResponseTime": due.get("response", 0), "EscalationUpdateTime": due.get("update", 0),
            "EscalationSolutionTime": due.get("solution", 0), "EscalationTime": min(due.values(), default=0),
        }  # fmt: skip
        if not self._counts(ticket):
            return told
        for kind, prefix in PREFIXES.items():
            if kind in due:
                self._number(ticket, kind, f"{prefix}Time", now, told)
        return told

    def warned(self, ticket: Ticket, now: int) -> list[str]:
        """Return the kinds of targets of which the larger part has passed, so that a warning is due."""
        targets = self.targets(ticket)
        if not targets.warned_at or not self._counts(ticket):
            return []
        found = []
        for kind in PREFIXES:
            minutes, due = getattr(targets, kind), ticket.due.get(kind, 0)
            left = self.calendar(ticket).between(now, due, self._wall)
            if due > now and minutes and 100 - left / (minutes * MINUTE / 100) >= targets.warned_at:
                found.append(kind)
        return found

    def extended(self, ticket: Ticket) -> dict[str, Any]:
        """Return what TicketGet adds when it is asked for more: when what happened, in how many working minutes."""
        targets = self.targets(ticket)
        told: dict[str, Any] = {}
        if (answered := first_response(ticket)) is not None:
            told["FirstResponse"] = self._wall.text(answered)
            if targets.response:
                told |= self._minutes(ticket, "FirstResponse", answered, targets.response)
        if (closed := self.closed(ticket)) is not None:
            told["Closed"] = self._wall.text(closed)
            told |= self._minutes(ticket, "Solution", closed, targets.solution)
        if locked := [row.at for row in ticket.rows if row.type == "Lock"]:
            told["FirstLock"] = self._wall.text(min(locked))
        return told

    def _counts(self, ticket: Ticket) -> bool:
        targets = self.targets(ticket)
        is_open = self._words.states.by_id[ticket.state].type not in CLOSING
        return is_open and bool(targets.response or targets.update or targets.solution)

    def _set(self, ticket: Ticket, kind: str, start: int, minutes: int) -> None:
        begin = self._wall.read(self._wall.text(start))
        ticket.due[kind] = self.calendar(ticket).after(begin, minutes * MINUTE, self._wall)

    def _number(self, ticket: Ticket, kind: str, name: str, now: int, told: dict[str, Any]) -> None:
        due, calendar = ticket.due[kind], self.calendar(ticket)
        is_over = due <= now
        if is_over:
            late = calendar.between(due, now, self._wall)
            working: int | str = f"-{late}" if late else 0
            told[f"{name}Escalation"] = 1
        else:
            working = calendar.between(now, due, self._wall)
        if kind in self.warned(ticket, now):
            told[f"{name}Notification"] = 1
        told |= {
            name: due - now, f"{name}DestinationTime": due, f"{name}DestinationDate": self._wall.text(due),
            f"{name}WorkingTime": working,
        }  # fmt: skip
        if "EscalationDestinationTime" not in told or told["EscalationDestinationTime"] > due:
            told |= {
                "EscalationDestinationTime": due, "EscalationDestinationDate": self._wall.text(due),
                "EscalationTimeWorkingTime": working, "EscalationTime": due - now,
                "EscalationDestinationIn": _in_words(abs(int(working))),
            }  # fmt: skip

    def _minutes(self, ticket: Ticket, name: str, end: int, target: int) -> dict[str, int]:
        start, until = (self._wall.read(self._wall.text(moment)) for moment in (ticket.created, end))
        worked = self.calendar(ticket).between(start, until, self._wall)
        told = {f"{name}InMin": worked // MINUTE}
        if target:
            told[f"{name}DiffInMin"] = int((target * MINUTE - worked) / MINUTE)
        return told


def first_response(ticket: Ticket) -> int | None:
    """Return when the customer could first read something by an agent."""
    answers = [article.at for article in ticket.articles if article.sender == "agent" and article.is_visible]
    return min(answers, default=None)


def last_contact(ticket: Ticket) -> int | None:
    """Return from when on an update is awaited: the last answer, or the first of the customer's words since then."""
    found = ticket.articles[-1].at if ticket.articles else None
    is_waiting = False
    for article in reversed(ticket.articles):
        if not article.is_visible or article.sender == "system":
            continue
        if article.sender == "agent":
            return found if is_waiting else article.at
        found, is_waiting = article.at, True
    return found


def _in_words(seconds: int) -> str:
    hours = f"{seconds // HOUR}h " if seconds >= HOUR else ""
    return f"{hours}{seconds % HOUR // MINUTE}m"
