from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from office import Office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A tool without tickets."""
    return Office(tmp_path)


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Office]:
    """Make a tool in another zone, with people hidden, or with files of a site laid over the packaged ones."""
    return lambda **more: Office(tmp_path, **more)
