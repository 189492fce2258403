"""The assessment as a whole: tables, sources, looseness, repetition, gaps and the exit code."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from itsm_bridge.assessment import Earlier, find_gaps, find_limits, latest, periods_at_deviation
from itsm_bridge.checking import Loosened
from itsm_bridge.checking.lineage import Needs
from itsm_bridge.checking.needs import CheckNeeds
from itsm_bridge.schema import TABLES

DAY = datetime(2026, 11, 1, tzinfo=UTC)


def stream(name: str = "incident", status: str = "complete", source: str = "prod", **more: Any) -> dict[str, Any]:
    return {
        "source_id": source,
        "stream": name,
        "snapshot": 1,
        "status": status,
        "reason": None,
        "feeds": "work_item",
    } | more


def capability(name: str, level: str, reason: str = "") -> dict[str, Any]:
    return {"source_id": "prod", "capability": name, "record_type": "*", "level": level, "reason": reason}


def reads(table: str, capability: str = "") -> CheckNeeds:
    total = Needs(tables=frozenset({table}), capabilities=frozenset({capability} - {""}))
    return CheckNeeds(total, total, (), total, frozenset(), ())


def test_the_tables_are_those_of_the_schema_with_rates_beside_their_denominators(make: Any, judge: Any) -> None:
    run = make.run([make.row("INC-001", "prod", 210, 12, not_assessable=10, reasons={"no date": 10})], [make.finding()])

    assessment = judge([make.check("INC-001")], run)
    row = next(row for row in assessment.check_result.to_pylist() if row["source_id"] == "*")

    assert assessment.check_result.schema == TABLES["check_result"].arrow
    assert assessment.finding.schema == TABLES["finding"].arrow
    assert assessment.conclusion.schema == TABLES["conclusion"].arrow
    assert (row["failing"], row["assessable"], row["rate"]) == (12, 200, 0.06)
    assert json.loads(row["reasons"]) == {"no date": 10}
    assert row["rate_low"] < 0.06 < row["rate_high"]


def test_nothing_assessable_has_no_rate(make: Any, judge: Any) -> None:
    row = judge(
        [make.check("INC-001")], make.run([make.row("INC-001", "prod", 9, 0, not_assessable=9)])
    ).check_result.to_pylist()[0]

    assert (row["status"], row["rate"], row["rate_low"]) == ("not_assessed", None, None)


def test_a_small_bad_source_does_not_drown_in_a_big_good_one(make: Any, judge: Any) -> None:
    run = make.run([make.row("INC-001", "big", 10_000, 0), make.row("INC-001", "small", 50, 20)])

    assessment = judge([make.check("INC-001", severity="major")], run)

    assert make.clause(assessment, "8.6.1").conclusion == "major"


def test_the_same_deviation_in_three_sources_is_systemic(make: Any, judge: Any) -> None:
    run = make.run([make.row("CHG-002", name, 200, 12) for name in "abc"])

    assessment = judge([make.check("CHG-002", "8.5.1.3", severity="major")], run)

    assert make.clause(assessment, "8.5.1.3").conclusion == "major"


def test_a_pass_is_void_where_a_parameter_is_looser_than_its_bound(make: Any, judge: Any) -> None:
    sentence = "parameter grace = 9d is looser than its bound, at most 72h"
    checks = [make.check("INC-010")]
    rows = [make.row("INC-010", "prod", 100, 0)]

    sound = judge(checks, make.run(rows))
    loose = judge(checks, make.run(rows, loosened=(Loosened("INC-010", "grace", "9d", sentence),)))

    assert [make.clause(a, "8.6.1").points_evidenced for a in (sound, loose)] == [1, 0]
    assert f"INC-010 does not count: {sentence}" in make.clause(loose, "8.6.1").reasons
    assert make.clause(loose, "8.6.1").assurance == "low"
    assert {row["status"] for row in loose.check_result.to_pylist()} == {"not_assessed"}


def test_a_partial_capability_lowers_the_assurance(make: Any, judge: Any, make_table: Any) -> None:
    around = {"capabilities": make_table("capability", [capability("approval.vote", "partial")])}
    run = make.run([make.row("INC-010", "prod", 100, 0)])

    levels = [
        make.clause(judge([make.check("INC-010")], run, reads={"INC-010": need}, **around), "8.6.1").assurance
        for need in (reads("work_item"), reads("approval", "approval.vote"))
    ]

    assert levels == ["high", "medium"]


def test_a_source_that_was_not_read_leaves_the_check_without_evidence(make: Any, judge: Any, make_table: Any) -> None:
    runs = make_table("stream_run", [stream(), stream(source="lost", status="failed")])
    run = make.run([make.row("INC-010", "prod", 100, 0), make.row("INC-010", "lost", 0, 0)])

    assessment = judge([make.check("INC-010")], run, stream_runs=runs, reads={"INC-010": reads("work_item")})

    assert make.clause(assessment, "8.6.1").points_evidenced == 0
    assert assessment.exit_code == 3


def test_findings_of_an_incomplete_source_are_unverified_unless_the_stream_does_not_concern_them(
    make: Any, judge: Any, make_table: Any
) -> None:
    check, run = make.check("INC-001"), make.run([make.row("INC-001", "prod", 100, 0)])
    before = judge([check], make.run([make.row("INC-001", "prod", 100, 1)], [make.finding()]), number=1)
    runs = make_table("stream_run", [stream("task_sla", "partial", feeds="sla_clock")])

    outcomes = [
        judge(
            [check], run, Earlier(1, latest(before.finding)), stream_runs=runs, reads={"INC-001": reads(table)}
        ).by_status
        for table in ("sla_clock", "work_item")
    ]

    assert outcomes == [{"unverified": 1}, {"gone": 1}]


def test_a_lookup_that_was_not_read_silences_what_the_tool_tells_and_no_register(
    make: Any, judge: Any, make_table: Any
) -> None:
    check, run = make.check("INC-001"), make.run([make.row("INC-001", "prod", 100, 0)])
    before = judge([check], make.run([make.row("INC-001", "prod", 100, 1)], [make.finding()]), number=1)
    runs = make_table("stream_run", [stream(), stream("service_offering", "denied", feeds="")])
    of_register = CheckNeeds(Needs(), Needs(), (), Needs(), frozenset(), ())

    outcomes = [
        judge([check], run, Earlier(1, latest(before.finding)), stream_runs=runs, reads={"INC-001": need}).by_status
        for need in (reads("work_item"), of_register)
    ]

    assert outcomes == [{"unverified": 1}, {"gone": 1}]


@pytest.mark.parametrize(
    ("failing", "status", "accepted", "problems", "code"),
    [
        (0, "complete", (), (), 0), (12, "complete", (), (), 1), (12, "skipped", (), (), 1),
        (12, "denied", (), (), 3), (0, "partial", (), (), 3), (0, "failed", (), (), 3),
        (0, "denied", ("prod:incident",), (), 0), (12, "denied", ("prod",), (), 1),
        (0, "denied", ("prod:problem",), (), 3), (0, "complete", (), (("INC-002", "no such column"),), 3),
        (0, "complete", ("check:INC-002",), (("INC-002", "x"),), 0),
    ],
)  # fmt: skip
def test_the_exit_code_puts_what_was_lost_before_what_is_wrong(
    make: Any, judge: Any, make_table: Any, failing: int, status: str, accepted: Any, problems: Any, code: int
) -> None:
    run = make.run([make.row("INC-001", "prod", 200, failing)], problems=problems)

    assessment = judge(
        [make.check("INC-001")],
        run,
        stream_runs=make_table("stream_run", [stream(status=status)]),
        accepted_gaps=accepted,
    )

    assert assessment.exit_code == code


def test_what_a_tool_never_has_is_a_limit_and_what_was_there_before_is_a_gap(make: Any, make_table: Any) -> None:
    now = make_table(
        "capability", [capability("csat", "none", "the tool has none"), capability("approval.vote", "none", "403")]
    )
    before = make_table("capability", [capability("csat", "none"), capability("approval.vote", "full")])
    nothing = make_table("stream_run", []), make_table("finding", [])

    first = find_gaps(*nothing, (), capabilities=now)
    later = find_gaps(*nothing, (), capabilities=now, earlier_capabilities=before)

    assert first == ()
    assert [(gap.name, gap.what, gap.reason) for gap in later] == [
        ("prod:approval.vote", "approval.vote was full and is none", "403")
    ]
    assert [limit.capability for limit in find_limits(now)] == ["csat", "approval.vote"]


def test_a_failing_completeness_check_is_one_gap_with_the_stream_that_it_is_about(
    make: Any, judge: Any, make_table: Any
) -> None:
    check = make.check("DQ-009", "9.1", severity="major", basis="integrity", view="stream_state")
    rows = [make.finding("DQ-009", subject="prod:incident", work_item_id=None, message="40 of 90 rows")]
    run = make.run([make.row("DQ-009", "prod", 10, 1)], rows)

    def gaps(status: str) -> list[tuple[str, str]]:
        found = judge([check], run, stream_runs=make_table("stream_run", [stream(status=status)])).gaps
        return [(gap.name, gap.reason) for gap in found]

    assert gaps("complete") == [("prod:incident", "40 of 90 rows")]
    assert gaps("partial") == [("prod:incident", "came in part only")]


def test_a_source_of_the_configuration_that_left_no_trace_is_a_gap(make: Any, judge: Any) -> None:
    assessment = judge([], make.run([make.row("INC-001", "prod", 1, 0)]), sources=("prod",))

    assert [gap.name for gap in assessment.gaps] == ["prod"]
    assert assessment.exit_code == 3


def test_waived_and_suppressed_findings_are_not_counted_as_open(make: Any, judge: Any) -> None:
    rows = [
        make.finding(subject="a"),
        make.finding(subject="b", is_waived=True),
        make.finding(subject="c", suppressed_by="X"),
    ]

    assessment = judge(
        [make.check("INC-001")], make.run([make.row("INC-001", "prod", 100, 1, waived=1, suppressed=1)], rows)
    )

    assert (assessment.by_severity, assessment.by_status) == ({"minor": 1}, {"new": 3})


def test_periods_in_a_row_are_counted_once_however_often_they_were_swept(make: Any, judge: Any) -> None:
    def result(number: int, status: str) -> dict[str, Any]:
        row = dict.fromkeys(TABLES["check_result"].names, 0) | {
            "check_id": "INC-001",
            "source_id": "*",
            "reasons": "{}",
        }
        return row | {"assessment": number, "status": status, "rate": None, "rate_low": None, "rate_high": None}

    def counted(*statuses: str) -> int:
        # assessments 1 to 3 judge October night after night, 4 September, 5 August
        rows = [result(n, status) for n, status in enumerate(statuses, start=1)]
        october = [(n, DAY - timedelta(days=31 - n), DAY - timedelta(days=3 - n)) for n in (1, 2, 3)]
        earlier = [
            (4, DAY - timedelta(days=60), DAY - timedelta(days=30)),
            (5, DAY - timedelta(days=90), DAY - timedelta(days=60)),
        ]
        found = periods_at_deviation(
            pa.Table.from_pylist(rows, schema=TABLES["check_result"].arrow), [*october, *earlier], DAY
        )
        return found.get("INC-001", 0)

    assert counted("pass", "pass", "systemic", "deviation", "pass") == 2
    assert counted("deviation", "deviation", "pass", "deviation", "deviation") == 0
    assert counted("pass", "pass", "deviation", "deviation", "deviation") == 3


def test_the_third_period_at_deviation_makes_a_major_of_a_major_check(make: Any, judge: Any) -> None:
    run = make.run([make.row("CHG-002", "prod", 200, 12)])
    check = make.check("CHG-002", "8.5.1.3", severity="major")

    once, thrice = judge([check], run), judge([check], run, Earlier(periods_before={"CHG-002": 2}))

    assert [make.clause(a, "8.5.1.3").conclusion for a in (once, thrice)] == ["minor", "major"]
