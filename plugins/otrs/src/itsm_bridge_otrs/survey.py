"""The preflight: who am I, which tickets show, what may be read of them, what can therefore not be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from itsm_bridge.adapter import Access, Preflight, Right
from itsm_bridge.errors import AuthenticationFailed, ConfigurationError, ItsmBridgeError, PermissionDenied, Unreachable
from itsm_bridge_otrs.answers import Refused
from itsm_bridge_otrs.capabilities import DYNAMIC, capabilities
from itsm_bridge_otrs.session import Site, hung_up
from itsm_bridge_otrs.streams import HISTORY, TICKET

_CLOCK_TOLERANCE = 120
_LOOKED_AT = 5
_RO = "permission ro for the agent, by a group or a role, on every queue that is assessed"
_NOTHING = (
    "no ticket shows, however it is searched: the agent may read no queue, or there is no ticket; the tool does not "
    "say which"
)
_HISTORY_GET = "operation Ticket::TicketHistoryGet in the web service {service}, mapped to {method} {route}"


def preflight(site: Site, wanted: Mapping[str, tuple[str, ...]]) -> Preflight:
    """Look at every stream that is to be read; `wanted` are the names that the mapping reads, by stream."""
    newest = site.search(SortBy="Ticket", OrderBy="Down", Limit=str(_LOOKED_AT)) if site.visible != 0 else []
    ticket = _tickets(site, newest, wanted.get(TICKET, ()))
    known = {TICKET: ticket}
    if ticket.is_readable and HISTORY in wanted:
        known[HISTORY] = _history(site, newest)
    access = {name: known.get(name) or _follows(name, ticket) for name in wanted}
    return Preflight(
        identity=site.identity, product="OTRS, Znuny or OTOBO", timezone=site.timezone,
        timezone_note=site.timezone_note,
        clock_difference_seconds=None if site.visible == 0 else site.clock_difference_seconds,
        access=tuple(access.values()), capabilities=capabilities(access, wanted.get(TICKET, ())),
        problems=tuple(_problems(site)), scope=_scope(site),
    )  # fmt: skip


def _tickets(site: Site, ids: Sequence[str], wanted: Sequence[str]) -> Access:
    for one in ids:
        try:
            told = site.tickets([one], DynamicFields="1").json()["Ticket"][0]
        except Refused:  # it may have gone meanwhile
            continue
        # A ticket tells all dynamic fields that there are, those without a value, too.
        fields = {f"{DYNAMIC}{field['Name']}" for field in told.get("DynamicField") or ()}
        absent = tuple(name for name in wanted if name.startswith(DYNAMIC) and name not in fields)
        return Access(TICKET, True, site.visible, missing_fields=absent, absent_fields=absent)
    return Access(TICKET, False, reason=_NOTHING, remedy=f"Ask for the {_RO}.", rights=(Right(_RO, TICKET),))


def _history(site: Site, ids: Sequence[str]) -> Access:
    """Ask for the history of a ticket in the way in which all are read."""
    operation = site.settings.operations.history
    grant = _HISTORY_GET.format(
        service=site.settings.web_service, method=operation.method, route=operation.route
    )  # fmt: skip
    refused: ItsmBridgeError | None = None
    for one in ids:
        try:
            site.histories([one])
        except Refused as error:  # it may have gone meanwhile
            refused = error
        except (PermissionDenied, AuthenticationFailed, ConfigurationError) as error:
            refused = error
            break
        except Unreachable as error:
            if not hung_up(error):
                raise
            refused = error
            break
        else:
            return Access(HISTORY, True)
    reason = refused.message if refused else "there is no ticket to ask about"
    return Access(HISTORY, False, reason=reason, remedy=f"Ask for the {grant}.", rights=(Right(grant, HISTORY),))


def _follows(stream: str, ticket: Access) -> Access:
    """Return the access to what comes with tickets."""
    if ticket.is_readable:
        return Access(stream, True)
    rights = tuple(replace(right, on=stream) for right in ticket.rights)
    return Access(stream, False, reason=ticket.reason, remedy=ticket.remedy, rights=rights)


def _scope(site: Site) -> str:
    seen = "more tickets than one search brings" if site.visible is None else f"{site.visible:,} tickets"
    return f"{seen}: those of queues that the agent may read; tickets of others are neither seen nor counted"


def _problems(site: Site) -> Iterator[str]:
    difference = site.clock_difference_seconds
    if abs(difference) > _CLOCK_TOLERANCE:
        yield (
            f"The tool's clock is {difference:+.0f} seconds away from ours. Have both set by a time server: what is "
            "late or overdue is reckoned by them."
        )
