"""Which capabilities a mapping cannot give, because none of their columns has a rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from itsm_bridge.mapping.rules import SourceMapping
from itsm_bridge.schema import tool_tables

BY_COLUMN = frozenset({"release.detail"})
"""Capabilities of which no tool has fields as shipped: a site may keep some of their columns, and nothing of others."""


def unruled_columns(mapping: SourceMapping, stream: str) -> list[str]:
    """Return what no rule fills of the tables that a stream feeds, where others of its kind are: `*:table.column`."""
    untold = unfilled_capabilities(mapping)
    found: list[str] = []
    for table in {part.table.name: part.table for part in mapping.streams[stream].tables}.values():
        parts = [part for rule in mapping.streams.values() for part in rule.tables if part.table.name == table.name]
        ruled = {name for part in parts for name in part.columns}
        found += [
            f"*:{table.name}.{column.name}"
            for column in table.columns
            if column.capability in BY_COLUMN - untold.keys() and (column.text or column.name) not in ruled
        ]
    return found


def unfilled_capabilities(mapping: SourceMapping) -> Mapping[str, tuple[str, ...]]:
    """Return the capabilities of whose columns no rule fills a single one, with these columns as `table.column`."""
    ruled: defaultdict[str, set[str]] = defaultdict(set)
    for stream in mapping.streams.values():
        for part in stream.tables:
            ruled[part.table.name] |= part.columns.keys()
    columns: defaultdict[str, list[str]] = defaultdict(list)
    filled = set[str]()
    for table in tool_tables().values():
        for column in table.columns:
            if not column.capability:
                continue
            name = column.text or column.name  # a text has one rule for all its columns
            columns[column.capability].append(f"{table.name}.{name}")
            if name in ruled[table.name]:
                filled.add(column.capability)
    return {name: tuple(dict.fromkeys(found)) for name, found in sorted(columns.items()) if name not in filled}
