"""`itsm-bridge remap`: apply corrected mappings to the records that are in the store."""

from __future__ import annotations

import typer

from itsm_bridge.cli.options import Invocation, command, examples
from itsm_bridge.cli.sync_report import remap_data, show_remap


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("remap", epilog=examples("itsm-bridge mapping lint", "itsm-bridge remap"))(command(remap))


def remap(invocation: Invocation) -> int:
    """Map all records in the store again with today's mapping files, without asking any tool."""
    from itsm_bridge import pipeline

    with invocation.progress() as progress:
        report = pipeline.remap(invocation.config, invocation.plugins, progress=progress)
    if invocation.as_json:
        invocation.print_json(remap_data(report))
    else:
        show_remap(invocation.console, report)
    return 0
