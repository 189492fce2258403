"""`itsm-bridge schedule`: sweeps at the times of [schedule]."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from itsm_bridge.cli.options import Invocation, command, examples

if TYPE_CHECKING:
    from queue import SimpleQueue


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(no_args_is_help=True)
    group.command(
        "run", epilog=examples("itsm-bridge schedule run", "itsm-bridge schedule run --log-json -v 2>> sweeps.log")
    )(command(run))
    group.command("next", epilog=examples("itsm-bridge schedule next", "itsm-bridge schedule next --count 10"))(
        command(show_next)
    )
    app.add_typer(group, name="schedule", help="Sweep at the times of the configuration.")


def run(invocation: Invocation) -> int:
    """Sweep at the times of [schedule] until SIGTERM or Ctrl-C. Runs missed for at most six hours are caught up."""
    from queue import SimpleQueue

    from itsm_bridge.logs import configure_logging
    from itsm_bridge.schedule import build_scheduler, leave, only_one_schedule, run_until_stopped
    from itsm_bridge.settings import require_sources

    configure_logging(as_json=invocation.log_json, verbose=max(1, invocation.verbose))
    asked_to_stop: SimpleQueue[Any] = SimpleQueue()
    require_sources(invocation.config, invocation.plugins)
    with only_one_schedule(invocation.config):
        scheduler = build_scheduler(invocation.config)
        _stop_on_signals(asked_to_stop)
        _say_what_is_next(invocation)
        leave(run_until_stopped(scheduler, asked_to_stop))
    return 0


def show_next(
    invocation: Invocation,
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=1000, help="How many.")] = 5,
) -> int:
    """Show when the next sweeps are due."""
    from datetime import UTC, datetime

    from itsm_bridge.schedule import next_runs

    runs = next_runs(invocation.config, count, datetime.now(UTC))
    if invocation.as_json:
        invocation.print_json({"timezone": invocation.config.schedule_timezone, "runs": runs})
        return 0
    for moment in runs:
        invocation.console.print(f"{moment:%a %Y-%m-%d %H:%M %Z}")
    invocation.console.print(f"[dim]{invocation.config.schedule.sweep} in {invocation.config.schedule_timezone}[/dim]")
    return 0


def _stop_on_signals(asked_to_stop: SimpleQueue[Any]) -> None:
    import signal

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: asked_to_stop.put(received))


def _say_what_is_next(invocation: Invocation) -> None:
    import logging
    from datetime import UTC, datetime

    from itsm_bridge.schedule import next_runs

    runs = next_runs(invocation.config, 1, datetime.now(UTC))
    when = f"{runs[0]:%Y-%m-%d %H:%M %Z}" if runs else "never"
    logging.getLogger("itsm_bridge.schedule").info("running the schedule; the next sweep is due %s", when)
