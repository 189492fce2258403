"""Columns of strings for Arrow, and how any JSON value is written as one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import pyarrow as pa

_MOST = 2**31
"""Bytes that Arrow's offsets can address."""
_DIGITS: Mapping[int | None, str | None] = {None: None, **{number: str(number) for number in range(4096)}}
"""Small numbers, as most ids and counts are: to find the one text of each takes a third of making a new one."""


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


def in_digits(values: Sequence[int | None]) -> Sequence[str | None]:
    """Return whole numbers as texts."""
    try:
        return list(map(_DIGITS.__getitem__, values))
    except KeyError:
        return [None if value is None else str(value) for value in values]


def as_text(value: Any) -> str | None:
    """Return a JSON value as it stands in a source table: an object that only wraps a `value` as that value."""
    if value is None:
        return None
    if isinstance(value, str):
        return value if value.isascii() else value.encode(errors="replace").decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, dict) and isinstance(value.get("value"), str):
        return as_text(value["value"])
    return as_text(json.dumps(value, separators=(",", ":"), ensure_ascii=False))
