"""What every command has: the common options, the settings and plugins, and one way to end."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from itsm_bridge.cli.failures import told_to_the_user

if TYPE_CHECKING:
    from rich.console import Console

    from itsm_bridge.plugins import Plugins
    from itsm_bridge.progress import Progress
    from itsm_bridge.settings import Config

_PANEL = "Common options"

CONFIG = typer.Option(
    "--config", "-c", metavar="FILE", help="Configuration file; itsm-bridge.toml in this folder without it.",
    rich_help_panel=_PANEL, show_default=False,
)  # fmt: skip
JSON = typer.Option(
    "--json", metavar="", help="Print JSON for programs instead of text for people.", rich_help_panel=_PANEL
)
LOG_JSON = typer.Option("--log-json", metavar="", help="Log JSON lines (on stderr).", rich_help_panel=_PANEL)
VERBOSE = typer.Option(
    "--verbose", "-v", count=True, metavar="", show_default=False, rich_help_panel=_PANEL,
    help="Log what is done; twice: in detail, and show where unexpected errors come from.",
)  # fmt: skip

_COMMON = (
    ("config", Annotated[Path | None, CONFIG], None),
    ("as_json", Annotated[bool, JSON], False),
    ("log_json", Annotated[bool, LOG_JSON], False),
    ("verbose", Annotated[int, VERBOSE], 0),
)


@dataclass
class Invocation:
    """One run of one command: its common options, and what is loaded only when it is asked for."""

    config_file: Path | None = None
    as_json: bool = False
    log_json: bool = False
    verbose: int = 0

    @cached_property
    def plugins(self) -> Plugins:
        """All installed plugins."""
        from itsm_bridge.plugins import build_plugin_manager

        return build_plugin_manager()

    @cached_property
    def config(self) -> Config:
        """The settings."""
        from itsm_bridge.settings import load_config

        return load_config(self.config_file, self.plugins)

    @cached_property
    def console(self) -> Console:
        """Where text for people goes."""
        from itsm_bridge.cli.output import text_console

        return text_console()

    def progress(self) -> AbstractContextManager[Progress]:
        """Return progress for long work: on stderr, and silent with --json."""
        from itsm_bridge.progress import shown_progress

        return shown_progress(quiet=self.as_json and not self.verbose)

    def print_json(self, value: Any) -> None:
        """Print a value as JSON on standard output, redacted."""
        from itsm_bridge.cli.output import to_json

        typer.echo(to_json(value))


def remember(context: typer.Context, **common: Any) -> None:
    """Keep the common options that stand before the command's name."""
    context.obj = common


def command(function: Callable[..., int | None]) -> Callable[..., None]:
    """Give a command the common options, and turn its end into an exit code.

    The function's first parameter is the Invocation, the others are its own options.
    """
    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]

    def run(context: typer.Context, **given: Any) -> None:
        invocation = _invocation(context, given)
        with told_to_the_user(as_json=invocation.as_json, verbose=invocation.verbose):
            from itsm_bridge.logs import configure_logging

            configure_logging(as_json=invocation.log_json, verbose=invocation.verbose)
            raise typer.Exit(function(invocation, **given) or 0)

    first = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    common = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, annotation, default in _COMMON
    ]
    parameters = [first, *(item.replace(kind=inspect.Parameter.KEYWORD_ONLY) for item in own), *common]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # read by inspect.signature
    run.__annotations__ = {item.name: item.annotation for item in parameters}
    run.__name__, run.__doc__ = function.__name__, function.__doc__
    return run


def examples(*lines: str) -> str:
    """Return the epilog that shows how a command is used."""
    return "\n\n".join(["[bold]Examples[/bold]", *lines])


def _invocation(context: typer.Context, given: dict[str, Any]) -> Invocation:
    before: dict[str, Any] = context.find_root().obj or {}
    config, as_json, log_json, verbose = (given.pop(name) or before.get(name) for name, _, _ in _COMMON)
    return Invocation(config, bool(as_json), bool(log_json), int(verbose or 0))
