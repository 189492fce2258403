"""Looks at how the records behind an assessment ran: by its snapshot, its policy, its period and its constraints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from itsm_bridge.process import Process, columns_read, run_process
from itsm_bridge.store.damage import naming_damage
from itsm_bridge.store.reading import reading

if TYPE_CHECKING:
    from itsm_bridge.criteria import Criteria
    from itsm_bridge.store.manifests import Manifest
    from itsm_bridge.store.store import Store


def process_of(store: Store, assessment: Manifest, criteria: Criteria) -> Process:
    """Return what the snapshot of an assessment shows; nothing is written."""
    constraints = [each for file in criteria.constraints for each in file.constraints]
    columns = columns_read(constraints)
    period = (criteria.period_from.replace(tzinfo=None), criteria.period_to.replace(tzinfo=None))
    snapshot = store.snapshot(int(assessment.body["snapshot"]))
    with naming_damage(store.path), reading(store, snapshot, columns) as connection:
        for name, rows in criteria.policy.tables.items():
            if name in columns:
                fill_policy(connection, name, rows)
        return run_process(connection, constraints, period, criteria.now.replace(tzinfo=None))


def fill_policy(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """Put the rows of one table of the policy into a snapshot that is being read."""
    cursor = connection.cursor()
    cursor.register("policy_rows", table)
    names = ", ".join(f'"{column}"' for column in table.column_names)
    cursor.execute(f"INSERT INTO {name} ({names}) SELECT {names} FROM policy_rows").fetchall()
