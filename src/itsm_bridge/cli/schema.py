"""`itsm-bridge schema`: the canonical tables and what their columns mean."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from itsm_bridge.cli.options import Invocation, command, examples

if TYPE_CHECKING:
    from itsm_bridge.schema import Table


class Form(StrEnum):
    """Ways to show the schema."""

    table = "table"
    markdown = "markdown"
    json = "json"


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(
        "schema",
        epilog=examples("itsm-bridge schema", "itsm-bridge schema work_item", "itsm-bridge schema --format markdown"),
    )(command(schema))


def schema(
    invocation: Invocation,
    name: Annotated[str | None, typer.Argument(metavar="[TABLE]", help="Only this table, with its columns.")] = None,
    form: Annotated[Form, typer.Option("--format", "-f", help="How to show it.")] = Form.table,
) -> int:
    """Show the canonical tables, or the columns of one table."""
    from itsm_bridge.schema.documentation import as_data, as_markdown

    chosen = _chosen(name)
    if invocation.as_json or form is Form.json:
        invocation.print_json(as_data(chosen))
    elif form is Form.markdown:
        typer.echo(as_markdown(chosen), nl=False)
    else:
        _show(invocation, chosen, with_columns=name is not None)
    return 0


def _chosen(name: str | None) -> list[Table]:
    from itsm_bridge.errors import UsageError
    from itsm_bridge.schema import TABLES
    from itsm_bridge.suggestions import did_you_mean

    if name is None:
        return list(TABLES.values())
    if name not in TABLES:
        raise UsageError(
            f"there is no table {name!r}{did_you_mean(name, TABLES)}", hint="`itsm-bridge schema` lists all tables."
        )
    return [TABLES[name]]


def _show(invocation: Invocation, tables: list[Table], *, with_columns: bool) -> None:
    from itsm_bridge.cli.output import table
    from itsm_bridge.schema.documentation import type_name

    if not with_columns:
        rows = [(item.name, len(item.columns), item.origin, item.meaning) for item in tables]
        invocation.console.print(table(("table", "columns", "filled by", "meaning"), rows))
        return
    for item in tables:
        invocation.console.print(f"[bold]{item.name}[/bold]  {item.meaning} Key: {', '.join(item.key)}.")
        columns = [(c.name, type_name(c), "" if c.nullable else "required", c.meaning) for c in item.columns]
        invocation.console.print(table(("column", "type", "", "meaning"), columns))
