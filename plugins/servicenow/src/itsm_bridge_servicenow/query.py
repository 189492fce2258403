"""Encoded queries: conditions that cannot be turned into other conditions by their values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from itsm_bridge.errors import BadAnswer, ConfigurationError

_NAME = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_.]*")
_INSTANT = "%Y-%m-%d %H:%M:%S"
LONGEST_LIST = 700
"""Characters: a keyset query repeats its filter, and some instances refuse addresses of more than 2048."""
_COMMA = len("%2C")


def compare(field: str, operator: str, value: str) -> str:
    """Return one condition; `^` in the value is doubled, so that it starts no condition of its own."""
    return f"{_name(field)}{operator}{_value(value)}"


def one_of(field: str, values: Iterable[str]) -> str:
    """Return the condition that a field has one of these values."""
    listed = sorted(set(values))
    if any("," in value for value in listed):
        raise BadAnswer(f"a value of {field} holds a comma and cannot be asked for")
    return f"{_name(field)}IN{','.join(_value(value) for value in listed)}"


def all_of(*conditions: str) -> str:
    """Join conditions that must all hold; empty ones are left out."""
    return "^".join(condition for condition in conditions if condition)


def any_of(*groups: str) -> str:
    """Join groups of which one must hold: each has to carry the whole filter."""
    return "^NQ".join(groups)


def ordered(query: str, *fields: str) -> str:
    """Return the query with its order, ascending."""
    return all_of(query, *(f"ORDERBY{_name(field)}" for field in fields))


def chunks(values: Sequence[str], longest: int = LONGEST_LIST) -> Iterable[list[str]]:
    """Cut a list so that each part fits into an address: instances refuse long ones with 414."""
    part: list[str] = []
    length = 0
    for value in values:
        length += len(value) + _COMMA
        if part and length > longest:
            yield part
            part, length = [], len(value) + _COMMA
        part.append(value)
    if part:
        yield part


def written(moment: datetime | int) -> str:
    """Return a moment (or epoch seconds) as ServiceNow writes it and takes it as UTC."""
    if isinstance(moment, int):
        moment = datetime.fromtimestamp(moment, UTC)
    return moment.astimezone(UTC).strftime(_INSTANT)


def epoch(text: str) -> int:
    """Return the epoch seconds of an instant as ServiceNow writes it; raises BadAnswer when it is none."""
    try:
        return int(datetime.strptime(text, _INSTANT).replace(tzinfo=UTC).timestamp())
    except ValueError as error:
        raise BadAnswer(f"{text!r} is no instant in UTC", hint="Display values must not be asked for.") from error


def _name(field: str) -> str:
    if not _NAME.fullmatch(field):
        raise ConfigurationError(f"{field!r} cannot be the name of a field")
    return field


def _value(value: str) -> str:
    if any(ord(letter) < 32 for letter in value):
        raise BadAnswer(f"the value {value!r} cannot be part of a query")
    return value.replace("^", "^^")
