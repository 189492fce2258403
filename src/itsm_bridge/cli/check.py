"""`itsm-bridge check`: judge a snapshot that is in the store, without asking any tool."""

from __future__ import annotations

from typing import Annotated

import typer

from itsm_bridge.cli.options import Invocation, command, examples
from itsm_bridge.cli.report import deliver

AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="WHEN",
        help="Judge again what was known then (a snapshot's number, a date or a time), with the checks, policy and "
        "mapping of that time.",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(
        "check",
        epilog=examples(
            "itsm-bridge check", "itsm-bridge check --as-of 2026-06-30", "itsm-bridge check --as-of 1 --json"
        ),
    )(command(check))


def check(invocation: Invocation, as_of: AsOf = None) -> int:
    """Run the checks on the last snapshot (or an earlier one), conclude per clause, and show the result."""
    from itsm_bridge import pipeline

    with invocation.progress() as progress:
        view = pipeline.check(invocation.config, invocation.plugins, as_of=as_of, progress=progress)
    return deliver(invocation, view)
