"""Lists the ids of tickets by their last change: the search knows no pages, no counts, and says nothing of mistakes.

An answer as long as its limit may be cut: the next one begins, inclusively, at the second in which the last ticket of
this one was changed. The empty answer `{}` says that nothing matches, or that the server did not understand the
question; which of both is found out by asking for less.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from itsm_bridge.errors import BadAnswer
from itsm_bridge_otrs.answers import Refused
from itsm_bridge_otrs.session import Site

_ORDER = {"SortBy": ("Changed", "Ticket"), "OrderBy": ("Up", "Up")}
_SINCE = "TicketLastChangeTimeNewerDate"
_LONG_AGO = "1990-01-01 00:00:00"
_LAST_FEW = 20
_FIVE_DAYS_AHEAD = "-7200"
_DOUBT = timedelta(seconds=5)
"""How far the server's clock, known to a second, may be from what we take it for."""


def server_wall(site: Site, back: timedelta = timedelta()) -> str:
    """Return a wall-clock text of the server such that all that happens from `back` before now on lies behind it."""
    now = datetime.now(UTC) + timedelta(seconds=site.clock_difference_seconds)
    return site.zone.wall(now - back)


def tickets_since(site: Site, since: str | None, limit: int) -> list[str]:
    """Return the ids of all tickets changed at or after a wall-clock text of the server; of all tickets for None."""
    found: dict[str, None] = {}
    floor = since
    while True:
        asked_at = server_wall(site, _DOUBT)
        ids = site.search(**_ORDER, Limit=str(limit), **({_SINCE: floor} if floor else {}))
        if not ids and not found:
            _believe_nothing(site)
        found.update(dict.fromkeys(ids))
        if len(ids) < limit:
            return list(found)
        settled = _last_settled(site, ids, asked_at)
        if settled is None or (floor and settled <= floor):
            limit *= 2  # more tickets changed in one second than an answer may hold
        else:
            floor = settled


def escalating_tickets(site: Site, limit: int) -> list[str]:
    """Return the ids of tickets with a target that has passed, or will within five days.

    So far ahead looks the job of escalations, which writes into their histories and leaves `Changed` alone.
    """
    while True:
        ids = site.search(TicketEscalationTimeOlderMinutes=_FIVE_DAYS_AHEAD, Limit=str(limit))
        if len(ids) < limit:
            return ids
        limit *= 2


def _last_settled(site: Site, ids: list[str], asked_at: str) -> str | None:
    """Return when the last ticket that has not changed since the search was changed; None where all of them have."""
    for ticket in ids[: -_LAST_FEW - 1 : -1]:
        try:
            changed = str(site.tickets([ticket]).json()["Ticket"][0]["Changed"])
        except Refused:  # deleted or moved out of sight meanwhile
            continue
        if changed < asked_at:
            return changed
    return None


def _believe_nothing(site: Site) -> None:
    """Raise BadAnswer where the server finds nothing because it does not understand how it is asked."""
    if not site.search(**_ORDER, Limit="1", **{_SINCE: _LONG_AGO}) and site.search(Limit="1"):
        raise BadAnswer(
            "the server shows tickets, but none when it is asked by date of change",
            where="TicketSearch",
            hint="The web service of this site takes other arguments than OTRS 6, Znuny and OTOBO do, or a module of "
            "its own answers TicketSearch; ask its administrator.",
        )
