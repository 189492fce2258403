"""What a real server answered to 103 requests (Znuny 6.5.1), session names and long lists of ids shortened."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CAPTURED: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "captured.json").read_text(encoding="utf-8"))


def answer(name: str) -> Any:
    """Return what was answered."""
    return CAPTURED[name]["answer"]


def history(name: str) -> list[dict[str, Any]]:
    """Return the rows of a history."""
    rows: list[dict[str, Any]] = answer(name)["TicketHistory"][0]["History"]
    return rows


def ticket(name: str) -> dict[str, Any]:
    """Return a ticket."""
    found: dict[str, Any] = answer(name)["Ticket"][0]
    return found


def named(*beginnings: str) -> list[str]:
    """Return the names of requests that begin so."""
    return [name for name in CAPTURED if name.startswith(beginnings)]
