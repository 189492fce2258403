from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
from typer.testing import Result

from itsm_bridge.cli.application import COMMANDS

Run = Callable[..., Result]

LEAVES = (
    *((name,) for name in COMMANDS if name not in ("checks", "kpi", "mapping", "policy", "process", "schedule")),
    ("checks", "list"),
    ("checks", "show"),
    ("checks", "test"),
    ("kpi", "table"),
    ("kpi", "list"),
    ("kpi", "show"),
    ("kpi", "test"),
    ("mapping", "show"),
    ("mapping", "lint"),
    ("mapping", "explain"),
    ("policy", "lint"),
    ("process", "variants"),
    ("process", "steps"),
    ("process", "constraints"),
    ("process", "show"),
    ("schedule", "run"),
    ("schedule", "next"),
)
HEAVY = ("pandas", "duckdb", "pyarrow", "deltalake", "pydantic", "sqlglot", "apscheduler", "requests", "sqlalchemy")


@pytest.mark.parametrize("leaf", LEAVES, ids="-".join)
@pytest.mark.parametrize("columns", [80, 120])
def test_every_command_has_help_with_examples_that_fits_the_terminal(
    run: Run, leaf: tuple[str, ...], columns: int
) -> None:
    result = run(*leaf, "--help", columns=columns)
    assert result.exit_code == 0
    assert "Examples" in result.stdout
    assert f"itsm-bridge {' '.join(leaf)}" in result.stdout
    for option in ("--config", "--json", "--log-json", "--verbose"):
        assert option in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= columns


@pytest.mark.parametrize("columns", [80, 120])
def test_the_help_lists_every_command_and_the_exit_codes(run: Run, columns: int) -> None:
    result = run("--help", columns=columns)
    for name in COMMANDS:
        assert f"│ {name} " in result.stdout
    assert "Exit codes" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= columns


@pytest.mark.parametrize("group", ["checks", "kpi", "mapping", "policy", "schedule"])
def test_a_group_without_a_command_shows_its_help(run: Run, group: str) -> None:
    assert "Usage" in run(group).output


def test_the_version_is_told(run: Run) -> None:
    result = run("--version")
    assert result.exit_code == 0
    assert result.stdout.startswith("itsm-bridge")


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["sync", "--nonsense"], ["schedule", "next", "--count", "none"], ["report", "-a", "x"]]
)
def test_a_wrong_command_line_ends_with_2(run: Run, arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom itsm_bridge.cli.application import application\n"
        "try: application()(['--help'], prog_name='itsm-bridge')\nexcept SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stderr.strip() == "[]"
