"""How records really run: their paths, the steps of the state model, and rules about the order of activities."""

from __future__ import annotations

from itsm_bridge.process.constraint import BUILT_IN, Constraint, ConstraintFile, load_constraints
from itsm_bridge.process.paths import RECORDS, VARIANTS
from itsm_bridge.process.run import CONSTRAINTS, STEPS, Process, columns_read, run_process

__all__ = [
    "BUILT_IN",
    "CONSTRAINTS",
    "RECORDS",
    "STEPS",
    "VARIANTS",
    "Constraint",
    "ConstraintFile",
    "Process",
    "columns_read",
    "load_constraints",
    "run_process",
]
