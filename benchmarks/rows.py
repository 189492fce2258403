"""Incidents as ServiceNow would send them: 36 flat fields, about 1 kB, written once as bytes and served as they are."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta

FIELDS = 36
CHANGED_EVERY = 50
WORDS = (
    "printer", "network", "login", "mail", "server", "database", "outage", "slow", "error", "request", "user", "cannot",
    "open", "close", "page", "report", "invoice", "update", "install", "failed", "access", "denied", "account",
    "locked", "reset", "backup", "restore", "disk", "full", "memory", "cluster",
)  # fmt: skip
_CODES = ("Solved (Permanently)", "Solved (Work Around)", "Not Solved (Not Reproducible)", "Closed/Resolved by Caller")


def row(number: int, updated: datetime, *, is_changed: bool = False) -> dict[str, str]:
    """Return one incident; its sys_id tells its number."""
    # Seeded by number, so that the second night's row differs in what changed only.
    chance = random.Random(number)
    opened = updated - timedelta(hours=chance.randint(2, 400))
    is_closed = chance.random() < 0.9

    def words(least: int, most: int) -> str:
        return " ".join(chance.choices(WORDS, k=chance.randint(least, most)))

    def key(kind: str, most: int) -> str:
        return f"{kind}{chance.randrange(most):031x}"

    filled = {
        "sys_id": f"{number:032x}", "number": f"INC{number:08d}", "sys_updated_on": _written(updated),
        "sys_created_on": _written(opened), "opened_at": _written(opened), "sys_mod_count": str(chance.randint(1, 30)),
        "state": "7" if is_closed else "2", "priority": str(chance.randint(1, 5)), "impact": str(chance.randint(1, 3)),
        "urgency": str(chance.randint(1, 3)), "contact_type": chance.choice(("phone", "email", "self-service")),
        "short_description": words(4, 9), "description": words(15, 45),
        "category": chance.choice(("network", "software")),
        "subcategory": chance.choice(("vpn", "os", "email")), "caller_id": key("a", 20_000),
        "opened_by": key("a", 500), "assigned_to": key("b", 500), "assignment_group": key("c", 60),
        "closed_by": key("b", 500) if is_closed else "", "closed_at": _written(updated) if is_closed else "",
        "resolved_by": key("b", 500) if is_closed else "",
        "resolved_at": _written(updated - timedelta(hours=1)) if is_closed else "",
        "close_code": chance.choice(_CODES) if is_closed else "", "close_notes": words(6, 20) if is_closed else "",
        "due_date": "", "reassignment_count": str(chance.randint(0, 4)), "reopen_count": "0",
        "business_service": key("d", 80), "cmdb_ci": key("e", 5_000), "hold_reason": "",
        "made_sla": "true" if chance.random() < 0.8 else "false", "major_incident_state": "",
        "parent_incident": "", "problem_id": key("f", 900) if chance.random() < 0.05 else "",
        "rfc": key("9", 900) if chance.random() < 0.02 else "",
    }  # fmt: skip
    assert len(filled) == FIELDS
    if is_changed:
        filled |= {"state": "6", "reassignment_count": "9", "sys_mod_count": "99", "assigned_to": key("b", 500)}
    return filled


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


class Stream:
    """All rows in the order of their last update, as bytes; `night` changes one in fifty of them."""

    def __init__(self, count: int) -> None:
        self._end = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
        self._step = timedelta(days=360) / max(count, 1)
        self.bodies = [b""] * count
        self.order: list[tuple[str, int]] = []
        for number in range(count):
            updated = self._end - (count - number) * self._step
            self._put(number, updated)

    def _put(self, number: int, updated: datetime, *, is_changed: bool = False) -> None:
        made = row(number, updated, is_changed=is_changed)
        self.bodies[number] = json.dumps(made, separators=(",", ":")).encode()
        self.order.append((made["sys_updated_on"], number))

    def night(self) -> int:
        """Change one row in fifty within the hours that follow; returns how many."""
        changed = range(0, len(self.bodies), CHANGED_EVERY)
        self.order = [place for place in self.order if place[1] % CHANGED_EVERY]
        for number in changed:
            self._put(number, self._end + timedelta(hours=8) * number / len(self.bodies), is_changed=True)
        self.order.sort()
        return len(changed)
