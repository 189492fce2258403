"""What agents do on the server between two syncs: each kind of change, each on a ticket of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from znuny import Call

Ticket = dict[str, Any]
RESTRICTED = "Netzwerk & VPN"
"""The queue that the account `apiro` sees, and no other."""


class Updates:
    """The calls, and the tickets that they touch, delete and merge."""

    def __init__(self, tickets: list[Ticket]) -> None:
        self.calls: list[Call] = []
        self.touched: set[int] = set()
        self._left = [ticket for ticket in tickets if ticket["state_type"] not in ("merged", "removed")]

    def pick(self, *wanted: Callable[[Ticket], bool]) -> int:
        """Return the id of the last ticket that is as wanted and was not picked before."""
        found = next(ticket for ticket in reversed(self._left) if all(fits(ticket) for fits in wanted))
        self._left.remove(found)
        self.touched.add(found["id"])
        return int(found["id"])

    def on(self, ticket: int, method: str, **arguments: Any) -> None:
        """Add a call of a method of Znuny's module for tickets."""
        self.calls.append(("Ticket", method, {"TicketID": ticket, **arguments}))

    def article(self, ticket: int, kind: str, *, is_visible: bool) -> None:
        """Add an article by the agent."""
        written = {
            "TicketID": ticket, "SenderType": "agent", "IsVisibleForCustomer": int(is_visible), "HistoryType": kind,
            "From": "Service Desk <desk@example.com>", "Subject": "Nachtrag – ☎", "Body": "Zeile 1\nZeile 2 %%\n",
            "Charset": "utf-8", "MimeType": "text/plain", "HistoryComment": "%%", "NoAgentNotify": 1,
        }  # fmt: skip
        channel = "Email" if is_visible else "Internal"
        self.calls.append((f"Ticket::Article::Backend::{channel}", "ArticleCreate", written))


def _is_open(ticket: Ticket) -> bool:
    return ticket["state_type"] in ("new", "open")


def _is_closed(ticket: Ticket) -> bool:
    return bool(ticket["state_type"] == "closed")


def _has_targets(ticket: Ticket) -> bool:
    return ticket["sla"] in ("Gold 24x7", "Silver")


def _is(name: str, value: str) -> Callable[[Ticket], bool]:
    return lambda ticket: bool(ticket[name] == value)


def _is_not(name: str, value: str) -> Callable[[Ticket], bool]:
    return lambda ticket: bool(ticket[name] != value)


def updates(tickets: list[Ticket]) -> Updates:
    """Return one of each kind of change; the deleted ticket is the last that is touched."""
    do = Updates(tickets)
    closed = do.pick(_is_open, _has_targets)
    do.article(closed, "SendAnswer", is_visible=True)
    do.on(closed, "TicketStateSet", State="closed with workaround")
    do.on(closed, "TicketLockSet", Lock="unlock")
    do.on(do.pick(_is_closed, _has_targets), "TicketStateSet", State="open")
    do.on(do.pick(_is_open, _is_not("priority", "5 very high")), "TicketPrioritySet", Priority="5 very high")
    do.on(do.pick(_is("queue", RESTRICTED)), "TicketQueueSet", Queue="Security")
    do.on(do.pick(_is("queue", "Raw")), "TicketQueueSet", Queue=RESTRICTED)
    do.on(do.pick(_is("type", "Incident")), "TicketTypeSet", Type="RfC")
    handed = do.pick(_is_open, _is_not("owner", "eivanov"))
    do.on(handed, "TicketOwnerSet", NewUser="eivanov", SendNoNotification=1)
    do.on(handed, "TicketResponsibleSet", NewUser="bkovacs", SendNoNotification=1)
    do.on(handed, "TicketLockSet", Lock="lock")
    promised = do.pick(_is("sla", "Bronze"))
    do.on(promised, "TicketServiceSet", Service="VPN")
    do.on(promised, "TicketSLASet", SLA="Gold 24x7")
    waiting = do.pick(_is_open)
    do.on(waiting, "TicketStateSet", State="pending auto close+")
    do.on(waiting, "TicketPendingTimeSet", Diff=3 * 24 * 60)
    do.on(do.pick(_is_closed), "TicketTitleUpdate", Title="100 %% sure %% \u202ehalf")
    do.on(do.pick(_is_closed, _is_not("customer_user", "zoe")), "TicketCustomerSet", No="GLOBEX", User="zoe")
    do.article(do.pick(_is_closed), "AddNote", is_visible=False)
    do.on(do.pick(_is_closed), "TicketStateSet", State="removed")
    main, merged = do.pick(_is_open), do.pick(_is_open)
    do.calls.append(("Ticket", "TicketMerge", {"MainTicketID": main, "MergeTicketID": merged}))
    made = {"Title": "made between two syncs", "Queue": RESTRICTED, "Lock": "unlock", "Priority": "3 normal",
            "State": "new", "Type": "ServiceRequest", "CustomerID": "ACME", "CustomerUser": "jane", "OwnerID": 1}  # fmt: skip
    do.calls.append(("Ticket", "TicketCreate", made))
    do.on(do.pick(_is_closed), "TicketDelete")
    return do
