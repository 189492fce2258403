"""Sweeps at the times of `[schedule]`: jobs survive a restart, one runs at a time, a stop leaves nothing half done."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from threading import Event
from typing import TYPE_CHECKING, Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.job import Job
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from filelock import FileLock, Timeout

from itsm_bridge.cron import cron_trigger
from itsm_bridge.errors import ConfigurationError, ItsmBridgeError, StoreLocked
from itsm_bridge.progress import LoggedProgress, StoppableProgress

if TYPE_CHECKING:
    from itsm_bridge.settings import Config

JOB = "sweep"
CATCH_UP_SECONDS = 6 * 3600
"""A run that was due while nobody ran the schedule is caught up this long; once, however many were due."""
STOP_SECONDS = 60.0
"""How long a stop waits for a running sweep to reach its next safe point."""

stopping = Event()
idle = Event()
idle.set()

_log = logging.getLogger(__name__)


def run_sweep(config_file: str) -> None:
    """Sweep once with the settings as they are now; the job of the schedule. Logs errors, never raises them."""
    idle.clear()
    try:
        _sweep(Path(config_file))
    except StoreLocked as error:
        _log.warning("this sweep is left out: %s", error)
    except ItsmBridgeError as error:
        _log.error("the sweep failed: %s%s", error, f" ({error.hint})" if error.hint else "")
    except KeyboardInterrupt:
        _log.warning("the sweep was stopped; nothing of it is published, the next one goes on from there")
    except Exception:  # noqa: BLE001  the schedule goes on, whatever happened to one sweep
        _log.exception("the sweep failed unexpectedly")
    finally:
        idle.set()


def _sweep(config_file: Path) -> None:
    from itsm_bridge import pipeline
    from itsm_bridge.delivery import deliver_reports
    from itsm_bridge.plugins import build_plugin_manager
    from itsm_bridge.settings import load_config

    plugins = build_plugin_manager()
    config = load_config(config_file, plugins)
    view = pipeline.sweep(config, plugins, progress=StoppableProgress(LoggedProgress(), stopping))
    delivered = deliver_reports(config, plugins, view, notify=True)
    _log.info(
        "the sweep ended with exit code %s; reports: %s", delivered.exit_code, ", ".join(map(str, delivered.files))
    )


def trigger_of(config: Config) -> CronTrigger:
    """Return the trigger of `[schedule]`; ConfigurationError where it names no time."""
    if config.schedule.sweep is None:
        raise ConfigurationError(
            "no time for sweeps is set", where=str(config.file), hint='Write sweep = "0 2 * * *" below [schedule].'
        )
    return cron_trigger(config.schedule.sweep, config.schedule_timezone)


def next_runs(config: Config, count: int, now: datetime) -> list[datetime]:
    """Return the next times at which the schedule sweeps, in its time zone; `now` must be aware."""
    trigger = trigger_of(config)
    runs: list[datetime] = []
    run = trigger.get_next_fire_time(None, now)
    while run is not None and len(runs) < count:
        runs.append(run.astimezone(UTC).astimezone(trigger.timezone))
        run = trigger.get_next_fire_time(run, run)
    return runs


def state_folder(config: Config) -> Path:
    """Return the folder of the scheduler's jobs: beside the store, or beside the settings where the store is remote."""
    return config.folder / ".itsm-bridge" if config.store.is_remote else Path(config.store.path) / "state"


def build_scheduler(config: Config) -> BackgroundScheduler:
    """Return a scheduler that is started and paused, with the one job that the settings ask for.

    A job that was stored by an earlier run stays as it is, with the time it is due, unless the cron
    line, the time zone or the configuration file changed.
    """
    trigger = trigger_of(config)
    folder = state_folder(config)
    folder.mkdir(parents=True, exist_ok=True)
    scheduler = BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(url=f"sqlite:///{folder / 'schedule.sqlite'}")},
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": CATCH_UP_SECONDS},
        timezone=config.schedule_timezone,
    )
    scheduler.start(paused=True)
    name = f"{config.schedule.sweep} in {config.schedule_timezone}"
    if not _is_as_asked(scheduler.get_job(JOB), name, config):
        scheduler.add_job(run_sweep, trigger, args=[str(config.file)], id=JOB, name=name, replace_existing=True)
    for job in scheduler.get_jobs():
        if job.id != JOB:
            job.remove()
    return scheduler


def _is_as_asked(job: Job | None, name: str, config: Config) -> bool:
    return job is not None and job.name == name and list(job.args) == [str(config.file)]


@contextmanager
def only_one_schedule(config: Config) -> Iterator[None]:
    """Hold the right to run the schedule of a store; StoreLocked where another process has it."""
    folder = state_folder(config)
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "schedule.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        hint = "Stop the other `itsm-bridge schedule run` first, or leave it running."
        raise StoreLocked("another process runs the schedule of this store", where=str(folder), hint=hint) from None
    try:
        yield
    finally:
        lock.release()


def run_until_stopped(
    scheduler: BackgroundScheduler, asked_to_stop: SimpleQueue[Any], *, wait_seconds: float = STOP_SECONDS
) -> bool:
    """Run the jobs until something arrives in the queue; return whether nothing is left running.

    A running sweep is interrupted at its next safe point; what it wrote stays invisible, because only
    publishing a snapshot shows it.
    """
    stopping.clear()
    scheduler.resume()
    asked_to_stop.get()
    stopping.set()
    scheduler.shutdown(wait=False)
    _log.info("stopping")
    return idle.wait(wait_seconds)


def leave(is_idle: bool, end: Callable[[int], Any] = os._exit) -> None:
    """End the process at once where a sweep did not stop in time: its lock dies with it, its rows stay invisible."""
    if not is_idle:
        _log.warning("the sweep did not stop in time and is cut off; nothing of it is published")
        logging.shutdown()
        end(0)
