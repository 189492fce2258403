"""ServiceNow keeps what every adapter promises."""

from __future__ import annotations

from itsm_bridge.testing import AdapterContract
from itsm_bridge_servicenow.testing.contract import ServiceNowWorld


class TestServiceNow(AdapterContract):
    world = ServiceNowWorld
