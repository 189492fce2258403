"""`itsm-bridge sweep`: sync, check, report and notify in one go."""

from __future__ import annotations

import typer

from itsm_bridge.cli.options import Invocation, command, examples
from itsm_bridge.cli.report import deliver


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(
        "sweep",
        epilog=examples("itsm-bridge sweep", "itsm-bridge sweep --config /etc/itsm-bridge/itsm-bridge.toml --json"),
    )(command(sweep))


def sweep(invocation: Invocation) -> int:
    """Read what changed, judge it, show and write the reports, and notify: all that a night needs."""
    from itsm_bridge import pipeline

    with invocation.progress() as progress:
        view = pipeline.sweep(invocation.config, invocation.plugins, progress=progress)
    return deliver(invocation, view, notify=True)
