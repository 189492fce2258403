"""The schema as a document: `docs/schema.md` and the output of `itsm-bridge schema`.

`python -m itsm_bridge.schema.documentation docs/schema.md` writes the document.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from itsm_bridge.schema import RECORD_VIEWS, TABLES
from itsm_bridge.schema.model import FLAG, INSTANT, INTEGER, REAL, STRING, Column, Table

_TYPES = {INSTANT: "instant", STRING: "text", INTEGER: "integer", REAL: "number", FLAG: "flag"}
_ORIGINS = {
    "tool": "Filled from the tools",
    "policy": "Filled from the policy folder",
    "run": "Filled by syncs",
    "assessment": "Filled by assessments",
}

_HEAD = """\
# Canonical schema

All tables and columns that checks, reports and `itsm_bridge.open(…)` see. This page is made from the code by
`make docs`; `itsm-bridge schema` shows the same.

- Instants are UTC, in microseconds. Lengths of time are whole seconds.
- Unknown is empty (NULL), never a guess; the value `unknown` means that the mapping met a value that it does not know.
- Ids are `<source>:<table>:<native key>`. People are pseudonyms, and texts are lengths and hashes, unless the source
  says otherwise.
- `source_…` columns keep the tool's own words beside ours.
"""


def type_name(column: Column) -> str:
    """Return the type of a column in one word, with its unit where it has one."""
    name = _TYPES[column.type]
    return f"{name} ({column.unit})" if column.unit and column.unit != "UTC" else name


def as_markdown(tables: Iterable[Table] | None = None) -> str:
    """Return the schema as Markdown; the whole document where no tables are given."""
    if tables is not None and list(tables) != list(TABLES.values()):
        return "\n".join(_table(table, level=1) for table in tables)
    parts = [_HEAD]
    for origin, title in _ORIGINS.items():
        parts.append(f"\n## {title}\n")
        parts += [_table(table, level=3) for table in TABLES.values() if table.origin == origin]
    parts.append("\n## Views\n\n| view | meaning |\n|---|---|")
    parts += [f"| `{name}` | `{sql}` |" for name, sql in RECORD_VIEWS.items()]
    return "\n".join(parts) + "\n"


def as_data(tables: Iterable[Table]) -> list[dict[str, Any]]:
    """Return the schema as plain data."""
    return [
        {
            "table": table.name,
            "meaning": table.meaning,
            "key": list(table.key),
            "origin": table.origin,
            "columns": [_column_data(column) for column in table.columns],
        }
        for table in tables
    ]


def _column_data(column: Column) -> dict[str, Any]:
    return {
        "name": column.name, "type": _TYPES[column.type], "unit": column.unit, "nullable": column.nullable,
        "values": list(column.values), "references": column.references, "capability": column.capability,
        "meaning": column.meaning,
    }  # fmt: skip


def _table(table: Table, level: int) -> str:
    head = f"{'#' * level} `{table.name}`\n\n{table.meaning} Key: {', '.join(f'`{name}`' for name in table.key)}.\n"
    rows = "\n".join(_row(column) for column in table.columns)
    return f"{head}\n| column | type | meaning |\n|---|---|---|\n{rows}\n"


def _row(column: Column) -> str:
    details = [column.meaning]
    if column.values:
        details.append(f"One of {', '.join(f'`{value}`' for value in column.values)}")
    if column.references:
        details.append(f"References `{column.references}`")
    if column.capability:
        details.append(f"Needs the capability `{column.capability}`")
    required = "" if column.nullable else ", required"
    return f"| `{column.name}` | {type_name(column)}{required} | {'. '.join(details).replace('|', '/')} |"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(as_markdown(), encoding="utf-8")
