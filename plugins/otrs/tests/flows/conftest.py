from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from otrs_site import SECRET, OtrsSite

from itsm_bridge.project import Projected
from itsm_bridge.testing.waiting import Waiting
from itsm_bridge.transport import Transport
from itsm_bridge_otrs.adapter import OtrsAdapter
from itsm_bridge_otrs.testing import SimulatedOtrs


@pytest.fixture(autouse=True)
def waiting(monkeypatch: pytest.MonkeyPatch) -> Waiting:
    """Waits are counted and not waited."""
    waiting = Waiting()
    waiting.take_over(monkeypatch, [Transport, *OtrsAdapter.__mro__])
    return waiting


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedOtrs]:
    """An empty desk, whose clock runs in UTC."""
    with SimulatedOtrs() as server:
        monkeypatch.setenv(SECRET, server.password)
        yield server


@pytest.fixture
def site(tmp_path: Path, server: SimulatedOtrs) -> OtrsSite:
    return OtrsSite(tmp_path, server)


@pytest.fixture
def reading_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is brought into the common schema, which takes time: these tests look at what was read."""
    monkeypatch.setattr("itsm_bridge.sync.project_source", lambda *_: Projected())
