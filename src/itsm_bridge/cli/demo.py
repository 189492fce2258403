"""`itsm-bridge demo`: a whole sweep of a made-up company, without any tool or account."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from itsm_bridge.cli.options import Invocation, command, examples

_TWO_NIGHTS = (
    "You see the second of two nights. In between, records vanished (DQ-010), a result was changed (SLM-010) and a "
    "right was taken away (INCOMPLETE); some checks had failed in the month before already (IMP-004). Only those who "
    "read night after night see that."
)


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("demo", epilog=examples("itsm-bridge demo", "itsm-bridge demo --folder /tmp/demo"))(command(demo))


def demo(
    invocation: Invocation,
    folder: Annotated[Path, typer.Option("--folder", help="Folder for the demo's store and reports.")] = Path(
        "itsm-bridge-demo"
    ),
) -> int:
    """Sweep a simulated company with known nonconformities and say where the report lies. Ends with 0.

    It is read in two nights, a day apart, and the second is shown. An earlier demo in the same folder is replaced.
    """
    from itsm_bridge.adapters.demo import holds_demo, run_demo

    is_replaced = holds_demo(folder)
    with invocation.progress() as progress:
        view, delivered = run_demo(folder, invocation.plugins, progress)
    if invocation.as_json:
        invocation.print_json(
            {"reports": list(delivered.files), "findings": view.findings.num_rows, "replaced": is_replaced}
        )
        return 0
    from itsm_bridge.cli.output import short_path

    invocation.plugins.reports["console"].write(view, None)
    invocation.console.print(_TWO_NIGHTS, markup=False)
    if is_replaced:
        invocation.console.print(f"The earlier demo in {short_path(folder)} was replaced.", markup=False)
    for path in delivered.files:
        invocation.console.print(f"report: {short_path(path)}", markup=False)
    invocation.console.print(
        f"Open the page in a browser. Store, policy and settings lie in {short_path(folder)}.", markup=False
    )
    return 0
