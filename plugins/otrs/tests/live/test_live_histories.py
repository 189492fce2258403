"""What befell tickets, as the server's history has it: 0 differences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from differences import assert_none, assert_same, comes_twice, shown
from seen import Seen, Story

Row = Mapping[str, Any]
ENDS_AT = {"state": "state", "queue": "queue", "priority": "priority", "type": "type", "owner": "owner",
           "service": "service", "sla": "sla"}  # fmt: skip
"""Fields of histories, and what a ticket calls the value at which they end."""


def test_every_transition_is_held_with_its_instant_and_author(story: Story, seen: Seen) -> None:
    logins = {str(row["id"]): row["login"] for row in seen.server.rows["users"]}
    rows = [
        row for row in _ordered(seen.store["ticket_history"]) if row["type"] == "StateUpdate" and _is_there(row, seen)
    ]
    held = _in_a_row([
        {"ticket": int(row["ticket"]), "from": row["from"], "to": row["to"], "by": logins[row["author"]],
         "at": shown(row["created"], story.zone)}
        for row in rows
    ], _of_unknown_order(seen, story))  # fmt: skip
    assert_same("transition", _of_truth(seen, story), held)


def test_every_transition_of_the_common_schema_is_as_the_server_has_it(story: Story, seen: Seen) -> None:
    held = _in_a_row([
        {"ticket": int(row["ticket"]), "from": row["from"], "to": row["to"], "by": row["by"],
         "at": shown(row["at"], story.zone)}
        for row in seen.store["transition"] if row["from"] is not None and row["from"] != row["to"]
    ], _of_unknown_order(seen, story))  # fmt: skip
    removed = {number for number, told in seen.server.tickets().items() if told["state_type"] == "removed"}
    truth = {key: row for key, row in _of_truth(seen, story).items() if key[0] not in removed}
    assert_same("transition", truth, held)


def test_every_row_of_a_history_is_held(story: Story, seen: Seen) -> None:
    logins = {str(row["id"]): row["login"] for row in seen.server.rows["users"]}
    truth = _in_a_row([
        {"ticket": row["ticket_id"], "type": row["type"], "by": row["author"], "at": row["created"]}
        for row in seen.server.rows["history"] if not row["article"]
    ], _of_unknown_order(seen, story))  # fmt: skip
    held = _in_a_row([
        {"ticket": int(row["ticket"]), "type": row["type"], "by": logins[row["author"]],
         "at": shown(row["created"], story.zone)}
        for row in _ordered(seen.store["ticket_history"]) if row["article"] is None and _is_there(row, seen)
    ], _of_unknown_order(seen, story))  # fmt: skip
    assert_same("history row", truth, held)


def test_every_row_about_an_article_is_held(seen: Seen) -> None:
    truth = {(row["ticket_id"], row["type"], row["article"]) for row in seen.server.rows["history"] if row["article"]}
    held = {
        (int(row["ticket"]), row["type"], int(row["article"])) for row in seen.store["ticket_history"] if row["article"]
    }
    assert truth - held == set()


def test_what_a_field_became_is_what_it_was_before_the_next_change_and_ends_as_the_ticket_is(
    story: Story, seen: Seen
) -> None:
    tickets, unordered, wrong = seen.server.tickets(), _of_unknown_order(seen, story), []
    assert len(unordered) < len(tickets) / 10
    for field, name in ENDS_AT.items():
        last: dict[int, str | None] = {}
        rows = [row for row in _ordered(seen.store["ticket_history"]) if row["field"] == field and _is_there(row, seen)]
        for row in rows:
            number = int(row["ticket"])
            if number in unordered:
                continue
            if number in last and row["from"] != last[number]:
                wrong.append(f"ticket {number}: {field} became {last[number]!r}, then was {row['from']!r}")
            last[number] = row["to"]
        assert last, field
        wrong += [
            f"ticket {number}: {field} became {value!r}, and is {tickets[number][name]!r}"
            for number, value in last.items() if value != tickets[number][name]
        ]  # fmt: skip
    assert_none(wrong)


def _of_truth(seen: Seen, story: Story) -> dict[tuple[int, int], Row]:
    return _in_a_row([
        {"ticket": number, "from": row["from"], "to": row["to"], "by": row["by"], "at": shown(row["at"], story.zone)}
        for number, told in seen.server.tickets().items() for row in told["transitions"] if row["kind"] == "StateUpdate"
    ], _of_unknown_order(seen, story))  # fmt: skip


def _of_unknown_order(seen: Seen, story: Story) -> set[int]:
    """Return the tickets of which something happened in the hour that clocks show twice."""
    return {row["ticket_id"] for row in seen.server.rows["history"] if comes_twice(row["created"], story.zone)}


def _in_a_row(rows: Iterable[dict[str, Any]], unordered: set[int]) -> dict[tuple[int, int], Row]:
    """Return rows by ticket and place among that ticket's rows; those of unknown order by what they say."""
    by_ticket: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        by_ticket.setdefault(row["ticket"], []).append(row)
    for number in unordered & by_ticket.keys():
        by_ticket[number].sort(key=lambda row: repr(sorted(row.items(), key=str)))
    return {(number, place): row for number, found in by_ticket.items() for place, row in enumerate(found)}


def _ordered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (int(row["ticket"]), int(row["position"])))


def _is_there(row: Row, seen: Seen) -> bool:
    """Whether the ticket is still on the server: histories of deleted tickets stay in the store."""
    return int(row["ticket"]) in seen.server.tickets()
