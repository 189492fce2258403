"""What the views make of comments, approvals, groups and parts."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from itsm_bridge.checking.case_rows import OPENED

from .conftest import World


def hour(n: float) -> datetime:
    return OPENED + timedelta(hours=n)


def stage_of(world: World, **approval: object) -> object:
    world.add("approval", work_item_id="C1", decided_at=hour(5), **approval)
    return world.view("approval_stage", "stage")[0][0]


def change(world: World, *steps: tuple[datetime, str | None, str]) -> None:
    world.record("C1", "change", state="implement")
    world.moves("C1", *steps)


@pytest.mark.parametrize(
    ("comment", "role"),
    [
        ({"author_role": "supplier"}, "supplier"),
        ({"author_role": "unknown", "visibility": "internal", "author_id": "p1"}, "agent"),
        ({"author_role": "unknown", "author_id": "p1"}, "requester"),
        ({"author_role": "unknown", "author_id": "a1"}, "agent"),
        ({"author_role": "unknown", "author_id": "c1"}, "requester"),
        ({"author_role": "unknown", "author_id": "robot"}, "system"),
        ({"author_role": None, "author_id": None}, "unknown"),
    ],
)
def test_the_author_of_a_message_has_a_role(world: World, comment: dict[str, object], role: str) -> None:
    world.record("R1", requester_id="p1")
    world.add("person", person_id="robot", kind="integration")
    world.add("person", person_id="c1", kind="customer")
    world.add("person", person_id="a1", kind="unknown")
    world.add("comment", work_item_id="R1", at=hour(1), **comment)
    assert world.view("message", "role") == [(role,)]


def test_the_first_response_is_the_first_public_word_of_an_agent(world: World) -> None:
    world.record("R1", requester_id="p1")
    world.add("comment", work_item_id="R1", at=hour(-1), author_id="a1")
    world.add("comment", work_item_id="R1", at=hour(1), visibility="internal", author_id="a1")
    world.add("comment", work_item_id="R1", at=hour(2), author_role="unknown", author_id="p1")
    world.add("comment", work_item_id="R1", at=hour(3), author_role="unknown", author_id="a1")
    world.record("R2", first_response_at=hour(9))
    world.add("comment", work_item_id="R2", at=hour(1))
    assert world.view("w", "work_item_id", "first_response_at") == [("R1", hour(3)), ("R2", hour(9))]


def test_the_stage_of_the_tool_wins(world: World) -> None:
    change(world, (hour(1), "draft", "assess"))
    assert stage_of(world, stage="release") == "release"


def test_a_board_that_is_asked_decides(world: World) -> None:
    change(world, (hour(1), "draft", "assess"))
    world.add("support_group", support_group_id="g", kind="ecab")
    assert stage_of(world, support_group_id="g") == "ecab"


def test_a_decision_during_the_assessment_is_technical(world: World) -> None:
    change(world, (hour(1), "draft", "assess"), (hour(5), "assess", "authorize"))
    assert stage_of(world) == "technical"


def test_a_decision_during_authorize_authorises(world: World) -> None:
    change(world, (hour(1), "draft", "assess"), (hour(2), "assess", "authorize"), (hour(5), "authorize", "scheduled"))
    assert stage_of(world) == "authorize"


def test_a_decision_on_a_request_is_one_on_the_request(world: World) -> None:
    world.record("C1", "service_request")
    assert stage_of(world) == "request"


def test_the_person_who_decided_wins_over_the_person_asked(world: World) -> None:
    world.record("C1", "change")
    vote = {"work_item_id": "C1", "level": "vote", "approver_id": "asked"}
    world.add("approval", **vote, decided_by_id="decided", decided_at=hour(1))
    world.add("approval", **vote, decided_at=hour(2))
    world.add("approval", **vote, decision="requested")
    assert world.view("vote", "decided_at", "person_id") == [(hour(1), "decided"), (hour(2), "asked")]


@pytest.mark.parametrize(
    ("claimed", "moved", "expected"), [(4, 2, 2), (2, 4, 2), (None, 4, 4), (2, None, 2), (None, None, None)]
)
def test_a_change_begins_at_the_earlier_of_claim_and_state(
    world: World, claimed: float | None, moved: float | None, expected: float | None
) -> None:
    world.record("C1", "change")
    world.add("change_detail", work_item_id="C1", actual_start_at=None if claimed is None else hour(claimed))
    if moved is not None:
        world.moves("C1", (hour(moved), "scheduled", "implement"))
    assert world.view("w", "implemented_at") == [(None if expected is None else hour(expected),)]


def test_returns_count_groups_that_had_the_record_before(world: World) -> None:
    world.record("R1")
    for seq, (old, new) in enumerate([(None, "a"), ("a", "b"), ("b", "a"), ("a", "c"), ("c", "b"), ("b", "d")]):
        world.add("transition", work_item_id="R1", at=hour(1), seq=seq, field="group", old_value=old, new_value=new)
    world.record("R2")
    columns = ("work_item_id", "handoff_count", "return_count")
    assert world.view("w", *columns) == [("R1", 5, 2), ("R2", 0, 0)]


def test_a_record_of_a_service_out_of_scope_is_not_looked_at(world: World) -> None:
    world.add("service", service_id="in", is_in_scope=True)
    world.add("service", service_id="out", is_in_scope=False)
    for name, service in (("R1", "in"), ("R2", "out"), ("R3", "not known"), ("R4", None)):
        world.record(name, service_id=service)
    assert world.view("w", "work_item_id") == [("R1",), ("R3",), ("R4",)]


def test_work_on_a_part_is_work_on_the_whole(world: World) -> None:
    world.record("REQ", "service_request")
    world.record("TASK", "task", parent_id="REQ")
    world.add("comment", work_item_id="TASK", at=hour(7))
    assert world.view("last_activity", "work_item_id", "at") == [("REQ", hour(7)), ("TASK", hour(7))]
