"""Encoded queries: `active=true^priority=1^ORpriority=2^NQ…^ORDERBYnumber`, read into groups of alternatives."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_CONDITION = re.compile(
    r"([a-z0-9_.]+)("
    r"ISNOTEMPTY|ISEMPTY|EMPTYSTRING|ANYTHING|INSTANCEOF|STARTSWITH|ENDSWITH|NOT LIKE|NOT IN|BETWEEN|NSAMEAS|SAMEAS"
    r"|DOES NOT CONTAIN|CONTAINS|LIKE|IN|!=|>=|<=|=|>|<)(.*)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a field."""

    name: str
    operator: str
    value: str


@dataclass(slots=True)
class Query:
    """An encoded query. `groups` are alternatives (`^NQ`) of all (`^`) of any (`^OR`) conditions.

    `order` holds (field, is_descending); `invalid` the parts that mean nothing.
    """

    groups: list[list[list[Condition]]] = field(default_factory=lambda: [[]])
    order: list[tuple[str, bool]] = field(default_factory=list)
    invalid: list[str] = field(default_factory=list)


def parse(text: str) -> Query:
    """Read an encoded query; what is not understood is set aside, as the vendor does."""
    query = Query()
    for part in _parts(text):
        if part.startswith("ORDERBYDESC"):
            query.order.append((part[11:], True))
        elif part.startswith("ORDERBY"):
            query.order.append((part[7:], False))
        elif part.startswith("NQ"):
            query.groups.append([])
            _add(query, part[2:], is_alternative=False)
        elif part.startswith("OR"):
            _add(query, part[2:], is_alternative=True)
        elif part and part != "EQ":
            _add(query, part, is_alternative=False)
    return query


def _parts(text: str) -> list[str]:
    parts = text.replace("^^", "\x00").split("^")
    return [part.replace("\x00", "^") for part in parts]


def _add(query: Query, part: str, *, is_alternative: bool) -> None:
    found = _CONDITION.fullmatch(part)
    if not found:
        query.invalid.append(part)
        return
    condition = Condition(*found.groups())
    group = query.groups[-1]
    if is_alternative and group:
        group[-1].append(condition)
    else:
        group.append([condition])
