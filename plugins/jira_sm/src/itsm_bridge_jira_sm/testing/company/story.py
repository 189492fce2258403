"""The life of one issue, told forward in time, with its service-level clocks."""

from __future__ import annotations

from typing import Any

from itsm_bridge.simulation.company import words
from itsm_bridge_jira_sm.testing.company.world import (
    PROJECT,
    RESOLUTION,
    RESOLUTION_GOALS,
    RESPONSE,
    RESPONSE_GOALS,
    World,
)  # fmt: skip
from itsm_bridge_jira_sm.testing.instants import HOUR, MINUTE
from itsm_bridge_jira_sm.testing.records import Issue

PAUSED = frozenset({"Pending", "Waiting for customer"})
ENDED = frozenset({"Resolved", "Closed", "Canceled", "Declined"})


class NotYet(Exception):
    """The story has reached the present: what comes next has not happened."""


class Story:
    """One issue. `at` is where the telling stands; it never goes back."""

    def __init__(
        self, world: World, kind: str, at: int, by: str, *, clocks: tuple[str, ...] = (), **fields: Any
    ) -> None:
        if at > world.now:
            raise NotYet
        self.world, self.desk, self.at = world, world.desk, at
        fields = {"reporter": by, **world.known(fields)}
        self.id = world.desk.insert(PROJECT, kind, fields, by=by, at=at)
        self.clocks = set(clocks)
        self.is_again = False  # taken up again after it had ended
        priority = str(fields["priority"])
        for clock, goals in ((RESPONSE, RESPONSE_GOALS), (RESOLUTION, RESOLUTION_GOALS)):
            if clock in clocks:
                self.desk.start_sla(self.id, clock, goals[priority], at=at)

    @property
    def issue(self) -> Issue:
        """The issue as it stands."""
        return self.desk.site.issue(self.id)

    @property
    def status(self) -> str:
        """The name of the issue's status."""
        return self.desk.site.terms["status"][self.issue.values["status"]].name

    def do(self, at: int, by: str, **changes: Any) -> None:
        """Change fields at a moment, and let the clocks follow; raises NotYet where that lies ahead."""
        self._advance(at)
        before = self.status
        self.desk.update(self.id, changes, by=by, at=self.at)
        if "status" in changes:
            self._turn(before, changes["status"])
        if "priority" in changes and RESOLUTION in self.clocks:
            self.desk.retarget_sla(self.id, RESOLUTION, RESOLUTION_GOALS[changes["priority"]], at=self.at)

    def say(self, at: int, by: str, text: str, *, is_public: bool = True) -> None:
        """Write a comment; the first public one of an agent is the answer."""
        self._advance(at)
        self.desk.comment(self.id, text, by=by, at=self.at, is_public=is_public)
        if is_public and RESPONSE in self.clocks and by not in words.CUSTOMERS:
            self._stop(RESPONSE)

    def part(self, title: str, by: str) -> str:
        """Add a piece of the work, which somebody has to do yet."""
        fields = {"summary": title, "parent": self.id, "status": "To Do", "priority": "Medium", "reporter": by}
        return self.desk.insert(PROJECT, "Sub-task", fields, by=by, at=self.at)

    def wait(self, until: int, by: str, every: int = 60 * HOUR) -> None:
        """Let time pass, with a note now and then, so that nobody may call the record stale."""
        while self.at + every < until:
            note = self.world.random.choice(words.NOTES)
            self.say(self.at + every - self.world.draw(0, 30 * MINUTE), by, note, is_public=False)
        self.at = max(self.at, until)

    def restart(self, at: int) -> None:
        """Start the clock of the resolution anew, although nothing had ended."""
        self._advance(at)
        self.desk.stop_sla(self.id, RESOLUTION, at=self.at)
        self.desk.start_sla(self.id, RESOLUTION, RESOLUTION_GOALS[self.priority], at=self.at)

    def escalate(self, by: str) -> None:
        """Pass the issue on to those who know more, whose project is another."""
        if not self.issue.key.startswith("OPS-"):
            self.at += MINUTE
            self._advance(self.at)
            self.desk.move(self.id, "OPS", by=by, at=self.at)

    def forget(self, status: str) -> None:
        """Lose the history of one change of status, as an import would."""
        self.issue.history[:] = [
            one for one in self.issue.history
            if not any(item.field_id == "status" and item.after_text == status for item in one.items)
        ]  # fmt: skip

    def _advance(self, at: int) -> None:
        at = max(at, self.at)
        if at > self.world.now:
            raise NotYet
        self.at = at

    def _turn(self, before: str, after: str) -> None:
        if after in ENDED:
            for clock in sorted(self.clocks):
                self._stop(clock)
        elif before in ENDED and self._has_run:
            self.desk.start_sla(self.id, RESOLUTION, RESOLUTION_GOALS[self.priority], at=self.at)
            self.is_again = True
            self.clocks.add(RESOLUTION)
        elif RESOLUTION in self.clocks and (before in PAUSED) != (after in PAUSED):
            turn = self.desk.pause_sla if after in PAUSED else self.desk.resume_sla
            turn(self.id, RESOLUTION, at=self.at)

    @property
    def _has_run(self) -> bool:
        return bool(self.issue.values.get(self.desk.field_id(RESOLUTION)))

    @property
    def priority(self) -> str:
        """The name of the issue's priority."""
        return self.desk.site.terms["priority"][self.issue.values["priority"]].name

    def _stop(self, clock: str) -> None:
        if clock in self.clocks:
            self.desk.stop_sla(self.id, clock, at=self.at)
            self.clocks.discard(clock)
