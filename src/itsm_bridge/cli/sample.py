"""`itsm-bridge sample`: which records people verify, drawn so that a second auditor draws the same."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from itsm_bridge.cli.options import Invocation, command, examples

if TYPE_CHECKING:
    from itsm_bridge.sampling import Drawn, SamplingPlan


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(
        "sample",
        epilog=examples(
            "itsm-bridge sample",
            "itsm-bridge sample CHG-002 INC-001",
            "itsm-bridge sample --seed audit-2026 -o sample.csv",
        ),
    )(command(sample))


def sample(
    invocation: Invocation,
    check_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Only these checks, with every record.")
    ] = None,
    seed: Annotated[
        str | None, typer.Option("--seed", help="Word that decides the draw; from the assessment's hash without it.")
    ] = None,
    confidence: Annotated[float, typer.Option("--confidence", help="Of samples drawn at random.")] = 0.95,
    tolerance: Annotated[
        float, typer.Option("--tolerance", help="Share of records with an error that may go unnoticed.")
    ] = 0.05,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the records as CSV to this file.")
    ] = None,
    assessment: Annotated[
        int | None, typer.Option("--assessment", "-a", help="Its number; the last one without it.")
    ] = None,
) -> int:
    """Draw the records by which people verify the checks, and judge what no check can; the seed draws them again."""
    from itsm_bridge import pipeline
    from itsm_bridge.spreadsheet import write_csv

    with invocation.progress() as progress:
        progress.note("judging the snapshot again, to draw from the records that pass")
        plan = pipeline.sample(
            invocation.config, assessment=assessment, seed=seed, checks=check_ids or (), confidence=confidence,
            tolerance=tolerance,
        )  # fmt: skip
    written = write_csv([_row(plan, each) for each in plan.records], COLUMNS, output) if output else None
    if invocation.as_json:
        invocation.print_json({**_data(plan), "records": [_row(plan, each) for each in plan.records]})
    else:
        _show(invocation, plan, is_detailed=bool(check_ids))
        if written is not None:
            invocation.console.print(f"wrote {written}: {len(plan.records)} records", markup=False)
    return 0


COLUMNS = (
    "seed", "part", "group", "place", "source_id", "number", "url", "subject", "priority", "service", "team",
    "change_type", "reason",
)  # fmt: skip


def _row(plan: SamplingPlan, record: Drawn) -> dict[str, Any]:
    from itsm_bridge.hostile import for_link

    named = {name: getattr(record, name) for name in COLUMNS if name not in ("seed", "url")}
    return {**named, "seed": plan.seed, "url": for_link(record.url)}


def _data(plan: SamplingPlan) -> dict[str, Any]:
    from dataclasses import asdict

    named = ("assessment", "snapshot", "seed", "confidence", "tolerance")
    return {
        **{name: getattr(plan, name) for name in named},
        "checks": [asdict(each) for each in plan.checks], "processes": [asdict(each) for each in plan.processes],
    }  # fmt: skip


def _show(invocation: Invocation, plan: SamplingPlan, *, is_detailed: bool) -> None:
    from itsm_bridge.cli.output import shown, table
    from itsm_bridge.sampling.plan import PARTS, WANTED_PRECISION

    told = invocation.console.print
    told(
        f"Seed {shown(plan.seed)} · assessment {plan.assessment}, snapshot {plan.snapshot} · "
        f"{len(plan.records)} records to look at\n", markup=False,
    )  # fmt: skip
    rows = [
        (each.check, each.title, f"{each.failing_drawn} of {each.failing}", f"{each.passing_drawn} of {each.passing}")
        for each in plan.checks
        if each.failing_drawn or each.passing_drawn
    ]
    told(table(("check", "title", "failing drawn", "passing drawn"), rows))
    silent = len(plan.checks) - len(rows)
    if silent:
        told(f"{silent} of {len(plan.checks)} checks have nothing to draw from.", markup=False)
    told(f"Below {WANTED_PRECISION:.0%} of findings confirmed: correct mapping or parameters first.\n", markup=False)
    if plan.processes:
        told(table(("process", "records in the period", "taken all", "drawn at random", "size by formula"), [
            (each.process, each.population, each.taken, each.drawn, each.wanted) for each in plan.processes
        ]))  # fmt: skip
        told(
            f"At random: no error among them shows with {plan.confidence:.0%} confidence that at most "
            f"{plan.tolerance:.0%} have one. Taken all: major and security incidents, failed and emergency changes.\n"
            "The records with their links: --output sample.csv.", markup=False,
        )  # fmt: skip
    if is_detailed:
        told(table(("check", "", "", "number", "source", "link"), [
            (each.group, each.place, PARTS[each.part], each.number or each.subject, each.source_id, _link(each))
            for each in plan.records
        ]))  # fmt: skip


def _link(record: Drawn) -> str | None:
    from itsm_bridge.hostile import for_link

    return for_link(record.url)
