"""What tickets are now, as the server says it: 0 differences, in what was read and in what became of it."""

from __future__ import annotations

import json
from typing import Any

from differences import assert_same, by, shown
from seen import Seen, Story

AS_IT_STANDS = {
    "TicketNumber": "number", "Type": "type", "State": "state", "StateType": "state_type",
    "Queue": "queue", "Priority": "priority", "Lock": "lock", "Owner": "owner", "Responsible": "responsible",
    "Service": "service", "SLA": "sla", "CustomerID": "customer_id", "CustomerUserID": "customer_user",
}  # fmt: skip
INSTANTS = {
    "Created": "created_at", "Changed": "changed_at", "FirstLock": "first_lock_at",
    "FirstResponse": "first_response_at", "Closed": "closed_at",
}  # fmt: skip
MINUTES = {
    "FirstResponseInMin": "first_response_minutes", "FirstResponseDiffInMin": "first_response_minutes_to_spare",
    "SolutionInMin": "solution_minutes", "SolutionDiffInMin": "solution_minutes_to_spare",
}  # fmt: skip
NOBODY = "root@localhost"
OWN = ("ITSMImpact", "ITSMDueDate", "PlannedDate", "AffectedSystems", "IsMajor", "ExternalRef")


def test_every_ticket_is_held_as_the_server_has_it(story: Story, seen: Seen) -> None:
    truth = {
        number: {column: told[name] for column, name in AS_IT_STANDS.items()}
        | {column: shown(told[name], story.zone) for column, name in INSTANTS.items()}
        | {column: told[name] for column, name in MINUTES.items()}
        | {"pending_until": shown(told["pending_until"], "UTC")}
        for number, told in seen.server.tickets().items()
    }
    held = {
        int(row["TicketID"]): row
        | {column: shown(row[column], story.zone) for column in INSTANTS}
        | {column: None if row[column] is None else int(row[column]) for column in MINUTES}
        | {"pending_until": row["pending_until"] if row["StateType"].startswith("pending") else None}
        for row in seen.store["ticket"]
    }
    assert_same("ticket", truth, held)


def test_every_field_of_the_site_is_held_as_the_server_has_it(story: Story, seen: Seen) -> None:
    truth = {
        number: {name: told["dynamic_fields"].get(name) for name in OWN}
        for number, told in seen.server.tickets().items()
    }
    held = {
        int(row["TicketID"]): {name: _own(row[f"dynamic.{name}"], truth[int(row["TicketID"])][name], story) for name in OWN}
        for row in seen.store["ticket"]
    }  # fmt: skip
    assert_same("ticket", truth, held)


def _own(value: str | None, wanted: Any, story: Story) -> Any:
    """Return a value of a field of the site's own as the server would write it."""
    if value is None:
        return None
    if isinstance(wanted, list):
        return json.loads(value)
    if isinstance(wanted, int):
        return int(value)
    return shown(value, story.zone) if value[4:5] == "-" and value[13:14] == ":" else value


def test_every_record_of_the_common_schema_is_as_the_server_has_it(story: Story, seen: Seen) -> None:
    names = ("number", "title", "type", "state", "priority", "queue", "customer_user", "service")
    instants = ("created_at", "changed_at", "first_response_at", "closed_at")
    truth = {
        number: {name: told[name] for name in names}
        | {name: shown(told[name], story.zone) for name in instants}
        | {
            "owner": None if told["owner"] == NOBODY else told["owner"],
            "closed_at": shown(_closed_at(told), story.zone),
        }
        for number, told in _records(seen).items()
    }
    held = {
        int(row["id"]): row | {name: shown(row[name], story.zone) for name in instants}
        for row in seen.store["work_item"]
    }  # fmt: skip
    assert_same("record", truth, held)


def test_a_merged_ticket_is_a_duplicate_of_the_one_that_it_went_into(seen: Seen) -> None:
    records = _records(seen)
    truth = {
        number: {"into": told["merged_into"]} for number, told in records.items() if told["merged_into"] in records
    }  # fmt: skip
    held = {int(row["id"]): {"into": int(row["into"])} for row in seen.store["duplicate"]}
    assert_same("merged record", truth, held)


def test_every_article_is_held_with_its_sender_and_who_sees_it(story: Story, seen: Seen) -> None:
    logins = {str(row["id"]): row["login"] for row in seen.server.rows["users"]}
    truth = {
        (row["ticket_id"], row["id"]): {
            "sender": row["sender"], "author": row["author"], "created": row["created"], "is_visible": bool(row["visible"]),
        }
        for row in seen.server.rows["articles"]
    }  # fmt: skip
    held = {
        (int(row["ticket"]), int(row["article"])): {
            "sender": row["sender"], "author": logins[row["author"]], "created": shown(row["created"], story.zone),
            "is_visible": row["is_visible"] in ("1", "true"),
        }
        for row in seen.store["ticket_article"]
    }  # fmt: skip
    assert_same("article", truth, held)
    counted = {number: {"comments": told["articles"]} for number, told in _records(seen).items() if told["articles"]}
    assert_same("record", counted, by(lambda row: int(row["ticket"]), seen.store["comment"]))


def _records(seen: Seen) -> dict[int, dict[str, Any]]:
    """Return the tickets that make records: "removed" is how agents delete one, and it makes none."""
    return {number: told for number, told in seen.server.tickets().items() if told["state_type"] != "removed"}


def _closed_at(told: dict[str, Any]) -> str | None:
    """Return when a ticket came to its end: the server keeps this of reopened ones, and tells none where it merged one."""
    if told["state_type"] not in ("closed", "merged"):
        return None
    at: str = told["closed_at"] or told["transitions"][-1]["at"]
    return at
