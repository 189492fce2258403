"""What silences a check: a capability or a table that a source lost, or a value that cannot be trusted."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from itsm_bridge.checking import CheckRun
from itsm_bridge.checking.case_rows import OPENED

from .conftest import World, built_in


def hour(n: float) -> datetime:
    return OPENED + timedelta(hours=n)


def counts(run: CheckRun, check: str, source: str = "*") -> dict[str, Any]:
    row = next(r for r in run.counts.to_pylist() if (r["check_id"], r["source_id"]) == (check, source))
    return {**row, "reasons": json.loads(row["reasons"])}


def unauthorised_change(world: World, name: str = "C1", **row: Any) -> None:
    world.record(name, "change", state="implement", **row)
    world.add("change_detail", work_item_id=name, source_id=row.get("source_id", "prod"))
    world.moves(name, (hour(5), "scheduled", "implement"), source_id=row.get("source_id", "prod"))


def test_a_lost_capability_silences_the_source_that_lost_it(world: World) -> None:
    for source in ("prod", "other"):
        world.add("source", source_id=source)
    unauthorised_change(world, "C1")
    unauthorised_change(world, "C2", source_id="other")
    world.add("capability", source_id="prod", capability="approval.rollup", reason="no right to read approvals")
    run = world.judge(["CHG-002"])
    assert counts(run, "CHG-002", "prod")["reasons"] == {"approval.rollup: no right to read approvals": 1}
    assert counts(run, "CHG-002", "other")["failing"] == 1
    assert (counts(run, "CHG-002")["in_scope"], counts(run, "CHG-002")["not_assessable"]) == (2, 1)


def test_a_lost_capability_of_one_record_type_leaves_the_others_alone(world: World) -> None:
    world.add("capability", capability="history.state", record_type="problem")
    for name, kind in (("I1", "incident"), ("P1", "problem")):
        world.record(name, kind, state="closed", closed_at=hour(9))
        world.moves(name, (hour(9), "new", "closed"))
    found = counts(world.judge(["INC-004"]), "INC-004")
    assert (found["failing"], found["not_assessable"]) == (1, 1)


def test_what_is_known_still_decides_who_is_in_scope(world: World) -> None:
    world.add("capability", capability="history.state")
    world.record("C1", "change", state="scheduled")
    world.add("change_detail", work_item_id="C1", change_type="normal")
    world.record("C2", "change", state="scheduled")
    world.add("change_detail", work_item_id="C2", change_type="standard")
    assert counts(world.judge(["CHG-002"]), "CHG-002")["in_scope"] == 1


def test_without_its_time_a_record_counts_while_it_lived(world: World) -> None:
    world.add("capability", capability="history.state")
    long_ago = datetime(2025, 1, 1)
    for name, closed in (("C1", None), ("C2", long_ago + timedelta(days=9)), ("C3", hour(9))):
        world.record(name, "change", opened_at=long_ago, updated_at=closed or hour(1), closed_at=closed)
        world.add("change_detail", work_item_id=name)
    assert counts(world.judge(["CHG-002"]), "CHG-002")["in_scope"] == 2


@pytest.mark.parametrize("status", ["denied", "failed"])
def test_a_table_that_no_stream_could_bring_is_lost(world: World, status: str) -> None:
    unauthorised_change(world)
    world.add("stream_run", stream="change", feeds="work_item, change_detail, transition")
    world.add("stream_run", stream="approver", feeds="approval", status=status, reason="403 from the tool")
    reasons = counts(world.judge(["CHG-002"]), "CHG-002")["reasons"]
    assert reasons == {"approval: approver could not be read (403 from the tool)": 1}


def test_what_neither_shows_nor_was_read_yet_is_told_apart(world: World) -> None:
    unauthorised_change(world)
    feeds, lost = "work_item, change_detail, transition, approval", "change:change_detail.change_type"
    missing = {"missing_fields": "kind", "unread_fields": "u_kind, u_type", "lost_columns": lost}
    world.add("stream_run", stream="change", feeds=feeds, **missing)
    why = "change.kind does not show to the account; change.u_kind, change.u_type has not been read yet"
    assert counts(world.judge(["CHG-002"]), "CHG-002")["reasons"] == {f"change_detail.change_type: {why}": 1}


def test_a_second_stream_makes_up_for_one_that_failed(world: World) -> None:
    unauthorised_change(world)
    world.add("stream_run", stream="change", feeds="work_item,change_detail,approval")
    world.add("stream_run", stream="audit", feeds="transition", status="denied")
    world.add("stream_run", stream="metric", feeds="transition")
    assert counts(world.judge(["CHG-002"]), "CHG-002")["failing"] == 1


def test_only_the_last_run_of_a_stream_counts(world: World) -> None:
    unauthorised_change(world)
    world.add("stream_run", stream="all", feeds="work_item,change_detail,transition,approval", status="failed")
    world.add("stream_run", stream="all", feeds="work_item,change_detail,transition,approval", snapshot=2)
    assert counts(world.judge(["CHG-002"]), "CHG-002")["failing"] == 1


def test_what_no_stream_tells_is_not_assessable(world: World) -> None:
    world.record("R1", state="resolved", resolved_at=hour(9), resolution_code="fixed")
    world.add("stream_run", stream="incident", feeds="work_item")
    assert counts(world.judge(["INC-005"]), "INC-005")["reasons"] == {"comment: no stream of this source tells it": 1}


def test_what_a_source_declares_that_it_cannot_tell_is_not_lost_a_second_time(world: World) -> None:
    world.record("C1", "change", state="assess", requester_id="p1", assignee_id="p2", service_id="s1")
    world.add("change_detail", work_item_id="C1", justification_length=60)
    world.add("stream_run", stream="change", feeds="work_item,change_detail")
    lost = {"work_item_configuration_item: no stream of this source tells it": 1}
    assert counts(world.judge(["CHG-001"]), "CHG-001")["reasons"] == lost
    world.add("capability", capability="ci.link")
    assert counts(world.judge(["CHG-001"]), "CHG-001")["assessable"] == 1


def test_details_of_changes_are_no_need_of_incidents(world: World) -> None:
    world.record("R1")
    world.add("stream_run", stream="incident", feeds="work_item,transition,comment")
    assert counts(world.judge(["INC-009"]), "INC-009")["failing"] == 1


def test_a_wrong_time_silences_only_what_reads_it(world: World) -> None:
    unauthorised_change(world)
    world.rows["change_detail"][0] |= {"planned_start_at": hour(9), "planned_end_at": hour(1)}
    run = world.judge(["DQ-001", "CHG-002", "CHG-012"])
    assert counts(run, "CHG-002")["failing"] == 1
    reason = "DQ-001 (Impossible order of times, or a time in the future): "
    reason += "change_detail.planned_start_at, change_detail.planned_end_at cannot be trusted"
    assert counts(run, "CHG-012")["reasons"] == {reason: 1}


def test_a_broken_history_silences_what_reads_the_history(world: World) -> None:
    for name, states in (("R1", ("new", "closed")), ("R2", ("new", "in_progress"))):
        world.record(name, state="closed", closed_at=hour(9), requester_id="p1", service_id="s1", description_length=50)
        world.moves(name, (hour(9), *states))
    run = world.judge(["DQ-004", "INC-004", "INC-001"])
    assert [row["work_item_id"] for row in run.findings.to_pylist()] == ["R2", "R1"]
    assert counts(run, "INC-004")["not_assessable"] == 1
    assert "DQ-004" in next(iter(counts(run, "INC-004")["reasons"]))
    assert counts(run, "INC-001")["not_assessable"] == 0


def test_a_state_that_is_not_mapped_silences_what_reads_the_state(world: World) -> None:
    world.record("R1", state="unknown", source_state="-100", requester_id="p1")
    run = world.judge(["DQ-007", "INC-001", "DQ-002"])
    assert counts(run, "INC-001")["not_assessable"] == 1
    assert counts(run, "DQ-002")["assessable"] == 1


def test_what_was_wrong_before_the_period_still_silences(world: World) -> None:
    long_ago = datetime(2025, 5, 5)
    world.record("R1", state="unknown", source_state="-100", opened_at=long_ago)
    run = world.judge(["DQ-007", "INC-009"])
    assert counts(run, "DQ-007")["in_scope"] == 0
    assert counts(run, "INC-009")["not_assessable"] == 1


def test_quality_checks_do_not_silence_one_another(world: World) -> None:
    world.record("R1", state="unknown", resolved_at=hour(-9))
    run = world.judge(["DQ-001", "DQ-004", "DQ-007"])
    assert all(counts(run, check)["not_assessable"] == 0 for check in ("DQ-001", "DQ-004", "DQ-007"))


def test_an_incomplete_stream_silences_what_looks_for_what_may_be_missing(world: World) -> None:
    unauthorised_change(world)
    world.add("stream_run", stream="change", feeds="work_item,change_detail,transition", expected=100, held=80)
    world.add("stream_run", stream="approver", feeds="approval", expected=100, held=80)
    run = world.judge(["DQ-009", "CHG-002", "CHG-015"])
    assert counts(run, "DQ-009")["failing"] == 2
    assert counts(run, "CHG-002")["reasons"] == {
        "DQ-009 (Extraction incomplete or out of date): prod:approver is not complete": 1
    }
    assert counts(run, "CHG-015")["failing"] == 1


def test_a_stale_stream_is_a_finding_but_still_tells_the_truth_of_its_time(world: World) -> None:
    unauthorised_change(world)
    old = OPENED - timedelta(days=9)
    feeds = "work_item,change_detail,transition,approval"
    world.add("stream_run", stream="all", feeds=feeds, expected=9, held=9, finished_at=old)
    run = world.judge(["DQ-009", "CHG-002"])
    assert (counts(run, "DQ-009")["failing"], counts(run, "CHG-002")["failing"]) == (1, 1)


def test_every_quality_gate_names_what_it_spoils() -> None:
    assert {check.id for check in built_in().values() if check.taints} == {"DQ-001", "DQ-004", "DQ-007", "DQ-009"}


def deployed_release(world: World) -> None:
    world.record("L1", "release", state="review")
    world.add("release_detail", work_item_id="L1", deployed_at=hour(3), planned_deploy_at=hour(3), method_length=60)


def test_what_a_site_keeps_no_field_for_is_no_violation_where_it_keeps_the_rest(world: World) -> None:
    deployed_release(world)
    assert counts(world.judge(["REL-001"]), "REL-001")["failing"] == 1
    lost = "*:release_detail.release_type, *:release_detail.deliverables_length"
    world.add("stream_run", stream="rm_release", feeds="work_item,release_detail", emptied_columns=lost)
    reasons = counts(world.judge(["REL-001"]), "REL-001")["reasons"]
    assert set(reasons.values()) == {1}
    assert {reason.partition(": ")[2] for reason in reasons} == {
        "rm_release has no field for it, or none that the mapping names"
    }


def test_what_a_closed_stream_would_have_filled_names_that_stream(world: World) -> None:
    world.record("R1", requester_id="p1")
    world.add("stream_run", stream="incident", feeds="work_item")
    world.add("stream_run", stream="who", status="denied", reason="403", lost_columns="*:work_item.requester_id")
    reasons = counts(world.judge(["INC-001"]), "INC-001")["reasons"]
    assert reasons == {"work_item.requester_id: who could not be read (403)": 1}
