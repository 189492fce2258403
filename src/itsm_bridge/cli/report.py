"""`itsm-bridge report`: write reports of an assessment that is in the store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from itsm_bridge.cli.options import Invocation, command, examples


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(
        "report",
        epilog=examples(
            "itsm-bridge report",
            "itsm-bridge report --format html --output audit.html",
            "itsm-bridge report --assessment 3 --json",
        ),
    )(command(report))


def report(
    invocation: Invocation,
    form: Annotated[
        str | None, typer.Option("--format", "-f", help="Report to write: console, json, html, or one of a plugin.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; the terminal without it.")
    ] = None,
    assessment: Annotated[
        int | None, typer.Option("--assessment", "-a", help="Its number; the last one without it.")
    ] = None,
) -> int:
    """Show or write an assessment that is in the store, without judging anything again."""
    from itsm_bridge import pipeline

    view = pipeline.stored_view(invocation.config, invocation.plugins, assessment=assessment)
    if form is None:
        return deliver(invocation, view)
    written = _chosen(invocation, form).write(view, output)
    if written is not None and not invocation.as_json:
        invocation.console.print(f"wrote {written}", markup=False)
    return 0


def deliver(invocation: Invocation, view: Any, *, notify: bool = False) -> int:
    """Show an assessment here, write its files to the report folder, notify if asked; return the exit code."""
    from itsm_bridge.delivery import deliver_reports

    _chosen(invocation, "json" if invocation.as_json else "console").write(view, None)
    delivered = deliver_reports(invocation.config, invocation.plugins, view, notify=notify)
    if not invocation.as_json:
        from itsm_bridge.cli.output import short_path

        for path in delivered.files:
            invocation.console.print(f"report: {short_path(path)}", markup=False)
    return delivered.exit_code


def _chosen(invocation: Invocation, name: str) -> Any:
    from itsm_bridge.errors import UsageError
    from itsm_bridge.suggestions import did_you_mean

    known = invocation.plugins.reports
    if name not in known:
        guess = did_you_mean(name, known)
        raise UsageError(f"there is no report called {name!r}{guess}", hint=f"Reports are {', '.join(known)}.")
    return known[name]
