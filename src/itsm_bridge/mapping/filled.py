"""Which capabilities a mapping cannot give, because none of their columns has a rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from itsm_bridge.mapping.rules import SourceMapping
from itsm_bridge.schema import tool_tables


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
