"""What a run of questions reads: columns of the schema, and the derived views that have to be made for it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from itsm_bridge.checking.definition import Check, Kpi
from itsm_bridge.checking.measuring.measure import NAMED
from itsm_bridge.checking.measuring.statement import Measuring
from itsm_bridge.checking.needs import needs
from itsm_bridge.checking.verdicts import Judging
from itsm_bridge.checking.views import RECORDS, Plan, plan
from itsm_bridge.schema import TABLES

_NAMES_RECORDS = re.compile(rf"\b(?:FROM|JOIN)\s+{RECORDS}\b", re.IGNORECASE)
"""A question that looks at all records from within a subquery."""
_READ_BY_THE_ENGINE = {
    "work_item": ("work_item_id", "record_type", "number", "url"),
    "source": ("source_id",),
    "capability": ("source_id", "record_type", "capability", "level", "reason"),
    "stream_run": TABLES["stream_run"].names,
}


def columns_read(checks: Iterable[Check], kpis: Collection[Kpi] = ()) -> dict[str, frozenset[str]]:
    """Return which columns of which tables of the schema a run reads: all others may be missing."""
    read = {**_READ_BY_THE_ENGINE, **(NAMED if kpis else {})}
    found: dict[str, set[str]] = {name: set(columns) for name, columns in read.items()}
    for table, column in views_read(checks, kpis).columns:
        found.setdefault(table, set()).add(column)
    return {table: frozenset(columns) for table, columns in sorted(found.items())}


def views_read(checks: Iterable[Check], kpis: Iterable[Kpi], kinds: Sequence[str] = ()) -> Plan:
    """Return how to make all views that questions read; with types of record, `w` for each type alone."""
    used: set[tuple[str, str]] = set()
    records: dict[str, set[str]] = {kind: set() for kind in kinds}
    asked: list[Judging | Measuring] = [Judging(each, needs(each)) for each in checks]
    asked += [Measuring(each, needs(each)) for each in kpis]
    for asking in asked:
        read = set(asking.needs.used | (asking.scope_columns if isinstance(asking, Measuring) else frozenset()))
        if asking.has_record:
            if kinds and not _NAMES_RECORDS.search(" ".join(asking.question.expressions.values())):
                read = {(view, column) for view, column in read if view != RECORDS}
            for kind in kinds:
                if not asking.question.record_types or kind in asking.question.record_types:
                    records[kind] |= asking.record_columns
            if not kinds:
                read |= {(RECORDS, column) for column in asking.record_columns}
        used |= read
    return plan(used, records)
