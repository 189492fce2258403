"""A simulated ServiceNow instance for tests and the demo, with a company in it, and the replay of a real log."""

from __future__ import annotations

from itsm_bridge.simulation import Fault
from itsm_bridge_servicenow.testing.company import Company, advance, seeded_company
from itsm_bridge_servicenow.testing.company.schedule import SCHEDULE_BUSINESS, SCHEDULE_NAME
from itsm_bridge_servicenow.testing.faults import KINDS, Faults
from itsm_bridge_servicenow.testing.replay import replay_incident_log
from itsm_bridge_servicenow.testing.server import SimulatedServiceNow

__all__ = [
    "KINDS",
    "SCHEDULE_BUSINESS",
    "SCHEDULE_NAME",
    "Company",
    "Fault",
    "Faults",
    "SimulatedServiceNow",
    "advance",
    "replay_incident_log",
    "seeded_company",
]
