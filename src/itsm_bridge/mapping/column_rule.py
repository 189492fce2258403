"""How one column is filled, as a mapping file says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from itsm_bridge.mapping.conversion import convert


class Lookup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Translate a value through another stream: the row whose `match` equals it gives `value`.

    Where several rows match, that with the least or the highest value of the field `first_by` or `last_by` counts;
    without either, the least value does.
    """

    stream: str
    match: str
    value: str
    first_by: str = ""
    last_by: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields of the other stream that are read."""
        return (self.match, self.value, *self.order)

    @property
    def order(self) -> tuple[str, ...]:
        """The field that decides which of several rows counts."""
        return tuple(filter(None, (self.first_by, self.last_by)))


class ColumnRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one canonical column is filled; exactly one of `field`, `first`, `join`, `constant`, `either` is set.

    `either` tries rules one after the other: one that does not know its value gives way. `join` puts a slash between
    the values of several fields; where one is empty, there is no value. `pattern` is a regular expression whose group
    is the value. `when` are conditions without which there is no value, `confidence` is how sure an alternative is.
    """

    field: str | None = None
    first: tuple[str, ...] = ()
    join: tuple[str, ...] = ()
    constant: str | int | float | bool | None = None
    values: str | None = None
    suffix: str = ""
    lookup: Lookup | None = None
    measure: Literal["length", "raw_length", "hash"] | None = None
    switch: str | None = None
    present: bool = False
    pattern: str = ""
    either: tuple[ColumnRule, ...] = ()
    when: dict[str, Any] = {}
    confidence: float | None = None
    is_canonical: bool = False

    @property
    def leaves(self) -> tuple[ColumnRule, ...]:
        """The rules that read fields: the alternatives of `either`, or the rule itself."""
        return tuple(leaf for rule in self.either for leaf in rule.leaves) or (self,)

    @property
    def is_never_empty(self) -> bool:
        """Whether the last alternative, at least, gives a value whatever a record holds."""
        return self.leaves[-1].constant is not None and not self.leaves[-1].when

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields that the rule takes its value from."""
        alternatives = (field for rule in self.either for field in rule.fields)
        return (*self.first, *self.join, *((self.field,) if self.field else ()), *alternatives)

    @property
    def conditions(self) -> dict[str, Condition]:
        """What other fields must hold for the rule to give a value."""
        return {name: read_condition(raw, name) for name, raw in self.when.items()}

    @property
    def reads(self) -> tuple[str, ...]:
        """Fields that the rule takes its value from, or that decide whether it does."""
        asked = (name for leaf in self.leaves for name in leaf.when)
        return tuple(dict.fromkeys((*self.fields, *asked)))


@dataclass(frozen=True, slots=True)
class Condition:
    """Which values of a field let a record through: any but empty (`values` None), these, or all but these."""

    values: tuple[str, ...] | None
    is_negated: bool = False


def read_condition(raw: Any, place: str) -> Condition:
    """Return a condition as a mapping file writes it; raises MappingError."""
    if raw == "not empty":
        return Condition(None)
    if isinstance(raw, dict) and set(raw) == {"not"}:
        return Condition(read_condition(raw["not"], place).values, is_negated=True)
    return Condition(convert([raw] if isinstance(raw, str) else raw, tuple[str, ...], place))
