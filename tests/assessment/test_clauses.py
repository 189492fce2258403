"""The clauses as data: complete, and with the evidence classes that the gap analysis counted (catalogue §4.5)."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from itsm_bridge.assessment.clauses import TOOL_EVIDENCE, Clauses, load_clauses
from itsm_bridge.errors import ConfigurationError


def test_there_are_sixty_two_clauses_with_two_hundred_and_twenty_two_points(clauses: Clauses) -> None:
    assert (len(clauses), len(clauses.leaves)) == (69, 62)
    assert sum(len(clause.points) for clause in clauses.leaves) == 222


def test_the_points_are_evidenced_as_the_gap_analysis_counts(clauses: Clauses) -> None:
    points = [point for clause in clauses.leaves for point in clause.points]
    kinds = Counter(
        "person" if p.needs_a_person else "tool" if p.evidence in TOOL_EVIDENCE else "register" for p in points
    )

    assert kinds == {"tool": 78, "register": 86, "person": 58}


@pytest.mark.parametrize(
    ("clause", "points", "tool", "register", "person"),
    [
        ("4.4", 1, 0, 0, 1),
        ("8.5.1.3", 8, 7, 1, 0),
        ("8.3.4.1", 8, 2, 4, 2),
        ("8.5.2.2", 2, 0, 0, 2),
        ("8.6.3", 12, 11, 1, 0),
    ],
)
def test_single_clauses_have_the_points_of_the_catalogue(
    clauses: Clauses, clause: str, points: int, tool: int, register: int, person: int
) -> None:
    found = clauses[clause].points
    people = sum(point.needs_a_person for point in found)
    from_tool = sum(point.evidence in TOOL_EVIDENCE for point in found)

    assert (len(found), from_tool, len(found) - from_tool - people, people) == (points, tool, register, person)


def test_ranges_of_checks_are_written_out(clauses: Clauses) -> None:
    named = {check for clause in clauses.leaves for point in clause.points for check in point.checks}

    assert {"DQ-001", "DQ-007", "DQ-010", "KPI-003"} <= named
    assert all(re.fullmatch(r"[A-Z]+-\d{3}", check) for check in named)


def test_clauses_stand_in_the_order_of_the_standard(clauses: Clauses) -> None:
    names = list(clauses)

    assert (names[0], names[-1]) == ("4", "10.2")
    assert names.index("9.4") < names.index("10") < names.index("10.1.1")
    assert [clause.id for clause in clauses.below("10")] == ["10.1.1", "10.1.2", "10.2"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[clause."8"]\ntitle = ', "not TOML"),
        ('[clause."8"]\npoints = []', "clause 8 has no title"),
        ('[clause."8.1"]\ntitle = "x"\npoints = [{ text = "y", evidence = "hearsay" }]', "clause 8.1, point 1"),
    ],
)
def test_a_malformed_file_is_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        load_clauses(text, where="mine.toml")

    assert caught.value.where == "mine.toml"
    assert caught.value.hint
