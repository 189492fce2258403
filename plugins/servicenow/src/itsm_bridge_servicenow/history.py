"""Where the instance keeps histories: sys_audit, or metrics where it does not show that."""

from __future__ import annotations

from itsm_bridge.errors import BadAnswer, PermissionDenied
from itsm_bridge_servicenow.query import all_of, compare, one_of
from itsm_bridge_servicenow.scope import KEY
from itsm_bridge_servicenow.streams import TASK_TABLES
from itsm_bridge_servicenow.tables import Cancelled, Tables

_SAMPLE = 50
STATE_FIELDS = ("state", "incident_state", "problem_state")


def shows_history(tables: Tables) -> bool:
    """Tell whether the account sees any history of task records."""
    return _shows(tables, "sys_audit", one_of("tablename", TASK_TABLES))


def unaudited(tables: Tables) -> tuple[str, ...]:
    """Return the task tables of which the account sees no history: metrics of their fields stand in for it."""
    if not shows_history(tables):
        return TASK_TABLES
    return tuple(table for table in TASK_TABLES if not is_audited(tables, table))


def is_audited(tables: Tables, table: str) -> bool:
    """Tell whether the account sees any history of a table's records: auditing is switched on table by table."""
    return _shows(tables, "sys_audit", compare("tablename", "=", table))


def is_measured(tables: Tables, table: str) -> bool:
    """Tell whether metrics follow the state of a table's records."""
    return _shows(tables, "metric_instance", all_of(compare("table", "=", table), one_of("field", STATE_FIELDS)))


def _shows(tables: Tables, log: str, query: str) -> bool:
    try:
        return bool(tables.first(log, query, (KEY,), limit=_SAMPLE))
    except (PermissionDenied, BadAnswer):
        return False
    except Cancelled:
        # Too many rows to look for the first ones in time: then there are some.
        return True
