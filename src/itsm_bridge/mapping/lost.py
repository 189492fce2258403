"""Which canonical columns cannot be filled when fields of the tool do not show."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from itsm_bridge.mapping.rules import ColumnRule, SourceMapping, TableRule

_OF_TYPE = {"change_detail": "change", "problem_detail": "problem", "release_detail": "release"}


def lost_columns(mapping: SourceMapping, stream: str, fields: Collection[str]) -> list[str]:
    """Return what `fields` of a stream would have filled, as `record_type:table.column`.

    `*` stands for every record type. Where a field decides which rows there are, the whole table is lost
    (`record_type:table`). A column with several fields to choose from is lost with any of them: what is left could
    be another value than the right one.
    """
    lost: set[str] = set()
    for rule in mapping.streams.values():
        for part in rule.tables:
            is_own = rule.stream == stream
            if is_own and any(field in fields for field in part.where):
                lost.add(f"{_record_type(part)}:{part.table.name}")
            for name, spec in part.columns.items():
                if any(_is_hit(leaf, stream, fields, is_own=is_own) for leaf in spec.leaves):
                    lost.update(f"{_record_type(part)}:{part.table.name}.{column}" for column in _columns(part, name))
    return sorted(lost)


def _is_hit(leaf: ColumnRule, stream: str, fields: Collection[str], *, is_own: bool) -> bool:
    looked_up = leaf.lookup
    if looked_up is not None and looked_up.stream == stream and {looked_up.match, looked_up.value} & set(fields):
        return True
    return is_own and any(field in fields for field in leaf.fields)


def _record_type(part: TableRule) -> str:
    constant = part.columns["record_type"].constant if "record_type" in part.columns else None
    return str(constant) if constant is not None else _OF_TYPE.get(part.table.name, "*")


def _columns(part: TableRule, name: str) -> Iterator[str]:
    """Yield the column, or those that measure a text, and the tool's own words beside it."""
    for column in part.table.columns:
        if name in (column.name, column.text) or column.name == f"source_{name}":
            yield column.name
