"""From the status of a check to its weight: severity, basis and adoption (§4.2)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, cast

from itsm_bridge.assessment.rates import Severity
from itsm_bridge.checking.definition import Check

Grade = Literal["ofi", "observation", "minor", "major"]

GRADE_RANK: dict[str | None, int] = {None: 0, "ofi": 1, "observation": 2, "minor": 3, "major": 4}
INTEGRITY_CLAUSES = frozenset({"7.5.3", "9.1"})
"""Clauses against which doubtful evidence itself is a nonconformity."""

_NEEDS_ADOPTION = frozenset({"policy", "practice"})
_GRADES: dict[str, dict[str, Grade | None]] = {
    "major": {"isolated": "minor", "deviation": "minor", "systemic": "major"},
    "minor": {"isolated": "observation", "deviation": "minor", "systemic": "minor"},
    "ofi": {"isolated": None, "deviation": "ofi", "systemic": "ofi"},
}


def is_adopted(check: Check, adopted: Collection[str]) -> bool:
    """Tell whether the check has a criterion: the standard, an agreement, or a rule that the organisation adopted."""
    return check.basis not in _NEEDS_ADOPTION or "*" in adopted or check.id in adopted


def severity_of(check: Check, adopted: Collection[str]) -> Severity:
    """Return the severity of the check's findings: without a criterion, at most an opportunity for improvement."""
    return cast(Severity, check.severity) if is_adopted(check, adopted) else "ofi"


def grade(check: Check, status: str, adopted: Collection[str]) -> Grade | None:
    """Return the weight of a check at `status`; None where it is no finding against a clause."""
    severity = severity_of(check, adopted)
    if check.basis == "integrity" and severity != "ofi":
        return severity if status == "systemic" else None
    return _GRADES[severity].get(status)
