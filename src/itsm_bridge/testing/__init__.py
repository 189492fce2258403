"""The contract suite: what every adapter promises, as tests against a fake of its tool.

An adapter author writes a `World` (the fake, and how records get into it) and one class; pytest then collects
every promise as a test of its own::

    from itsm_bridge.testing import AdapterContract

    class TestAcmeDesk(AdapterContract):
        world = AcmeWorld

Faults are put in on the wire, by a proxy between adapter and fake, so that they befall any client library.
This package needs pytest; nothing else of itsm_bridge imports it.
"""

from __future__ import annotations

from itsm_bridge.testing.bench import Bench, open_bench
from itsm_bridge.testing.broken import BrokenPromise
from itsm_bridge.testing.contract import AdapterContract
from itsm_bridge.testing.simulated import SimulatedWorld
from itsm_bridge.testing.world import World, not_simulated

__all__ = ["AdapterContract", "Bench", "BrokenPromise", "SimulatedWorld", "World", "not_simulated", "open_bench"]
