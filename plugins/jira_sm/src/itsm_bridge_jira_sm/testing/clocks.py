"""Service-level clocks: cycles that start, pause, go on, and stop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from itsm_bridge_jira_sm.testing.instants import Instant, millis
from itsm_bridge_jira_sm.testing.records import Cycle, Issue
from itsm_bridge_jira_sm.testing.site import Site


class WorkingTime(Protocol):
    """A clock's calendar, in milliseconds."""

    def between(self, start: int, end: int) -> int:
        """Return the working time between two instants."""

    def after(self, start: int, length: int) -> int:
        """Return the instant at which so much working time has passed."""


class AllTime:
    """The calendar of clocks that never rest."""

    def between(self, start: int, end: int) -> int:
        """Return the time between two instants."""
        return end - start

    def after(self, start: int, length: int) -> int:
        """Return the instant so much later."""
        return start + length


def as_of(cycle: Cycle, time: WorkingTime, now: int) -> Cycle:
    """Return a cycle as it stands at a moment: what has elapsed, whether it is breached, when it would be."""
    if cycle.stop is not None:
        return cycle
    elapsed = cycle.elapsed if cycle.is_paused else cycle.elapsed + time.between(cycle.as_of, now)
    breach = cycle.breach
    if breach is None and not cycle.is_paused:
        breach = time.after(cycle.as_of, cycle.goal - cycle.elapsed)
    is_breached = cycle.is_breached or elapsed > cycle.goal
    return Cycle(cycle.start, cycle.goal, elapsed, now, None, breach, cycle.is_paused, is_breached)


class Clocks:
    """The service-level side of a site. Metrics are named by field id or name; none of this moves `updated`."""

    site: Site
    calendar: WorkingTime = AllTime()

    def start_sla(self, issue: str | int, metric: str, goal_seconds: int, *, at: Instant | None = None) -> None:
        """Start a cycle of a metric."""
        with self.site.lock:
            moment = self._moment(at)
            cycle = Cycle(moment, goal_seconds * 1000, 0, moment)
            self._cycles(issue, metric).append(cycle)

    def pause_sla(self, issue: str | int, metric: str, *, at: Instant | None = None) -> None:
        """Pause the cycle that runs: until it goes on, nobody knows when it would breach."""
        with self.site.lock:
            cycle, moment = self._running(issue, metric), self._moment(at)
            now = as_of(cycle, self.calendar, moment)
            cycle.elapsed, cycle.as_of, cycle.is_paused, cycle.is_breached = now.elapsed, moment, True, now.is_breached
            cycle.breach = now.breach if now.is_breached else None

    def resume_sla(self, issue: str | int, metric: str, *, at: Instant | None = None) -> None:
        """Let a paused cycle go on."""
        with self.site.lock:
            cycle = self._running(issue, metric)
            cycle.as_of, cycle.is_paused = self._moment(at), False

    def stop_sla(self, issue: str | int, metric: str, *, at: Instant | None = None) -> None:
        """Complete the cycle that runs."""
        with self.site.lock:
            cycle, moment = self._running(issue, metric), self._moment(at)
            now = as_of(cycle, self.calendar, moment)
            cycle.elapsed, cycle.is_breached, cycle.breach = now.elapsed, now.is_breached, now.breach
            cycle.as_of = cycle.stop = moment
            cycle.is_paused = False

    def retarget_sla(self, issue: str | int, metric: str, goal_seconds: int, *, at: Instant | None = None) -> None:
        """Give the cycle that runs another goal, as a changed priority does; what has elapsed stays."""
        with self.site.lock:
            cycle, moment = self._running(issue, metric), self._moment(at)
            cycle.elapsed = as_of(cycle, self.calendar, moment).elapsed
            cycle.goal, cycle.as_of, cycle.breach = goal_seconds * 1000, moment, None
            cycle.is_breached = cycle.elapsed > cycle.goal

    def set_sla(self, issue: str | int, metric: str, cycles: Sequence[Cycle] | Any) -> None:
        """Set a metric's cycles as they are; `None` where no goal matched, `Raw` for anything else."""
        with self.site.lock:
            found = self.site.issue(issue)
            found.values[self.site.field(metric).id] = list(cycles) if isinstance(cycles, (list, tuple)) else cycles

    def _cycles(self, issue: str | int, metric: str) -> list[Cycle]:
        found: Issue = self.site.issue(issue)
        field = self.site.field(metric).id
        if found.values.get(field) is None:
            found.values[field] = []
        cycles: list[Cycle] = found.values[field]
        return cycles

    def _running(self, issue: str | int, metric: str) -> Cycle:
        cycle = next((cycle for cycle in self._cycles(issue, metric) if cycle.stop is None), None)
        if cycle is None:
            raise ValueError(f"no cycle of {metric} runs for {issue}")
        return cycle

    def _moment(self, at: Instant | None) -> int:
        return self.site.present if at is None else millis(at)
