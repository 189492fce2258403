"""From counts of checks to conclusions per clause (design §8, catalogue §4)."""

from __future__ import annotations

from itsm_bridge.assessment.clauses import Clauses, load_clauses
from itsm_bridge.assessment.findings import finding_id, latest, watched
from itsm_bridge.assessment.gaps import Gap, exit_code, find_gaps, find_limits
from itsm_bridge.assessment.judge import Assessment, Circumstances, Earlier, conclude
from itsm_bridge.assessment.periods import earlier_results, periods_at_deviation

__all__ = [
    "Assessment", "Circumstances", "Clauses", "Earlier", "Gap",
    "conclude", "earlier_results", "exit_code", "find_gaps", "find_limits", "finding_id", "latest", "load_clauses",
    "periods_at_deviation", "watched",
]  # fmt: skip
