"""Columns of strings for Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import pyarrow as pa

_MOST = 2**31
"""Bytes that Arrow's offsets can address."""


def strings(values: Sequence[str | None]) -> pa.Array:
    """Return values as an Arrow column; plain ASCII is joined into one buffer, which is faster than value by value."""
    try:
        text = "".join(cast("Sequence[str]", values))
    except TypeError:  # a value is missing
        return pa.array(values, pa.string())
    if not text.isascii() or len(text) >= _MOST:
        return pa.array(values, pa.string())
    ends = np.zeros(len(values) + 1, np.int32)
    np.cumsum(np.fromiter(map(len, cast("Sequence[str]", values)), np.int32, len(values)), out=ends[1:])
    return pa.StringArray.from_buffers(len(values), pa.py_buffer(ends), pa.py_buffer(text.encode("ascii")))
