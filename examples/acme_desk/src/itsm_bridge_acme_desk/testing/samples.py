"""Some tickets: one each day, taken up after an hour, answered, and solved after another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from itsm_bridge_acme_desk.testing.desk import SimulatedDesk


def fill(desk: SimulatedDesk, count: int) -> None:
    """Put a team and tickets into a desk; the last ticket is a day old."""
    desk.put("team", "net", title="Network")
    for number in range(1, count + 1):
        opened = datetime.now(UTC).replace(microsecond=0) - timedelta(days=count + 1 - number)
        created, taken, solved = ((opened + timedelta(hours=hours)).isoformat() for hours in range(3))
        key, agent = f"T{number}", {"id": "ben"}
        about = {"ticket": key, "author": agent}
        desk.put(
            "ticket", key, number=f"ACME-{number}", kind="incident", status="solved", priority="high",
            title="Printer on fire", text="It burns since nine o'clock.", requester={"id": "anna"}, assignee=agent,
            team={"id": "net"}, created=created, solved=solved, closed=None, changed=solved,
            comments=[{**about, "id": f"{key}-1", "at": taken, "public": True, "text": "On my way."}],
            history=[
                {**about, "id": f"{key}/1", "position": 1, "at": taken, "field": "status", "from": "new", "to": "open"},
                {**about, "id": f"{key}/2", "position": 2, "at": solved, "field": "status", "from": "open",
                 "to": "solved"},
            ],
        )  # fmt: skip
