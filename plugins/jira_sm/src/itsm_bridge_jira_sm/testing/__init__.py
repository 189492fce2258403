"""A simulated Jira, Cloud or Data Center, for tests and the demo: with a company in it, or real issues again."""

from __future__ import annotations

from itsm_bridge.simulation import Fault
from itsm_bridge_jira_sm.testing.company import BEYOND_JIRA, Company, advance, seeded_company
from itsm_bridge_jira_sm.testing.faults import KINDS, Faults
from itsm_bridge_jira_sm.testing.records import Cycle, Raw
from itsm_bridge_jira_sm.testing.replay import replayed
from itsm_bridge_jira_sm.testing.server import SimulatedJira

__all__ = [
    "BEYOND_JIRA",
    "KINDS",
    "Company",
    "Cycle",
    "Fault",
    "Faults",
    "Raw",
    "SimulatedJira",
    "advance",
    "replayed",
    "seeded_company",
]
