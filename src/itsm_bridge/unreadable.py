"""Which errors of a query come from files, disk or memory, and not from what was asked."""

from __future__ import annotations

import duckdb
import pyarrow as pa


def is_unreadable(error: Exception) -> bool:
    """Tell whether a query failed because the store's files could not be read; lack of memory is not among them."""
    if isinstance(error, duckdb.IOException | pa.ArrowException):
        return True
    # DuckDB has no class of its own for a file that is not what it should be.
    said = str(error)
    is_of_a_file = any(words in said for words in (".parquet", "reading the stream registered as"))
    return type(error) is duckdb.Error or (isinstance(error, duckdb.InvalidInputException) and is_of_a_file)
