"""What holds for every test."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("no time limits", deadline=None)  # a busy machine is no failure
settings.load_profile("no time limits")


@pytest.fixture(autouse=True)
def _logging_is_as_python_makes_it() -> Iterator[None]:
    """Commands configure logging for their process, fixtures of a whole module too: each test begins without it."""
    root, ours = logging.getLogger(), logging.getLogger("itsm_bridge")
    ours.setLevel(logging.NOTSET)
    root.setLevel(logging.WARNING)
    handlers = root.handlers[:]
    yield
    root.handlers[:] = handlers
    ours.setLevel(logging.NOTSET)
    root.setLevel(logging.WARNING)
    logging.captureWarnings(False)
