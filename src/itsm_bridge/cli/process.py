"""`itsm-bridge process`: how records really ran: their paths, their steps, and rules about their order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from itsm_bridge.cli.options import Invocation, command, examples

if TYPE_CHECKING:
    from itsm_bridge.process import Constraint, Process
    from itsm_bridge.reports.process import ModelLine, TypeLine

_TYPE = typer.Option("--type", "-t", help="Only this record type, such as incident.")
_ASSESSMENT = typer.Option("--assessment", "-a", help="Its number; the last one without it.")
_TOP = typer.Option("--top", help="How many lines of each kind are shown.", min=1)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(no_args_is_help=True)
    group.command(
        "variants",
        epilog=examples("itsm-bridge process variants", "itsm-bridge process variants --type change --top 20"),
    )(command(variants))
    group.command(
        "constraints", epilog=examples("itsm-bridge process constraints", "itsm-bridge process constraints --json")
    )(command(constraints))
    group.command("steps", epilog=examples("itsm-bridge process steps", "itsm-bridge process steps --type incident"))(
        command(steps)
    )
    group.command("show", epilog=examples("itsm-bridge process show resolve_before_close"))(command(show))
    app.add_typer(group, name="process", help="Show how records really ran: their paths, their steps, their order.")


def variants(
    invocation: Invocation,
    record_type: Annotated[str | None, _TYPE] = None,
    top: Annotated[int, _TOP] = 10,
    assessment: Annotated[int | None, _ASSESSMENT] = None,
) -> int:
    """Show the paths that records took through their states, how often, and how long they took."""
    from itsm_bridge.reports.process import process_lines
    from itsm_bridge.reports.words import percent

    found = _process(invocation, assessment)
    if invocation.as_json:
        tables = {"records": found.records.to_pylist(), "variants": found.variants.to_pylist()}
        chosen = {
            name: [row for row in rows if _is_chosen(record_type, row["record_type"])] for name, rows in tables.items()
        }
        chosen["variants"] = [row for row in chosen["variants"] if row["place"] <= top]
        invocation.print_json(chosen)
        return 0
    lines = [line for line in process_lines(found, top).types if _is_chosen(record_type, line.record_type)]
    _tell(invocation, ("records", "all", "ended", "open", "unreadable", "paths"), (
        (_kind(line), line.records, line.complete, line.still_open, line.without_history, line.variants)
        for line in lines
    ), "No record lived in the period.")  # fmt: skip
    if lines:
        invocation.console.print("Paths are those of records that ended; unreadable: the history cannot be read.")
    for line in (each for each in lines if each.paths):
        _tell(invocation, (f"path of {_kind(line)}", "records", "share", "so far", "median", "90 %"), (
            (path.path, path.records, percent(path.share), percent(path.cumulative_share), path.median, path.p90)
            for path in line.paths
        ), "")  # fmt: skip
    return 0


def constraints(
    invocation: Invocation,
    record_type: Annotated[str | None, _TYPE] = None,
    assessment: Annotated[int | None, _ASSESSMENT] = None,
) -> int:
    """Show how records stand to the rules about the order of activities, and how often each was activated at all."""
    from dataclasses import asdict

    from itsm_bridge.reports.process import process_lines

    kinds = {each.id: each.record_types for each in _constraints(invocation)}
    lines = process_lines(_process(invocation, assessment), 0)
    if invocation.as_json:
        chosen = [line for line in lines.rules if _is_chosen(record_type, *kinds.get(line.constraint_id, ()))]
        invocation.print_json([asdict(line) for line in chosen])
        return 0
    _tell(invocation, ("rule", "scope", "untold", "idle", "kept", "broken", "pending", "asked"), (
        (line.constraint_id, line.in_scope, line.not_assessable, line.vacuous, line.kept, line.violated, line.pending,
         line.activations)
        for line in lines.asked if _is_chosen(record_type, *kinds.get(line.constraint_id, ()))
    ), "No rule applies to any record of the period.")  # fmt: skip
    if lines.silent:
        invocation.console.print(f"{lines.silent} more have no record in scope.")
    invocation.console.print(
        "Numbers are records; untold: not assessable; idle: nothing activated the rule; asked: how often it was "
        "activated. `itsm-bridge process show ID` explains a rule."
    )
    return 0


def steps(
    invocation: Invocation,
    record_type: Annotated[str | None, _TYPE] = None,
    top: Annotated[int, _TOP] = 20,
    assessment: Annotated[int | None, _ASSESSMENT] = None,
) -> int:
    """Show how many steps and records keep to the documented state model, and the steps that it does not allow."""
    from dataclasses import asdict

    from itsm_bridge.reports.process import process_lines

    found = _process(invocation, assessment)
    lines = process_lines(found, 0)
    models = [line for line in lines.models if _is_chosen(record_type, line.record_type)]
    if invocation.as_json:
        rows = [row for row in found.steps.to_pylist() if _is_chosen(record_type, row["record_type"])]
        invocation.print_json({"conformance": [asdict(line) for line in models], "steps": rows})
        return 0
    _tell(invocation, ("steps of", "all", "allowed", "not allowed", "untold", "no model"), (
        (_kind(line), line.steps, line.allowed, line.not_allowed, line.not_assessable, line.no_model)
        for line in models
    ), "No step between states is recorded in the period.")  # fmt: skip
    _tell(invocation, ("records", "with steps", "keep to the model", "depart from it", "untold"), (
        (_kind(line), line.records, line.following, line.departing, line.unclear) for line in models if line.records
    ), "")  # fmt: skip
    broken = [row for row in lines.forbidden if _is_chosen(record_type, row["record_type"])]
    _tell(invocation, ("records", "step that the model does not allow", "times", "on records"), (
        (f"{row['record_type']}, {row['source_id']}", f"{row['from_state']} → {row['to_state']}", row["steps"],
         row["records"])
        for row in broken[:top]
    ), "The model allows every step that can be judged." if models else "")  # fmt: skip
    return 0


def show(
    invocation: Invocation,
    constraint_id: Annotated[str, typer.Argument(metavar="ID", help="Such as resolve_before_close.")],
    assessment: Annotated[int | None, _ASSESSMENT] = None,
) -> int:
    """Explain one rule about the order of activities, and name records that broke it."""
    from dataclasses import asdict

    from itsm_bridge.process.templates import TEMPLATES
    from itsm_bridge.reports.process import STANDINGS, process_lines
    from itsm_bridge.reports.words import count

    constraint = _one(_constraints(invocation), constraint_id)
    rules = process_lines(_process(invocation, assessment), 0).rules
    lines = [line for line in rules if line.constraint_id == constraint.id]
    if invocation.as_json:
        stated = {"formula": constraint.formula, "standing": [asdict(line) for line in lines]}
        invocation.print_json({**asdict(constraint), **stated})
        return 0
    template = TEMPLATES[constraint.template]
    said = {
        constraint.id: constraint.title, "Rule": constraint.formula,
        "It asks": f"{template.meaning}. Broken by: {template.violated}.", "Why": constraint.why,
        "Known limits": constraint.limits, "Checks": ", ".join(constraint.checks),
        "Only where": constraint.population if constraint.population != "TRUE" else "",
    }  # fmt: skip
    for line in (each for each in lines if each.source_id == "*"):
        said["Records"] = f"{count(line.in_scope)} in scope: " + ", ".join(
            f"{count(number)} {STANDINGS[name]}" for name, number in line.parts.items()
        )
        said["Activations"] = f"{count(line.activations)}, {count(line.violations)} of them broken"
        said["Not assessable"] = "; ".join(f"{reason}: {count(n)}" for reason, n in line.reasons.items())
        said["Broken by, among others"] = ", ".join(line.examples)
    _say(invocation, said)
    return 0


def _say(invocation: Invocation, said: dict[str, str]) -> None:
    from rich.text import Text

    from itsm_bridge.cli.output import shown

    for title, text in said.items():
        if text:
            invocation.console.print(Text.assemble((f"{title}: ", "bold"), shown(text)))


def _process(invocation: Invocation, assessment: int | None) -> Process:
    from itsm_bridge import pipeline
    from itsm_bridge.process import Process

    view = pipeline.stored_view(invocation.config, invocation.plugins, assessment=assessment)
    return view.process() if view.process else Process()


def _constraints(invocation: Invocation) -> list[Constraint]:
    from itsm_bridge.criteria import current_constraints

    files = current_constraints(invocation.config.assessment.constraints)
    return [each for file in files for each in file.constraints]


def _one(known: Iterable[Constraint], name: str) -> Constraint:
    from itsm_bridge.errors import UsageError
    from itsm_bridge.suggestions import did_you_mean

    found = {each.id: each for each in known}
    if name not in found:
        hint = "`itsm-bridge process constraints` names them."
        raise UsageError(f"there is no rule {name!r}{did_you_mean(name, found)}", hint=hint)
    return found[name]


def _kind(line: ModelLine | TypeLine) -> str:
    return f"{line.record_type}, {line.source_id}"


def _is_chosen(wanted: str | None, *kinds: str) -> bool:
    """Tell whether a record type that was asked for is among some; without one, anything is."""
    return wanted is None or wanted in kinds


def _tell(invocation: Invocation, heads: tuple[str, ...], rows: Iterable[tuple[Any, ...]], nothing: str) -> None:
    from itsm_bridge.cli.output import table

    listed = list(rows)
    if listed or nothing:
        invocation.console.print(table(heads, listed) if listed else nothing)
