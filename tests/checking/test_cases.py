"""Every check that we ship: its cases come out as written, and its SQL carries over to other engines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import itsm_bridge
from itsm_bridge.checking import Check, load_check, needs
from itsm_bridge.checking.cases import run_cases, verdict_names
from itsm_bridge.checking.lint import lint_check
from itsm_bridge.checking.views import relations

FILES = sorted((Path(itsm_bridge.__file__).parent / "checks").rglob("*.toml"))
NOT_WRITTEN_YET: set[str] = set()
PROCESSES = {
    "INC": "incident", "CHG": "change", "PRB": "problem", "SRQ": "service_request", "SLM": "service_level",
    "DQ": "data_quality", "SUP": "supplier", "REL": "release", "CFG": "configuration", "CAT": "catalogue",
    "BRM": "relationship", "AVL": "availability", "CON": "continuity", "SEC": "security", "RPT": "reporting",
    "IMP": "improvement", "KPI": "measurement",
}  # fmt: skip


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def check(request: pytest.FixtureRequest) -> Check:
    return load_check(request.param)


def test_every_case_comes_out_as_written(check: Check) -> None:
    wrong = [(result.name, result.differences) for result in run_cases(check) if not result.is_right]
    assert wrong == []


def test_the_cases_show_a_pass_a_fail_and_what_is_not_assessable(check: Check) -> None:
    asked = {"pass", "fail"} | ({"not_assessable"} if needs(check).tables else set())  # a register tells all it has
    assert asked <= verdict_names(check)


def test_the_sql_carries_over_to_other_engines(check: Check) -> None:
    assert lint_check(check) == []


def test_a_check_lies_where_its_process_says(check: Check) -> None:
    prefix = check.id.partition("-")[0]
    assert (check.path.parent.name, check.path.stem) == (PROCESSES[prefix], check.id)
    assert check.process == PROCESSES[prefix]


def test_a_check_is_suppressed_only_by_checks_that_exist(check: Check) -> None:
    assert set(check.suppressed_by) <= {path.stem for path in FILES} | NOT_WRITTEN_YET
    assert not {path.stem for path in FILES} & NOT_WRITTEN_YET


def test_message_and_title_are_sentences_without_sql(check: Check) -> None:
    assert check.message.endswith(".")
    assert not re.search(r"\bNULL\b|SELECT|\bw\.", check.title + check.message + check.remedy + check.procedure)


def test_the_subject_of_a_check_is_a_view_that_the_engine_knows(check: Check) -> None:
    assert check.subject.view in relations()


def test_parameters_of_one_name_mean_the_same_everywhere() -> None:
    seen: dict[str, tuple[object, ...]] = {}
    for path in FILES:
        for name, parameter in load_check(path).parameters.items():
            facts = (parameter.default, parameter.kind, parameter.unit, parameter.meaning, parameter.bound)
            assert seen.setdefault(name, facts) == facts, f"{path.stem}: {name}"


def test_a_wrong_expectation_is_told(check: Check) -> None:
    first = {**check.cases[0], "expect": "out_of_scope"}
    from dataclasses import replace

    result = run_cases(replace(check, cases=(first,)))[0]
    if isinstance(check.cases[0]["expect"], str):
        assert not result.is_right
