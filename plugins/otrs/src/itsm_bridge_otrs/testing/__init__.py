"""A simulated OTRS for tests and the demo: its tickets live in a `Desk`, and `SimulatedOtrs` serves them."""

from __future__ import annotations

from itsm_bridge.simulation import Fault
from itsm_bridge_otrs.testing.asked import Route, WebService, packaged, posting
from itsm_bridge_otrs.testing.desk import Desk
from itsm_bridge_otrs.testing.faults import KINDS, Faults
from itsm_bridge_otrs.testing.server import SimulatedOtrs
from itsm_bridge_otrs.testing.vocabulary import Targets, Vocabulary

__all__ = [
    "KINDS",
    "Desk",
    "Fault",
    "Faults",
    "Route",
    "SimulatedOtrs",
    "Targets",
    "Vocabulary",
    "WebService",
    "packaged",
    "posting",
]
