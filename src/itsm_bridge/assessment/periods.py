"""What earlier assessments say of a check, period by period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import pyarrow as pa

from itsm_bridge.assessment.standings import ALL
from itsm_bridge.schema import TABLES

_REMEMBERED = 12

Period = tuple[int, datetime, datetime]
"""An assessment by its number, and the period that it judged."""


def unbroken_periods(periods: Iterable[Period], period_from: datetime) -> tuple[Period, ...]:
    """Return the periods directly before one that begins at a moment, the latest first.

    Of assessments whose periods overlap only the latest counts, so that nightly sweeps over the
    same month are one period.
    """
    chain: list[Period] = []
    start = period_from
    for number, begins, ends in sorted(periods, key=lambda period: (period[2], period[0]), reverse=True):
        if ends <= start:
            chain.append((number, begins, ends))
            start = begins
    return tuple(chain)


def periods_at_deviation(results_before: pa.Table, periods: Iterable[Period], period_from: datetime) -> dict[str, int]:
    """Return how many periods directly before this one each check was at deviation or worse.

    `results_before` are check results of earlier assessments, `periods` their (number, from, to).
    """
    chain = [number for number, _, _ in unbroken_periods(periods, period_from)]
    worse: dict[int, set[str]] = {}
    for row in results_before.to_pylist():
        if row["source_id"] == ALL and row["status"] in ("deviation", "systemic"):
            worse.setdefault(row["assessment"], set()).add(row["check_id"])
    counted: dict[str, int] = {}
    for check in set().union(*worse.values()) if worse else ():
        unbroken = next((n for n, number in enumerate(chain) if check not in worse.get(number, ())), len(chain))
        counted[check] = unbroken
    return counted


def earlier_results(
    results_before: pa.Table, periods: Iterable[Period], period_from: datetime, severities: Mapping[str, str]
) -> pa.Table:
    """Return table `earlier_result`: where checks stood in the periods before this one, source by source.

    `severities` are the checks of today with the weight of their findings; others have no rows.
    """
    chain = unbroken_periods(periods, period_from)[:_REMEMBERED]
    back = {number: (n, begins, ends) for n, (number, begins, ends) in enumerate(chain, 1)}
    rows = []
    for row in results_before.to_pylist():
        if row["assessment"] in back and row["source_id"] != ALL and row["check_id"] in severities:
            n, begins, ends = back[row["assessment"]]
            rows.append({
                "source_id": row["source_id"], "check_id": row["check_id"], "periods_back": n,
                "assessment": row["assessment"], "period_from": begins, "period_to": ends, "status": row["status"],
                "severity": severities[row["check_id"]],
            })  # fmt: skip
    return pa.Table.from_pylist(rows, schema=TABLES["earlier_result"].arrow)
