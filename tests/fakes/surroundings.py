"""What a machine and other tests bring along, and a test of connections must not see."""

from __future__ import annotations

import pytest

from itsm_bridge import redaction

ENVIRONMENT = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def without_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away proxies and authorities of this machine, and the secrets that other tests revealed."""
    monkeypatch.setattr(redaction, "_concealed", set())
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
