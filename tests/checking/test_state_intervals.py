"""The state history as stays: a beginning, an order, nothing twice, and a derived resolution where a tool has none."""

from __future__ import annotations

from datetime import datetime, timedelta

from itsm_bridge.checking.case_rows import OPENED

from .conftest import World

STAY = ("state", "from_at", "to_at", "prev_state", "next_state", "origin")


def hour(n: float) -> datetime:
    return OPENED + timedelta(hours=n)


def stays(world: World) -> list[tuple[object, ...]]:
    return world.view("state_interval", *STAY, "seq", order="from_at, seq, to_at")


def states(world: World) -> list[object]:
    return [row[0] for row in stays(world)]


def test_a_creation_event_stands_first(world: World) -> None:
    world.record("R1", state="resolved")
    world.moves("R1", (hour(1), "new", "in_progress"), (hour(2), "in_progress", "resolved"))
    assert [row[:6] for row in stays(world)] == [
        ("new", OPENED, hour(1), None, "in_progress", "synthetic"),
        ("in_progress", hour(1), hour(2), "new", "resolved", "native"),
        ("resolved", hour(2), None, "in_progress", None, "native"),
    ]


def test_a_record_that_never_moved_is_where_it_began(world: World) -> None:
    world.record("R1", state="pending")
    assert [row[:6] for row in stays(world)] == [("pending", OPENED, None, None, None, "synthetic")]


def test_a_creation_that_the_tool_records_is_not_doubled(world: World) -> None:
    world.record("R1", state="in_progress")
    world.moves("R1", (hour(0), None, "new"), (hour(1), "new", "in_progress"))
    assert states(world) == ["new", "in_progress"]


def test_a_creation_is_not_later_than_the_first_event(world: World) -> None:
    world.record("R1", state="in_progress", created_at=hour(9), opened_at=hour(9))
    world.moves("R1", (hour(1), "new", "in_progress"))
    assert stays(world)[0][1] == hour(1)


def test_events_of_one_second_keep_the_order_of_the_tool(world: World) -> None:
    world.record("R1", state="closed")
    for seq, old, new in ((30, "resolved", "closed"), (10, "new", "in_progress"), (20, "in_progress", "resolved")):
        world.add("transition", work_item_id="R1", at=hour(1), seq=seq, old_value=old, new_value=new)
    assert states(world) == ["new", "in_progress", "resolved", "closed"]


def test_entries_that_change_nothing_are_left_out(world: World) -> None:
    world.record("R1", state="resolved")
    world.moves(
        "R1", (hour(1), "new", "in_progress"), (hour(2), "in_progress", "in_progress"),
        (hour(3), "in_progress", "resolved"),
    )  # fmt: skip
    assert states(world) == ["new", "in_progress", "resolved"]
    assert stays(world)[1][1:3] == (hour(1), hour(3))


def test_repeats_of_a_tool_that_keeps_no_old_value_are_left_out(world: World) -> None:
    world.record("R1", state="resolved")
    steps = ((1, "new"), (2, "new"), (3, "new"), (4, "resolved"))
    world.moves("R1", *((hour(n), None, state) for n, state in steps))
    world.record("R2", state="new")
    assert [row[:3] for row in stays(world) if row[5] == "native"] == [
        ("new", hour(1), hour(4)), ("resolved", hour(4), None),
    ]  # fmt: skip


def test_a_break_in_the_chain_is_kept_and_counted(world: World) -> None:
    world.record("R1", state="in_progress")
    world.moves("R1", (hour(1), "new", "in_progress"), (hour(2), "pending", "in_progress"))
    assert world.view("state_summary", "break_count", "last_state") == [(1, "in_progress")]


def test_closing_stands_for_resolving_where_a_tool_has_one_end(world: World) -> None:
    world.add("capability", capability="state.resolved_distinct", record_type="incident")
    world.record("R1", state="closed")
    world.moves("R1", (hour(1), "new", "in_progress"), (hour(2), "in_progress", "closed"))
    assert [(row[0], row[1], row[2], row[3], row[5]) for row in stays(world)][2:] == [
        ("resolved", hour(2), hour(2), "in_progress", "derived"),
        ("closed", hour(2), None, "resolved", "native"),
    ]


def test_a_change_is_never_resolved(world: World) -> None:
    world.add("capability", capability="state.resolved_distinct")
    world.record("C1", "change", state="closed")
    world.moves("C1", (hour(2), "review", "closed"))
    assert states(world) == ["review", "closed"]


def test_other_types_of_record_keep_their_own_resolution(world: World) -> None:
    world.add("capability", capability="state.resolved_distinct", record_type="incident")
    world.record("R1", "problem", state="closed")
    world.moves("R1", (hour(2), "fix", "closed"))
    assert states(world) == ["fix", "closed"]


def test_a_reopening_is_counted_and_not_a_closing_after_a_resolution(world: World) -> None:
    world.record("R1", state="closed")
    world.moves(
        "R1", (hour(1), "new", "resolved"), (hour(2), "resolved", "closed"), (hour(3), "closed", "in_progress"),
        (hour(4), "in_progress", "resolved"), (hour(5), "resolved", "closed"),
    )  # fmt: skip
    columns = ("reopen_count", "last_settled_at", "closed_from_state")
    assert world.view("state_summary", *columns) == [(1, hour(4), "resolved")]
    assert world.view("reopening", "reopened_at", "settled_again_at") == [(hour(3), hour(4))]
