"""The alternatives of a rule in SQL: one that does not know its value gives way to the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from itsm_bridge.mapping.values import EffectiveValues
from itsm_bridge.sql import quoted

TEXT = "VARCHAR"
NOTHING = f"NULL::{TEXT}"
LOST = "␚"
"""What a value map gives for a value that it does not know, where something else may know it."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """SQL of one alternative. What `is_mapped` is text, and may be LOST, or '' which is known to tell nothing."""

    sql: str
    is_mapped: bool
    confidence: float | None = None

    def given(self, kind: str) -> str:
        """Return SQL for what it gives to a column of a kind; NULL where it gives way."""
        if not self.is_mapped:
            return f"nullif({self.sql}, '')" if kind == TEXT else self.sql
        value = f"nullif(nullif({self.sql}, ''), '{LOST}')"
        return value if kind == TEXT else f"TRY_CAST({value} AS {kind})"


def by_values(name: str, raw: str, values: EffectiveValues) -> str:
    """Return SQL for what a value map makes of a value, as text."""
    known = f"CAST({values.expression(name, raw)} AS {TEXT})"
    return f"CASE WHEN {raw} IS NOT NULL THEN coalesce({known}, {quoted(LOST)}) END"


def chosen(alternatives: Sequence[Alternative], unknown: str, kind: str = TEXT) -> str:
    """Return SQL for the first alternative that gives a value; `unknown` where there is none and one is lost."""
    given = [one.given(kind) for one in alternatives if one.sql != NOTHING] or [f"NULL::{kind}"]
    if unknown and (lost := is_lost(alternatives)):
        given.append(f"CASE WHEN {lost} THEN {quoted(unknown)} END")
    return f"coalesce({', '.join(given)})" if len(given) > 1 else given[0]


def is_lost(alternatives: Iterable[Alternative]) -> str:
    """Return SQL for whether an alternative met a value that it does not know; '' where none can."""
    return " OR ".join(f"{one.sql} = {quoted(LOST)}" for one in alternatives if one.is_mapped and one.sql != NOTHING)


def confidence(alternatives: Iterable[Alternative], kind: str = TEXT) -> str:
    """Return SQL for how sure the alternative is that gives the value: 1 where it does not say."""
    cases = (
        f"WHEN {one.given(kind)} IS NOT NULL THEN {1 if one.confidence is None else one.confidence}"
        for one in alternatives
        if one.sql != NOTHING
    )
    return f"CASE {' '.join(cases) or 'WHEN FALSE THEN 1'} END::DOUBLE"
