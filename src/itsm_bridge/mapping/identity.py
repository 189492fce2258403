"""The mapping of tables that are canonical already: every column by its own name (adapter `files`)."""

from __future__ import annotations

from collections.abc import Iterable

from itsm_bridge.mapping.rules import ColumnRule, SourceMapping, StreamRule, TableRule
from itsm_bridge.mapping.tool import Formats, Tool
from itsm_bridge.schema import Table


def identity_mapping(tables: Iterable[Table]) -> SourceMapping:
    """Return the mapping that takes columns as they are; ids of ours stay, native keys become ids of ours."""
    streams = {table.name: StreamRule(table.name, (), (_rule(table),)) for table in tables}
    return SourceMapping(Tool(formats=Formats(instant="iso")), {}, {}, streams, {})


def _rule(table: Table) -> TableRule:
    columns = {name: ColumnRule(field=name) for name in table.texts}
    for column in table.columns:
        if column.name != "source_id":
            columns[column.name] = ColumnRule(field=column.name, is_canonical=True)
    return TableRule(table, columns, {}, table.name)
