from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from itsm_bridge.errors import ConfigurationError
from itsm_bridge.policy import ParameterValue, Policy, load_policy, parameter_template, policy_from_contents, template
from itsm_bridge.schema import TABLES
from itsm_bridge.schema.lifecycles import STATES

SPAN = (date(2026, 1, 1), date(2026, 6, 30))

Load = Callable[..., Policy]


@pytest.fixture(scope="module")
def packaged() -> Policy:
    return load_policy(None, ["prod"], "UTC", SPAN)


def test_without_a_folder_the_packaged_defaults_apply_and_that_is_said(packaged: Policy) -> None:
    assert packaged.notes == ("no policy folder is configured: the packaged defaults apply",)
    assert set(packaged.defaults) == set(template())
    assert not packaged.parameters
    assert not packaged.adopted


def test_every_policy_table_of_the_schema_is_there_with_its_columns(packaged: Policy) -> None:
    expected = {name: table.arrow for name, table in TABLES.items() if table.origin == "policy"}
    assert {name: table.schema for name, table in packaged.tables.items()} == expected


def test_a_missing_file_is_named_and_its_default_taken(load: Load) -> None:
    policy = load(targets_csv="record_type,metric,limit_seconds\n")
    assert "targets.csv" not in policy.defaults
    assert "lists.toml is not in the policy folder: the packaged default applies" in policy.notes
    assert policy.tables["target"].num_rows == 0
    assert policy.tables["priority_matrix"].num_rows > 0


def test_the_template_that_init_writes_says_the_same_as_the_defaults(load: Load, packaged: Policy) -> None:
    written = load("UTC", **{name.replace(".", "_"): text for name, text in template().items()})
    assert not written.defaults
    assert not written.notes
    for name in ("priority_matrix", "transition_rule", "sla_pause_rule", "target", "policy_list"):
        assert written.tables[name] == packaged.tables[name]


def test_the_contents_of_an_assessment_give_the_same_policy_again(load: Load) -> None:
    policy = load(adopted_toml='checks = ["INC-003"]\n', parameters_toml='[grace]\nvalue = "48h"\n')
    again = policy_from_contents(policy.contents, ["prod", "desk"], "Europe/Berlin", SPAN)
    assert again.tables == policy.tables
    assert again.adopted == policy.adopted
    assert again.parameters == policy.parameters
    assert again.contents == policy.contents
    assert not again.defaults


def test_parameters_say_who_approved_them_and_when(load: Load) -> None:
    text = '[grace]\nvalue = "48h"\napproved_by = "A. Owner"\napproved_on = 2026-01-15\n\n[CHG-002.limit]\nvalue = 3\n'
    assert load(parameters_toml=text).parameters == {
        "grace": ParameterValue("48h", "A. Owner", date(2026, 1, 15)),
        "CHG-002.limit": ParameterValue(3),
    }


def test_lists_are_words_in_lower_case(load: Load) -> None:
    policy = load(lists_toml='default_category = ["Other", " Misc ", "other"]\n')
    assert policy.tables["policy_list"].to_pylist() == [
        {"name": "default_category", "value": "misc"},
        {"name": "default_category", "value": "other"},
    ]


@pytest.mark.parametrize(
    ("name", "text", "message", "hint"),
    [
        ("parameters_toml", "grace = '48h'\n", "grace is written as a bare value", "[grace]"),
        ("parameters_toml", "[grace]\nvlue = 1\n", "is not a setting", "Did you mean 'value'?"),
        ("parameters_toml", "[grace]\nvalue = [1]\n", "grace", ""),
        ("parameters_toml", "[grace\n", "this is not TOML", "brackets"),
        ("adopted_toml", "check = ['*']\n", "check is not a setting", "Did you mean 'checks'?"),
        ("adopted_toml", "checks = 3\n", "checks is not right", "ids of checks"),
        ("lists_toml", "default_category = 'other'\n", "default_category", ""),
    ],
)
def test_a_wrong_file_is_named(load: Load, name: str, text: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(**{name: text})
    assert message in caught.value.message
    assert f"{name.replace('_', '.')}:1" in (caught.value.where or "") or f"{name.replace('_', '.')}:2" in (
        caught.value.where or ""
    )
    assert hint in (caught.value.hint or "")


def test_a_file_that_nobody_reads_is_refused_because_it_would_silently_mean_the_default(load: Load) -> None:
    with pytest.raises(ConfigurationError, match=r"did you mean 'targets\.csv'"):
        load(target_csv="x\n")


def test_other_files_may_lie_in_the_folder(load: Load, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("about our policy", encoding="utf-8")
    assert load()


def test_a_folder_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_policy(tmp_path / "nowhere", ["prod"], "UTC", SPAN)
    assert "itsm-bridge init" in (caught.value.hint or "")


def test_names_that_no_check_knows_are_refused_with_their_line(load: Load) -> None:
    policy = load(parameters_toml="# [grace]\n[grase]\nvalue = 1\n", adopted_toml='checks = [\n  "INC-03",\n]\n')
    with pytest.raises(ConfigurationError) as caught:
        policy.refuse_unknown(["grace", "limit"], ["INC-003"])
    assert "did you mean 'grace'?" in caught.value.message
    assert (caught.value.where or "").endswith("parameters.toml:2")
    with pytest.raises(ConfigurationError) as caught:
        policy.refuse_unknown(["grase"], ["INC-003"])
    assert (caught.value.where or "").endswith("adopted.toml:2")


def test_known_names_and_all_are_accepted(load: Load) -> None:
    policy = load(parameters_toml="[INC-003.grace]\nvalue = 1\n", adopted_toml='checks = ["*"]\n')
    policy.refuse_unknown(["grace"], ["INC-003"])


@pytest.mark.parametrize(("record_type", "variant"), [
    ("incident", None), ("service_request", None), ("problem", None), ("change", "normal"), ("change", "standard"),
    ("change", "emergency"), ("release", None),
])  # fmt: skip
def test_the_default_state_model_leads_from_the_first_state_to_closed_and_has_no_dead_ends(
    packaged: Policy, record_type: str, variant: str | None
) -> None:
    rules = [
        (row["from_state"], row["to_state"])
        for row in packaged.tables["transition_rule"].to_pylist()
        if (row["record_type"], row["variant"]) == (record_type, variant)
    ]
    states = {state for rule in rules for state in rule}
    assert states <= set(STATES)
    for start in states - {"cancelled", "rejected", "closed"}:
        reached, waiting = set(), [start]
        while waiting:
            state = waiting.pop()
            reached.add(state)
            waiting += [after for before, after in rules if before == state and after not in reached]
        assert "closed" in reached, start
    assert not any(before in {"closed", "cancelled"} for before, _ in rules)


def test_reopening_a_resolved_incident_is_allowed_by_default_and_reopening_a_closed_one_is_not(
    packaged: Policy,
) -> None:
    rules = {
        (r["from_state"], r["to_state"])
        for r in packaged.tables["transition_rule"].to_pylist()
        if r["record_type"] == "incident"
    }
    assert ("resolved", "in_progress") in rules
    assert ("closed", "in_progress") not in rules
    assert ("new", "closed") not in rules


def check(check_id: str, **parameters: Any) -> Any:
    described = {
        name: SimpleNamespace(default=default, meaning=f"what {name} is for", bound=bound)
        for name, (default, bound) in parameters.items()
    }
    return SimpleNamespace(id=check_id, parameters=described)


def test_the_parameter_file_shows_every_parameter_and_changes_nothing(load: Load) -> None:
    text = parameter_template(
        [
            check("B-002", grace=("24h", None), limit=(3, "at most 5")),
            check("A-001", grace=("24h", None), limit=(4, None)),
        ]
    )
    assert '# what grace is for. Read by A-001, B-002.\n# [grace]\n# value = "24h"\n' in text
    assert "Bound: at most 5. Read by B-002.\n# [B-002.limit]\n# value = 3\n" in text
    assert "# [A-001.limit]\n# value = 4\n" in text
    assert not load(parameters_toml=text).parameters
    uncommented = "\n".join(line.removeprefix("# ") for line in text.splitlines() if "[" in line or " = " in line)
    assert set(load(parameters_toml=uncommented.split("[name]")[-1].split("\n", 1)[1]).parameters) == {
        "grace",
        "A-001.limit",
        "B-002.limit",
    }
