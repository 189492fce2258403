"""`itsm-bridge plugins`: what is installed and what it adds."""

from __future__ import annotations

import typer

from itsm_bridge.cli.options import Invocation, command, examples


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("plugins", epilog=examples("itsm-bridge plugins", "itsm-bridge plugins --json"))(command(plugins))


def plugins(invocation: Invocation) -> int:
    """List the installed plugins with their distributions, versions and hooks, and load all that they add."""
    from itsm_bridge.cli.output import table

    known = invocation.plugins
    adapters = {name: adapter.title for name, adapter in known.adapters.items()}
    folders, kpi_folders, reports = known.check_folders, known.kpi_folders, list(known.reports)
    if invocation.as_json:
        invocation.print_json(
            {
                "plugins": known.distributions,
                "adapters": adapters,
                "check_folders": folders,
                "kpi_folders": kpi_folders,
                "reports": reports,
            }
        )
        return 0
    rows = [(item.distribution, item.version, item.plugin, ", ".join(item.hooks)) for item in known.distributions]
    invocation.console.print(table(("distribution", "version", "plugin", "hooks"), rows))
    invocation.console.print(table(("adapter", "for"), sorted(adapters.items())))
    invocation.console.print(f"reports: {', '.join(reports)}", markup=False)
    return 0
