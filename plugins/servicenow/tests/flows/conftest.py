"""Whole flows: from a simulated instance over the store to verdicts. What is heavy is done once for all tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(1, str(Path(__file__).parents[4] / "tests" / "process"))  # the definitions of DECLARE, written out

from simulated_site import PASSWORD
from two_sweeps import TwoSweeps, swept_twice

from itsm_bridge_servicenow.testing import SimulatedServiceNow


@pytest.fixture(scope="session", autouse=True)
def _password() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment, SimulatedServiceNow({}) as server:
        environment.setenv(PASSWORD, server.password)
        yield


@pytest.fixture(scope="session")
def swept(_password: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoSweeps]:
    """The seeded company swept twice. Tests leave its folder as it is: what they change, they change in a copy."""
    with swept_twice(tmp_path_factory.mktemp("company")) as both:
        yield both
