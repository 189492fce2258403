"""Reads a file as a canonical table, or says which line and column of it cannot be that."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from itsm_bridge.errors import InputError
from itsm_bridge.schema import Column, Table
from itsm_bridge.schema.model import FLAG, INSTANT, INTEGER, REAL

_BROKEN_ROW = re.compile(r"Row #([0-9]+)")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def read_rows(path: Path) -> pa.Table:
    """Return the columns of a CSV or Parquet file as strings; raises InputError."""
    try:
        rows = _as_strings(pyarrow.parquet.read_table(path)) if path.suffix == ".parquet" else _read_csv(path)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        broken = _BROKEN_ROW.search(str(error))
        where = _place(path, int(broken[1]) - 2) if broken else str(path)
        hint = "Mend the file; nothing was taken from it."
        if "UTF8" in str(error) or isinstance(error, UnicodeDecodeError) or _is_utf16(path):
            raise InputError("is not text in UTF-8", where=where, hint="Save it as UTF-8.") from error
        raise InputError(f"cannot be read: {error}", where=where, hint=hint) from error
    for name in rows.column_names:
        if rows.column_names.count(name) > 1:
            raise InputError(f"has two columns `{name}`", where=str(path), hint="Keep one of the two.")
    return rows


def _is_utf16(path: Path) -> bool:
    if path.suffix == ".parquet" or not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(2) in (b"\xff\xfe", b"\xfe\xff")


def _read_csv(path: Path) -> pa.Table:
    reading = pyarrow.csv.ReadOptions(use_threads=False)  # only one thread names a broken row by its number
    with path.open("rb") as stream:
        names = pyarrow.csv.open_csv(stream, reading).schema.names
    strings = pyarrow.csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[]
    )
    parse = pyarrow.csv.ParseOptions(newlines_in_values=True)
    return pyarrow.csv.read_csv(path, reading, parse, strings)


def _as_strings(table: pa.Table) -> pa.Table:
    columns = []
    for name in table.column_names:
        column = table[name]
        if pa.types.is_timestamp(column.type):
            column = pc.strftime(column.cast(pa.timestamp("us", tz="UTC")), format="%Y-%m-%dT%H:%M:%SZ")
        columns.append(column.cast(pa.string()))
    return pa.table(columns, names=table.column_names)


def checked(rows: pa.Table, path: Path, table: Table) -> pa.Table:
    """Return the rows with instants in UTC; raises InputError that names line and column of what does not fit."""
    key = table.key[0]
    for column in table.columns:
        if column.name not in rows.column_names and not column.nullable and column.name != "source_id":
            raise InputError(f"the required column `{column.name}` is missing", where=str(path), hint=column.meaning)
    seen: dict[str, int] = {}
    for index, value in enumerate(rows[key].to_pylist()):
        if not value:
            raise InputError(f"`{key}` is empty", where=_place(path, index), hint="Every row needs its key.")
        if value in seen:
            raise InputError(f"`{key}` {value!r} is the key of an earlier row already", where=_place(path, index),
                             hint=f"The earlier one: {_place(path, seen[value])}.")  # fmt: skip
        seen[value] = index
    for column in table.columns:
        if column.name in rows.column_names and column.name not in (key, "source_id"):
            values = rows[column.name].to_pylist()
            _check_column(values, column, path)
            if column.type == INSTANT:
                instants = pa.array([_utc(value) if value else value for value in values], pa.string())
                rows = rows.set_column(rows.column_names.index(column.name), column.name, instants)
    return rows


def _check_column(values: Sequence[str | None], column: Column, path: Path) -> None:
    allowed = set(column.values)
    for index, value in enumerate(values):
        if not value:
            if not column.nullable:
                raise InputError(f"`{column.name}` is empty", where=_place(path, index), hint=column.meaning)
        elif (allowed and value not in allowed) or not _fits(value, column):
            wanted = f"one of {', '.join(column.values)}" if allowed else _wanted(column)
            raise InputError(f"`{column.name}` holds {value!r}, which is not {wanted}", where=_place(path, index),
                             hint=column.meaning)  # fmt: skip


def _fits(value: str, column: Column) -> bool:
    if column.type == INSTANT:
        try:
            return bool(_utc(value))
        except (ValueError, OverflowError):
            return False
    if column.type == INTEGER:
        return _WHOLE.fullmatch(value) is not None
    if column.type == REAL:
        return _NUMBER.fullmatch(value) is not None and math.isfinite(float(value))
    return column.type != FLAG or value.lower() in {"true", "false", "0", "1"}


def _utc(value: str) -> str:
    given = datetime.fromisoformat(value)
    moment = given.astimezone(UTC) if given.tzinfo else given.replace(tzinfo=UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment.year >= 1000 else ""


def _wanted(column: Column) -> str:
    if column.type == INSTANT:
        return "an instant such as 2026-01-31T08:00:00Z"
    return {"int64": "a whole number", "double": "a number", "bool": "true or false"}[str(column.type)]


def _place(path: Path, index: int) -> str:
    """Name the line of a row in a CSV file, where cells may hold line breaks; the row of a Parquet file."""
    if path.suffix == ".parquet":
        return f"{path}, row {index + 1}"
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        reader = csv.reader(stream)
        rows, begins = -1, 1
        try:
            for row in reader:
                rows += bool(row)
                if rows == index + 1:
                    return f"{path}, line {begins}"
                begins = reader.line_num + 1
        except csv.Error:
            pass
    return f"{path}, row {index + 1}"
