from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import itsm_bridge
from itsm_bridge import schedule
from itsm_bridge.errors import StoreLocked, Unreachable
from itsm_bridge.schedule import JOB, build_scheduler, leave, run_sweep, run_until_stopped
from itsm_bridge.settings import Config

Make = Callable[..., Config]
Sweep = Callable[..., Any]

LONG = 30.0
"""Far longer than any of this takes; only a failing test waits for it."""


@pytest.fixture
def sweeping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Sweep], str]:
    """Put a made-up sweep in place of the pipeline's, and return a configuration file that loads."""
    (tmp_path / "in").mkdir()
    file = tmp_path / "itsm-bridge.toml"
    file.write_text('[sources.x]\nadapter = "files"\npath = "in"\n', encoding="utf-8")

    def install(sweep: Sweep) -> str:
        pipeline = ModuleType("itsm_bridge.pipeline")
        pipeline.sweep = sweep  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "itsm_bridge.pipeline", pipeline)
        monkeypatch.setattr(itsm_bridge, "pipeline", pipeline, raising=False)
        delivered = SimpleNamespace(exit_code=1, files=(Path("a.html"),))
        monkeypatch.setattr("itsm_bridge.delivery.deliver_reports", lambda *_, **__: delivered)
        return str(file)

    return install


def test_a_sweep_of_the_schedule_takes_the_settings_as_they_are_then(
    sweeping: Callable[[Sweep], str], caplog: pytest.LogCaptureFixture
) -> None:
    swept: list[Config] = []
    file = sweeping(lambda config, plugins, progress: swept.append(config))
    with caplog.at_level(logging.INFO):
        run_sweep(file)
    assert list(swept[0].sources) == ["x"]
    assert "exit code 1; reports: a.html" in caplog.text


@pytest.mark.parametrize(
    ("error", "level", "told"),
    [
        (StoreLocked("process 7 is writing"), logging.WARNING, "left out: process 7 is writing"),
        (Unreachable("no answer", hint="check the proxy"), logging.ERROR, "failed: no answer (check the proxy)"),
        (ZeroDivisionError("oh"), logging.ERROR, "failed unexpectedly"),
        (KeyboardInterrupt(), logging.WARNING, "nothing of it is published"),
    ],
)
def test_a_sweep_that_fails_is_logged_and_does_not_end_the_schedule(
    sweeping: Callable[[Sweep], str], caplog: pytest.LogCaptureFixture, error: BaseException, level: int, told: str
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    run_sweep(sweeping(fail))
    assert [(record.levelno, told in record.getMessage()) for record in caplog.records] == [(level, True)]
    assert schedule.idle.is_set()


def test_settings_that_became_wrong_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    run_sweep("/nowhere/itsm-bridge.toml")
    assert "there is no such configuration file" in caplog.text


def test_a_run_that_was_missed_is_caught_up_once_and_a_stop_ends_it_all(
    config: Make, sweeping: Callable[[Sweep], str]
) -> None:
    swept, asked_to_stop = [], SimpleQueue[Any]()

    def sweep(config: Config, plugins: Any, progress: Any) -> None:
        swept.append(config)
        asked_to_stop.put("enough")

    sweeping(sweep)
    scheduler = build_scheduler(config("* * * * *"))
    scheduler.modify_job(JOB, next_run_time=datetime.now(UTC) - timedelta(hours=5))
    assert run_until_stopped(scheduler, asked_to_stop, wait_seconds=LONG)
    assert len(swept) == 1
    assert not scheduler.running


def test_a_running_sweep_is_stopped_at_its_next_step(
    config: Make, sweeping: Callable[[Sweep], str], caplog: pytest.LogCaptureFixture
) -> None:
    asked_to_stop = SimpleQueue[Any]()
    steps: list[str] = []

    def sweep(config: Config, plugins: Any, progress: Any) -> None:
        progress.start("x")
        asked_to_stop.put(signal.SIGTERM)
        assert schedule.stopping.wait(LONG)
        steps.append("before")
        progress.advance("x")
        steps.append("after")

    sweeping(sweep)
    scheduler = build_scheduler(config())
    scheduler.modify_job(JOB, next_run_time=datetime.now(UTC))
    assert run_until_stopped(scheduler, asked_to_stop, wait_seconds=LONG)
    assert steps == ["before"]
    assert "nothing of it is published" in caplog.text


def test_a_sweep_that_does_not_stop_is_cut_off_after_a_while(
    config: Make, sweeping: Callable[[Sweep], str], caplog: pytest.LogCaptureFixture
) -> None:
    asked_to_stop, go_on = SimpleQueue[Any](), Event()

    def sweep(config: Config, plugins: Any, progress: Any) -> None:
        asked_to_stop.put("stop")
        go_on.wait(LONG)

    sweeping(sweep)
    scheduler = build_scheduler(config())
    scheduler.modify_job(JOB, next_run_time=datetime.now(UTC))
    is_idle = run_until_stopped(scheduler, asked_to_stop, wait_seconds=0.01)
    ended: list[int] = []
    leave(is_idle, ended.append)
    assert ended == [0]
    assert "cut off" in caplog.text
    go_on.set()
    assert schedule.idle.wait(LONG)


def test_leaving_when_nothing_runs_ends_nothing() -> None:
    leave(True, lambda code: pytest.fail("the process would have been cut off"))


def test_a_stop_that_comes_when_nothing_runs_is_at_once(config: Make) -> None:
    asked_to_stop = SimpleQueue[Any]()
    scheduler = build_scheduler(config())
    runner = Thread(target=run_until_stopped, args=(scheduler, asked_to_stop))
    runner.start()
    asked_to_stop.put(signal.SIGINT)
    runner.join(LONG)
    assert not runner.is_alive()
