"""OTRS, by the packaged web service and by one of the site's own, keeps what every adapter promises."""

from __future__ import annotations

from itsm_bridge.testing import AdapterContract
from itsm_bridge_otrs.testing.contract import OtrsPostWorld, OtrsWorld


class TestOtrs(AdapterContract):
    world = OtrsWorld


class TestOtrsByPost(AdapterContract):
    world = OtrsPostWorld
