"""`itsm-bridge export`: canonical tables as files for other tools."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from itsm_bridge.cli.options import Invocation, command, examples


class Form(StrEnum):
    """File formats of an export."""

    csv = "csv"
    parquet = "parquet"


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(
        "export",
        epilog=examples(
            "itsm-bridge export evidence",
            "itsm-bridge export evidence --format parquet --table work_item --table transition",
        ),
    )(command(export))


def export(
    invocation: Invocation,
    folder: Annotated[Path, typer.Argument(help="Folder to write to.")],
    form: Annotated[Form, typer.Option("--format", "-f", help="csv or parquet.")] = Form.csv,
    table: Annotated[list[str] | None, typer.Option("--table", "-t", help="Only this table; may be repeated.")] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="WHEN", help="State of a snapshot, a date or a time.")
    ] = None,
) -> int:
    """Write the canonical tables of a snapshot as CSV or Parquet files."""
    from itsm_bridge import pipeline

    files = pipeline.export(invocation.config, folder, form.value, table, as_of=as_of)
    if invocation.as_json:
        invocation.print_json({"files": files})
    else:
        for path in files:
            invocation.console.print(f"wrote {path}", markup=False)
    return 0
