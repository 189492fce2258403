from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from jira_site import SECRET, JiraSite

from itsm_bridge.project import Projected
from itsm_bridge.testing.waiting import Waiting
from itsm_bridge.transport import Transport
from itsm_bridge_jira_sm.adapter import JiraServiceManagement
from itsm_bridge_jira_sm.testing import SimulatedJira


@pytest.fixture(autouse=True)
def waiting(monkeypatch: pytest.MonkeyPatch) -> Waiting:
    """Waits are counted and not waited."""
    waiting = Waiting()
    waiting.take_over(monkeypatch, [Transport, *JiraServiceManagement.__mro__])
    return waiting


@pytest.fixture(params=["cloud", "data_center"])
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedJira]:
    """An empty site of each kind."""
    with SimulatedJira(request.param) as server:
        monkeypatch.setenv(SECRET, server.api_token if request.param == "cloud" else server.token)
        yield server


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedJira]:
    with SimulatedJira("cloud") as server:
        monkeypatch.setenv(SECRET, server.api_token)
        yield server


@pytest.fixture
def site(tmp_path: Path, server: SimulatedJira) -> JiraSite:
    return JiraSite(tmp_path, server)


@pytest.fixture
def cloud_site(tmp_path: Path, cloud: SimulatedJira) -> JiraSite:
    return JiraSite(tmp_path, cloud)


@pytest.fixture
def reading_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is brought into the common schema, which takes time: these tests look at what was read."""
    monkeypatch.setattr("itsm_bridge.sync.project_source", lambda *_: Projected())
