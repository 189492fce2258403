"""The fixtures that several folders share: an installation before and after its first sync."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path

import pytest
from site_of_desk import Site, fill


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A small installation, filled and not yet synced."""
    made = Site(tmp_path)
    fill(made.desk)
    return made


@pytest.fixture(scope="session")
def first_sync(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """An installation synced once for all tests; they take copies."""
    made = Site(tmp_path_factory.mktemp("first"))
    fill(made.desk)
    made.sync()
    return made


@pytest.fixture
def synced(first_sync: Site, tmp_path: Path) -> Site:
    """A copy of the installation after its first sync; what was asked of the desk is forgotten."""
    shutil.copytree(first_sync.path, tmp_path / "store")
    desk = copy.deepcopy(first_sync.desk)
    desk.forget()
    return Site(tmp_path, desk)
