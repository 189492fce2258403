"""What the company says beside its tool: lines of its policy and of its register."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime

from itsm_bridge_otrs.testing.company.world import SHARED, World
from itsm_bridge_otrs.testing.records import Ticket
from itsm_bridge_otrs.testing.wall import DAY, HOUR

SOURCE = "{source}"
"""Stands for the source in every line."""
_OWNER = "Head of IT"
_SUPPLIER = "night_watch"


def policy(world: World) -> dict[str, str]:
    """Return lines by file, in the order of the columns of its form."""
    return {
        "accounts.csv": _lines([(SOURCE, SHARED, "true", "")]),
        "services.csv": _lines(_services(world)),
        "agreed_targets.csv": _lines(_targets(world)),
        "register.csv": _lines(_register(world)),
        "freeze_windows.csv": _lines(_freezes(world)),
        "suppliers.csv": _lines([_supplier(world)]),
    }


def _services(world: World) -> Iterable[tuple[object, ...]]:
    """Every service is described; where the company is flawed, one is not in the catalogue."""
    for service in world.desk.words.services:
        is_listed = not (world.is_flawed and service.name == "Intranet")
        if not is_listed:
            world.plant("CAT-001", str(service.id))
        text = "Used by all employees and partners every day"
        listed, owner = str(is_listed).lower(), f"Owner of {service.name}"
        yield (SOURCE, service.name, owner, "true", listed, 2, text, "true", "", "")


def _supplier(world: World) -> tuple[object, ...]:
    begun, ends, review = (world.local(world.now + days * DAY)[:10] for days in (-700, 700, 90))
    return (_SUPPLIER, "Night watch", "external", _OWNER, "C-2024-3", begun, ends, review, "true")


def _targets(world: World) -> Iterable[tuple[object, ...]]:
    """What the tool counts is what was agreed, solutions of the fastest agreement with a supplier.

    Where the company is flawed, one goal in the tool is looser, and the supplier misses what its contract promises.
    """
    for sla in world.desk.words.slas:
        if not sla.targets.solution:
            continue
        goal = sla.targets.solution * 60
        if sla.name == "Gold 24x7":
            if world.is_flawed:
                world.plant("SUP-004", _SUPPLIER)
            share = 0.99 if world.is_flawed else 0.01
            yield (SOURCE, f"{SOURCE}:sla_definition:sla/{sla.id}/solution", "uc", goal, share, "", _SUPPLIER)
            continue
        if world.is_flawed and sla.name == "Silver":
            goal -= 60
            world.plant("SLM-009", f"sla/{sla.id}/solution")
        yield (SOURCE, sla.name, "sla", goal, "", "", "")


def _register(world: World) -> Iterable[tuple[object, ...]]:
    """Management is told of every major incident on its day, and reviews it on the day after it was solved."""
    kind = world.desk.words.types["Incident::Major"].id
    for key, ticket in sorted(world.desk.tickets.items()):
        if ticket.type == kind:
            if str(key) not in world.planted.get("INC-015", ()):
                yield _entry(world, "mgmt_notice", ticket, ticket.created)
            is_closed = world.desk.words.states.by_id[ticket.state].type == "closed"
            if is_closed and str(key) not in world.planted.get("INC-016", ()):
                yield _entry(world, "mi_review", ticket, ticket.changed + DAY)


def _entry(world: World, kind: str, ticket: Ticket, at: int) -> tuple[object, ...]:
    day = world.local(at)[:10]
    about = (f"{SOURCE}-{kind}-{ticket.id}", kind, "8.6.1", "Major incident", ticket.number, _OWNER, day, "", day)
    return (*about, *([""] * 8), f"wiki/{kind}/{ticket.number}")


def _freezes(world: World) -> Iterable[tuple[object, ...]]:
    """A freeze of last year that all kept; where the company is flawed, one that a change ignored."""
    moments = [(world.now - 400 * DAY, world.desk.words.services["Web shop"].name)]
    held = {service.id: service.name for service in world.desk.words.services}
    for key in tuple(world.planted.get("CHG-013", ())):
        ticket = world.desk.ticket(key)
        begun = _moment(world, ticket, "ActualStart")
        moments.append((begun, held[ticket.service]))
        for other in world.desk.tickets.values():  # another change may have been under way at that time
            if other.service == ticket.service and other.dynamic.get("ActualStart"):
                start, ended = _moment(world, other, "ActualStart"), _moment(world, other, "ActualEnd")
                if start < begun + HOUR and ended >= begun - HOUR:
                    world.plant("CHG-013", str(other.id))
    for number, (at, service) in enumerate(moments):
        begin, end = (datetime.fromtimestamp(at + shift, UTC).isoformat() for shift in (-HOUR, HOUR))
        yield (f"{SOURCE}-{number}", "Closing of the books", begin, end, service, "true", "true")


def _moment(world: World, ticket: Ticket, name: str) -> int:
    """Return the moment in a field of a change; one that is under way ends now."""
    text = ticket.dynamic.get(name)
    if not text:
        return world.now
    return int(datetime.fromisoformat(str(text)).replace(tzinfo=world.desk.wall.zone).timestamp())


def _lines(rows: Iterable[tuple[object, ...]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue()
