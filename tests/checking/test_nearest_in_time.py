"""What windows find about items, changes and problems equals what comparing every pair finds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from itsm_bridge.checking.case_rows import PERIOD_FROM

from .conftest import World

TOLERANCE, DUE = timedelta(minutes=15), timedelta(days=5)
ITEMS = [f"ci{n}" for n in range(12)]

Work = tuple[str, str, datetime, datetime]
Edit = tuple[str, str, datetime]


def test_edits_outside_changes_are_those_that_no_change_on_the_item_covers(world: World) -> None:
    works, edits = _filled(world, Random(3), edits=120)
    uncovered = {
        edit
        for edit, item, at in edits
        if not any(item == on and begin - TOLERANCE <= at <= end + DUE for _, on, begin, end in works)
    }
    assert 20 < len(uncovered) < len(edits) - 20
    assert _failing(world, "CFG-004") == uncovered


def test_items_that_no_change_was_followed_by_an_update_are_found(world: World) -> None:
    works, edits = _filled(world, Random(4), edits=20)
    stale = {
        f"{change}>{item}"
        for change, item, begin, end in works
        if not any(item == on and begin - TOLERANCE <= at <= end + DUE for _, on, at in edits)
    }
    assert 5 < len(stale) < len(works) - 5
    assert _failing(world, "CFG-005") == stale


def test_incidents_after_a_problem_are_counted_as_one_by_one(world: World) -> None:
    chance = Random(5)
    incidents = [(f"t{chance.randrange(5)}", _hour(chance)) for _ in range(120)]
    problems = [(f"P{n}", f"t{chance.randrange(5)}", _hour(chance)) for n in range(40)]
    for n, (category, opened) in enumerate(incidents):
        world.record(f"I{n}", service_id="mail", category=category, opened_at=opened)
    for name, category, closed in problems:
        world.record(name, "problem", state="closed", service_id="mail", category=category, closed_at=closed)
    expected = [
        (name, sum(topic == category and opened > closed for topic, opened in incidents))
        for name, category, closed in sorted(problems)
    ]
    assert world.view("recurrence", "work_item_id", "recurrences") == expected


def _filled(world: World, chance: Random, edits: int) -> tuple[list[Work], list[Edit]]:
    world.add("policy_list", name="controlled_item_field", value="version")
    for item in ITEMS:
        world.add("configuration_item", configuration_item_id=item, source_key=item, is_in_scope=True)
    works = list(_works(world, chance))
    return works, list(_edits(world, chance, works, edits))


def _works(world: World, chance: Random) -> Iterator[Work]:
    for n in range(25):
        begin = _hour(chance)
        end = begin + timedelta(hours=chance.choice((1, 3, 30)))
        item = chance.choice(ITEMS)
        world.record(f"C{n}", "change", state="closed", configuration_item_id=item, closed_at=end)
        world.add("change_detail", work_item_id=f"C{n}", actual_start_at=begin, actual_end_at=end, outcome="successful")
        yield f"C{n}", item, begin, end


def _edits(world: World, chance: Random, works: list[Work], count: int) -> Iterator[Edit]:
    """Edit items at any time, or just within or just outside of what counts for a change."""
    for n in range(count):
        _, item, begin, end = chance.choice(works)
        minute = timedelta(minutes=chance.choice((0, 1)))
        at = chance.choice((_hour(chance), begin - TOLERANCE - minute, end + DUE + minute))
        world.add("configuration_item_event", event_id=f"E{n}", configuration_item_id=item, at=at, field="version",
                  actor_kind="agent")  # fmt: skip
        yield f"E{n}", item, at


def _hour(chance: Random) -> datetime:
    return PERIOD_FROM + timedelta(days=1, hours=chance.randrange(24 * 20))


def _failing(world: World, check: str) -> set[str]:
    run = world.judge([check])
    assert run.problems == ()
    return {row["subject"] for row in run.findings.to_pylist()}
