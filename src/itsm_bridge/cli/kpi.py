"""`itsm-bridge kpi`: the figures of an assessment, what they mean, and the cases that prove them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from itsm_bridge.cli.options import Invocation, command, examples

if TYPE_CHECKING:
    from itsm_bridge.checking.definition import Kpi
    from itsm_bridge.reports.figures import FigureLine


class Dimension(StrEnum):
    """What figures are split by."""

    all = "all"
    source = "source"
    service = "service"
    team = "team"
    priority = "priority"


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(no_args_is_help=True)
    group.command(
        "table",
        epilog=examples(
            "itsm-bridge kpi table", "itsm-bridge kpi table --by team mttr", "itsm-bridge kpi table --json"
        ),
    )(command(table))
    group.command("list", epilog=examples("itsm-bridge kpi list"))(command(list_kpis))
    group.command("show", epilog=examples("itsm-bridge kpi show reopen_rate"))(command(show))
    group.command("test", epilog=examples("itsm-bridge kpi test", "itsm-bridge kpi test mttr"))(command(run_cases))
    app.add_typer(group, name="kpi", help="Show the KPIs of an assessment; list, explain and test them.")


def table(
    invocation: Invocation,
    kpi_ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Only these KPIs.")] = None,
    by: Annotated[Dimension, typer.Option("--by", "-b", help="What to split them by.")] = Dimension.all,
    assessment: Annotated[
        int | None, typer.Option("--assessment", "-a", help="Its number; the last one without it.")
    ] = None,
) -> int:
    """Show the figures of an assessment, each with what stands behind it and the period before."""
    from itsm_bridge import pipeline
    from itsm_bridge.reports.figures import figure_lines

    view = pipeline.stored_view(invocation.config, invocation.plugins, assessment=assessment)
    chosen = {_one(view.kpis, name).id for name in kpi_ids or ()}
    lines = [line for line in figure_lines(view, by) if not chosen or line.kpi.id in chosen]
    if invocation.as_json:
        invocation.print_json([_line_data(line) for line in lines])
    else:
        _show_lines(invocation, lines, by)
    return 0


def list_kpis(invocation: Invocation) -> int:
    """List all KPIs with the clauses that they serve."""
    from itsm_bridge.cli.output import table as as_table

    kpis = sorted(_all(invocation), key=lambda kpi: (kpi.process, kpi.id))
    if invocation.as_json:
        invocation.print_json([_data(kpi) for kpi in kpis])
        return 0
    rows = [
        (kpi.id, kpi.title, kpi.process, ", ".join(item.clause for item in kpi.clauses), kpi.unit, kpi.better)
        for kpi in kpis
    ]
    invocation.console.print(as_table(("id", "title", "process", "clauses", "unit", "better"), rows))
    return 0


def show(
    invocation: Invocation, kpi_id: Annotated[str, typer.Argument(metavar="ID", help="Such as reopen_rate.")]
) -> int:
    """Show one KPI in full: what it means, how it is computed, and what it cannot tell."""
    kpi = _one(_all(invocation), kpi_id)
    if invocation.as_json:
        invocation.print_json(_data(kpi))
    else:
        _show(invocation, kpi)
    return 0


def run_cases(
    invocation: Invocation,
    kpi_ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Only these KPIs.")] = None,
) -> int:
    """Run the cases that are written beside the KPIs: records in, figures out."""
    from itsm_bridge.checking.measuring.cases import run_kpi_cases
    from itsm_bridge.cli.checks import tell_results

    known = _all(invocation)
    kpis = [_one(known, name) for name in kpi_ids] if kpi_ids else known
    results = [result for kpi in kpis for result in run_kpi_cases(kpi)]
    return tell_results(invocation, "kpis", len(kpis), results)


def _all(invocation: Invocation) -> list[Kpi]:
    from itsm_bridge.checking import load_kpis
    from itsm_bridge.settings import config_path

    is_configured = config_path(invocation.config_file).is_file()
    own = invocation.config.assessment.kpis if is_configured else ()
    return load_kpis([*invocation.plugins.kpi_folders, *own])


def _one(kpis: Any, kpi_id: str) -> Kpi:
    from itsm_bridge.errors import UsageError
    from itsm_bridge.suggestions import did_you_mean

    known: dict[str, Kpi] = {kpi.id: kpi for kpi in kpis}
    if kpi_id.lower() not in known:
        guess = did_you_mean(kpi_id, known)
        raise UsageError(f"there is no KPI {kpi_id!r}{guess}", hint="`itsm-bridge kpi list` lists all KPIs.")
    return known[kpi_id.lower()]


def _data(kpi: Kpi) -> dict[str, Any]:
    from dataclasses import fields

    hidden = {"text", "path", "cases"}
    return {item.name: getattr(kpi, item.name) for item in fields(kpi) if item.name not in hidden}


def _line_data(line: FigureLine) -> dict[str, Any]:
    fields = {name: getattr(line, name) for name in line.__slots__ if name != "kpi"}
    return {"kpi_id": line.kpi.id, "title": line.kpi.title, "unit": line.kpi.unit, **fields}


def _show_lines(invocation: Invocation, lines: list[FigureLine], by: Dimension) -> None:
    from itsm_bridge.cli.output import table as as_table

    if not lines:
        invocation.console.print("This assessment has no such figures.")
        return
    is_split = by is not Dimension.all
    rows = [
        (line.kpi.id, *((line.name,) if is_split else ()), line.said, line.basis, line.say(line.p90), line.before,
         line.tendency)
        for line in lines
        if line.value is not None
    ]  # fmt: skip
    heads = (
        "kpi",
        *((str(by),) if is_split else ()),
        "figure",
        "behind it",
        "90th percentile",
        "period before",
        "trend",
    )
    invocation.console.print(as_table(heads, rows))
    untold = [(line.kpi.id, *((line.name,) if is_split else ()), line.reason) for line in lines if line.value is None]
    if untold:
        heads = ("kpi", *((str(by),) if is_split else ()), "why there is no figure")
        invocation.console.print(as_table(heads, untold))


def _show(invocation: Invocation, kpi: Kpi) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from itsm_bridge.cli.output import table as as_table

    console = invocation.console
    console.print(Text.assemble((kpi.id, "bold"), f"  {kpi.title}"))
    clauses = ", ".join(item.clause for item in kpi.clauses)
    better = "neither higher nor lower" if kpi.better == "neither" else kpi.better
    about = f"{kpi.process} · {kpi.figure} in {kpi.unit} · better: {better} · clauses: {clauses}"
    console.print(Text(about, style="dim"))
    prose = (("What it means", kpi.meaning), ("How it is computed", kpi.formula), ("Known limits", kpi.limits))
    sections = (
        *((title, " ".join(text.split())) for title, text in prose),
        ("Population", kpi.population), ("Value of a record", kpi.value), ("Divided by", kpi.weight),
        ("Falls into the period by", kpi.anchor),
        ("Not assessable when", "\n".join(f"{item.reason}: {item.when}" for item in kpi.not_assessable)),
    )  # fmt: skip
    for title, body in sections:
        if body.strip():
            console.print(Text(f"\n{title}", style="bold"))
            console.print(Padding(Text(body.strip()), (0, 0, 0, 2)))
    if kpi.parameters:
        rows = [(item.name, item.default, item.meaning) for item in kpi.parameters.values()]
        console.print(as_table(("parameter", "default", "meaning"), rows))
