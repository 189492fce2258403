"""Whole flows: from a simulated instance over the store to verdicts. What is heavy is done once for all tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from simulated_site import PASSWORD

from itsm_bridge_servicenow.testing import SimulatedServiceNow


@pytest.fixture(scope="session", autouse=True)
def _password() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment, SimulatedServiceNow({}) as server:
        environment.setenv(PASSWORD, server.password)
        yield
