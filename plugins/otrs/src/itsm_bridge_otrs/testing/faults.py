"""Faults that real servers show besides those that every server does, and what they make of an answer."""

from __future__ import annotations

import orjson

from itsm_bridge import simulation
from itsm_bridge.simulation import EVERYWHERE, Answer, Fault, retry_after
from itsm_bridge_otrs.testing import answers

KINDS = (
    *EVERYWHERE, "rate_limit_seconds", "rate_limit_date", "html", "hung_up", "auth_fail", "session_end",
    "empty_search", "short_search", "denied", "error_beside", "short_get",
)  # fmt: skip
"""`denied` refuses tickets as one that is missing does; `empty_search` finds nothing, `short_search` half of it;
`error_beside` puts an error beside half of the tickets, `short_get` leaves half of them out without a word."""
_SEARCHES, _GETS = "TicketSearch", ("TicketGet", "TicketHistoryGet")


class Faults(simulation.Faults):
    """The faults of a server."""

    kinds = KINDS
    not_passing = ("short_search",)


def refusal(fault: Fault, about: str, now: float) -> Answer | None:
    """Return the answer of a fault that strikes before the request is looked at; `now` is the server's clock."""
    match fault.kind:
        case "html":
            return answers.login_page(200).answer
        case "hung_up":
            return answers.hung_up().answer
        case "auth_fail":
            return answers.error(about, "AuthFail", "Authorization failing!").answer
        case "denied" if about in _GETS:
            return answers.error(about, "AccessDenied", "User does not have access to the ticket!").answer
        case "empty_search" if about == _SEARCHES:
            return answers.told({})
    if fault.kind.startswith("rate_limit"):
        page = answers.apache_page(429, "Too Many Requests").answer
        page.headers |= retry_after(fault, now)
        return page
    return None


def spoil(fault: Fault, about: str, answer: Answer) -> Answer:
    """Return a good answer as the fault leaves it."""
    if answer.status != 200:
        return answer
    if fault.kind == "short_search" and about == _SEARCHES:
        return _halved(answer, {})
    if fault.kind == "short_get" and about in _GETS:
        return _halved(answer, {})
    if fault.kind == "error_beside" and about in _GETS:
        return _halved(answer, {"Error": {"ErrorCode": f"{about}.NotTicketData", "ErrorMessage": "Could not get data"}})
    return answer


def _halved(answer: Answer, beside: dict[str, object]) -> Answer:
    body = {
        name: value[: len(value) // 2] for name, value in orjson.loads(answer.body).items() if isinstance(value, list)
    }
    return answers.told(body | beside, rows=sum(map(len, body.values())))
