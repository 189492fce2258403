"""TicketSearch: ids in order, up to a limit; for a question that it does not understand, none, and no word about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fnmatch import fnmatchcase
from typing import Any

from itsm_bridge_otrs.testing import answers
from itsm_bridge_otrs.testing.desk import Desk
from itsm_bridge_otrs.testing.records import Ticket
from itsm_bridge_otrs.testing.search_times import TIMES, Condition, NotUnderstood
from itsm_bridge_otrs.testing.vocabulary import Register, Vocabulary

DEFAULT_LIMIT = 500
_NONE = 1 << 40  # the database puts what is missing at the end
NOT_SIMULATED = (
    "Created", "Fulltext", "MIMEBase_", "ContentSearch", "AttachmentName", "ArticleCreateTime", "WatchUserIDs",
    "StateTypeIDs", "LockIDs", "CustomerIDRaw", "TicketPendingTime",
)  # fmt: skip
"""Beginnings of parameters that a real server understands, and this one refuses instead of ignoring them."""
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_NUMBER = re.compile(r"\+?\d+(\.\d+)?(e\d+)?", re.ASCII | re.IGNORECASE)

_SORT_KEYS: Mapping[str, Callable[[Desk, Ticket], Any]] = {
    "Owner": lambda desk, one: desk.words.agents.by_id[one.owner].name,
    "Responsible": lambda desk, one: desk.words.agents.by_id[one.responsible].name,
    "CustomerID": lambda _, one: one.company, "State": lambda _, one: one.state, "Lock": lambda _, one: one.is_locked,
    "Ticket": lambda _, one: one.number, "TicketNumber": lambda _, one: one.number, "Title": lambda _, one: one.title,
    "Queue": lambda desk, one: desk.words.queues.by_id[one.queue].name, "Type": lambda _, one: one.type,
    "Priority": lambda _, one: one.priority, "Age": lambda desk, one: desk.wall.text(one.created),
    "Created": lambda desk, one: desk.wall.text(one.created), "Changed": lambda desk, one: desk.wall.text(one.changed),
    "Service": lambda _, one: one.service or _NONE, "SLA": lambda _, one: one.sla or _NONE,
    "PendingTime": lambda _, one: one.pending_until,
    "TicketEscalation": lambda _, one: min(one.due.values(), default=0),
    "EscalationTime": lambda _, one: min(one.due.values(), default=0),
    "EscalationUpdateTime": lambda _, one: one.due.get("update", 0),
    "EscalationResponseTime": lambda _, one: one.due.get("response", 0),
    "EscalationSolutionTime": lambda _, one: one.due.get("solution", 0),
}  # fmt: skip
_NAMES: Mapping[str, tuple[Callable[[Vocabulary], Register[Any]], str]] = {
    "Types": (lambda words: words.types, "type"), "States": (lambda words: words.states, "state"),
    "Queues": (lambda words: words.queues, "queue"), "Priorities": (lambda words: words.priorities, "priority"),
    "Services": (lambda words: words.services, "service"), "SLAs": (lambda words: words.slas, "sla"),
}  # fmt: skip
_IDS: Mapping[str, str] = {
    "TypeIDs": "type", "StateIDs": "state", "QueueIDs": "queue", "PriorityIDs": "priority", "ServiceIDs": "service",
    "SLAIDs": "sla", "OwnerIDs": "owner", "ResponsibleIDs": "responsible", "TicketID": "id",
}  # fmt: skip


def search(desk: Desk, tickets: Iterable[Ticket], asked: Mapping[str, Any]) -> list[str]:
    """Return the ids of those of the tickets that match. Names that mean nothing here are not looked at."""
    strange = [name for name in asked if name.startswith(NOT_SIMULATED)]
    if strange:
        raise answers.interface_error(f"the simulation knows nothing of {', '.join(strange)}")
    try:
        limit = _limit(asked.get("Limit"))
        keys = _order(asked)
        conditions = [
            *_archive(asked),
            *_named(desk, asked),
            *_numbered(asked),
            *_worded(asked),
            *_dynamic(desk, asked),
        ]
        conditions += [condition for times in TIMES for condition in times(desk, asked)]
    except NotUnderstood:
        return []
    found = sorted((one for one in tickets if all(condition(one) for condition in conditions)), key=lambda one: one.id)
    for name, is_down in reversed(keys):
        found.sort(key=lambda one, name=name: _SORT_KEYS[name](desk, one), reverse=is_down)  # type: ignore[misc]
    return [str(one.id) for one in found[:limit]]


def _limit(asked: Any) -> int:
    if not asked:
        return DEFAULT_LIMIT
    if isinstance(asked, (list, dict)) or not _NUMBER.fullmatch(str(asked).strip()):
        raise NotUnderstood
    return int(Decimal(str(asked).strip()).quantize(Decimal(1), ROUND_HALF_UP))


def _order(asked: Mapping[str, Any]) -> list[tuple[str, bool]]:
    names, ways = listed(asked.get("SortBy") or "Age"), listed(asked.get("OrderBy") or "Down")
    if not set(names) <= _SORT_KEYS.keys() or len(ways) < len(names) or not set(ways[: len(names)]) <= {"Up", "Down"}:
        raise NotUnderstood
    return [(name, way == "Down") for name, way in zip(names, ways, strict=False)]


def _archive(asked: Mapping[str, Any]) -> list[Condition]:
    where = asked.get("SearchInArchive")
    if where == "AllTickets":
        return []
    return [lambda one: one.is_archived == (where == "ArchivedTickets")]


def _named(desk: Desk, asked: Mapping[str, Any]) -> list[Condition]:
    found: list[Condition] = []
    for parameter, (register, field) in _NAMES.items():
        if not (names := listed(asked.get(parameter))):
            continue
        known = {entry.name: entry.id for entry in register(desk.words)}
        if not set(names) <= known.keys():
            raise NotUnderstood
        wanted = {known[name] for name in names}
        if parameter == "Queues" and asked.get("UseSubQueues"):
            wanted |= {
                queue.id for queue in desk.words.queues
                if any(queue.name.lower().startswith(f"{name.lower()}::") for name in names)
            }  # fmt: skip
        found.append(_one_of(field, wanted))
    if types := listed(asked.get("StateType")):
        states = {state.id for state in desk.words.states if state.type in types}
        if not states:
            raise NotUnderstood
        found.append(lambda one: one.state in states)
    if locks := listed(asked.get("Locks")):
        if not set(locks) <= {"lock", "unlock", "tmp_lock"}:
            raise NotUnderstood
        found.append(lambda one: ("lock" if one.is_locked else "unlock") in locks)
    return found


def _numbered(asked: Mapping[str, Any]) -> list[Condition]:
    found: list[Condition] = []
    for parameter, field in _IDS.items():
        if not (texts := listed(asked.get(parameter))):
            continue
        if not all(_INTEGER.fullmatch(text) for text in texts):
            raise NotUnderstood
        found.append(_one_of(field, set(map(int, texts))))
    return found


def _worded(asked: Mapping[str, Any]) -> list[Condition]:
    found: list[Condition] = []
    for parameter, field in (("Title", "title"), ("TicketNumber", "number"), ("CustomerUserLogin", "customer"),
                             ("CustomerID", "company")):  # fmt: skip
        patterns = [
            re.sub(r"([\[?])", r"[\1]", text.lower()).replace("%", "*") for text in listed(asked.get(parameter))
        ]
        if patterns:
            found.append(_like(field, patterns))
    return found


def _pattern(text: str) -> str:
    """Return what a search for words with `*` (or SQL's `%`) looks for, as a pattern of `fnmatch`."""
    return re.sub(r"([\[?])", r"[\1]", text.lower()).replace("%", "*")


def _one_of(field: str, wanted: Collection[int]) -> Condition:
    return lambda one: getattr(one, field) in wanted


def _like(field: str, patterns: Sequence[str]) -> Condition:
    return lambda one: any(fnmatchcase(getattr(one, field).lower(), pattern) for pattern in patterns)


def _dynamic(desk: Desk, asked: Mapping[str, Any]) -> list[Condition]:
    given = asked.get("DynamicField")
    if given:
        fields = given if isinstance(given, list) else [given]
        wanted = {one["Name"]: one for one in fields if isinstance(one, dict) and "Name" in one}
    else:
        wanted = {name.removeprefix("DynamicField_"): value for name, value in asked.items() if "DynamicField_" in name}
    found: list[Condition] = []
    for name, operators in wanted.items():
        if name not in desk.words.dynamic_fields or not isinstance(operators, dict):
            continue  # as silently as the real server
        for operator, values in operators.items():
            if operator in _COMPARED:
                found.append(_compared(name, operator, listed(values)))
    return found


_COMPARED: Mapping[str, Callable[[str, str], bool]] = {
    "Equals": lambda value, other: value == other, "Like": lambda value, other: fnmatchcase(value, other),
    "GreaterThan": lambda value, other: value > other, "GreaterThanEquals": lambda value, other: value >= other,
    "SmallerThan": lambda value, other: value < other, "SmallerThanEquals": lambda value, other: value <= other,
}  # fmt: skip


def _compared(name: str, operator: str, values: Sequence[str]) -> Condition:
    def compare(one: Ticket) -> bool:
        stored = listed(one.dynamic.get(name))
        return any(_COMPARED[operator](value, other) for value in stored for other in values)

    return compare


def listed(value: Any) -> list[str]:
    """Return one value or a list of them as texts; nothing for what is empty."""
    values = value if isinstance(value, list) else [value]
    return [str(one) for one in values if one not in (None, "") and not isinstance(one, dict)]
