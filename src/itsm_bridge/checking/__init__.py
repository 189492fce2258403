"""Checks and KPIs as data, and the engine that runs both: canonical tables in, verdicts and figures out (design §7)."""

from __future__ import annotations

from itsm_bridge.checking.check_file import load_check, load_checks
from itsm_bridge.checking.definition import Check, Kpi, Parameter
from itsm_bridge.checking.frame import CheckRun, Frame
from itsm_bridge.checking.measuring.kpi_file import load_kpi, load_kpis
from itsm_bridge.checking.needs import CheckNeeds, needs, needs_of
from itsm_bridge.checking.parameters import Bindings, Loosened, is_looser, parameter_names, parameters
from itsm_bridge.checking.planning import columns_read
from itsm_bridge.checking.run import run_checks

__all__ = [
    "Bindings",
    "Check",
    "CheckNeeds",
    "CheckRun",
    "Frame",
    "Kpi",
    "Loosened",
    "Parameter",
    "columns_read",
    "is_looser",
    "load_check",
    "load_checks",
    "load_kpi",
    "load_kpis",
    "needs",
    "needs_of",
    "parameter_names",
    "parameters",
    "run_checks",
]  # fmt: skip
