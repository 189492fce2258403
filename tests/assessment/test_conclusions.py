"""Conclusions per clause: the worst finding, else how much is evidenced, and never green on machines alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from itsm_bridge.assessment import Earlier

NOW = datetime(2026, 11, 22, tzinfo=UTC)
RUN_OF_8_5_1_2 = ("CHG-001", "CHG-023", "SRQ-007", "CHG-024")


@pytest.mark.parametrize(
    ("severity", "failing", "conclusion"),
    [
        ("major", 1, "minor"), ("major", 12, "minor"), ("major", 40, "major"),
        ("minor", 4, "observation"), ("minor", 12, "minor"), ("minor", 40, "minor"),
        ("ofi", 12, "opportunity_for_improvement"), ("ofi", 40, "opportunity_for_improvement"),
    ],
)  # fmt: skip
def test_severity_and_status_give_the_weight_of_the_catalogue(
    make: Any, judge: Any, severity: str, failing: int, conclusion: str
) -> None:
    assessment = judge(
        [make.check("INC-001", severity=severity)], make.run([make.row("INC-001", "prod", 200, failing)])
    )

    found = make.clause(assessment, "8.6.1")
    assert found.conclusion == conclusion
    is_candidate = any("major where the risk was realised" in reason for reason in found.reasons)
    assert is_candidate == (severity == "major" and failing == 12)


def test_an_isolated_improvement_is_no_finding_against_the_clause(make: Any, judge: Any) -> None:
    assessment = judge([make.check("INC-001", severity="ofi")], make.run([make.row("INC-001", "prod", 2000, 5)]))

    assert make.clause(assessment, "8.6.1").conclusion == "not_assessed"


@pytest.mark.parametrize(
    ("basis", "adopted", "conclusion"),
    [
        ("policy", set(), "opportunity_for_improvement"), ("practice", set(), "opportunity_for_improvement"),
        ("policy", {"INC-001"}, "major"), ("policy", {"*"}, "major"), ("standard", set(), "major"),
        ("agreement", set(), "major"), ("policy", {"INC-002"}, "opportunity_for_improvement"),
    ],
)  # fmt: skip
def test_a_rule_that_nobody_adopted_gives_an_improvement_at_most(
    make: Any, judge: Any, basis: str, adopted: set[str], conclusion: str
) -> None:
    check = make.check("INC-001", severity="major", basis=basis)
    run = make.run([make.row("INC-001", "prod", 100, 40)], [make.finding()])

    assessment = judge([check], run, adopted=frozenset(adopted))

    assert make.clause(assessment, "8.6.1").conclusion == conclusion
    assert assessment.finding.column("severity").to_pylist() == ["ofi" if conclusion.startswith("opp") else "major"]


def test_two_systemic_minors_in_one_clause_are_a_major(make: Any, judge: Any) -> None:
    checks = [make.check("INC-001"), make.check("INC-002")]

    one = judge(checks, make.run([make.row("INC-001", "prod", 100, 40), make.row("INC-002", "prod", 200, 12)]))
    two = judge(checks, make.run([make.row("INC-001", "prod", 100, 40), make.row("INC-002", "prod", 100, 40)]))

    assert [make.clause(a, "8.6.1").conclusion for a in (one, two)] == ["minor", "major"]


def test_a_failing_check_weighs_the_same_in_every_clause_that_it_serves(make: Any, judge: Any) -> None:
    check = make.check("CHG-006", "8.5.1.3:full 8.7.3.2:supporting", severity="major")

    assessment = judge([check], make.run([make.row("CHG-006", "prod", 100, 40)]))

    assert [make.clause(assessment, name).conclusion for name in ("8.5.1.3", "8.7.3.2")] == ["major", "major"]


def test_data_in_doubt_shows_nothing_about_a_clause(make: Any, judge: Any) -> None:
    check = make.check("DQ-009", "9.1 8.2.1:supporting", severity="major", basis="integrity", view="stream_state")

    def conclusion(failing: int) -> tuple[str, int]:
        found = make.clause(judge([check], make.run([make.row("DQ-009", "prod", 20, failing)])), "8.2.1")
        return found.conclusion, found.points_evidenced

    assert [conclusion(0), conclusion(1), conclusion(9)] == [
        ("conforming_so_far", 1), ("not_assessed", 0), ("not_assessed", 0),
    ]  # fmt: skip


def test_too_little_evidence_is_not_assessed_and_more_is_conforming_so_far(make: Any, judge: Any) -> None:
    def with_checks(*names: str) -> Any:
        run = make.run([make.row(name, "prod", 100, 0) for name in names])
        return make.clause(judge([make.check(name) for name in names], run), "8.6.1")

    few, some = (
        with_checks("INC-001", "INC-002", "INC-005"),
        with_checks("INC-001", "INC-002", "INC-003", "INC-005", "INC-010"),
    )

    assert (few.conclusion, few.points_evidenced, few.points) == ("not_assessed", 2, 12)
    assert (some.conclusion, some.points_evidenced) == ("conforming_so_far", 4)
    assert "4 of 12 points evidenced" in some.reasons


def test_a_point_counts_only_when_every_check_behind_it_was_assessed(make: Any, judge: Any) -> None:
    checks = [make.check("INC-001"), make.check("INC-002")]
    run = make.run([make.row("INC-001", "prod", 100, 0), make.row("INC-002", "prod", 100, 0, not_assessable=50)])

    conclusion = make.clause(judge(checks, run), "8.6.1")

    assert conclusion.points_evidenced == 0
    assert "1 of 12 points evidenced in part only" in conclusion.reasons


def test_no_clause_turns_green_on_automated_points_alone(make: Any, judge: Any, make_table: Any) -> None:
    checks = [make.check(name, "8.5.1.2") for name in RUN_OF_8_5_1_2]
    run = make.run([make.row(name, "prod", 100, 0) for name in RUN_OF_8_5_1_2])
    word = {
        "attestation_id": "1",
        "clause": "8.5.1.2",
        "verdict": "fulfilled",
        "by": "A. Person",
        "at": NOW - timedelta(days=9),
    }

    alone = make.clause(judge(checks, run), "8.5.1.2")
    confirmed = make.clause(judge(checks, run, policy={"attestation": make_table("attestation", [word])}), "8.5.1.2")

    assert (alone.conclusion, alone.points_evidenced) == ("conforming_so_far", 2)
    assert confirmed.conclusion == "conforming"


@pytest.mark.parametrize(
    "change",
    [
        {"at": NOW - timedelta(days=400)}, {"valid_to": NOW - timedelta(days=1)}, {"at": NOW + timedelta(days=1)},
        {"at": None}, {"clause": "4.3"}, {"point": 2},
    ],
)  # fmt: skip
def test_an_attestation_counts_for_its_point_and_its_time_only(
    make: Any, judge: Any, make_table: Any, change: dict[str, Any]
) -> None:
    word = {
        "attestation_id": "1",
        "clause": "4.4",
        "point": 1,
        "verdict": "fulfilled",
        "by": "A. Person",
        "at": NOW - timedelta(days=9),
    }

    def conclusion(row: dict[str, Any]) -> str:
        attestations = make_table("attestation", [row])
        return str(
            make.clause(
                judge([], make.run([make.row("INC-001", "prod", 1, 0)]), policy={"attestation": attestations}), "4.4"
            ).conclusion
        )

    assert conclusion(word) == "conforming"
    assert conclusion(word | change) == "not_assessed"


def test_what_a_person_denies_is_a_nonconformity(make: Any, judge: Any, make_table: Any) -> None:
    words = [
        {"attestation_id": str(n), "clause": "4.4", "point": 1, "verdict": verdict, "by": "x", "at": NOW}
        for n, verdict in enumerate(("fulfilled", "not_fulfilled"))
    ]

    assessment = judge(
        [], make.run([make.row("INC-001", "prod", 1, 0)]), policy={"attestation": make_table("attestation", words)}
    )

    assert make.clause(assessment, "4.4").conclusion == "minor"
    assert assessment.exit_code == 1


def test_a_parent_is_its_worst_child_and_counts_those_not_assessed(make: Any, judge: Any) -> None:
    assessment = judge([make.check("INC-001")], make.run([make.row("INC-001", "prod", 200, 12)]))

    parent = make.clause(assessment, "8")

    assert (parent.conclusion, parent.points) == ("minor", 146)
    assert parent.reasons == ("worst of its clauses: 8.6.1", "30 of 31 clauses not assessed")
    assert make.clause(assessment, "4").conclusion == "not_assessed"
    assert assessment.conclusion.num_rows == 69


def test_doubtful_evidence_is_a_nonconformity_of_evidence_and_lowers_assurance_elsewhere(make: Any, judge: Any) -> None:
    checks = [make.check("INC-001"), make.check("DQ-001", "7.5.3 8.6.1", basis="integrity")]

    def conclude(failing: int) -> Any:
        return judge(checks, make.run([make.row("INC-001", "prod", 200, 0), make.row("DQ-001", "prod", 200, failing)]))

    clean, deviation, systemic = conclude(0), conclude(12), conclude(40)

    assert [make.clause(a, "8.6.1").assurance for a in (clean, deviation, systemic)] == ["high", "medium", "low"]
    assert [make.clause(a, "7.5.3").conclusion for a in (clean, deviation, systemic)] == [
        "not_assessed",
        "not_assessed",
        "minor",
    ]
    assert make.clause(systemic, "8.6.1").conclusion != "minor"


def test_a_clean_check_says_nothing_where_a_systemic_integrity_check_silences_its_data(make: Any, judge: Any) -> None:
    checks = [make.check("INC-001"), make.check("DQ-001", "7.5.3", basis="integrity")]
    reasons = {"DQ-001 (Impossible order of dates): closed_at cannot be trusted": 30}

    def result(failing: int) -> Any:
        rows = [
            make.row("INC-001", "prod", 200, failing, not_assessable=30, reasons=reasons),
            make.row("DQ-001", "prod", 200, 40),
        ]
        return judge(checks, make.run(rows))

    assert make.clause(result(0), "8.6.1").points_evidenced == 0
    assert result(0).check_result.to_pylist()[0]["status"] == "not_assessed"
    assert make.clause(result(60), "8.6.1").conclusion == "minor", "a failure that was seen is never hidden"


def test_failures_that_were_seen_stand_although_much_could_not_be_judged(make: Any, judge: Any) -> None:
    run = make.run([make.row("CHG-002", "prod", 200, 60, not_assessable=100)])

    assessment = judge([make.check("CHG-002", "8.5.1.3", severity="major")], run)

    assert assessment.check_result.to_pylist()[0]["status"] == "not_assessed"
    assert make.clause(assessment, "8.5.1.3").conclusion == "major"
    assert make.clause(assessment, "8.5.1.3").assurance == "low"


def test_one_blind_source_leaves_the_point_without_evidence_and_is_named(make: Any, judge: Any) -> None:
    rows = [
        make.row("INC-010", "prod", 500, 0),
        make.row("INC-010", "old", 9, 0, not_assessable=9, reasons={"no history": 9}),
    ]

    conclusion = make.clause(judge([make.check("INC-010")], make.run(rows)), "8.6.1")

    assert conclusion.points_evidenced == 0
    assert "INC-010 does not count: in old 9 of 9 not assessable (no history)" in conclusion.reasons


def test_a_systemic_minor_that_lasts_is_a_major_once_corrections_fail_too(make: Any, judge: Any) -> None:
    checks = [make.check("INC-001"), make.check("IMP-004", "8.6.1", basis="practice")]
    lasting = Earlier(periods_before={"INC-001": 2})

    def conclusion(corrections_failing: int) -> str:
        run = make.run([make.row("INC-001", "prod", 100, 40), make.row("IMP-004", "prod", 100, corrections_failing)])
        return str(make.clause(judge(checks, run, lasting), "8.6.1").conclusion)

    assert [conclusion(0), conclusion(40)] == ["minor", "major"]
