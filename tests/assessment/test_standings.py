"""Where checks stand that do not judge record by record, or had nothing to judge."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from itsm_bridge.assessment.standings import is_few_subjects, stand
from itsm_bridge.checking.definition import Subject


@pytest.mark.parametrize(
    ("view", "alias", "words"),
    [
        ("document_state", "d", "nothing in scope: required_documents.csv of the policy folder names nothing"),
        ("w", "w", "no record in scope"),
    ],
)
def test_a_check_with_nothing_to_judge_says_which_file_would_name_something(
    make: Any, view: str, alias: str, words: str
) -> None:
    check = replace(make.check("RPT-005"), subject=Subject(view, alias, f"{alias}.x"))
    standing = stand(make.run([]), [check], adopted=(), periods_before={})[check.id]
    assert (standing.status, standing.why_no_evidence) == ("not_assessed", words)


@pytest.mark.parametrize(
    ("view", "is_few"),
    [
        ("w", False), ("sla_clock", False), ("retained_record", False), ("known_item", False),
        ("supplier", True), ("document_state", True), ("kpi_result", True), ("stream_state", True),
    ],
)  # fmt: skip
def test_a_rate_means_something_where_subjects_are_as_many_as_records(make: Any, view: str, is_few: bool) -> None:
    assert is_few_subjects(replace(make.check("TST-001"), subject=Subject(view, "x", "x.y"))) is is_few
