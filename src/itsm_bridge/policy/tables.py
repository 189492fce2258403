"""CSV files of the policy folder as Arrow tables of the schema; a value that does not fit is named with its line."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import pyarrow as pa

from itsm_bridge.errors import ConfigurationError
from itsm_bridge.schema import TABLES, Column, Table
from itsm_bridge.schema.model import FLAG, INSTANT, INTEGER, REAL
from itsm_bridge.suggestions import did_you_mean

FILES = {
    "priority_matrix.csv": "priority_matrix",
    "transition_rules.csv": "transition_rule",
    "sla_pause_rules.csv": "sla_pause_rule",
    "targets.csv": "target",
    "suppliers.csv": "supplier",
    "services.csv": "registered_service",
    "agreed_targets.csv": "agreed_target",
    "groups.csv": "group_role",
    "accounts.csv": "account_role",
    "authorities.csv": "authority",
    "change_templates.csv": "approved_template",
    "freeze_windows.csv": "freeze_window",
    "register.csv": "register_item",
    "required_activities.csv": "required_activity",
    "required_documents.csv": "required_document",
    "documents.csv": "document",
    "attestations.csv": "attestation",
    "clause_scope.csv": "clause_scope",
}

_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class _Lines(Protocol):
    line_num: int

    def __next__(self) -> list[str]: ...
    def __iter__(self) -> _Lines: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """How a CSV file is to be read: sources that it may name, the zone of its times, the name to complain about."""

    file: str
    sources: tuple[str, ...]
    timezone: str


def empty(table: str) -> pa.Table:
    """Return a policy table without rows."""
    return TABLES[table].arrow.empty_table()


def read_table(text: str, table: Table, reading: Reading) -> pa.Table:
    """Return the rows of a CSV text; ConfigurationError names line, column and what would be right."""
    rows = [(number, cells) for number, cells in _rows(text) if not _is_comment(cells)]
    if not rows:
        return empty(table.name)
    (number, names), *body = rows
    columns = _columns(names, table, f"{reading.file}:{number}")
    records = [_record(cells, columns, table, reading, line) for line, cells in body]
    _refuse_duplicates(records, table, reading.file, [line for line, _ in body])
    return pa.Table.from_pylist(records, schema=table.arrow)


def numbered(text: str) -> list[tuple[int, dict[str, str]]]:
    """Return the lines of a CSV text with their numbers, comments left out, each as cells by column."""
    rows = [(number, cells) for number, cells in _rows(text) if not _is_comment(cells)]
    return [(number, dict(zip(rows[0][1], cells, strict=False))) for number, cells in rows[1:]]


def _rows(text: str) -> Iterable[tuple[int, list[str]]]:
    lines: _Lines = csv.reader(text.lstrip("\ufeff").splitlines(keepends=True))
    for cells in lines:
        yield lines.line_num, [cell.strip() for cell in cells]


def _is_comment(cells: Sequence[str]) -> bool:
    return not any(cells) or cells[0].startswith("#")


def _columns(names: Sequence[str], table: Table, where: str) -> list[Column]:
    for name in names:
        if name not in table.names:
            raise ConfigurationError(
                f"{name!r} is not a column of this file{did_you_mean(name, table.names)}",
                where=where,
                hint=f"Columns are {', '.join(table.names)}.",
            )
    needed = [column.name for column in table.columns if not column.nullable and column.name not in names]
    if needed:
        message = f"columns are missing: {', '.join(needed)}"
        raise ConfigurationError(message, where=where, hint="Add them to this line.")
    if len(set(names)) < len(names):
        raise ConfigurationError("a column is named twice", where=where, hint="Name each column once.")
    return [table.column(name) for name in names]


def _record(
    cells: Sequence[str], columns: Sequence[Column], table: Table, reading: Reading, line: int
) -> dict[str, Any]:
    where = f"{reading.file}:{line}"
    if len(cells) != len(columns):
        raise ConfigurationError(
            f"this line has {len(cells)} values, the first one names {len(columns)} columns",
            where=where,
            hint='Put values that contain commas in double quotes: "a, b".',
        )
    record: dict[str, Any] = dict.fromkeys(table.names)
    for column, cell in zip(columns, cells, strict=True):
        record[column.name] = _value(cell, column, reading, where)
    return record


def _value(cell: str, column: Column, reading: Reading, where: str) -> Any:
    if not cell:
        if column.nullable:
            return None
        raise ConfigurationError(f"{column.name} is empty", where=where, hint=f"It means: {column.meaning}.")
    if column.name == "source_id" and cell not in reading.sources:
        known = ", ".join(reading.sources)
        guess = did_you_mean(cell, reading.sources)
        raise ConfigurationError(
            f"there is no source {cell!r}{guess}", where=where, hint=f"Sources are {known}; empty means all."
        )
    if column.values and cell not in column.values:
        guess = did_you_mean(cell, column.values)
        raise ConfigurationError(
            f"{cell!r} is no {column.name}{guess}", where=where, hint=f"It is one of {', '.join(column.values)}."
        )
    parse = _parsers(reading.timezone).get(column.type)
    try:
        return parse(cell) if parse else cell
    except (ValueError, KeyError):
        raise ConfigurationError(f"{cell!r} is no {column.name}", where=where, hint=_form(column)) from None


def _parsers(timezone: str) -> dict[pa.DataType, Callable[[str], Any]]:
    return {
        INTEGER: int,
        REAL: float,
        FLAG: lambda cell: _FLAGS[cell.lower()],
        INSTANT: lambda cell: parse_instant(cell, timezone),
    }


def parse_instant(text: str, timezone: str) -> datetime:
    """Return a date or time in ISO form as UTC; without an offset it is meant in `timezone`. ValueError otherwise."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC)


def _form(column: Column) -> str:
    forms = {
        INTEGER: "a whole number",
        REAL: "a number such as 0.95",
        FLAG: "true or false",
        INSTANT: "a date or time such as 2026-01-31 or 2026-01-31T08:00",
    }
    return f"write {forms[column.type]}"


def _refuse_duplicates(records: Sequence[dict[str, Any]], table: Table, file: str, lines: Sequence[int]) -> None:
    seen: dict[tuple[Any, ...], int] = {}
    for record, line in zip(records, lines, strict=True):
        key = tuple(record[name] for name in (table.names if table.name == "sla_pause_rule" else table.key))
        if key in seen:
            raise ConfigurationError(
                f"this line says the same as line {seen[key]}", where=f"{file}:{line}", hint="Keep one of the two."
            )
        seen[key] = line
