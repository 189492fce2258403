from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "fakes"))


@pytest.fixture
def site(tmp_path: Path) -> object:
    """Return a small installation, filled and not yet synced."""
    from site_of_desk import Site, fill

    made = Site(tmp_path)
    fill(made.desk)
    return made
