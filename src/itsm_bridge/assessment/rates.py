"""From counts to a status: rates, their Wilson interval, and the ladder of catalogue §4.1."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import sqrt
from typing import Literal

Severity = Literal["major", "minor", "ofi"]
Status = Literal["pass", "insufficient", "isolated", "deviation", "systemic", "not_assessed"]

Z_90 = 1.645
"""Quantile of the two-sided 90 % interval."""

RANK: dict[str, int] = {"not_assessed": 0, "insufficient": 1, "pass": 2, "isolated": 3, "deviation": 4, "systemic": 5}
"""Order of statuses from no evidence to the worst."""

_TOLERANCE_PERCENT = {"major": 0, "minor": 2, "ofi": 5}
_FEW_RECORDS = 5
_SCOPES_AT_ONCE = 3
_PERIODS_BEFORE = 2


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of one check in one scope; `reasons` says why records were not assessable, with how many."""

    in_scope: int = 0
    assessable: int = 0
    not_assessable: int = 0
    failing: int = 0
    suppressed: int = 0
    waived: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> float | None:
        """Failing divided by assessable; None where nothing was assessable, which is not zero."""
        return self.failing / self.assessable if self.assessable else None

    @property
    def not_assessable_share(self) -> float | None:
        """Share of the records in scope that could not be judged; None where nothing was in scope."""
        return self.not_assessable / self.in_scope if self.in_scope else None


def wilson(failing: int, assessable: int, z: float = Z_90) -> tuple[float, float] | None:
    """Return the Wilson score interval of failing/assessable, both ends in 0–1; None where nothing was assessable."""
    if assessable <= 0:
        return None
    p = failing / assessable
    z_squared = z * z / assessable
    centre = p + z_squared / 2
    half = z * sqrt((p * (1 - p) + z_squared / 4) / assessable)
    low = 0.0 if failing == 0 else (centre - half) / (1 + z_squared)
    high = 1.0 if failing == assessable else (centre + half) / (1 + z_squared)
    return low, high


def status(
    counts: Counts,
    severity: Severity,
    *,
    is_few_subjects: bool = False,
    periods_before: int = 0,
    scopes_at_deviation: int = 0,
) -> Status:
    """Return the status of a check by its counts, first rule that matches (catalogue §4.1).

    `is_few_subjects` marks checks of services, suppliers, documents or sources, where a rate means
    nothing. `periods_before` counts the periods directly before this one at deviation or worse,
    `scopes_at_deviation` the services, teams or sources at deviation now.
    """
    if counts.assessable == 0 or counts.not_assessable * 5 > counts.in_scope:
        return "not_assessed"
    if is_few_subjects:
        by_rate = _by_subjects(counts.failing, counts.assessable)
    else:
        by_rate = _by_rate(counts.failing, counts.assessable, severity)
    if RANK[by_rate] >= RANK["deviation"] and periods_before >= _PERIODS_BEFORE:
        return "systemic"
    return "systemic" if scopes_at_deviation >= _SCOPES_AT_ONCE else by_rate


def _by_subjects(failing: int, assessable: int) -> Status:
    if failing == 0:
        return "pass"
    return "systemic" if failing >= 3 or failing * 10 >= assessable * 3 else "deviation"


def _by_rate(failing: int, assessable: int, severity: Severity) -> Status:
    low, _ = wilson(failing, assessable) or (0.0, 1.0)
    if failing >= 3 and low > (0.05 if severity == "major" else 0.10):
        return "systemic"
    if failing == 0:
        return "insufficient" if assessable < _FEW_RECORDS else "pass"
    if failing <= 2 and failing * 100 <= _TOLERANCE_PERCENT[severity] * assessable:
        return "pass"
    most, percent = (2, 1) if severity == "major" else (5, 5)
    is_isolated = failing <= most and failing * 100 <= percent * assessable
    return "isolated" if is_isolated else "deviation"
