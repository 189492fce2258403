from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from itsm_bridge.schema import TABLES

Run = Callable[..., Result]


def test_plugins_names_distributions_hooks_and_adapters(run: Run) -> None:
    told = json.loads(run("plugins", "--json").stdout)
    assert told["plugins"][0]["distribution"] == "itsm-bridge"
    assert "files" in told["adapters"]
    shown = run("plugins").stdout
    assert "itsm_adapters" in shown
    assert "files" in shown


def test_schema_lists_all_tables(run: Run) -> None:
    shown = run("schema", columns=160).stdout
    for name in TABLES:
        assert f" {name} " in shown


def test_schema_shows_the_columns_of_a_table(run: Run) -> None:
    shown = run("schema", "transition").stdout
    for column in TABLES["transition"].names:
        assert column in shown


@pytest.mark.parametrize("arguments", [["schema", "--json"], ["schema", "--format", "json"]])
def test_schema_as_json_has_every_column(run: Run, arguments: list[str]) -> None:
    told = json.loads(run(*arguments).stdout)
    assert {item["table"]: tuple(column["name"] for column in item["columns"]) for item in told} == {
        name: table.names for name, table in TABLES.items()
    }


def test_an_unknown_table_is_told_with_what_was_probably_meant(run: Run) -> None:
    result = run("schema", "workitem")
    assert result.exit_code == 2
    assert "did you mean 'work_item'?" in result.stderr


def test_schedule_next_tells_when(run: Run, configured: Path) -> None:
    shown = run("schedule", "next", "--count", "2").stdout
    assert shown.count("02:00 UTC") == 2
    told = json.loads(run("schedule", "next", "--json").stdout)
    assert told["timezone"] == "UTC"
    assert len(told["runs"]) == 5


def test_schedule_without_a_time_is_told(run: Run, configured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configured.write_text(configured.read_text(encoding="utf-8").replace("sweep =", "# sweep ="), encoding="utf-8")
    result = run("schedule", "next")
    assert result.exit_code == 2
    assert "[schedule]" in result.stderr


def test_checks_are_listed_and_shown(run: Run) -> None:
    told = json.loads(run("checks", "list", "--json").stdout)
    assert {"CHG-002", "INC-003", "DQ-009"} <= {check["id"] for check in told}
    changes = json.loads(run("checks", "list", "--process", "change", "--json").stdout)
    assert {check["process"] for check in changes} == {"change"}
    assert "CHG-002" in run("checks", "list").stdout
    shown = run("checks", "show", "chg-002").stdout
    for title in ("Why", "Remedy", "Population", "Violation", "Known limits"):
        assert title in shown
    assert json.loads(run("checks", "show", "CHG-002", "--json").stdout)["id"] == "CHG-002"


def test_an_unknown_check_is_told_with_what_was_probably_meant(run: Run) -> None:
    result = run("checks", "show", "CHG-02")
    assert result.exit_code == 2
    assert "did you mean" in result.stderr


def test_the_cases_of_a_check_are_run(run: Run) -> None:
    result = run("checks", "test", "INC-003", "--json")
    told = json.loads(result.stdout)
    assert told["checks"] == 1
    assert told["cases"] > 0
    assert told["wrong"] == []
    assert result.exit_code == 0


def test_the_rules_of_a_mapping_are_shown(run: Run, configured: Path) -> None:
    shown = run("mapping", "show", "work_item").stdout
    assert "work_item.state" in shown
    told = json.loads(run("mapping", "show", "work_item", "--json").stdout)
    assert {line["table"] for line in told["desk"]} == {"work_item"}


def test_a_source_that_does_not_exist_is_told(run: Run, configured: Path) -> None:
    result = run("mapping", "show", "--source", "dsk")
    assert result.exit_code == 2
    assert "did you mean 'desk'?" in result.stderr
