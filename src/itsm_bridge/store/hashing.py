"""What vouches for rows: a hash of each row's content, and one digest over the rows that a snapshot appended.

A row is hashed as its key and every value with a tag of its column's name, NULLs left out, so that the hashes of
old rows stay right when a table gets new columns. Each piece begins with the byte 0xFF, which no UTF-8 text
holds: no text can pass for another column's. What is appended is hashed here over Arrow columns, what is verified
is hashed by SQL: neither vouches for itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from itsm_bridge.sql import named

VERSION_COLUMNS = ("_key", "_hash", "_snapshot", "_batch", "_deleted", "_row")
DIGESTED = ("_hash", "_batch", "_deleted")
"""The columns that a digest covers; the hash stands for all others."""

_OUTSIDE_HASH = frozenset(VERSION_COLUMNS) - {"_key"}
_ROWS = 50_000
_BYTES = 500_000_000
"""Joined at once at most: offsets of Arrow's binary columns address 2 GB."""
_WIDTH = 32


def row_hashes(rows: pa.Table, connection: duckdb.DuckDBPyConnection) -> pa.Array:
    """Return the content hash of every row; `connection` spells values whose text only the engine knows."""
    fields = hashed_fields(rows.schema)
    hashes = [value for part in _parts(rows) for value in _hashes(part, fields, connection)]
    ends = np.arange(len(hashes) + 1, dtype=np.int32) * _WIDTH
    return pa.Array.from_buffers(
        pa.binary(), len(hashes), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(hashes))]
    )  # fmt: skip


def hashed_fields(schema: pa.Schema) -> list[pa.Field]:
    """Return the columns that a row's hash covers, in its order."""
    return sorted((field for field in schema if field.name not in _OUTSIDE_HASH), key=lambda field: str(field.name))


def _parts(rows: pa.Table) -> Iterator[pa.Table]:
    width = max(rows.nbytes // max(rows.num_rows, 1), 1)
    step = max(min(_ROWS, _BYTES // width), 1)
    return (rows.slice(start, step) for start in range(0, rows.num_rows, step))


def _hashes(rows: pa.Table, fields: Sequence[pa.Field], connection: duckdb.DuckDBPyConnection) -> list[bytes]:
    pieces: list[Any] = []
    for field in fields:
        column = rows[field.name].combine_chunks()
        if column.null_count < len(column):
            piece = (_begin(field.name), _bytes(field, column, connection))
            # A NULL is left out together with its tag, so nullable columns are joined on their own first.
            pieces += [pc.binary_join_element_wise(*piece, b"")] if column.null_count else piece
    joined = pc.binary_join_element_wise(*pieces, b"", null_handling="skip")
    _, offsets, data = joined.buffers()
    ends = memoryview(offsets).cast("i")[joined.offset : joined.offset + len(joined) + 1].tolist()
    text = memoryview(data)
    return [sha256(text[start:end]).digest() for start, end in pairwise(ends)]


def _begin(name: str) -> bytes:
    return b"\xff" + sha256(name.encode()).digest()[:4]


def _bytes(field: pa.Field, column: pa.Array, connection: duckdb.DuckDBPyConnection) -> pa.Array:
    if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
        return column.cast(pa.string()).cast(pa.binary())
    if pa.types.is_timestamp(field.type):
        moments = column.cast(pa.timestamp("us", field.type.tz)).cast(pa.int64())
        return moments.cast(pa.string()).cast(pa.binary())
    if pa.types.is_integer(field.type) or pa.types.is_boolean(field.type):
        return column.cast(pa.string()).cast(pa.binary())
    cursor = connection.cursor()
    cursor.register("spelled", pa.table({"value": column}))
    text = cursor.sql("SELECT CAST(value AS VARCHAR) AS value FROM spelled").to_arrow_table()["value"].combine_chunks()
    return text.cast(pa.string()).cast(pa.binary())


def content_hash(schema: pa.Schema) -> str:
    """Return SQL for the hash of a row."""
    pieces = " || ".join(f"coalesce({_blob(_begin(f.name))} || {_spelled(f)}, ''::BLOB)" for f in hashed_fields(schema))
    return f"unhex(sha256({pieces}))"


def _spelled(field: pa.Field) -> str:
    name = named(field.name)
    text = f"epoch_us({name})" if pa.types.is_timestamp(field.type) else name
    return f"encode(CAST({text} AS VARCHAR))"


def _blob(value: bytes) -> str:
    return "'" + "".join(f"\\x{byte:02X}" for byte in value) + "'::BLOB"


def digest(rows: pa.Table) -> str:
    """Return the digest of rows given by the columns `DIGESTED`, whatever their order, so that compaction keeps it."""
    if not rows.num_rows:
        return ""
    hashes = rows["_hash"].combine_chunks()
    are_whole = hashes.type == pa.binary() and pc.all(pc.equal(pc.binary_length(hashes), _WIDTH), skip_nulls=False)
    if not are_whole or not are_whole.as_py():
        return "some rows have no hash"
    start = hashes.offset * _WIDTH
    parts = np.frombuffer(hashes.buffers()[2], np.uint8)[start : start + len(hashes) * _WIDTH].reshape(-1, _WIDTH)
    batches = rows["_batch"].to_numpy()
    deleted = pc.cast(rows["_deleted"], pa.uint8()).to_numpy()
    words = np.ascontiguousarray(parts).view(">u8")
    order = np.argsort(words[:, 0], kind="stable")
    if np.any(np.diff(words[order, 0].astype(np.uint64)) == 0):
        order = np.lexsort((deleted, batches, *(words[:, place] for place in (3, 2, 1, 0))))
    found = sha256()
    for places in np.array_split(order, len(order) // _ROWS + 1):
        found.update(parts[places].tobytes())
    found.update(batches[order].astype("<i8").tobytes())
    found.update(deleted[order].tobytes())
    return found.hexdigest()


def change_mark(schema: pa.Schema) -> str:
    """Return SQL for a mark of a row's content by which a change is noticed, where something else vouches for rows.

    Each value is mixed with its column's place before it is hashed again: equal values of two columns must not
    cancel each other. NULLs are left out, so that a new column marks no row as changed that has no value there.
    Marks hold within one version of the engine; after another one, rows that are made again count as changed once.
    """
    fields = hashed_fields(schema)
    opened, marks = "xor(" * len(fields), "".join(f", {_marked(field.name)})" for field in fields)
    return f"CAST({opened}0::UBIGINT{marks} >> 1 AS BIGINT)"


def change_marks(rows: pa.Table, connection: duckdb.DuckDBPyConnection) -> pa.Array:
    """Return the mark of every row."""
    cursor = connection.cursor()
    cursor.register("marked", rows)
    found = cursor.sql(f"SELECT {change_mark(rows.schema)} AS mark FROM marked").to_arrow_table()
    return found["mark"].combine_chunks()


def _marked(name: str) -> str:
    value = named(name)
    return f"CASE WHEN {value} IS NULL THEN 0::UBIGINT ELSE hash(xor(hash({value}), {_place(name)}::UBIGINT)) END"


def _place(name: str) -> int:
    return int.from_bytes(sha256(name.encode()).digest()[:6])
