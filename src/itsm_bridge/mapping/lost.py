"""Which canonical columns cannot be filled when fields of the tool do not show."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from itsm_bridge.mapping.filled import unruled_columns
from itsm_bridge.mapping.rules import ColumnRule, Condition, SourceMapping, StreamRule, TableRule

_OF_TYPE = {"change_detail": "change", "problem_detail": "problem", "release_detail": "release"}


def lost_columns(mapping: SourceMapping, stream: str, fields: Collection[str]) -> list[str]:
    """Return what `fields` of a stream would have filled, as `record_type:table.column`.

    `*` stands for every record type. Where a field decides which rows there are, the whole table is lost
    (`record_type:table`). A column with several fields to choose from is lost with any of them: what is left could
    be another value than the right one.
    """
    if not fields:
        return []
    return _columns_where(
        mapping,
        lambda rule, part: _is_hit(mapping, rule, ColumnRule(first=tuple(part.where)), stream, fields),
        lambda rule, spec: _is_hit(mapping, rule, spec, stream, fields),
    )


def emptied_columns(mapping: SourceMapping, stream: str, absent: Collection[str]) -> list[str]:
    """Return what stays empty where the tool has no such fields of a stream, written like `lost_columns`.

    Unlike a field that is hidden, one that does not exist casts no doubt on what stands in for it.
    """
    given = _Given(mapping, stream, frozenset(absent))
    return _columns_where(
        mapping,
        lambda rule, part: not all(given.may_hold(rule, name) for name in _demanded(part.where)),
        lambda rule, spec: not given.may_fill(rule, spec),
    )


def empty_columns(mapping: SourceMapping, stream: str, absent: Collection[str]) -> str:
    """Return what stays empty because the tool lacks fields of a stream or the mapping names none, comma-separated."""
    return ", ".join(sorted({*emptied_columns(mapping, stream, absent), *unruled_columns(mapping, stream)}))


def _demanded(conditions: Mapping[str, Condition]) -> list[str]:
    """Return the fields that must hold something for conditions to be met."""
    return [name for name, condition in conditions.items() if not condition.is_negated]


def _columns_where(
    mapping: SourceMapping, is_gone: Callable[[StreamRule, TableRule], bool],
    is_hit: Callable[[StreamRule, ColumnRule], bool],
) -> list[str]:  # fmt: skip
    """Return the columns that are hit, and the tables that are gone."""
    lost: set[str] = set()
    for rule in mapping.streams.values():
        for part in rule.tables:
            if is_gone(rule, part):
                lost.add(f"{_record_type(part)}:{part.table.name}")
            for name, spec in part.columns.items():
                if is_hit(rule, spec):
                    lost.update(f"{_record_type(part)}:{part.table.name}.{column}" for column in _columns(part, name))
    return sorted(lost)


@dataclass(frozen=True, slots=True)
class _Given:
    """What can be told without some fields of a stream."""

    mapping: SourceMapping
    stream: str
    absent: frozenset[str]

    def may_fill(self, rule: StreamRule, spec: ColumnRule) -> bool:
        """Tell whether any alternative of a rule may give a value."""
        return any(self._may_give(rule, leaf) for leaf in spec.leaves)

    def may_hold(self, rule: StreamRule, name: str) -> bool:
        """Tell whether a field may hold something."""
        if name in rule.fields:
            return self.may_fill(rule, rule.fields[name])
        return rule.stream != self.stream or name not in self.absent

    def _may_give(self, rule: StreamRule, leaf: ColumnRule) -> bool:
        needed = (*_demanded(leaf.conditions), *leaf.join, *((leaf.field,) if leaf.field else ()))
        if not all(self.may_hold(rule, name) for name in needed):
            return False
        if leaf.first and not any(self.may_hold(rule, name) for name in leaf.first):
            return False
        if leaf.lookup is None:
            return True
        other = self.mapping.streams[leaf.lookup.stream]
        return self.may_hold(other, leaf.lookup.match) and self.may_hold(other, leaf.lookup.value)


def _is_hit(
    mapping: SourceMapping, rule: StreamRule, spec: ColumnRule, stream: str, fields: Collection[str]
) -> bool:  # fmt: skip
    """Tell whether a rule reads any of the fields, by itself, by fields that are worked out, or by looking up."""
    by = {name for leaf in spec.leaves if leaf.switch for name in mapping.switches[leaf.switch].by}
    if rule.stream == stream and set(fields) & set(rule.raw((*spec.reads, *by))):
        return True
    for leaf in spec.leaves:
        for name in (*leaf.reads, *by):
            if name in rule.fields and _is_hit(mapping, rule, rule.fields[name], stream, fields):
                return True
        if leaf.lookup is not None:
            found = ColumnRule(first=leaf.lookup.fields)
            if _is_hit(mapping, mapping.streams[leaf.lookup.stream], found, stream, fields):
                return True
    return False


def _record_type(part: TableRule) -> str:
    constant = part.columns["record_type"].constant if "record_type" in part.columns else None
    return str(constant) if constant is not None else _OF_TYPE.get(part.table.name, "*")


def _columns(part: TableRule, name: str) -> Iterator[str]:
    """Yield the column, or those that measure a text, and the tool's own words beside it."""
    for column in part.table.columns:
        if name in (column.name, column.text) or column.name == f"source_{name}":
            yield column.name
