from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[3] / "tests" / "fakes"))

from servicenow_source import PASSWORD, Made, made_source


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Made]:
    """Return a maker of ServiceNow adapters whose waits are written down instead of waited."""
    monkeypatch.setenv("BRIDGE_PASSWORD", PASSWORD)
    monkeypatch.setenv("BRIDGE_CLIENT_SECRET", "shh-client")
    return made_source
