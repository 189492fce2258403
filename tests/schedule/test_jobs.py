from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from itsm_bridge.errors import ConfigurationError, StoreLocked
from itsm_bridge.schedule import JOB, build_scheduler, next_runs, only_one_schedule, state_folder
from itsm_bridge.settings import Config

Make = Callable[..., Config]

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@contextmanager
def paused(config: Config) -> Iterator[BackgroundScheduler]:
    scheduler = build_scheduler(config)
    try:
        yield scheduler
    finally:
        scheduler.shutdown(wait=False)


def test_the_next_runs_are_told_in_the_time_zone_of_the_schedule(config: Make) -> None:
    runs = next_runs(config(), 3, NOW)
    assert [run.isoformat() for run in runs] == [
        "2026-11-23T02:00:00+01:00",
        "2026-11-24T02:00:00+01:00",
        "2026-11-25T02:00:00+01:00",
    ]


@pytest.mark.parametrize("night", [datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)])
def test_a_night_that_changes_the_clock_has_one_run(config: Make, night: datetime) -> None:
    runs = next_runs(config("30 2 * * *"), 3, night)
    assert [run.date() for run in runs] == [night.date() + timedelta(days=days) for days in (1, 2, 3)]


def test_a_schedule_that_runs_every_hour_runs_in_the_hour_that_comes_twice(config: Make) -> None:
    runs = next_runs(config("0 * * * *"), 25, datetime(2026, 10, 24, 21, 59, tzinfo=UTC))
    assert len({run.astimezone(UTC) for run in runs}) == 25
    assert {run.date().isoformat() for run in runs} == {"2026-10-25"}


def test_a_schedule_without_a_time_says_what_to_write(config: Make) -> None:
    with pytest.raises(ConfigurationError) as caught:
        next_runs(config(None), 1, NOW)
    assert 'sweep = "0 2 * * *"' in (caught.value.hint or "")


def test_jobs_survive_a_restart_with_the_time_they_are_due(config: Make) -> None:
    due = datetime.now(UTC) + timedelta(minutes=30)
    with paused(config()) as scheduler:
        scheduler.modify_job(JOB, next_run_time=due)
    with paused(config()) as scheduler:
        job = scheduler.get_job(JOB)
        assert job.next_run_time == due
        assert job.args == (str(config().file),)
        assert (job.coalesce, job.max_instances) == (True, 1)
        assert job.misfire_grace_time >= 3600


@pytest.mark.parametrize("changed", [{"sweep": "0 4 * * *"}, {"timezone": "UTC"}])
def test_a_changed_schedule_replaces_the_stored_job(config: Make, changed: dict[str, str]) -> None:
    with paused(config()) as scheduler:
        before = scheduler.get_job(JOB).next_run_time
    with paused(config(**changed)) as scheduler:
        assert len(scheduler.get_jobs()) == 1
        assert scheduler.get_job(JOB).next_run_time != before


def test_jobs_that_nobody_asks_for_any_more_are_removed(config: Make) -> None:
    with paused(config()) as scheduler:
        scheduler.add_job("itsm_bridge.schedule:run_sweep", "interval", days=1, args=["x"], id="old")
    with paused(config()) as scheduler:
        assert [job.id for job in scheduler.get_jobs()] == [JOB]


def test_jobs_lie_beside_the_store_or_beside_the_settings_where_the_store_is_remote(
    config: Make, tmp_path: Path
) -> None:
    assert state_folder(config()) == tmp_path / "data" / "state"
    assert state_folder(config(path="s3://bucket/evidence")) == tmp_path / ".itsm-bridge"


def test_a_second_schedule_for_the_same_store_is_refused(config: Make) -> None:
    refused = pytest.raises(StoreLocked, match="another process runs the schedule")
    with only_one_schedule(config()), refused, only_one_schedule(config()):
        pass
    with only_one_schedule(config()):
        pass
