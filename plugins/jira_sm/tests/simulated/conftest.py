"""A small site of each deployment, and a way to ask it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from asking_jira import NOW, Asking

from itsm_bridge_jira_sm.testing import SimulatedJira


@pytest.fixture
def jira() -> Iterator[SimulatedJira]:
    """A Cloud site with one service project and nothing in it."""
    with SimulatedJira(now=NOW) as served:
        yield served


@pytest.fixture
def data_center() -> Iterator[SimulatedJira]:
    """A Data Center below a context path, with one service project and nothing in it."""
    with SimulatedJira("data_center", now=NOW, base_path="/jira") as served:
        yield served


@pytest.fixture
def ask(jira: SimulatedJira) -> Iterator[Asking]:
    with Asking(jira) as asking:
        yield asking


@pytest.fixture
def ask_data_center(data_center: SimulatedJira) -> Iterator[Asking]:
    with Asking(data_center) as asking:
        yield asking
