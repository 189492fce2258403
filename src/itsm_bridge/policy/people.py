"""Accounts that the policy names, as the store knows them: sources keep people as pseudonyms unless told otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from itsm_bridge.schema import Table

Pseudonyms = Callable[[Sequence[str | None]], Sequence[str | None]]


def names_people(rows: pa.Table, table: Table) -> bool:
    """Tell whether any row names an account."""
    return any(rows[name].null_count < len(rows) for name in _personal(table))


def with_pseudonyms(rows: pa.Table, table: Table, pseudonyms: Pseudonyms) -> pa.Table:
    """Return the rows, and behind them those that name accounts once more, with their pseudonyms.

    Both stand side by side because one source may keep people and another pseudonyms.
    """
    for name in _personal(table):
        naming = rows.filter(pc.is_valid(rows[name]))
        known = pa.array(pseudonyms(naming[name].to_pylist()), pa.string())
        index = rows.column_names.index(name)
        rows = pa.concat_tables([rows, naming.set_column(index, rows.schema.field(name), known)])
    return rows


def _personal(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.is_personal]
