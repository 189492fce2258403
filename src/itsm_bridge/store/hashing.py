"""Hashes of rows, computed over Arrow columns: the same as `content_hash` gives in SQL, at half the cost.

What is appended is hashed here, what is verified is hashed by SQL: neither vouches for itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from itsm_bridge.store.log import hashed_fields

_ROWS = 50_000
"""Rows joined at once: their texts must stay below the 2 GB that string offsets can address."""


def row_hashes(rows: pa.Table, connection: duckdb.DuckDBPyConnection) -> pa.Array:
    """Return the content hash of every row; `connection` spells values whose text only the engine knows."""
    fields = hashed_fields(rows.schema)
    parts = [_hashes(rows.slice(start, _ROWS), fields, connection) for start in range(0, rows.num_rows, _ROWS)]
    return pa.array([value for part in parts for value in part], pa.string())


def _hashes(rows: pa.Table, fields: Sequence[pa.Field], connection: duckdb.DuckDBPyConnection) -> list[str]:
    pieces: list[Any] = []
    for field in fields:
        column = rows[field.name].combine_chunks()
        if column.null_count < len(column):
            piece = _piece(field, column, connection)
            # A NULL is left out together with its name, so nullable columns are joined on their own first.
            pieces += [pc.binary_join_element_wise(*piece, "")] if column.null_count else piece
    joined = pc.binary_join_element_wise(*pieces, "", null_handling="skip")
    _, offsets, data = joined.buffers()
    ends = memoryview(offsets).cast("i")[joined.offset : joined.offset + len(joined) + 1].tolist()
    text = memoryview(data)
    # Every piece begins with the separator: the first one of a row does not belong to its content.
    return [sha256(text[start + 1 : end]).hexdigest() for start, end in pairwise(ends)]


def _piece(field: pa.Field, column: pa.Array, connection: duckdb.DuckDBPyConnection) -> list[Any]:
    begin = f"\x1f{field.name}="
    if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
        text = column.cast(pa.string())
        return [begin, pc.binary_length(text).cast(pa.string()), ":", text]
    if pa.types.is_timestamp(field.type):
        return [begin, column.cast(pa.timestamp("us", field.type.tz)).cast(pa.int64()).cast(pa.string())]
    if pa.types.is_integer(field.type) or pa.types.is_boolean(field.type):
        return [begin, column.cast(pa.string())]
    cursor = connection.cursor()
    cursor.register("spelled", pa.table({"value": column}))
    text = cursor.sql("SELECT CAST(value AS VARCHAR) AS value FROM spelled").to_arrow_table()["value"].combine_chunks()
    return [begin, text.cast(pa.string())]
