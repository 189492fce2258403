"""Looks at some tickets to learn which time zone the tool's clock keeps, and whether it is right.

The age of a ticket, the epoch of a due time and that of a pending date are true; the texts beside them are local.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from itsm_bridge.errors import BadAnswer, ConfigurationError, PermissionDenied
from itsm_bridge.transport import Answer
from itsm_bridge_otrs.answers import Refused
from itsm_bridge_otrs.measuring import Shown, alike, apart, fitting, offsets
from itsm_bridge_otrs.zone import Unmeasured, Zone

_SAMPLES = 50
_ROUNDS = 8
_PENDING = ("pending reminder", "pending auto")
_SET_IT = "Set `timezone` of this source to OTRSTimeZone of the tool (Admin > System Configuration > OTRSTimeZone)"


class Asked(Protocol):
    """What is asked here of a site."""

    def search(self, **arguments: str | Sequence[str]) -> list[str]:
        """Return ids."""

    def tickets(self, ids: Sequence[str]) -> Answer:
        """Return tickets."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A tool's clock: its zone, how that became known, and by how many seconds it is ahead of ours.

    `visible` is how many tickets the account sees, None where one search does not hold them.
    """

    zone: Zone
    note: str
    visible: int | None
    difference: float = 0.0


def read_clock(site: Asked, configured: str | None, limit: int) -> Clock:
    """Return what a site's clock is; ConfigurationError where its zone stays unclear or is not the one configured.

    `limit` is how many ids a search may bring.
    """
    newest = _newest(site, limit)
    if not newest:
        return Clock(Zone(configured) if configured else Unmeasured(), "it could not be measured: no ticket shows", 0)
    is_all = len(newest) < limit
    oldest = newest[-1:] if is_all else site.search(SortBy="Ticket", OrderBy="Up", Limit="5")
    ids = [*oldest, *newest[:: max(1, len(newest) // _SAMPLES)], *site.search(StateType=_PENDING, Limit="5")]
    shown, own_clock = _looked_at(site, ids)
    if not shown.samples:
        raise PermissionDenied(
            f"the search finds tickets, and none of {len(ids)} may be read", where="TicketGet",
            hint="Compare `operations` of this source with the web service: `search` and `get` must ask the same tool.",
        )  # fmt: skip
    if configured:
        differences = fitting(shown, [configured])
        if not differences:
            raise _contradicts(configured, shown)
        name, note = configured, f"`timezone` of this source; it fits {_numbered(shown)}"
    else:
        names, shown = _decided(site, shown)
        name, differences = names[0], fitting(shown, names[:1])
        others = f"; {len(names) - 1} other zones were the same in that time" if names[1:] else ""
        note = f"measured on {_numbered(shown)}{others}"
    visible = len(newest) if is_all else None
    return Clock(Zone(name), note, visible, differences[name] if own_clock is None else own_clock)


def _newest(site: Asked, limit: int) -> list[str]:
    """Return the ids that one search brings, the newest first; none is believed only if a plain search finds none."""
    newest = site.search(SortBy="Ticket", OrderBy="Down", Limit=str(limit))
    if not newest and site.search(Limit="1"):
        raise BadAnswer(
            "the tool shows tickets, but none when it is asked for them in order", where="TicketSearch",
            hint="A module of its own may answer TicketSearch there; ask the administrator of the web service.",
        )  # fmt: skip
    return newest


def _looked_at(site: Asked, ids: Iterable[str]) -> tuple[Shown, float | None]:
    """Return what tickets show of the clock, and how far it is ahead, where they tell its own time."""
    shown, differences = Shown(), []
    for tickets, asked_at, took in _fetched(site, list(dict.fromkeys(ids))):
        now = [moment for ticket in tickets for moment in _now(ticket)]
        ages = tuple(
            (str(ticket["Created"]), round((max(now) if now else asked_at) - int(ticket["Age"]))) for ticket in tickets
        )
        pairs = tuple(pair for ticket in tickets for pair in _pairs(ticket))
        slack = took + 2.0
        shown += Shown(pairs + ages, (), slack) if now else Shown(pairs, ages, slack)
        differences += [max(now) - asked_at] if now else []
    return shown, differences[0] if differences else None


def _fetched(site: Asked, ids: Sequence[str]) -> Iterator[tuple[list[Mapping[str, Any]], float, float]]:
    """Yield tickets with when they were asked for and how long that took; those that are gone are left out."""
    asked_at = time.time()
    try:
        tickets = site.tickets(ids).json()["Ticket"]
    except Refused:
        if len(ids) > 1:
            yield from _fetched(site, ids[: len(ids) // 2])
            yield from _fetched(site, ids[len(ids) // 2 :])
        return
    took = time.time() - asked_at
    if not all(ticket.get("Created") and isinstance(ticket.get("Age"), int) for ticket in tickets):
        raise BadAnswer("tickets come without `Created` or `Age`", where="TicketGet")
    yield tickets, asked_at + took / 2, took


def _now(ticket: Mapping[str, Any]) -> Iterator[int]:
    """Yield what the tool's clock says now, in seconds since 1970, where a ticket tells it."""
    for moment, left in (("RealTillTimeNotUsed", "UntilTime"), ("EscalationDestinationTime", "EscalationTime")):
        if ticket.get(moment) and ticket.get(left):
            yield int(ticket[moment]) - int(ticket[left])


def _pairs(ticket: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield times that a ticket tells in both ways."""
    text, moment = ticket.get("EscalationDestinationDate"), ticket.get("EscalationDestinationTime")
    if text and moment:
        yield str(text), int(moment)


def _decided(site: Asked, shown: Shown) -> tuple[list[str], Shown]:
    """Return the zones that fit and do not differ since the first sample; ConfigurationError where they do."""
    names = list(fitting(shown))
    for _ in range(_ROUNDS):
        if not names:
            raise _fits_nothing(shown)
        start = datetime.fromtimestamp(shown.samples[0][1], UTC) - timedelta(days=1)
        end = datetime.now(UTC).replace(microsecond=0)
        groups = alike(names, start, end)
        if len(groups) == 1:
            return groups[0], shown
        between = _between(site, groups[0][0], groups[1][0], start, end)
        if not between.samples:
            break
        shown += between
        names = list(fitting(shown, names))
    raise _undecided(groups, shown)


def _between(site: Asked, one: str, other: str, start: datetime, end: datetime) -> Shown:
    """Look at tickets that were made while two zones differed."""
    for before, after in list(apart(one, other, start, end))[:_ROUNDS]:
        zone = Zone(one)
        ids = site.search(
            TicketCreateTimeNewerDate=zone.wall(before), TicketCreateTimeOlderDate=zone.wall(after), Limit="3"
        )
        if ids:
            return _looked_at(site, ids)[0]
    return Shown()


def _numbered(shown: Shown) -> str:
    return f"{len(shown.samples)} times since {shown.samples[0][0][:10]}"


def _told(shown: Shown) -> str:
    return ", ".join(f"{offset} (last at {text})" for offset, text in offsets(shown.samples).items())


def _contradicts(configured: str, shown: Shown) -> ConfigurationError:
    return ConfigurationError(
        f"the clock of the tool is not that of {configured}: it was measured at {_told(shown)}", where="timezone",
        hint=f"{_SET_IT}, or take it out so that it is measured; or have both clocks set by a time server.",
    )  # fmt: skip


def _fits_nothing(shown: Shown) -> ConfigurationError:
    return ConfigurationError(
        f"the clock of the tool fits no time zone: it was measured at {_told(shown)}", where="timezone",
        hint=f"Have the clocks of the tool and of this machine set by a time server. {_SET_IT}, if that was changed.",
    )  # fmt: skip


def _undecided(groups: Sequence[Sequence[str]], shown: Shown) -> ConfigurationError:
    examples = ", ".join(group[0] for group in groups[:8])
    return ConfigurationError(
        f"the time zone of the tool is not clear: {_numbered(shown)} fit {examples}{' and others' * (len(groups) > 8)}",
        where="timezone", hint=f"{_SET_IT}.",
    )  # fmt: skip
