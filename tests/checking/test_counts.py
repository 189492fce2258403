"""Whatever the records: the counts of every check add up, and no row is lost or doubled."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itsm_bridge.checking import Check
from itsm_bridge.checking.case_rows import NOW, PERIOD_FROM
from itsm_bridge.process import BUILT_IN, Process, load_constraints, run_process
from itsm_bridge.schema import TABLES
from itsm_bridge.schema.lifecycles import CAPABILITIES

from .conftest import World, built_in, make_world

NUMBERS = ("in_scope", "assessable", "not_assessable", "failing", "suppressed")
RULES = [rule for file in load_constraints([BUILT_IN]) for rule in file.constraints]
STANDINGS = ("kept", "violated", "pending", "vacuous", "not_assessable")
ROW_KEYS = ("transition_id", "sla_instance_id", "approval_id", "comment_id", "relation_id")
"""Keys of rows in which the checks of the catalogue name what they judge, records aside."""
START = datetime(2026, 2, 20)
SHARES = 4
maybe = st.none
moments = st.integers(0, 45 * 24).map(lambda hours: START + timedelta(hours=hours))
people = st.sampled_from(["p1", "p2", "p3"])
states = st.sampled_from([
    "new", "draft", "assess", "authorize", "scheduled", "in_progress", "implement", "pending", "resolved", "closed",
    "cancelled", "unknown",
])  # fmt: skip
records = st.fixed_dictionaries({
    "record_type": st.sampled_from(["incident", "service_request", "problem", "change", "task", "unknown"]),
    "state": maybe() | states, "priority": maybe() | st.integers(1, 5), "impact": maybe() | st.integers(1, 3),
    "urgency": maybe() | st.integers(1, 3), "opened_at": maybe() | moments, "created_at": maybe() | moments,
    "updated_at": maybe() | moments, "resolved_at": maybe() | moments, "closed_at": maybe() | moments,
    "requester_id": maybe() | people, "assignee_id": maybe() | people, "is_major": maybe() | st.booleans(),
    "history_level": maybe() | st.sampled_from(["full", "partial", "none"]), "category": maybe() | st.just("other"),
    "is_approval_required": maybe() | st.booleans(), "reopen_claimed": maybe() | st.integers(0, 2),
    "source_id": st.sampled_from(["north", "south"]), "channel": maybe() | st.sampled_from(["phone", "import"]),
})  # fmt: skip
moves = st.tuples(maybe() | states, states, moments, st.sampled_from(["state", "priority", "group", "impact"]))
worlds = st.lists(
    st.tuples(
        records, st.lists(moves, max_size=4), maybe() | moments, st.sampled_from(["approved", "rejected"]),
        maybe() | st.sampled_from(["normal", "standard", "emergency", "unknown"]),
    ),
    min_size=2, max_size=12,
)  # fmt: skip
losses = st.lists(st.tuples(st.sampled_from(CAPABILITIES), st.sampled_from(["*", "incident", "change"])), max_size=3)


def build(rows: list[Any], lost: list[tuple[str, str]], is_denied: bool) -> World:
    world = make_world()
    for source in ("north", "south"):
        world.add("source", source_id=source)
    for capability, record_type in dict.fromkeys(lost):
        world.add("capability", source_id="north", capability=capability, record_type=record_type)
    if is_denied:
        feeds = ",".join(set(TABLES) - {"approval"})
        world.add("stream_run", source_id="south", stream="all", feeds=feeds, expected=5, held=5)
        world.add("stream_run", source_id="south", stream="approvals", feeds="approval", status="denied", snapshot=2)
    for state in ("pending", "resolved"):
        world.add("sla_pause_rule", source_id=None, state=state)
    world.add("priority_matrix", source_id=None, record_type="incident", impact=1, urgency=1, priority=1)
    world.add("target", record_type="incident", metric="response", priority=None, limit_seconds=3600)
    world.add("transition_rule", record_type="incident", from_state="new", to_state="in_progress")
    for source in ("north", "south"):
        world.add("sla_definition", sla_definition_id=f"d-{source}", source_id=source, goal_seconds=3600)
    for n, (record, steps, decided, decision, change_type) in enumerate(rows):
        name, source = f"R{n}", record["source_id"]
        world.add("work_item", work_item_id=name, source_key=name, number=name, **record)
        for seq, (old, new, at, field) in enumerate(steps):
            values = (str(seq % 5 + 1), str(seq % 3 + 1)) if field in ("priority", "impact") else (old, new)
            world.add(
                "transition", source_id=source, work_item_id=name, at=at, seq=seq, field=field, old_value=values[0],
                new_value=values[1],
            )  # fmt: skip
        for level in ("vote", "rollup"):
            world.add(
                "approval", source_id=source, work_item_id=name, level=level, decided_at=decided, decision=decision,
                approver_id="p1",
            )  # fmt: skip
        detail = {"change_type": change_type, "actual_start_at": decided}
        world.add("change_detail", source_id=source, work_item_id=name, **detail)
        world.add(
            "sla_instance", source_id=source, work_item_id=name, sla_definition_id=f"d-{source}", stopped_at=decided,
            elapsed_seconds=10, is_breached=False,
        )  # fmt: skip
    return world


def subjects_of(world: World) -> list[str]:
    """Name every row that a check may judge by its own key."""
    keys = {name: TABLES[name].key[0] for name in world.rows if len(TABLES[name].key) == 1}
    return sorted({row[key] for name, key in keys.items() for row in world.rows[name]})


def is_of_a_row(check: Check) -> bool:
    """Tell whether the subjects of a check are rows of a table, so that the verdict on each can be asked for by its key."""
    return check.subject.key in ("w.work_item_id", *(f"{check.subject.alias}.{name}" for name in ROW_KEYS))


# What costs is the judging, not the records: each world has many of them, and is judged by a share of the checks.
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds, losses, st.booleans(), st.integers(0, SHARES - 1))
def test_counts_add_up(rows: list[Any], lost: list[tuple[str, str]], is_denied: bool, share: int) -> None:
    world = build(rows, lost, is_denied)
    named = subjects_of(world)
    judged = {name: check for n, (name, check) in enumerate(sorted(built_in().items())) if n % SHARES == share}
    run = world.judge(list(judged.values()), watched=dict.fromkeys(judged, named))
    assert run.problems == ()
    said = Counter((check, verdict) for (check, _), verdict in run.verdicts.items())
    counts = run.counts.to_pylist()
    findings = run.findings.to_pylist()
    found = Counter((row["check_id"], row["source_id"], row["suppressed_by"] is not None) for row in findings)
    totals: dict[str, Counter[str]] = {}
    for row in counts:
        assert row["in_scope"] == row["assessable"] + row["not_assessable"]
        assert row["failing"] + row["suppressed"] + row["waived"] <= row["assessable"]
        assert sum(json.loads(row["reasons"]).values()) == row["not_assessable"]
        if row["source_id"] == "*":
            continue
        assert found[row["check_id"], row["source_id"], False] == row["failing"]
        assert found[row["check_id"], row["source_id"], True] == row["suppressed"]
        total = totals.setdefault(row["check_id"], Counter())
        total.update({name: row[name] for name in NUMBERS})
    for row in counts:
        if row["source_id"] == "*":
            assert all(row[name] == n for name, n in totals[row["check_id"]].items())
    for row in (row for row in counts if row["source_id"] == "*" and is_of_a_row(built_in()[row["check_id"]])):
        fails = row["failing"] + row["suppressed"] + row["waived"]
        verdicts = tuple(said[row["check_id"], each] for each in ("pass", "fail", "not_assessable"))
        assert verdicts == (row["assessable"] - fails, fails, row["not_assessable"]), row["check_id"]
    assert {row["check_id"] for row in counts} == set(judged)
    subjects = [(row["check_id"], row["subject"]) for row in findings]
    assert len(subjects) == len(set(subjects))
    rules_and_paths_add_up(run_process(world.connection, RULES, (PERIOD_FROM, NOW), NOW))
    world.connection.close()


def rules_and_paths_add_up(process: Process) -> None:
    totals: dict[str, Counter[str]] = {}
    rows = process.constraints.to_pylist()
    for row in rows:
        assert row["in_scope"] == sum(row[name] for name in STANDINGS)
        assert row["not_assessable"] == sum(json.loads(row["reasons"]).values())
        assert row["violated"] <= row["violations"] <= row["activations"] - row["pending_activations"]
        if row["source_id"] != "*":
            totals.setdefault(row["constraint_id"], Counter()).update({name: row[name] for name in STANDINGS})
    for row in rows:
        if row["source_id"] == "*":
            assert all(row[name] == totals.get(row["constraint_id"], Counter())[name] for name in STANDINGS)
    told: Counter[tuple[str, str]] = Counter()
    for row in process.variants.to_pylist():
        told[row["source_id"], row["record_type"]] += row["records"]
    for row in process.records.to_pylist():
        assert row["records"] == row["complete"] + row["still_open"] + row["without_history"]
        assert row["complete"] == told[row["source_id"], row["record_type"]]
