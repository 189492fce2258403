"""The Acme Desk that the tests read: a small fake that is served on 127.0.0.1."""

from __future__ import annotations

from itsm_bridge_acme_desk.testing.desk import ADMITTED, PASSWORD, USER, SimulatedDesk
from itsm_bridge_acme_desk.testing.samples import fill
from itsm_bridge_acme_desk.testing.world import AcmeWorld

__all__ = ["ADMITTED", "PASSWORD", "USER", "AcmeWorld", "SimulatedDesk", "fill"]
