"""All that a server can do to a reader at once: what is held in the end is what the agent may see."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from otrs_site import SECRET, OtrsSite, about

from itsm_bridge_otrs.testing import Faults, SimulatedOtrs

NOW = datetime.now(UTC).replace(microsecond=0)
QUEUES = ("Service Desk", "Security", "Netzwerk & VPN")


def story(server: SimulatedOtrs, chance: random.Random) -> None:
    """Tickets of three queues, many of one second, with answers, closings and merges."""
    at = NOW - timedelta(days=20)
    for number in range(150):
        at += timedelta(hours=chance.choice((0, 0, 0, 3)))
        key = server.desk.create(f"ticket {number}", queue=chance.choice(QUEUES), at=at)
        if number % 3 == 0:
            server.desk.answer(key, f"answer {number}", at=at + timedelta(minutes=5))
        if number % 4 == 0:
            server.desk.close(key, at=at + timedelta(hours=1))
        if number % 25 == 24:
            server.desk.merge(key, str(int(key) - 1), at=at + timedelta(hours=1))


# A refused password must not be tried again, and what is missing from a search nobody can tell from what is not there.
ENDS_IT = ("short_search", "empty_search", "slow", "hung_up", "auth_fail")


def test_what_is_held_is_what_can_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(2)
    faults = Faults(seed=2, probability=0.25, only=[kind for kind in Faults.kinds if kind not in ENDS_IT])
    with SimulatedOtrs(faults=faults) as server:
        monkeypatch.setenv(SECRET, server.password)
        story(server, chance)
        site = OtrsSite(tmp_path, server, sign_in="session")

        def unrest(subject: str, _: Mapping[str, Any]) -> None:
            if subject == "TicketGet" and chance.random() < 0.2:
                ticket = chance.choice(server.visible())
                server.desk.note(str(ticket.id), "while others are read")

        server.unrest = unrest
        site.sync()
        for ticket in chance.sample(server.visible(), 3):
            server.desk.delete(str(ticket.id))
        site.sync()
        server.unrest = None
        report = site.sync()
        tickets = server.visible()
    assert about(report)["status"] == "complete"
    assert faults.struck.total() > 10
    assert site.keys() == {str(ticket.id) for ticket in tickets}
    assert site.keys("ticket_article") == {f"{t.id}/{article.id}" for t in tickets for article in t.articles}
    held = {key: datetime.fromisoformat(f"{at}+00:00").timestamp() for key, at in site.held("ticket", "Changed")}
    assert held == {str(ticket.id): ticket.changed for ticket in tickets}
    rows = dict.fromkeys(held, 0)
    for _, ticket in site.held("ticket_history", "ticket"):
        if ticket in rows:
            rows[ticket] += 1
    assert rows == {str(ticket.id): len(ticket.rows) for ticket in tickets}
