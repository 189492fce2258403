"""Fixtures of tests that play the OTRS themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses
from otrs_answers import SECRETS

from itsm_bridge import redaction


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_concealed", set())
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def tool() -> Iterator[responses.RequestsMock]:
    """Whatever answers, for tests of answers that no well-behaved tool gives."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock
