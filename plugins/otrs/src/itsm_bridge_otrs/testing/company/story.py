"""The life of one ticket, told forward in time."""

from __future__ import annotations

from typing import Any

from itsm_bridge.simulation.company import words
from itsm_bridge_otrs.testing.company.world import World, instant
from itsm_bridge_otrs.testing.records import Ticket
from itsm_bridge_otrs.testing.vocabulary import ROOT
from itsm_bridge_otrs.testing.wall import HOUR, MINUTE

_A_WHILE = 60 * HOUR


class NotYet(Exception):
    """The story has reached the present: what comes next has not happened."""


class Story:
    """One ticket. `at` is where the telling stands; it never goes back."""

    def __init__(self, world: World, at: int, **fields: Any) -> None:
        self.world, self.desk, self.at = world, world.desk, at
        self._advance(at)
        self.id = world.desk.create(at=instant(self.at), **fields)

    @property
    def ticket(self) -> Ticket:
        """The ticket as it stands."""
        return self.desk.ticket(self.id)

    def do(self, at: int, by: str, **changes: Any) -> None:
        """Change fields at a moment; raises NotYet where that lies ahead."""
        self._advance(at)
        if "pending_until" in changes:
            changes["pending_until"] = instant(changes["pending_until"])
        self.desk.update(self.id, by=by, at=instant(self.at), **changes)

    def take(self, at: int, by: str, **changes: Any) -> None:
        """Lock the ticket for an agent, who becomes its owner."""
        self.do(at, by, is_locked=True, owner=by, **changes)

    def answer(self, at: int, by: str, text: str) -> None:
        """Write to the customer; the first time is the response."""
        self._advance(at)
        self.desk.answer(self.id, text, by=by, at=instant(self.at))

    def note(self, at: int, by: str, text: str) -> None:
        """Write what only agents see."""
        self._advance(at)
        self.desk.note(self.id, text, by=by, at=instant(self.at))

    def close(self, at: int, by: str, state: str = "closed successful") -> None:
        """Close the ticket."""
        self._advance(at)
        self.desk.close(self.id, state, by=by, at=instant(self.at))

    def link(self, at: int, by: str, other: Story) -> None:
        """Link another ticket."""
        self._advance(at)
        self.desk.link(self.id, other.id, by=by, at=instant(self.at))

    def refer(self, at: int, by: str, other: str) -> None:
        """Link a ticket that is told already; it stays as long as this one."""
        self._advance(at)
        self.desk.link(self.id, other, by=by, at=instant(self.at))
        self.world.linked.add(other)

    def come_back(self, at: int, text: str) -> None:
        """Let the customer write again, which opens a ticket that waits for it."""
        self._advance(at)
        self.desk.follow_up(self.id, text, at=instant(self.at))
        self.do(self.at, ROOT, state="open")

    def wait(self, until: int, by: str, every: int = _A_WHILE) -> None:
        """Let time pass, with a note now and then, so that nobody may call the ticket stale."""
        while self.at + every < until:
            note = self.world.random.choice(words.NOTES)
            self.note(self.at + every - self.world.draw(0, 30 * MINUTE), by, note)
        self.at = max(self.at, until)

    def forget(self, state: str) -> None:
        """Lose the row of one change of state, as somebody who cleans up a database would."""
        found = self.desk.words.states[state].id
        self.ticket.rows[:] = [row for row in self.ticket.rows if (row.type, row.state) != ("StateUpdate", found)]

    def _advance(self, at: int) -> None:
        at = self.world.awake(max(at, self.at))
        if at > self.world.now:
            raise NotYet
        self.at = at
