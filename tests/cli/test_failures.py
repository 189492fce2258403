from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from typer.testing import Result

import itsm_bridge
from itsm_bridge import errors
from itsm_bridge.redaction import conceal

Run = Callable[..., Result]
Fail = Callable[[BaseException], None]

PLANTED = "correct-horse-battery"


@pytest.fixture
def failing(configured: Path, monkeypatch: pytest.MonkeyPatch) -> Fail:
    """Let every sync end with an error."""

    def install(error: BaseException) -> None:
        def fail(*_: Any, **__: Any) -> None:
            raise error

        pipeline = ModuleType("itsm_bridge.pipeline")
        pipeline.sync = fail  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "itsm_bridge.pipeline", pipeline)
        monkeypatch.setattr(itsm_bridge, "pipeline", pipeline, raising=False)
        conceal(PLANTED)

    return install


def test_an_error_is_one_message_with_where_and_what_to_do(run: Run) -> None:
    result = run("sync", "--config", "nowhere.toml")
    assert result.exit_code == 2
    assert not result.stdout
    lines = result.stderr.splitlines()
    assert [line.split()[0] for line in lines] == ["Error", "where", "to"]
    assert "nowhere.toml" in lines[1]
    assert "itsm-bridge init" in lines[2]


def test_programs_get_an_error_as_json(run: Run) -> None:
    result = run("sync", "--json", "--config", "nowhere.toml")
    assert result.exit_code == 2
    told = json.loads(result.stdout)["error"]
    assert told["kind"] == "ConfigurationError"
    assert told["exit_code"] == 2
    assert told["where"] == "nowhere.toml"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.MappingError("x"), 2), (errors.PluginError("x"), 2), (errors.Unreachable("x"), 3),
        (errors.AuthenticationFailed("x"), 3), (errors.StoreLocked("x"), 3), (errors.DeliveryError("x"), 4),
        (ZeroDivisionError("x"), 3), (KeyboardInterrupt(), 130), (BrokenPipeError(), 130),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_an_error_ends_with_its_exit_code_and_never_looks_like_a_nonconformity(
    run: Run, failing: Fail, error: BaseException, code: int
) -> None:
    failing(error)
    assert run("sync").exit_code == code


def test_an_unexpected_error_is_short_and_says_how_to_learn_more(run: Run, failing: Fail) -> None:
    failing(RuntimeError("the answer was\nlong"))
    result = run("sync")
    assert "unexpected error (RuntimeError: the answer was)" in result.stderr
    assert "--verbose" in result.stderr
    assert "Traceback" not in result.stderr
    assert "Traceback" in run("sync", "-v").stderr


@pytest.mark.parametrize("arguments", [["sync"], ["sync", "--json"], ["sync", "-vv"], ["sync", "-vv", "--log-json"]])
@pytest.mark.parametrize("kind", [RuntimeError, errors.BadAnswer])
def test_an_error_never_shows_a_secret(run: Run, failing: Fail, arguments: list[str], kind: type[Exception]) -> None:
    error = kind(f"400 for token {PLANTED}")
    error.__cause__ = ValueError(f"because of {PLANTED}")
    failing(error)
    result = run(*arguments)
    assert PLANTED not in result.output
    assert "[redacted]" in result.output


def test_an_error_cannot_steer_the_terminal(run: Run, failing: Fail) -> None:
    failing(errors.BadAnswer("title \x1b[2J\x1b]0;gone\x07 [red]x[/red]", where="INC1\x1b[1A", hint="a\nb"))
    shown = run("sync").stderr
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "[red]x[/red]" in shown


def test_common_options_may_stand_before_or_after_the_command(run: Run) -> None:
    before = run("--json", "--config", "nowhere.toml", "sync")
    after = run("sync", "--config", "nowhere.toml", "--json")
    assert before.exit_code == after.exit_code == 2
    assert before.stdout == after.stdout


def test_the_configuration_file_may_come_from_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ITSM_BRIDGE_CONFIG", "elsewhere.toml")
    assert "elsewhere.toml" in run("sync").stderr
