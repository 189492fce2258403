"""Every KPI that we ship: its cases come out as written, its SQL carries over, and a wrong file says what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import itsm_bridge
from itsm_bridge.assessment import load_clauses
from itsm_bridge.checking import Kpi, load_kpi, load_kpis
from itsm_bridge.checking.definition import Question
from itsm_bridge.checking.lint import lint_kpi
from itsm_bridge.checking.measuring.cases import run_kpi_cases
from itsm_bridge.checking.measuring.kpi_file import parse_kpi
from itsm_bridge.checking.views import relations
from itsm_bridge.errors import CheckError

from .conftest import built_in

FOLDER = Path(itsm_bridge.__file__).parent / "kpis"
FILES = sorted(FOLDER.rglob("*.toml"))
FILE = Path("kpis/quick.toml")
Text = Callable[..., str]


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def kpi(request: pytest.FixtureRequest) -> Kpi:
    return load_kpi(request.param)


@pytest.fixture
def kpi_text() -> Text:
    def text(**changes: str) -> str:
        """Return a KPI file; a change replaces the value of a key, or leaves it out where it is empty."""
        keys = {
            "id": '"quick"', "version": "1", "title": '"A test"', "process": '"incident"',
            "clauses": '[{ clause = "8.6.1", relation = "supporting" }]', "figure": '"share"', "unit": '"share"',
            "better": '"higher"', "record_types": '["incident"]', "anchor": '"w.opened_at"', "value": '"w.priority > 2"',
            "meaning": '"It matters."', "formula": '"A by B."', "limits": '"None known."',
        }  # fmt: skip
        more = changes.pop("more", "")
        return "\n".join(f"{key} = {value}" for key, value in {**keys, **changes}.items() if value) + "\n" + more

    return text


def told(text: str) -> CheckError:
    with pytest.raises(CheckError) as caught:
        parse_kpi(text, FILE)
    return caught.value


def test_every_case_comes_out_as_written(kpi: Kpi) -> None:
    wrong = [(result.name, result.differences) for result in run_kpi_cases(kpi) if not result.is_right]
    assert wrong == []


def test_the_cases_show_a_value_and_what_has_none(kpi: Kpi) -> None:
    values = [case["expect"].get("value") for case in kpi.cases]
    assert any(value is not None for value in values)
    assert None in values


def test_the_sql_carries_over_to_other_engines(kpi: Kpi) -> None:
    assert lint_kpi(kpi) == []


def test_a_kpi_lies_where_its_process_says_and_serves_clauses_that_exist(kpi: Kpi) -> None:
    assert (kpi.path.parent.name, kpi.path.stem) == (kpi.process, kpi.id)
    assert {each.clause for each in kpi.clauses} <= set(load_clauses())
    assert kpi.subject.view in relations()


def test_all_forty_kpis_of_the_catalogue_are_there() -> None:
    assert len(load_kpis([FOLDER])) == 40


def test_parameters_of_one_name_mean_the_same_in_checks_and_kpis() -> None:
    seen: dict[str, tuple[object, ...]] = {}
    questions: list[Question] = [*built_in().values(), *load_kpis([FOLDER])]
    for question in questions:
        for name, parameter in question.parameters.items():
            facts = (parameter.default, parameter.kind, parameter.unit, parameter.meaning, parameter.bound)
            assert seen.setdefault(name, facts) == facts, f"{question.id}: {name}"


def test_a_wrong_expectation_is_told() -> None:
    kpi = load_kpi(FOLDER / "incident" / "mttr.toml")
    first = {**kpi.cases[0], "expect": {**kpi.cases[0]["expect"], "value": 12345.0}}
    (result,) = run_kpi_cases(replace(kpi, cases=(first,)))
    assert result.differences[0].startswith("value: expected 12345.0, came ")


def test_a_case_that_expects_what_nobody_measures_is_refused(kpi_text: Text) -> None:
    case = '[[cases]]\nname = "x"\nwork_item = {}\nexpect = { n = 1, valu = 2 }\n'
    with pytest.raises(CheckError, match="expects 'valu'; did you mean 'value'"):
        run_kpi_cases(parse_kpi(kpi_text(more=case), FILE))
    with pytest.raises(CheckError, match="expects nothing"):
        run_kpi_cases(parse_kpi(kpi_text(more=case.replace("{ n = 1, valu = 2 }", '"pass"')), FILE))


def test_a_good_file_becomes_a_kpi(kpi_text: Text) -> None:
    kpi = parse_kpi(kpi_text(), FILE)
    assert (kpi.id, kpi.population, kpi.subject.view, kpi.is_anchored, kpi.is_repeatable) == (
        "quick", "TRUE", "w", True, True,
    )  # fmt: skip
    assert not parse_kpi(kpi_text(anchor='"now"'), FILE).is_repeatable
    assert parse_kpi(kpi_text(anchor='"end"'), FILE).is_repeatable


@pytest.mark.parametrize(
    ("change", "message", "where"),
    [
        ({"title": '"open'}, "not valid TOML", "3"),
        ({"meaning": ""}, "is missing", ": meaning"),
        ({"figure": '"shares"'}, "did you mean 'share'?", "6: figure"),
        ({"value": '"w.priorty > 2"'}, "did you mean 'priority'?", "11: value"),
        ({"value": '"w.priority > $limit"'}, "$limit is used, but not declared", ": parameters"),
        ({"value": '"w.priority >"'}, "is not SQL", "11: value"),
        ({"weight": '"w.priority"'}, "belongs to a quotient", ": weight"),
        ({"id": '"KPI-1"'}, "is not an id of a KPI", "1: id"),
        ({"more": 'meanin = "x"\n'}, "unknown key 'meanin'; did you mean 'meaning'?", "15: meanin"),
    ],
)
def test_a_wrong_file_says_where_and_what(kpi_text: Text, change: dict[str, str], message: str, where: str) -> None:
    error = told(kpi_text(**change))
    assert message in error.message
    assert (error.where or "").endswith(where)
    assert "check file" not in str(error.hint)
