from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from itsm_bridge.policy import Policy, load_policy

SPAN = (date(2026, 1, 1), date(2026, 6, 30))

Load = Callable[..., Policy]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load a policy folder with the given files."""

    def from_files(timezone: str = "Europe/Berlin", **files: str) -> Policy:
        for name, text in files.items():
            (tmp_path / ".".join(name.rsplit("_", 1))).write_text(text, encoding="utf-8")
        return load_policy(tmp_path, ["prod", "desk"], timezone, SPAN)

    return from_files
