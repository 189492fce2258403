"""Requirement points: what evidences each, what is missing, and what to do about it (catalogue §4.5)."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from itsm_bridge.assessment.clauses import Clauses
from itsm_bridge.assessment.points import class_of
from itsm_bridge.checking.lineage import NOTHING, Needs
from itsm_bridge.checking.needs import CheckNeeds
from itsm_bridge.checking.parameters import Loosened

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SIGNED = {"attestation_id": "1", "verdict": "fulfilled", "by": "A. Chief", "at": NOW - timedelta(days=30)}


def needing(*capabilities: str) -> CheckNeeds:
    return CheckNeeds(Needs(capabilities=frozenset(capabilities)), NOTHING, (), NOTHING, frozenset(), ())


@pytest.fixture
def point(make: Any, judge: Any, make_table: Any) -> Any:
    """Return a function that judges some rows of counts and gives one point of one clause."""

    def one(clause: str, number: int, rows: Any = (), policy: Any = None, findings: Any = (), **more: Any) -> Any:
        rows = list(rows) or [make.row("X-001", "prod", 1, 0)]
        checks = [make.check(name, view=_view(name)) for name in dict.fromkeys(row["check_id"] for row in rows)]
        tables = {name: make_table(name, lines) for name, lines in (policy or {}).items()}
        assessment = judge(checks, make.run(rows, findings), policy=tables, **more)
        return make.clause(assessment, clause).requirement[number - 1]

    return one


def _view(check: str) -> str | None:
    return {"RPT-005": "required_document", "RPT-002": "required_activity"}.get(check)


def test_the_clauses_fall_into_the_classes_of_the_catalogue(clauses: Clauses) -> None:
    counted = Counter(class_of(clause.points) for clause in clauses.leaves)

    assert counted == {"register": 26, "mostly records": 19, "mixed": 12, "attestation": 5}
    named = {clause: class_of(clauses[clause].points) for clause in ("5.1", "5.3", "7.5.3", "8.7.2", "9.4", "10.2")}
    assert named == {
        "5.1": "attestation", "5.3": "mostly records", "7.5.3": "mixed", "8.7.2": "register", "9.4": "mixed",
        "10.2": "register",
    }  # fmt: skip


def test_a_point_is_evidenced_by_checks_with_their_counts_whatever_they_found(make: Any, point: Any) -> None:
    shown = point("8.6.1", 1, [make.row("INC-001", "prod", 200, 40), make.row("INC-002", "prod", 200, 0)])

    assert shown.state == "evidenced"
    assert shown.by == ("INC-001: 40 of 200 failing (systemic)", "INC-002: 0 of 200 failing (pass)")
    assert shown.missing == ()


def test_a_point_with_one_of_two_checks_assessed_is_evidenced_in_part_only(make: Any, point: Any) -> None:
    rows = [make.row("INC-001", "prod", 200, 0), make.row("INC-002", "prod", 0, 0)]

    assert point("8.6.1", 1, rows).state == "in_part"
    assert point("8.6.1", 1, rows[1:]).state == "open"
    assert point("8.6.1", 1, rows[:1]).missing == ("INC-002 was not among the checks",)


def test_what_a_source_cannot_tell_is_named_with_capability_and_source(make: Any, point: Any, make_table: Any) -> None:
    lacks = make_table("capability", [
        {"source_id": source, "capability": "history.state", "record_type": "*", "level": level, "reason": "x"}
        for source, level in (("legacy", "none"), ("prod", "full"))
    ])  # fmt: skip
    rows = [make.row("INC-010", "prod", 50, 0), make.row("INC-010", "legacy", 50, 0, not_assessable=50)]

    found = point("8.6.1", 3, rows, capabilities=lacks, reads={"INC-010": needing("history.state")})

    assert found.state == "open"
    assert "in legacy 50 of 50 not assessable" in found.missing[0]
    assert found.next_steps[0].startswith("INC-010 needs history.state of source legacy")


DOCUMENTS = {
    "required_document": [
        {"document_key": "sms_scope", "title": "Scope", "clause": "4.3"},
        {"document_key": "sm_plan", "title": "Plan", "clause": "6.3 5.1"},
    ],
    "document": [
        {"document_id": "1", "document_key": "sms_scope", "version": "2", "status": "approved", "approved_by": "A. Chief",
         "approved_at": datetime(2026, 1, 14, 23, tzinfo=UTC)},
    ],
}  # fmt: skip


def test_a_document_is_evidence_for_its_own_clauses_and_no_others(make: Any, point: Any) -> None:
    rows = [make.row("RPT-005", "*", 2, 1)]
    missing = make.finding("RPT-005", "sm_plan")

    def state(clause: str, number: int) -> Any:
        return point(clause, number, rows, DOCUMENTS, [missing], timezone="Europe/Berlin")

    assert state("4.3", 2).state == "evidenced"
    assert state("4.3", 2).by == ("sms_scope: version 2, approved by A. Chief on 2026-01-15 (documents.csv)",)
    assert state("6.3", 1).state == state("5.1", 1).state == "open"
    assert state("6.3", 1).missing == ("sm_plan: no line in documents.csv, not current",)
    assert state("7.4", 1).missing == ("no document of clause 7.4 is registered",)
    assert "required_documents.csv" in state("7.4", 1).next_steps[0]
    assert state("7.5.4", 1).state == "in_part"


def test_a_missing_document_is_a_finding_against_its_own_clauses_and_no_others(
    make: Any, judge: Any, make_table: Any
) -> None:
    policy = {name: make_table(name, rows) for name, rows in DOCUMENTS.items()}
    check = make.check("RPT-005", "7.5.4", severity="major", view="required_document")
    run = make.run([make.row("RPT-005", "*", 2, 1)], [make.finding("RPT-005", "sm_plan")])

    assessment = judge([check], run, policy=policy)

    found = {name: make.clause(assessment, name).conclusion for name in ("6.3", "5.1", "7.5.4", "4.3", "7.4", "9.4")}
    assert found == {
        "6.3": "minor", "5.1": "minor", "7.5.4": "minor", "4.3": "conforming_so_far", "7.4": "not_assessed",
        "9.4": "not_assessed",
    }  # fmt: skip


def test_a_missing_document_weighs_nowhere_else_even_where_its_check_does_not_count(
    make: Any, judge: Any, make_table: Any
) -> None:
    policy = {name: make_table(name, rows) for name, rows in DOCUMENTS.items()}
    check = make.check("RPT-005", "7.5.4", severity="major", view="required_document")
    loosened = (Loosened("RPT-005", "grace", "9d", "parameter grace = 9d is looser than its bound"),)
    run = make.run([make.row("RPT-005", "*", 2, 1)], [make.finding("RPT-005", "sm_plan")], loosened=loosened)

    assessment = judge([check], run, policy=policy)

    found = {name: make.clause(assessment, name).conclusion for name in ("6.3", "4.3", "7.4")}
    assert found == {"6.3": "minor", "4.3": "not_assessed", "7.4": "not_assessed"}


def test_an_activity_is_evidence_with_the_day_on_which_it_was_done(make: Any, point: Any) -> None:
    activity = {"activity_id": "budget", "kind": "budget_review", "clause": "8.4.1", "is_active": True}
    done = {"register_item_id": "1", "kind": "budget_review", "closed_at": NOW - timedelta(days=10)}
    rows = [make.row("RPT-002", "*", 1, 0)]

    shown = point("8.4.1", 2, rows, {"required_activity": [activity], "register_item": [done]})
    overdue = point("8.4.1", 2, rows, {"required_activity": [activity]})

    assert (shown.state, shown.by) == ("evidenced", ("budget: last done 2026-11-12 (register.csv)",))
    assert (overdue.state, overdue.missing) == ("open", ("budget: no closed line in register.csv, not current",))


def test_an_attestation_says_who_when_and_until_when(point: Any) -> None:
    word = {**SIGNED, "clause": "4.4", "point": 1}

    def state(**change: Any) -> Any:
        return point("4.4", 1, policy={"attestation": [word | change]})

    assert state().by == ("attested by A. Chief, 2026-10-23 (counts until 2027-10-24)",)
    assert state(valid_to=NOW + timedelta(days=5)).by[0].endswith("(counts until 2026-11-27)")
    assert state(by=None).state == "open"
    assert "nobody signed it" in state(by=None).missing[0]
    assert "older than twelve months" in state(at=NOW - timedelta(days=400)).missing[0]
    assert "clause 4.4, point 1" in state(by=None).next_steps[0]
    assert state(verdict="not_fulfilled").state == "denied"
    assert state(point=None).missing == ("attested for the whole clause, not for this point",)


def test_points_and_conclusions_count_the_same(make: Any, judge: Any, make_table: Any, clauses: Clauses) -> None:
    names = {check for clause in clauses.leaves for point in clause.points for check in point.checks}
    rows = [make.row(name, "prod", 30 * (n % 3), 0, not_assessable=n % 7) for n, name in enumerate(sorted(names))]
    words = [{**SIGNED, "clause": leaf.id, "point": 1} for leaf in clauses.leaves[::4]]
    words = [word | {"attestation_id": str(n)} for n, word in enumerate(words)]

    assessment = judge(
        [make.check(name) for name in names], make.run(rows), policy={"attestation": make_table("attestation", words)}
    )

    leaves = [each for each in assessment.conclusions if each.requirement]
    assert sum(len(each.requirement) for each in leaves) == 222
    assert {each.state for leaf in leaves for each in leaf.requirement} == {"evidenced", "in_part", "open"}
    for leaf in leaves:
        assert leaf.points_evidenced == sum(each.is_evidenced for each in leaf.requirement)
        assert leaf.conclusion != "conforming" or leaf.points_evidenced == leaf.points
        assert all(each.is_evidenced or (each.missing and each.next_steps) for each in leaf.requirement)


def test_a_clause_that_is_said_not_to_apply_is_told_so_and_owners_are_inherited(
    make: Any, judge: Any, make_table: Any
) -> None:
    lines = [
        {"clause": "8.7.3", "is_applicable": False, "process_owner": None},
        {"clause": "8.6", "is_applicable": None, "process_owner": "R. Roe"},
        {"clause": "8.6.3", "is_applicable": False, "process_owner": "J. Doe"},
    ]
    assessment = judge(
        [make.check("PRB-004", "8.6.3")], make.run([make.row("PRB-004", "prod", 100, 40)]),
        policy={"clause_scope": make_table("clause_scope", lines)},
    )  # fmt: skip

    found = {name: make.clause(assessment, name) for name in ("8.6.1", "8.6.3", "8.7.3.1", "8")}
    assert [(found[name].conclusion, found[name].owner) for name in ("8.6.1", "8.6.3", "8.7.3.1")] == [
        ("not_assessed", "R. Roe"), ("minor", "J. Doe"), ("not_applicable", None),
    ]  # fmt: skip
    assert "clause_scope.csv says that it does not apply" in found["8.6.3"].reasons[0]
    assert found["8"].reasons[-1] == "3 of 31 clauses said not to apply"
    assert found["8"].points == 146 - 13
    assert assessment.conclusion.column("owner").to_pylist().count("R. Roe") == 2


def test_failures_that_go_on_uncorrected_make_a_repeated_minor_a_major(make: Any, judge: Any) -> None:
    from itsm_bridge.assessment import Earlier

    checks = [make.check("INC-001"), make.check("IMP-004", "10.1.1")]
    run = make.run([make.row("INC-001", "prod", 100, 40), make.row("IMP-004", "prod", 100, 40)])

    def conclusion(periods: int) -> str:
        earlier = Earlier(periods_before={"INC-001": periods})
        return str(make.clause(judge(checks, run, earlier), "8.6.1").conclusion)

    assert [conclusion(1), conclusion(2)] == ["minor", "major"]
