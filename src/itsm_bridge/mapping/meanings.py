"""What a mapping says in the end must be something that the schema can hold: meanings, constants, patterns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb

from itsm_bridge.errors import MappingError
from itsm_bridge.schema import Column
from itsm_bridge.schema.model import FLAG, INTEGER, REAL
from itsm_bridge.suggestions import did_you_mean

if TYPE_CHECKING:
    from itsm_bridge.mapping.rules import ColumnRule, ValueMap

_UNTOLD = ""  # known, but no value of ours


def validate_rule(rule: ColumnRule, column: Column, where: str) -> None:
    """Raise MappingError where a rule gives a column a constant that it cannot hold, or a pattern that cannot work."""
    for leaf in rule.leaves:
        if leaf.constant is not None and not _fits(leaf.constant, column):
            raise _unfit(leaf.constant, column, where)
        if leaf.pattern:
            _validate_pattern(leaf.pattern, where)


def validate_meanings(name: str, values: ValueMap, column: Column, where: str) -> None:
    """Raise MappingError where a value map means something that a column it is used for cannot hold."""
    for key, meaning in _meanings(values):
        if meaning != _UNTOLD and not _fits(meaning, column):
            raise _unfit(meaning, column, f'{where}: [{name}] "{key}"')


def _meanings(values: ValueMap) -> Iterator[tuple[str, Any]]:
    yield from values.labels.items()
    yield from values.codes.items()


def _fits(value: Any, column: Column) -> bool:
    if column.values:
        return value in column.values
    if column.type == FLAG:
        return isinstance(value, bool)
    if column.type in (INTEGER, REAL):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return True


def _unfit(value: Any, column: Column, where: str) -> MappingError:
    kinds: Iterable[str] = column.values or (("true", "false") if column.type == FLAG else ("a number",))
    guess = did_you_mean(str(value), column.values) if column.values else ""
    return MappingError(f"{value!r} is nothing that `{column.name}` can hold{guess}", where=where,
                        hint=f"Possible are {', '.join(kinds)}.")  # fmt: skip


def _validate_pattern(pattern: str, where: str) -> None:
    try:
        groups = _groups(pattern)
    except (re.error, duckdb.Error) as error:
        raise MappingError(
            f"`pattern` is no regular expression that can be used ({error})", where=where,
            hint="Look-around and references to earlier groups are not possible.",
        ) from error  # fmt: skip
    if not groups:
        raise MappingError("`pattern` needs a group in parentheses: its value is the column's", where=where)


@cache
def _groups(pattern: str) -> int:
    """Return how many groups a pattern has that both engines understand; cached, since opening DuckDB takes long."""
    groups = re.compile(pattern).groups
    duckdb.connect().execute("SELECT regexp_extract('', ?, 1)", [pattern]).fetchall()
    return groups
