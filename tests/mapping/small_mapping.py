"""A mapping of a few lines, tried on rows in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from itsm_bridge.mapping.projection import compile_projections
from itsm_bridge.mapping.rules import SourceMapping, read_mapping
from itsm_bridge.mapping.source_row import LookedUp
from itsm_bridge.mapping.values import effective_values
from itsm_bridge.sql import named
from itsm_bridge.store.store import new_connection

Rows = Sequence[Mapping[str, str | None]]

VALUES = """
[kind]
labels = { "incident" = "incident", "change" = "change" }
codes = { "sub" = "task", "any" = "" }
[category]
codes = { new = "new", busy = "in_progress", done = "closed" }
[usual]
labels = { "waiting" = "pending", "ready" = "resolved" }
[changed]
labels = { "waiting" = "authorize", "ready" = "closed" }
[rank]
codes = { "1" = 1, "2" = 2 }
[own_rank]
labels = { "high" = 1 }
codes = { "*" = "" }
[switch.state]
by = ["kind"]
change = "changed"
"*" = "usual"
[switch.history]
by = ["field"]
status = "usual"
person = "id:person"
due = "instant"
"*" = "text"
"""
TICKET = """
[work_item]
work_item_id = "id"
record_type = { constant = "incident" }
source_key = "id"
"""


def mapping(folder: Path, **files: str) -> SourceMapping:
    """Read a mapping of these files, and the value maps above."""
    folder.mkdir(exist_ok=True)
    for name, text in ({"values": VALUES, "tool": '[formats]\ninstant = "iso"\n'} | files).items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return read_mapping([folder])


def projected(read: SourceMapping, stream: str, columns: str, **streams: Rows) -> list[tuple[Any, ...]]:
    """Return columns of what the first table of a stream is made of; all fields of its rows are in its table."""
    connection = new_connection()
    for name, rows in streams.items():
        fields = list(dict.fromkeys(["_key", *(field for row in rows for field in row)]))
        given = {field: pa.array([row.get(field, row.get("id")) if field == "_key" else row.get(field) for row in rows],
                                 pa.string()) for field in fields}  # fmt: skip
        connection.register(f"rows_{name}", pa.table(given))
    present = {name: {field for row in rows for field in row} for name, rows in streams.items()}
    values = effective_values(read, [])
    [projection, *_] = compile_projections(
        "src", read, read.streams[stream], values, None, lambda name: present.get(name, ())
    )
    empty = [f"NULL AS {named(name)}" for name in projection.table.names if name not in projection.filled]
    sql = f"SELECT {', '.join(['*', *empty])} FROM ({_bound(projection.select, projection.lookups, stream)})"
    return connection.sql(f"SELECT {columns} FROM ({sql}) ORDER BY _origin, _key").fetchall()


def _bound(select: str, lookups: Sequence[LookedUp], stream: str) -> str:
    tables = {"source_rows": f"SELECT * FROM {named(f'rows_{stream}')}"}
    for number, lookup in enumerate(lookups):
        tables[f"lookup_{number}"] = _bound(lookup.select, lookup.lookups, lookup.stream) if lookup.columns else (
            lookup.select.replace("source_rows", "(SELECT 1)")
        )  # fmt: skip
    return f"(WITH {', '.join(f'{name} AS ({sql})' for name, sql in tables.items())} {select})"
