"""`itsm-bridge init`: write a commented configuration and a policy folder, and never overwrite anything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from itsm_bridge.cli.options import Invocation, command, examples


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("init", epilog=examples("itsm-bridge init", "itsm-bridge init /etc/itsm-bridge --adapter servicenow"))(
        command(init)
    )


def init(
    invocation: Invocation,
    folder: Annotated[Path, typer.Argument(help="Folder to write to.")] = Path(),
    adapter: Annotated[
        list[str] | None,
        typer.Option("--adapter", help="Adapters to show in the configuration; all that are installed without it."),
    ] = None,
) -> int:
    """Write a commented itsm-bridge.toml and a policy folder. What exists is left as it is."""
    from itsm_bridge.starter import starter_files

    name = invocation.config_file.name if invocation.config_file else None
    written, kept = [], []
    for relative, text in starter_files(invocation.plugins, adapter, config_name=name).items():
        path = folder / relative
        if path.exists():
            kept.append(path)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    if invocation.as_json:
        invocation.print_json({"written": written, "kept": kept})
    else:
        _tell(invocation, written, kept)
    return 0


def _tell(invocation: Invocation, written: list[Path], kept: list[Path]) -> None:
    from itsm_bridge.cli.output import short_path

    for path in written:
        invocation.console.print(f"[green]wrote[/green] {short_path(path)}")
    for path in kept:
        invocation.console.print(f"[dim]kept  {short_path(path)} (it exists)[/dim]")
    if written:
        invocation.console.print(
            "\nNext: fill in a source in itsm-bridge.toml, then run [bold]itsm-bridge doctor[/bold]."
        )
