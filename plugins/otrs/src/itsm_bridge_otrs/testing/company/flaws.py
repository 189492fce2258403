"""How many tickets are wrong on purpose, per check: lately, and over the months before (for 400 tickets)."""

from __future__ import annotations

from itsm_bridge.simulation.company import Flaw, Flaws

INCIDENT: Flaws = {
    "INC-001": Flaw(3, 1), "INC-002": Flaw(2, 1), "INC-003": Flaw(2), "INC-005": Flaw(2), "INC-006": Flaw(1),
    "INC-007": Flaw(1, 1), "INC-008": Flaw(2), "INC-009": Flaw(2, days=(12, 25)), "SLM-004": Flaw(2),
    "DQ-004": Flaw(1, 1), "DQ-006": Flaw(1), "DQ-007": Flaw(3), "DQ-008": Flaw(1), "INC-011": Flaw(1),
    "PRB-010": Flaw(1), "SLM-006": Flaw(1), "SLM-012": Flaw(1),
}  # fmt: skip
MAJOR: Flaws = {"PRB-002": Flaw(1), "INC-015": Flaw(1), "INC-016": Flaw(1, days=(15, 28))}
PROBLEM: Flaws = {
    "PRB-003": Flaw(1), "PRB-004": Flaw(1, 1, (26, 29)), "PRB-005": Flaw(1, days=(18, 24)),
    "PRB-008": Flaw(1, days=(34, 45)), "PRB-009": Flaw(1, days=(36, 45)),
}  # fmt: skip
CHANGE: Flaws = {
    "CHG-001": Flaw(2, days=(6, 14)), "CHG-002": Flaw(2), "CHG-003": Flaw(1, 1), "CHG-004": Flaw(1), "CHG-005": Flaw(1),
    "CHG-008": Flaw(1), "CHG-012": Flaw(2), "CHG-015": Flaw(1), "CHG-021": Flaw(1, days=(20, 38)), "CHG-022": Flaw(1),
    "DQ-001": Flaw(1), "CHG-009": Flaw(1, days=(14, 22)), "CHG-010": Flaw(1), "CHG-016": Flaw(1), "CHG-017": Flaw(1),
    "CHG-018": Flaw(1), "CHG-019": Flaw(1, days=(16, 28)), "CHG-020": Flaw(1), "CHG-023": Flaw(1), "CHG-013": Flaw(1),
}  # fmt: skip
REQUEST: Flaws = {"SRQ-001": Flaw(1), "SRQ-003": Flaw(1), "SRQ-002": Flaw(2, 1), "INC-009": Flaw(1, days=(15, 25))}
