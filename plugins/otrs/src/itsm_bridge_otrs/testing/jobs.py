"""What the job says that looks for escalations."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from itsm_bridge_otrs.testing.wall import DAY, MINUTE

if TYPE_CHECKING:
    from itsm_bridge_otrs.testing.changes import Change

_ORDER = ("response", "update", "solution")
_NAMES: Mapping[str, str] = {"response": "EscalationResponseTime", "update": "EscalationUpdateTime",
                             "solution": "EscalationSolutionTime"}  # fmt: skip
_AHEAD = 5 * DAY


def announce(change: Change, told: Collection[str]) -> None:
    """Write rows for targets that have passed or will soon: at most one of a kind in a day, and while time counts."""
    desk, ticket, now = change.desk, change.ticket, change.at
    if not ticket.due or min(ticket.due.values()) > now + _AHEAD:
        return
    if not desk.escalations.calendar(ticket).between(now - 10 * MINUTE, now, desk.wall):
        return
    late, warned = desk.escalations.overdue(ticket, now), desk.escalations.warned(ticket, now)
    events = [f"{_NAMES[kind]}Start" for kind in _ORDER if kind in late]
    events += [f"{_NAMES[kind]}NotifyBefore" for kind in _ORDER if kind in warned]
    lately = {row.type for row in ticket.rows if now - row.at <= DAY}
    new = [event for event in events if event not in lately]
    for event in new:
        change.row(event, event, "triggered")
    for login in told if new else ():
        change.row("SendAgentNotification", "Ticket escalation notification", login, "Email")
