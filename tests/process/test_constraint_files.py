"""Files of rules about the order of activities: what is packaged is sound, and what is wrong is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import itsm_bridge
from itsm_bridge.checking import load_checks
from itsm_bridge.checking.lint import lint, to_spark
from itsm_bridge.checking.losses import Loss
from itsm_bridge.checking.views import views
from itsm_bridge.errors import CheckError
from itsm_bridge.process import BUILT_IN, Constraint, load_constraints
from itsm_bridge.process.activities import ACTIVITIES, untold
from itsm_bridge.process.examples import run_examples
from itsm_bridge.process.statement import statement
from itsm_bridge.schema import TABLES
from itsm_bridge.schema.lifecycles import CAPABILITIES

PACKAGED = [each for file in load_constraints([BUILT_IN]) for each in file.constraints]
TELLING = ("activity", "state_activity", "stated_activity", "decided_activity")
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def rule(**changes: str) -> Path:
        """Write a file of one rule; a change replaces the value of a key, or leaves it out where it is empty."""
        keys = {
            "id": '"resolved_first"', "title": '"A test"', "template": '"precedence"', "record_types": '["incident"]',
            "a": '["resolve"]', "b": '["close"]', "why": '"Because."',
        }  # fmt: skip
        lines = [f"{key} = {value}" for key, value in {**keys, **changes}.items() if value]
        (tmp_path / "own.toml").write_text(
            'process = "incident"\n[[constraints]]\n' + "\n".join(lines) + "\n", encoding="utf-8"
        )
        return tmp_path

    return rule


@pytest.mark.parametrize("rule", PACKAGED, ids=lambda rule: rule.id)
def test_a_packaged_rule_carries_over_to_other_engines(rule: Constraint) -> None:
    losses = [Loss("prod", "*", need, "it's lost") for name in rule.activities for need in ACTIVITIES[name].needs[0]]
    assert lint(statement(rule, losses)) == []
    assert to_spark(statement(rule))


def test_every_packaged_rule_has_an_example_of_each_kind_and_its_sql_tells_them_apart() -> None:
    assert [rule.id for rule in PACKAGED if not (rule.kept and rule.broken)] == []
    results = list(run_examples(PACKAGED))
    assert len(results) == 2 * len(PACKAGED)
    assert [(each.id, each.name, each.differences) for each in results if not each.is_right] == []


def test_an_example_that_comes_out_otherwise_says_how(write: Write) -> None:
    (file,) = load_constraints([write(kept='["close"]', broken='["resolve"]')])
    told = [each.differences for each in run_examples(file.constraints)]
    assert told == [("expected kept, came broken",), ("expected broken, came never activated",)]


def test_packaged_rules_name_checks_that_exist() -> None:
    known = {check.id for check in load_checks([Path(itsm_bridge.__file__).parent / "checks"])}
    catalogue = re.compile(r"[A-Z]{3}-\d{3}|DQ-\d{3}")
    named = {check for rule in PACKAGED for check in rule.checks}
    assert all(catalogue.fullmatch(check) for check in named)
    assert len(known & named) >= 10


def test_every_activity_of_the_log_has_a_meaning_and_every_meaning_an_activity() -> None:
    made = set()
    for name in TELLING:
        text = views()[name].text
        made |= set(re.findall(r"(?:THEN|ELSE) '(\w+)'", text)) | set(re.findall(r"'(\w+)' AS activity", text))
    assert made == set(ACTIVITIES)


def test_what_activities_need_is_something_that_a_source_can_lack() -> None:
    known = {
        *CAPABILITIES,
        *TABLES,
        *(f"{table.name}.{column.name}" for table in TABLES.values() for column in table.columns),
    }
    needs = {each for activity in ACTIVITIES.values() for alternatives in activity.needs for each in alternatives}
    assert needs <= known


def test_one_of_two_ways_is_enough_to_tell_an_activity() -> None:
    votes = Loss("prod", "change", "approval.vote", "no votes")
    rollups = Loss("prod", "*", "approval.rollup", "no decisions")
    assert list(untold(["approve"], [votes])) == []
    assert [(each.source_id, each.record_type) for each in untold(["approve"], [votes, rollups])] == [
        ("prod", "change")
    ]
    assert list(untold(["resolve"], [votes, rollups])) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"template": '"presedence"'}, "did you mean 'precedence'"),
        ({"a": '["resolved"]'}, "did you mean 'resolve'"),
        ({"b": ""}, "is missing"),
        ({"template": '"init"'}, "speaks of a alone"),
        ({"template": '"response"', "reset": '["reopen"]'}, "knows no reset"),
        ({"times": "2"}, "belongs to existence"),
        ({"template": '"existence"', "b": ""}, "belongs to existence"),
        ({"id": '"Resolved First"'}, "is not an id"),
        ({"population": '"w.priorty = 1"'}, "did you mean 'priority'"),
        ({"population": '"w.opened_at > now()"'}, "use \\$now"),
        ({"population": '"w.priority ="'}, "is not SQL"),
        ({"colour": '"red"'}, "unknown key 'colour'"),
    ],
)
def test_a_rule_that_is_not_written_as_it_should_be_is_refused(
    write: Write, changes: dict[str, str], told: str
) -> None:
    with pytest.raises(CheckError, match=told) as caught:
        load_constraints([write(**changes)])
    assert "own.toml" in str(caught.value.where)


def test_two_rules_of_one_name_and_folders_that_are_not_there_are_refused(write: Write, tmp_path: Path) -> None:
    folder = write()
    assert [each.id for file in load_constraints([folder]) for each in file.constraints] == ["resolved_first"]
    with pytest.raises(CheckError, match="exists already"):
        load_constraints([folder, folder])
    with pytest.raises(CheckError, match="no such folder"):
        load_constraints([tmp_path / "nowhere"])


def test_a_rule_is_written_as_people_say_it() -> None:
    said = {rule.id: rule.formula for rule in PACKAGED}
    assert said["resolve_before_close"] == "precedence(resolve, close)"
    assert said["reopened_less_than_twice"] == "absence(2, reopen)"
    assert said["refused_is_not_implemented"] == "not succession(reject, implement), undone by approve"
    assert said["cancelled_or_resolved"] == "not co-existence(cancel, resolve)"
