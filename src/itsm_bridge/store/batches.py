"""What vouches for rows that are derived: one digest over the columns of each batch that was appended.

Derived rows are many and can be made again from the source rows, which carry a hash each; so their columns are
hashed as they lie in memory, in the order of `_row`, at a fraction of the cost of hashing row by row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_OUTSIDE = frozenset({"_snapshot", "_batch", "_row"})


def batch_digest(rows: pa.Table) -> str:
    """Return the digest of one batch, its rows in order; columns without any value are left out.

    So a batch keeps its digest when its table gets new columns.
    """
    found = sha256(str(rows.num_rows).encode())
    for name in sorted(set(rows.column_names) - _OUTSIDE):
        column = rows[name].combine_chunks()
        if column.null_count < len(column):
            found.update(f"\n{name}\n".encode())
            for part in _parts(column):
                found.update(part)
    return found.hexdigest()


def joint_digest(batches: Mapping[int, str]) -> str:
    """Return the digest of what a snapshot appended, given the digest of each batch."""
    return sha256("\n".join(f"{number} {batches[number]}" for number in sorted(batches)).encode()).hexdigest()


def _parts(column: pa.Array) -> Iterator[bytes | memoryview]:
    """Yield what a column says: which values are there, then the values; texts behind their lengths."""
    valid = pc.is_valid(column).to_numpy(zero_copy_only=False)
    yield np.packbits(valid).tobytes()
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type) or pa.types.is_string_view(column.type):
        texts = pc.fill_null(column.cast(pa.string()), "")
        _, offsets, data = texts.buffers()
        ends = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
        yield np.diff(ends).astype("<i4").tobytes()
        yield memoryview(data)[ends[0] : ends[-1]] if data else b""
    elif pa.types.is_floating(column.type):
        yield pc.fill_null(column, 0.0).to_numpy().astype("<f8").tobytes()
    elif pa.types.is_boolean(column.type):
        yield np.packbits(pc.fill_null(column, False).to_numpy(zero_copy_only=False)).tobytes()
    else:
        numbers = column.cast(pa.timestamp("us", column.type.tz)) if pa.types.is_timestamp(column.type) else column
        yield pc.fill_null(numbers.cast(pa.int64()), 0).to_numpy().astype("<i8").tobytes()
