"""A good adapter over HTTP keeps every promise, each collected as a test of its own."""

from __future__ import annotations

from desk_world import DeskWorld

from itsm_bridge.testing import AdapterContract


class TestHelpDesk(AdapterContract):
    world = DeskWorld
