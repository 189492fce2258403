"""Acme Desk keeps what every adapter promises: each promise is a test of its own."""

from __future__ import annotations

from itsm_bridge.testing import AdapterContract
from itsm_bridge_acme_desk.testing import AcmeWorld


class TestAcmeDesk(AdapterContract):
    world = AcmeWorld
