"""`itsm-bridge sync`: read what changed, map it, and publish a snapshot."""

from __future__ import annotations

from typing import Annotated

import typer

from itsm_bridge.cli.options import Invocation, command, examples
from itsm_bridge.cli.sync_report import show_sync, sync_data, sync_exit_code

Full = Annotated[
    bool, typer.Option("--full", metavar="", help="Read everything again, not only what changed; nothing is lost.")
]
WithCensus = Annotated[
    bool, typer.Option("--census", metavar="", help="Also list what exists, to find deletions and late rows.")
]
Sources = Annotated[
    list[str] | None, typer.Option("--source", "-s", metavar="NAME", help="Only this source; may be repeated.")
]


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(
        "sync",
        epilog=examples("itsm-bridge sync", "itsm-bridge sync --source prod --census", "itsm-bridge sync --full"),
    )(command(sync))


def sync(invocation: Invocation, full: Full = False, census: WithCensus = False, source: Sources = None) -> int:
    """Read what changed in the tools, map it, and publish it as a new snapshot."""
    from itsm_bridge import pipeline

    with invocation.progress() as progress:
        report = pipeline.sync(
            invocation.config, invocation.plugins, full=full, census=census, sources=source, progress=progress
        )
    if invocation.as_json:
        invocation.print_json(sync_data(report))
    else:
        show_sync(invocation.console, report)
    return sync_exit_code(report, invocation.config.assessment.accepted_gaps)
