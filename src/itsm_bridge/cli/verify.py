"""`itsm-bridge verify`: recompute what the manifests promise."""

from __future__ import annotations

import typer

from itsm_bridge.cli.options import Invocation, command, examples
from itsm_bridge.errors import EXIT_INCOMPLETE, EXIT_OK


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("verify", epilog=examples("itsm-bridge verify", "itsm-bridge verify --json"))(command(verify))


def verify(invocation: Invocation) -> int:
    """Recompute every digest and the chain of manifests, and name what does not match."""
    from itsm_bridge import pipeline

    report = pipeline.verify(invocation.config)
    problems = list(report.problems)
    if invocation.as_json:
        invocation.print_json(report)
    elif problems:
        for problem in problems:
            invocation.console.print(f"does not match: {problem}", style="red", markup=False)
    else:
        invocation.console.print("everything in the store is what its manifests say", style="green")
        invocation.console.print(
            f"{report.manifests} manifests, {report.tables} tables, {report.rows:,} rows; chain head {report.head}",
            markup=False, highlight=False, soft_wrap=True,
        )  # fmt: skip
    return EXIT_INCOMPLETE if problems else EXIT_OK
