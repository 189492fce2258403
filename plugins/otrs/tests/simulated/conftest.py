"""A server with nothing in it, and a way to ask it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from asking_otrs import NOW, Asking

from itsm_bridge_otrs.testing import Desk, SimulatedOtrs


@pytest.fixture
def otrs() -> Iterator[SimulatedOtrs]:
    """A server whose clock stands still."""
    with SimulatedOtrs(now=NOW) as server:
        yield server


@pytest.fixture
def desk(otrs: SimulatedOtrs) -> Desk:
    return otrs.desk


@pytest.fixture
def ask(otrs: SimulatedOtrs) -> Iterator[Asking]:
    with Asking(otrs) as asking:
        yield asking
