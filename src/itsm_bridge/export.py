"""Writes canonical tables and findings as CSV or Parquet files, for one-off use elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as parquet

from itsm_bridge.disk import unwritten, written_whole
from itsm_bridge.errors import DeliveryError, UsageError
from itsm_bridge.hostile import for_spreadsheet
from itsm_bridge.schema import TABLES, assessment_tables, tool_tables
from itsm_bridge.store.reading import assessed_table
from itsm_bridge.store.store import Store

Format = Literal["csv", "parquet"]


def export(
    store: Store, destination: Path, format: Format, tables: Sequence[str] | None = None, as_of: int | None = None  # noqa: A002
) -> list[Path]:  # fmt: skip
    """Write one file a table into `destination` and return the files; each appears whole or not at all.

    CSV is made safe for spreadsheets: a cell that would run as a formula gets an apostrophe before it.
    """
    known = [*tool_tables(), *assessment_tables()]
    names = list(tables) if tables else known
    for name in names:
        if name not in known:
            raise UsageError(f"there is no table `{name}`", hint=f"Tables are {', '.join(known)}.")
    snapshot = store.snapshot(as_of)
    assessments = [m for m in store.assessments() if m.body["snapshot"] <= snapshot.number]
    written = []
    for name in names:
        rows = _rows(store, name, snapshot.number, assessments[-1].number if assessments else None)
        if rows is None or (not tables and not rows.num_rows):
            continue
        written.append(_write(rows, destination / f"{name}.{format}"))
    return written


def _rows(store: Store, name: str, snapshot: int, assessment: int | None) -> pa.Table | None:
    if name in assessment_tables():
        return assessed_table(store, name, assessment) if assessment is not None else None
    log, table = store.canonical_log(name), TABLES[name]
    if not log.exists:
        return table.arrow.empty_table()
    held = [column for column in table.names if column in log.columns]
    return store.current(log, snapshot, held).sort_by(table.key[0])


def _write(rows: pa.Table, path: Path) -> Path:
    try:
        with written_whole(path) as draft:
            if path.suffix == ".csv":
                csv.write_csv(_for_spreadsheets(rows), draft)
            else:
                parquet.write_table(rows, draft)
    except OSError as error:
        message, hint = unwritten(error, path.parent)
        raise DeliveryError(message, where=str(path), hint=hint) from error
    return path


def _for_spreadsheets(rows: pa.Table) -> pa.Table:
    columns = []
    for name in rows.column_names:
        column = rows[name]
        if pa.types.is_timestamp(column.type):
            column = pc.strftime(column, format="%Y-%m-%dT%H:%M:%SZ")
        elif pa.types.is_string(column.type):
            column = pa.array([None if v is None else for_spreadsheet(v) for v in column.to_pylist()], pa.string())
        columns.append(column)
    return pa.table(columns, names=rows.column_names)
