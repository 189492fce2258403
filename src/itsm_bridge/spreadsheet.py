"""Rows as CSV that a spreadsheet shows as words, whatever a stranger typed into them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from itsm_bridge.hostile import for_spreadsheet
from itsm_bridge.reports.delivery import deliver


def write_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], destination: Path | None) -> Path | None:
    """Write rows to a file, whole or not at all, or to standard output; DeliveryError where that fails."""
    paper = io.StringIO()
    writer = csv.writer(paper, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[name]) for name in columns] for row in rows)
    return deliver(paper.getvalue(), destination)


def _cell(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return for_spreadsheet(value) if isinstance(value, str) else value
