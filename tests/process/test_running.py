"""Paths, steps and rules over small worlds: who is in, who is out and why, and that the numbers add up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import duckdb
import pytest

from itsm_bridge.checking.case_rows import DEFAULTS, create_tables, fill
from itsm_bridge.checking.views import make_views, plan
from itsm_bridge.process import Constraint, Process, run_process
from itsm_bridge.schema import TABLES

START = datetime(2026, 3, 2, 9)
NOW = datetime(2026, 4, 1)
PERIOD = (datetime(2026, 3, 1), NOW)


def hour(n: float) -> datetime:
    return START + timedelta(hours=n)


def rule(template: str = "response", a: str = "pend", b: str = "resume", **more: Any) -> Constraint:
    return Constraint("rule", "A rule", template, ("incident",), (a,), (b,) if b else (), **more)


class World:
    """Canonical tables in memory."""

    def __init__(self) -> None:
        self.connection = duckdb.connect(":memory:", config={"threads": 1})
        create_tables(self.connection)
        self.rows: dict[str, list[dict[str, Any]]] = {"source": [{"source_id": "prod"}]}

    def add(self, table: str, **row: Any) -> None:
        rows = self.rows.setdefault(table, [])
        full = {"source_id": "prod"} if "source_id" in TABLES[table].names else {}
        full |= {**DEFAULTS.get(table, {}), **row}
        if len(TABLES[table].key) == 1:
            full.setdefault(TABLES[table].key[0], f"{table}-{len(rows)}")
        rows.append(full)

    def record(self, name: str, *states: str, record_type: str = "incident", **row: Any) -> None:
        """Add a record that enters a state every hour."""
        about = {
            "opened_at": START,
            "created_at": START,
            "updated_at": START,
            "number": name,
            "source_key": name,
            **row,
        }
        self.add("work_item", work_item_id=name, record_type=record_type, **{"state": states[-1], **about})
        for n, (old, new) in enumerate(pairwise(states), 1):
            self.add("transition", work_item_id=name, at=hour(n), seq=n, old_value=old, new_value=new)

    def write(self) -> None:
        for name, rows in self.rows.items():
            fill(self.connection, TABLES[name], rows)
        self.rows = {}

    def run(self, *rules: Constraint) -> Process:
        self.write()
        return run_process(self.connection, rules, PERIOD, NOW)

    def log(self) -> dict[str, list[str]]:
        """Return the activities of each record in order; those without a time in brackets."""
        self.write()
        names = ("work_item_id", "source_id", "at", "seq", "activity")
        make_views(self.connection, plan({("activity", name) for name in names}), {"now": NOW})
        found: dict[str, list[str]] = {}
        for record, at, activity in self.connection.execute(
            "SELECT v.work_item_id, v.at, v.activity FROM activity AS v ORDER BY v.work_item_id, v.seq"
        ).fetchall():
            found.setdefault(record, []).append(activity if at else f"({activity})")
        return found


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.connection.close()


def test_the_log_of_an_incident_from_every_table_in_order(world: World) -> None:
    world.record(
        "I", "new", "in_progress", "pending", "in_progress", "resolved", "closed", "in_progress", assignee_id="p1"
    )
    world.add("transition", work_item_id="I", at=hour(1), seq=1, field="assignee", old_value=None, new_value="p1")
    world.add("transition", work_item_id="I", at=hour(2), seq=9, field="group", old_value="g1", new_value="g2")
    world.add("transition", work_item_id="I", at=hour(2.5), seq=9, field="priority", old_value="2", new_value="3")
    world.add("comment", work_item_id="I", at=hour(1))
    world.add("work_item", work_item_id="P", record_type="problem", opened_at=START, created_at=START, state="new")
    world.add("relation", from_id="I", to_id="P", relation_type="investigated_by", created_at=hour(5.5))
    assert world.log() == {
        "I": ["create", "assign", "start", "respond", "inform_requester", "pend", "group_change", "prio_down", "resume",
              "resolve", "close", "link_problem", "reopen"],
        "P": ["create"],
    }  # fmt: skip


def test_the_log_of_a_change_decisions_before_what_they_allow(world: World) -> None:
    world.record("C", "draft", "authorize", "scheduled", "implement", "review", "closed", record_type="change")
    world.add("change_detail", work_item_id="C", actual_start_at=hour(2.5), reviewed_at=hour(4))
    for level in ("vote", "rollup"):
        world.add("approval", work_item_id="C", level=level, decided_at=hour(2))
    world.add("transition", work_item_id="C", at=hour(2), seq=1, field="planned_start", old_value="x", new_value="y")
    assert world.log()["C"] == [
        "create", "request_approval", "approve", "plan_edit", "schedule", "implement", "implement", "review", "close",
    ]  # fmt: skip


def test_a_record_that_was_made_with_an_owner_was_assigned_at_once(world: World) -> None:
    world.record("kept", "new", assignee_id="p1")
    world.record("handed_on", "new")
    world.add(
        "transition", work_item_id="handed_on", at=hour(1), seq=1, field="assignee", old_value="p1", new_value="p2"
    )
    world.record("nobodys", "new")
    assert world.log() == {
        "kept": ["create", "assign"], "handed_on": ["create", "assign", "assign"], "nobodys": ["create"],
    }  # fmt: skip


def test_paths_count_only_records_that_ended_and_tell_the_rest(world: World) -> None:
    for n in range(3):
        world.record(f"A{n}", "new", "in_progress", "resolved", "closed")
    world.record("B", "new", "closed")
    world.record("open", "new", "in_progress")
    world.record("unreadable", "closed", history_level="none")
    world.record("long_ago", "new", "closed", opened_at=datetime(2025, 1, 1), closed_at=datetime(2025, 1, 2))
    world.record("change", "draft", "cancelled", record_type="change")
    found = world.run()
    assert found.records.to_pylist() == [
        {"source_id": "prod", "record_type": "change", "records": 1, "without_history": 0, "still_open": 0,
         "complete": 1, "variants": 1},
        {"source_id": "prod", "record_type": "incident", "records": 6, "without_history": 1, "still_open": 1,
         "complete": 4, "variants": 2},
    ]  # fmt: skip
    paths = [row for row in found.variants.to_pylist() if row["record_type"] == "incident"]
    assert [(row["path"], row["records"], row["share"], row["cumulative_share"], row["median_seconds"]) for row in paths] == [
        ("new → in_progress → resolved → closed", 3, 0.75, 0.75, 3 * 3600), ("new → closed", 1, 0.25, 1.0, 3600),
    ]  # fmt: skip


def test_a_source_whose_history_cannot_be_read_tells_no_path_and_keeps_no_rule(world: World) -> None:
    world.record("A", "new", "pending", "closed")
    world.add("capability", capability="history.state")
    found = world.run(rule())
    assert [(row["records"], row["without_history"]) for row in found.records.to_pylist()] == [(1, 1)]
    (overall, *_) = found.constraints.to_pylist()
    assert (overall["in_scope"], overall["not_assessable"], overall["activations"]) == (1, 1, 0)
    assert "this source cannot tell" in overall["reasons"]


def test_steps_are_held_against_the_model_and_records_with_them(world: World) -> None:
    for old, new in (("new", "in_progress"), ("in_progress", "closed")):
        world.add("transition_rule", record_type="incident", from_state=old, to_state=new)
    world.record("kept", "new", "in_progress", "closed")
    world.record("departed", "new", "closed")
    world.record("unclear", "new", "unknown", "closed")
    world.record("problem", "new", "closed", record_type="problem")
    found = world.run()
    steps = {
        (row["record_type"], row["from_state"], row["to_state"]): row["verdict"] for row in found.steps.to_pylist()
    }
    assert steps == {
        ("incident", "new", "in_progress"): "allowed", ("incident", "in_progress", "closed"): "allowed",
        ("incident", "new", "closed"): "not_allowed", ("incident", "new", "unknown"): "not_assessable",
        ("incident", "unknown", "closed"): "not_assessable", ("problem", "new", "closed"): "no_model",
    }  # fmt: skip
    (kept,) = found.following.to_pylist()
    assert (kept["records"], kept["following"], kept["departing"], kept["not_assessable"]) == (3, 1, 1, 1)


def test_where_records_stand_to_a_rule_and_that_it_adds_up(world: World) -> None:
    world.record("kept", "new", "pending", "in_progress", "closed")
    world.record("broken", "new", "pending", "closed")
    world.record("waiting", "new", "pending")
    world.record("idle", "new", "in_progress", "closed")
    world.record("unmapped", "new", "unknown", "pending", "closed")
    world.record("unreadable", "closed", history_level="none")
    (overall, prod) = world.run(rule()).constraints.to_pylist()
    numbers = {name: overall[name] for name in ("kept", "violated", "pending", "vacuous", "not_assessable")}
    assert numbers == {"kept": 1, "violated": 1, "pending": 1, "vacuous": 1, "not_assessable": 2}
    assert overall["in_scope"] == sum(numbers.values()) == 6
    assert (overall["activations"], overall["violations"], overall["pending_activations"]) == (3, 1, 1)
    assert sum(json.loads(overall["reasons"]).values()) == 2
    assert overall["examples"] == ["broken"]
    assert {**prod, "source_id": "*"} == overall


def test_what_has_no_time_makes_a_rule_that_asks_for_it_not_assessable(world: World) -> None:
    world.record("C", "draft", "implement", "closed", record_type="change")
    world.add("approval", work_item_id="C", decided_at=None)
    asked = Constraint("asked", "", "precedence", ("change",), ("approve",), ("implement",))
    other = Constraint("other", "", "precedence", ("change",), ("implement",), ("close",))
    rows = {row["constraint_id"]: row for row in world.run(asked, other).constraints.to_pylist()}
    assert world.log()["C"] == ["create", "implement", "close", "(approve)"]
    assert (rows["asked"]["not_assessable"], rows["other"]["kept"]) == (1, 1)
    assert "without a time" in rows["asked"]["reasons"]


def test_a_population_that_cannot_be_told_is_not_assessable(world: World) -> None:
    for name, priority in (("high", 1), ("low", 4), ("untold", None)):
        world.record(name, "new", "pending", "closed", priority=priority)
    (overall, _) = world.run(rule(population="w.priority = 1")).constraints.to_pylist()
    assert (overall["in_scope"], overall["violated"], overall["not_assessable"]) == (2, 1, 1)
