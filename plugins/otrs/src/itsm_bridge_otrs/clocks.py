"""Escalation clocks: what a ticket claims of its targets now, and the targets as they were while they ran.

OTRS keeps neither starts nor stops nor goals: it works out minutes by today's settings whenever it is asked, and says a
due time only while a target runs. When a ticket is answered or closed its targets are gone, also after it is reopened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from itsm_bridge.nested import NestedPage
from itsm_bridge_otrs.shape import Rows, rows_of
from itsm_bridge_otrs.streams import CLOCK, KEY
from itsm_bridge_otrs.times import AnyZone, from_epochs, to_utc

_MINUTES = 5
"""Targets are multiples of this, as far as anybody knows."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of clock, and the fields that tell of it.

    `stop` is when it was stopped last. It `is_final` where it never runs again: a due time beside it is out of date.
    """

    name: str
    due: str
    overdue: str
    stop: str = ""
    spent: str = ""
    spare: str = ""
    is_final: bool = False


_KINDS = (
    _Kind("response", "EscalationResponseTime", "FirstResponseTimeEscalation", "FirstResponse", "FirstResponseInMin",
          "FirstResponseDiffInMin", is_final=True),
    _Kind("update", "EscalationUpdateTime", "UpdateTimeEscalation"),
    _Kind("solution", "EscalationSolutionTime", "SolutionTimeEscalation", "Closed", "SolutionInMin",
          "SolutionDiffInMin"),
)  # fmt: skip
_COLUMNS = (
    "id", "ticket", "kind", "agreement", "started", "stopped", "due", "in_minutes", "diff_minutes", "target_minutes",
    "in_seconds", "target_seconds", "is_overdue", "changed",
)  # fmt: skip
_Row = tuple[str | None, ...]


def clocks(page: NestedPage, zone: AnyZone) -> Rows:
    """Return a row for each clock that runs, or that ran and had a target."""
    raw, count = rows_of(page, CLOCK)
    if not count:
        return {}, 0
    rows = [row for kind in _KINDS for row in _of(kind, raw)]
    if not rows:
        return {}, 0
    columns: dict[str, Sequence[str | None]] = dict(zip(_COLUMNS, zip(*rows, strict=True), strict=True))
    columns |= to_utc({name: columns[name] for name in ("started", "stopped", "changed")}, zone)
    return columns | {"due": from_epochs(columns["due"])}, len(rows)


def targets(found: Rows) -> Rows:
    """Return the due time of each clock that runs: it stays when the ticket forgets it."""
    columns, count = found
    places = [place for place, due in enumerate(columns["due"]) if due] if count else []
    if not places:
        return {}, 0
    chosen: dict[str, Sequence[str | None]] = {
        name: [columns[name][place] for place in places] for name in ("id", "ticket", "kind", "agreement", "due")
    }
    keys = zip(chosen["id"], chosen["agreement"], strict=True)
    return chosen | {"id": [f"{clock}/{agreement}" for clock, agreement in keys]}, len(places)


def _of(kind: _Kind, raw: Mapping[str, Sequence[str | None]]) -> Iterator[_Row]:
    nothing: Sequence[str | None] = [None] * len(raw[KEY])
    given = zip(
        raw[KEY], _agreements(raw), raw["Created"], raw["Changed"], raw[kind.due], raw[kind.overdue],
        *(raw[name] if name else nothing for name in (kind.stop, kind.spent, kind.spare)), strict=True,
    )  # fmt: skip
    for ticket, agreement, created, changed, due, overdue, stop, spent, spare in given:
        runs = _is_set(due) and not (kind.is_final and stop)
        if not runs and spare is None:
            continue
        target = _target(spent, spare)
        yield (
            f"{ticket}/{kind.name}", ticket, kind.name, agreement, created if kind.stop else None,
            None if runs else stop, due if runs else None, spent, spare, _text(target), _seconds(spent),
            _text(target * 60 if target is not None else None),
            _flag(overdue == "1" if runs else spare is not None and int(spare) < 0), changed,
        )  # fmt: skip


def _agreements(raw: Mapping[str, Sequence[str | None]]) -> list[str]:
    given = zip(raw["SLAID"], raw["QueueID"], strict=True)
    return [f"sla/{sla}" if _is_set(sla) else f"queue/{queue}" for sla, queue in given]


def _target(spent: str | None, spare: str | None) -> int | None:
    """Return the minutes of a target. Both parts are cut to whole minutes, so that one may be missing."""
    if spent is None or spare is None:
        return None
    found = int(spent) + int(spare)
    return found + 1 if int(spare) >= 0 and (found + 1) % _MINUTES == 0 else found


def _is_set(value: str | None) -> bool:
    return bool(value) and value != "0"


def _seconds(minutes: str | None) -> str | None:
    return None if minutes is None else str(int(minutes) * 60)


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


def _flag(value: bool) -> str:
    return "true" if value else "false"
