"""What no tool tells belongs to the organisation: it has counts and findings of its own, beside those of sources."""

from __future__ import annotations

from datetime import datetime

import pytest

from itsm_bridge.checking.losses import Loss, lost_everywhere
from itsm_bridge.schema.runs import ORGANISATION

from .conftest import World


@pytest.fixture
def judged(world: World) -> World:
    world.add("required_document", document_key="policy")
    world.add("required_document", document_key="plan")
    world.add("document", document_key="policy", version="1", owner="O", approved_by="A", status="approved")
    world.record("R1")
    return world


def test_its_subjects_are_counted_for_the_organisation_and_not_for_a_source(judged: World) -> None:
    counts = judged.judge(["RPT-005", "DQ-007"]).counts.to_pylist()
    told = [(row["check_id"], row["source_id"], row["assessable"], row["failing"]) for row in counts]
    assert told == [
        ("DQ-007", "*", 1, 0), ("DQ-007", "prod", 1, 0), ("RPT-005", "*", 2, 1), ("RPT-005", ORGANISATION, 2, 1),
    ]  # fmt: skip


def test_a_finding_about_it_names_the_organisation(judged: World) -> None:
    found = judged.judge(["RPT-005"]).findings.to_pylist()
    assert [(row["source_id"], row["work_item_id"], row["subject"]) for row in found] == [(ORGANISATION, None, "plan")]


def test_a_register_that_does_not_exist_shows_nothing_and_says_which_file_to_write(world: World) -> None:
    world.add("required_activity", kind="risk_review", clause="6.1.3", interval_days=365)
    counts = world.judge(["RPT-002"]).counts.to_pylist()[0]
    assert (counts["assessable"], counts["not_assessable"]) == (0, 1)
    assert "register.csv" in counts["reasons"]


def test_an_entry_of_the_future_is_no_evidence_yet(world: World) -> None:
    world.add("required_activity", kind="risk_review", clause="6.1.3", interval_days=365)
    world.add("register_item", kind="risk_review", closed_at=datetime(2027, 1, 1))
    assert world.judge(["RPT-002"]).counts.to_pylist()[0]["failing"] == 1


def test_it_lacks_only_what_no_source_can_tell() -> None:
    lost = [Loss("a", "*", "outage", "none here"), Loss("b", "*", "outage", "nor here"), Loss("a", "*", "csat", "no")]
    assert list(lost_everywhere(lost, ["a", "b"], ORGANISATION)) == [Loss(ORGANISATION, "*", "outage", "none here")]
    assert list(lost_everywhere(lost, ["a", "b", "c"], ORGANISATION)) == []
