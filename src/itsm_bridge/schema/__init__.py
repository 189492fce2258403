"""The canonical schema: every table and column, declared once.

Delta tables, validation, empty frames, `itsm-bridge schema` and `docs/schema.md` are made from it.
"""

from __future__ import annotations

from itsm_bridge.schema import events, policy, runs, services, work_items
from itsm_bridge.schema.model import Column, Table

TABLES: dict[str, Table] = {
    table.name: table for table in (*work_items.TABLES, *events.TABLES, *services.TABLES, *policy.TABLES, *runs.TABLES)
}

RECORD_VIEWS = {
    f"{kind}": f"SELECT * FROM work_item WHERE record_type = '{kind}'"
    for kind in ("incident", "service_request", "problem", "change", "release", "task")
}


def tool_tables() -> dict[str, Table]:
    """Return the tables that adapters fill."""
    return {name: table for name, table in TABLES.items() if table.origin == "tool"}


def assessment_tables() -> dict[str, Table]:
    """Return the tables that an assessment leaves behind."""
    return {name: table for name, table in TABLES.items() if table.origin == "assessment"}


__all__ = ["RECORD_VIEWS", "TABLES", "Column", "Table", "assessment_tables", "tool_tables"]
