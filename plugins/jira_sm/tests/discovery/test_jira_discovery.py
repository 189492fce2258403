"""Custom fields are found by type, plain ones by exact name; what is double is asked, what is missing is no error."""

from __future__ import annotations

from typing import Any

import pytest
import responses
from jira_answers import URL, answers_at, asked, connected, settings_of

from itsm_bridge.errors import BadAnswer
from itsm_bridge_jira_sm.discovery import Fields, discover
from itsm_bridge_jira_sm.field_names import PLAIN, TYPED

SELECT = "com.atlassian.jira.plugin.system.customfieldtypes:select"


def field(number: int, name: str, custom: str = SELECT, project: str = "", **more: Any) -> dict[str, Any]:
    scope = {"scope": {"type": "PROJECT", "project": {"id": project}}} if project else {}
    told = {"id": f"customfield_{number}", "name": name, "custom": True, "schema": {"type": "any", "custom": custom}}
    return told | scope | more


SUMMARY = {"id": "summary", "name": "Summary", "custom": False, "schema": {"type": "string", "system": "summary"}}
PRIORITY = {"id": "priority", "name": "Impact", "custom": False, "schema": {"type": "priority", "system": "priority"}}


def found(tool: responses.RequestsMock, *told: dict[str, Any], **given: Any) -> Fields:
    answers_at(tool, URL)
    tool.get(f"{URL}/rest/api/2/field", json=[SUMMARY, *told])
    return discover(connected(), settings_of(**given))


def test_fields_are_found_by_their_type_whatever_they_are_called(tool: responses.RequestsMock) -> None:
    told = [field(100 + n, f"Feld {n}", kinds[0]) for n, kinds in enumerate(TYPED.values())]
    fields = found(tool, *told, field(7, "Time to resolution", TYPED["sla"][0]))
    assert fields.ids["sla"] == ("customfield_100", "customfield_7")
    assert {name: fields.ids[name][0] for name in TYPED} == {
        name: f"customfield_{100 + n}" for n, name in enumerate(TYPED)
    }
    assert fields.names["customfield_7"] == "Time to resolution"
    assert fields.problems == ()
    assert [url for url in asked(tool) if "field" in url] == [f"{URL}/rest/api/2/field"]


def test_assets_of_a_data_center_are_found_by_any_of_their_types(tool: responses.RequestsMock) -> None:
    told = [field(n, "CI", kind) for n, kind in enumerate(TYPED["assets"][1:])]
    assert len(found(tool, *told).ids["assets"]) == 3


def test_plain_fields_are_found_by_their_exact_name(tool: responses.RequestsMock) -> None:
    told = [field(n, name.upper() if n % 2 else f" {name} ") for n, name in enumerate(PLAIN.values())]
    near = [field(900, "Impact on customers"), field(901, "Change types"), PRIORITY]
    fields = found(tool, *told, *near)
    assert [fields.ids[name] for name in PLAIN] == [(f"customfield_{n}",) for n in range(len(PLAIN))]
    assert fields.problems == ()


def test_the_name_before_translation_counts_too(tool: responses.RequestsMock) -> None:
    fields = found(tool, field(1, "Auswirkung", untranslatedName="Impact"), field(2, "Dringlichkeit"))
    assert (fields.ids["impact"], fields.ids["urgency"]) == (("customfield_1",), ())


def test_a_field_that_is_missing_is_no_problem_and_known_as_missing(tool: responses.RequestsMock) -> None:
    fields = found(tool)
    assert (fields.ids["change_type"], fields.ids["sla"], fields.problems) == ((), (), ())
    assert (fields.has("change_type"), fields.has("summary")) == (False, True)


def test_of_two_fields_with_one_name_none_is_taken_and_both_are_listed(tool: responses.RequestsMock) -> None:
    fields = found(tool, field(5, "Impact"), field(6, "impact"), field(7, "Urgency"))
    assert (fields.ids["impact"], fields.ids["urgency"]) == ((), ("customfield_7",))
    (problem,) = fields.problems
    for words in ("customfield_5", "customfield_6", 'fields.impact = "customfield_5"'):
        assert words in problem
    assert fields.undecided == {"impact"}


def test_projects_may_have_fields_of_their_own_beside_that_of_the_site(tool: responses.RequestsMock) -> None:
    fields = found(
        tool, field(1, "Impact", project="10001"), field(2, "Impact"), field(3, "Impact", project="10002")
    )  # fmt: skip
    assert (fields.ids["impact"], fields.problems) == (("customfield_2", "customfield_1", "customfield_3"), ())


def test_fields_of_projects_that_are_not_read_do_not_count(tool: responses.RequestsMock) -> None:
    answers_at(tool, URL)
    told = [field(n, "Impact", project=project) for n, project in enumerate(("10001", "10002", "10002"))]
    tool.get(f"{URL}/rest/api/2/field", json=[SUMMARY, *told])
    fields = discover(connected(), settings_of(), ["10001"])
    assert (fields.ids["impact"], fields.problems) == (("customfield_0",), ())


def test_two_fields_of_one_project_are_not_told_apart(tool: responses.RequestsMock) -> None:
    fields = found(tool, field(1, "Impact", project="10001"), field(4, "Impact", project="10001"))
    assert "of project 10001" in fields.problems[0]
    assert fields.ids["impact"] == ()


@pytest.mark.parametrize("wanted", ["customfield_6", "Auswirkung"])
def test_the_settings_say_which_field_is_meant(tool: responses.RequestsMock, wanted: str) -> None:
    told = [field(5, "Impact"), field(6, "Auswirkung"), field(7, "Impact")]
    fields = found(tool, *told, fields={"impact": wanted})
    assert (fields.ids["impact"], fields.problems) == (("customfield_6",), ())


def test_settings_that_name_no_field_are_a_problem(tool: responses.RequestsMock) -> None:
    fields = found(tool, field(5, "Impact"), fields={"impact": "customfield_50"})
    assert fields.ids["impact"] == ()
    assert '`fields.impact` names "customfield_50"' in fields.problems[0]


def test_settings_that_name_a_field_that_is_there_twice_are_a_problem(tool: responses.RequestsMock) -> None:
    fields = found(tool, field(5, "Stufe"), field(6, "Stufe"), fields={"impact": "Stufe"})
    assert (fields.ids["impact"], len(fields.problems)) == ((), 1)


@pytest.mark.parametrize("told", [[], {}, [{"name": "no id"}], ["x", None]])
def test_strange_lists_of_fields_are_not_believed_or_skipped(tool: responses.RequestsMock, told: Any) -> None:
    answers_at(tool, URL)
    tool.get(f"{URL}/rest/api/2/field", json=told)
    if told:
        assert discover(connected(), settings_of()).names == {}
    else:
        with pytest.raises(BadAnswer, match="lists no fields"):
            discover(connected(), settings_of())


def test_names_from_the_site_are_printed_harmlessly(tool: responses.RequestsMock) -> None:
    fields = found(tool, field(5, "Impact"), field(6, "Impact\n"))
    assert all(problem.isprintable() for problem in fields.problems)
    assert len(fields.problems) == 1
