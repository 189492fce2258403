"""Histories of tickets: one row for each change, with old and new values in the same order whatever kind it is.

Two things need care. The ids of a row are those after the change; but merging moves the rows of articles into another
ticket, where they keep the ids of the ticket that they came from. And since rows appear in the midst of others then, a
row's key cannot be its place in the answer: rows without an article are counted by themselves, as they never move.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, repeat

import numpy as np
import numpy.typing as npt

from itsm_bridge.columns import in_digits
from itsm_bridge.nested import NestedPage
from itsm_bridge_otrs.grammar import FIELDS, Change, Evidence, Names, read, read_with
from itsm_bridge_otrs.shape import Rows, rows_of
from itsm_bridge_otrs.streams import HISTORY
from itsm_bridge_otrs.times import AnyZone, where_times

NOBODY = "1"
"""The owner of a ticket that nobody has taken yet: the account of the system."""
_AFTER = {"created": "state_id", "state": "state_id", "queue": "queue_id", "owner": "owner_id",
          "priority": "priority_id", "type": "type_id"}  # fmt: skip
_WITHOUT_IDS = ("NewTicket", "StateUpdate", "TypeUpdate", "OwnerUpdate")
_IDS = ("state_id", "queue_id", "owner_id", "priority_id", "type_id")
_SPECIAL = ("NewTicket", "StateUpdate", "TypeUpdate", "OwnerUpdate", "ResponsibleUpdate", "Lock", "Unlock",
            "SetPendingTime", "TicketDynamicFieldUpdate")  # fmt: skip
_NUMBERS: Mapping[str | None, int] = {kind: number for number, kind in enumerate(_SPECIAL, 1)}
_UNKNOWN = -1
_WORKED = (None, "false", "true")
_Places = npt.NDArray[np.intp]
_Column = Sequence[str | None]
_Kinds = Mapping[str | None, list[int]]


def history(page: NestedPage, zone: AnyZone, names: Names) -> Rows:
    """Return a row for each change of each ticket on a page; `names` are those known by field and id."""
    raw, count = rows_of(page, HISTORY)
    if not count:
        return {}, 0
    order = _Order(raw["place"], raw["article"])
    kinds = _places_of(raw["type"])
    changes = list(map(read, raw["type"], raw["text"]))
    if None in changes:
        _read_hard(changes, raw, order, names)
    fields, *values = map(list, zip(*changes, strict=True))
    kinds["NewTicket"] = [row for row in kinds["NewTicket"] if fields[row] == "created"]
    found: dict[str, list[str | None]] = dict(zip(("from", "from_id", "to", "to_id"), values, strict=True))
    _fill_in(found, kinds, raw, order, names)
    own = [row for kind in ("SetPendingTime", "TicketDynamicFieldUpdate") for row in kinds[kind]]
    for column in (found["from"], found["to"]):
        for row, value in zip(own, where_times([column[row] for row in own], zone), strict=True):
            column[row] = value
    was_worked, is_worked = _worked(kinds, raw["owner_id"], order)
    positions = in_digits(order.positions.tolist())
    return {
        "id": order.keys(raw, positions), "ticket": raw["ticket"], "position": positions,
        "created": zone.to_utc(raw["created"]), "type": raw["type"], "author": raw["author"], "field": fields, **found,
        "article": [None if article == "0" else article for article in raw["article"]],
        **{name: raw[name] for name in _IDS}, "was_worked": was_worked, "is_worked": is_worked,
    }, count  # fmt: skip


def _places_of(types: _Column) -> dict[str | None, list[int]]:
    """Return the rows of each of the types that ask for more than what their texts say."""
    numbers = np.fromiter(map(_NUMBERS.get, types, repeat(0)), np.int8, len(types))
    return {kind: np.flatnonzero(numbers == number).tolist() for kind, number in _NUMBERS.items()}


class _Order:
    """How the rows of a page follow each other.

    `starts` and `ends` are of each row the place of its ticket's first row and of the next ticket's. `before` is the
    last row before it in its ticket that belongs to the ticket itself, or -1; `latest` the same including the row.
    `positions` are how many such rows there were before.
    """

    def __init__(self, places: _Column, articles: _Column) -> None:
        count = len(places)
        self.rows = rows = np.arange(count)
        begins = np.array([row for row, place in enumerate(places) if place == "0"], np.intp)
        moving = [row for row, article in enumerate(articles) if article is not None and article != "0"]
        self.moving, own = moving, np.ones(count, np.bool_)
        own[moving] = False
        lengths = np.diff(begins, append=count)
        self.starts = np.repeat(begins, lengths)
        self.ends = np.repeat(begins + lengths, lengths)
        latest = np.maximum.accumulate(np.where(own, rows, -1))
        self.latest = np.where(latest >= self.starts, latest, -1)
        before = np.concatenate(([-1], self.latest[:-1]))
        self.before: _Places = np.where(rows == self.starts, -1, before)
        counted: _Places = np.cumsum(own) - own
        self.positions = counted - counted[self.starts]

    def keys(self, raw: Mapping[str, _Column], positions: _Column) -> list[str | None]:
        """Return keys that stay when articles are merged into a ticket or out of it."""
        seen: dict[str, int] = {}
        found: list[str | None] = [f"{one}/{two}" for one, two in zip(raw["ticket"], positions, strict=True)]
        for row in self.moving:
            key = f"{raw['ticket'][row]}/{raw['type'][row]}/{raw['article'][row]}"
            seen[key] = number = seen.get(key, 0) + 1
            found[row] = key if number == 1 else f"{key}/{number}"
        return found


def _read_hard(changes: list[Change | None], raw: Mapping[str, _Column], order: _Order, names: Names) -> None:
    """Read the texts that could mean several things, by the ids of their rows and all names that are known."""
    hard = [row for row, change in enumerate(changes) if change is None]
    fields = {_named(FIELDS[raw["type"][row] or ""]) for row in hard}
    known = {field: dict(names.get(field, {})) for field in fields}
    for row, change in enumerate(changes):
        if change is not None and (field := _named(change.field)) in fields:
            pairs = ((change.from_id, change.from_), (change.to_id or _id(change.field, row, raw), change.to))
            known[field] |= {id_: name for id_, name in pairs if id_ and name}
    for row in hard:
        kind = raw["type"][row] or ""
        to_id, from_id = (_id(FIELDS[kind], place, raw) for place in (row, int(order.before[row])))
        evidence = Evidence(to_id, None if from_id == to_id else from_id, known[_named(FIELDS[kind])])
        changes[row] = read_with(kind, raw["text"][row] or "", evidence)


def _named(field: str) -> str:
    """Return the field by which the names of another one are known."""
    return {"created": "state", "responsible": "owner"}.get(field, field)


def _id(field: str, row: int, raw: Mapping[str, _Column]) -> str | None:
    """Return the id of a field after a row; None before the first one, and for fields that rows do not show."""
    return raw[_AFTER[field]][row] if row >= 0 and field in _AFTER else None


def _fill_in(
    found: Mapping[str, list[str | None]], kinds: _Kinds, raw: Mapping[str, _Column], order: _Order, names: Names
) -> None:  # fmt: skip
    """Fill in what texts leave out: ids as the row and the one before have them, and owners of before."""
    before = order.before.tolist()
    from_ids, to_ids = found["from_id"], found["to_id"]
    owned = [*kinds["OwnerUpdate"], *kinds["ResponsibleUpdate"]]
    people = dict(names.get("owner", {}))
    people |= {id_: name for id_, name in ((to_ids[row], found["to"][row]) for row in owned) if id_ and name}
    for kind in _WITHOUT_IDS:
        ids = raw[_AFTER[FIELDS[kind]]]
        for row in kinds[kind]:
            new = to_ids[row] = to_ids[row] or ids[row]
            if from_ids[row] is None and before[row] >= 0:
                old = ids[before[row]]
                from_ids[row] = None if old == new else old
    latest: dict[str | None, str | None] = {}
    for row in kinds["ResponsibleUpdate"]:
        ticket = raw["ticket"][row]
        from_ids[row] = latest.get(ticket)
        latest[ticket] = to_ids[row]
    for row in owned:
        found["from"][row] = people.get(from_ids[row] or "")
    states = names.get("state", {})
    for row in kinds["NewTicket"]:
        found["to"][row] = found["to"][row] or states.get(to_ids[row] or "")


def _worked(kinds: _Kinds, owners: _Column, order: _Order) -> tuple[_Column, _Column]:
    """Return whether tickets were worked on before and after each row, where a row is about that.

    A ticket is worked on while somebody has locked it. The rows about it are those of states, and those that change it.
    Where no row of a ticket tells of locks, it is not known.
    """
    rows, count = order.rows, len(owners)
    marks = np.full(count, _UNKNOWN, np.int8)
    marks[kinds["Lock"]] = 1
    marks[kinds["Unlock"]] = 0
    is_mark = marks != _UNKNOWN
    last = np.maximum.accumulate(np.where(is_mark, rows, -1))
    following = np.minimum.accumulate(np.where(is_mark, rows, count)[::-1])[::-1]
    # Before the first lock, a ticket was unlocked; before the first unlock, it was locked.
    until = np.where(following < order.ends, 1 - marks[np.minimum(following, count - 1)], _UNKNOWN)
    locked = np.where(last >= order.starts, marks[last], until)
    taken = np.array([owner != NOBODY for owner in owners])
    is_taken = taken[order.latest] & (order.latest >= 0)
    worked = np.where(is_taken, locked, 0)
    was = np.where(rows == order.starts, worked, np.concatenate((worked[:1], worked[:-1])))
    told = np.zeros(count, np.bool_)
    told[list(chain.from_iterable(kinds[kind] for kind in ("Lock", "Unlock", "OwnerUpdate")))] = True
    told &= was != worked
    told[[*kinds["NewTicket"], *kinds["StateUpdate"]]] = True
    before: list[str | None] = [None] * count
    after: list[str | None] = [None] * count
    places = np.flatnonzero(told)
    for row, old, new in zip(places.tolist(), was[places].tolist(), worked[places].tolist(), strict=True):
        before[row], after[row] = _WORKED[old + 1], _WORKED[new + 1]
    return before, after
