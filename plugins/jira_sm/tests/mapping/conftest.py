from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from board import Board


@pytest.fixture
def board(tmp_path: Path) -> Board:
    """An empty Jira with the statuses that most tests need."""
    made = Board(tmp_path)
    for key, name, category in (
        ("10", "Open", "new"), ("11", "Work in progress", "indeterminate"), ("12", "Under review", "indeterminate"),
        ("13", "Resolved", "done"), ("14", "Closed", "done"), ("15", "Completed", "done"), ("16", "Canceled", "done"),
    ):  # fmt: skip
        made.status(key, name, category)
    return made


@pytest.fixture
def overlaid(tmp_path: Path) -> Callable[..., Board]:
    """Make a Jira with files of a site laid over the packaged ones."""
    return lambda **files: Board(tmp_path, **files)
