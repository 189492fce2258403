"""SLA minutes, targets and due times as the server has them: 0 differences."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from unittest.mock import ANY

from differences import assert_same, by, shown
from seen import Seen, Story

Clocks = dict[str, dict[str, Any]]
"""Clocks by ticket and kind."""
SYNCING = 1800
LATE = {"response": "FirstResponse", "update": "Update", "solution": "Solution"}
METRICS = {"response": "response", "update": "update", "solution": "resolution"}
KINDS = {"response": "first_response", "solution": "solution"}


def test_minutes_and_targets_of_clocks_are_as_configured_on_the_server(seen: Seen) -> None:
    truth: Clocks = {}
    for number, told in seen.server.tickets().items():
        for kind, name in KINDS.items():
            spent, spare = told[f"{name}_minutes"], told[f"{name}_minutes_to_spare"]
            if spare is not None:
                target = _configured(seen, told)[f"{name}_minutes"]
                truth[f"{number}/{kind}"] = {"in_minutes": spent, "diff_minutes": spare, "target_minutes": target}
    held = {
        row["id"]: {name: _number(row[name]) for name in ("in_minutes", "diff_minutes", "target_minutes")}
        for row in seen.store["ticket_clock"] if row["diff_minutes"] is not None
    }  # fmt: skip
    assert_same("clock", truth, held)


def test_running_clocks_are_due_when_the_server_says(seen: Seen) -> None:
    held = {
        row["id"]: {"due": row["due"], "agreement": row["agreement"], "overdue": row["is_overdue"] == "true"}
        for row in seen.store["ticket_clock"] if row["due"] is not None
    }  # fmt: skip
    assert_same("clock", _running(seen), held)


def test_targets_are_held_while_they_run_and_stay_when_they_are_forgotten(story: Story) -> None:
    for seen in (story.first, story.second):
        held = by(lambda row: str(row["id"]), seen.store["ticket_target"])
        running = {f"{key}/{row['agreement']}": {"due": row["due"]} for key, row in _running(seen).items()}
        assert_same("target", running, {key: row for key, row in held.items() if key in running})
    there = story.second.server.tickets()
    before = {row["id"] for row in story.first.store["ticket_target"] if int(row["ticket"]) in there}
    after = {row["id"] for row in story.second.store["ticket_target"]}
    assert before - after == set()
    assert {key.rpartition("/")[0].rpartition("/")[0] for key in after} - _running(story.second).keys()


def test_every_clock_of_the_common_schema_is_as_the_server_has_it(story: Story) -> None:
    due: dict[str, str] = {}
    for seen in (story.first, story.second):
        running = _running(seen)
        due = {f"{key}/{row['agreement']}": row["due"] for key, row in running.items()} | due
        held = {row["id"]: row | {"due_at": shown(row["due_at"], "UTC")} for row in seen.store["clock"]}
        assert_same("clock", _in_the_common_schema(seen, running, due), held)


def _in_the_common_schema(seen: Seen, running: Clocks, due: dict[str, str]) -> Clocks:
    """Return what becomes of clocks: those that run, and those that ran and had a target.

    The goal of a definition is known where a clock of it has stopped; a due time that was seen stays.
    """
    tickets, agreements = seen.server.tickets(), _agreements(seen)
    stopped = {
        f"{number}/{kind}": told[f"{name}_minutes_to_spare"]
        for number, told in tickets.items() for kind, name in KINDS.items()
        if told[f"{name}_minutes_to_spare"] is not None
    }  # fmt: skip
    known = {(agreements[number], kind) for number, kind in map(_parts, stopped)}
    found: Clocks = {}
    for clock in stopped | running:
        number, kind = _parts(clock)
        told, agreement = tickets[number], agreements[number]
        if told["state_type"] == "removed":
            continue
        is_known = (agreement, kind) in known
        spent = told[f"{KINDS[kind]}_minutes"] if kind in KINDS else None
        found[clock] = {
            "agreement": told["sla"] or told["queue"], "metric": METRICS[kind],
            "goal_seconds": _configured(seen, told)[f"{KINDS[kind]}_minutes"] * 60 if is_known else None,
            "elapsed_seconds": None if spent is None else spent * 60,
            "is_breached": running[clock]["overdue"] if clock in running else stopped[clock] < 0,
            "due_at": due.get(f"{clock}/{agreement}"),
        }  # fmt: skip
    return found


def _running(seen: Seen) -> Clocks:
    """Return the clocks that run, from the columns in which the server keeps their due times.

    It leaves the due time of a response there when an answer is merged into a ticket; that clock has stopped.
    """
    tickets, agreements = seen.server.tickets(), _agreements(seen)
    looked_at = datetime.fromisoformat(seen.server.truth["generated_at"]).timestamp()
    return {
        f"{row['id']}/{kind}": {
            "due": shown(datetime.fromtimestamp(row[kind], UTC), "UTC"), "agreement": agreements[row["id"]],
            # What was due between the look and the sync may be told either way.
            "overdue": ANY if 0 <= row[kind] - looked_at < SYNCING else name in tickets[row["id"]]["escalated"],
        }
        for row in seen.server.rows["clocks"] for kind, name in LATE.items()
        if row[kind] and not (kind == "response" and tickets[row["id"]]["first_response_at"])
    }  # fmt: skip


def _agreements(seen: Seen) -> dict[int, str]:
    """Return by ticket whose targets hold for it: those of its SLA, or else of its queue."""
    return {
        row["id"]: f"sla/{row['sla_id']}" if row["sla_id"] else f"queue/{row['queue_id']}"
        for row in seen.server.rows["clocks"]
    }  # fmt: skip


def _configured(seen: Seen, told: dict[str, Any]) -> dict[str, int]:
    truth = seen.server.truth
    return dict(truth["slas"][told["sla"]] if told["sla"] else truth["queues"][told["queue"]])


def _parts(clock: str) -> tuple[int, str]:
    number, _, kind = clock.partition("/")
    return int(number), kind


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)
