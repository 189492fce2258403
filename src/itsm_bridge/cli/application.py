"""The application: the commands in the order in which a newcomer meets them."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from itsm_bridge.cli.options import CONFIG, JSON, LOG_JSON, VERBOSE, remember

COMMANDS = (
    "init", "doctor", "sweep", "sync", "check", "report", "gap", "sample", "export", "schedule", "checks", "kpi",
    "process", "policy", "mapping", "remap", "verify", "plugins", "schema", "demo",
)  # fmt: skip


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib import metadata

        try:
            typer.echo(f"itsm-bridge {metadata.version('itsm-bridge')}")
        except metadata.PackageNotFoundError:
            typer.echo("itsm-bridge (not installed)")
        raise typer.Exit(0)


VERSION = typer.Option(
    "--version", metavar="", help="Show the version and exit.", is_eager=True, callback=_show_version
)

EXIT_CODES = (
    "Exit codes: 0 no nonconformity · 1 nonconformity · 2 usage or configuration · "
    "3 assessment incomplete · 4 report or notification not delivered."
)


def application() -> typer.Typer:
    """Build the application with all its commands."""
    app = typer.Typer(
        name="itsm-bridge",
        help="Conformance evidence for ISO/IEC 20000-1, from the records that your ITSM tool already holds.",
        epilog=EXIT_CODES,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_before_any_command)
    for name in COMMANDS:
        import_module(f"itsm_bridge.cli.{name}").add_to(app)
    return app


def _before_any_command(
    context: typer.Context,
    config: Annotated[Path | None, CONFIG] = None,
    as_json: Annotated[bool, JSON] = False,
    log_json: Annotated[bool, LOG_JSON] = False,
    verbose: Annotated[int, VERBOSE] = 0,
    version: Annotated[bool, VERSION] = False,
) -> None:
    remember(context, config=config, as_json=as_json, log_json=log_json, verbose=verbose)
