"""`itsm-bridge checks`: the catalogue of checks, one check in full, and the cases that prove them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from itsm_bridge.cli.options import Invocation, command, examples

if TYPE_CHECKING:
    from itsm_bridge.checking.case_worlds import CaseResult
    from itsm_bridge.checking.definition import Check


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(no_args_is_help=True)
    group.command("list", epilog=examples("itsm-bridge checks list", "itsm-bridge checks list --process change"))(
        command(list_checks)
    )
    group.command("show", epilog=examples("itsm-bridge checks show CHG-002"))(command(show))
    group.command("test", epilog=examples("itsm-bridge checks test", "itsm-bridge checks test CHG-002 INC-003"))(
        command(run_cases_of_checks)
    )
    app.add_typer(group, name="checks", help="List, show and test the checks.")


def list_checks(
    invocation: Invocation,
    process: Annotated[str | None, typer.Option("--process", "-p", help="Only checks of this process.")] = None,
) -> int:
    """List all checks with the clauses that they serve."""
    from itsm_bridge.cli.output import table

    checks = [check for check in _all(invocation) if process in (None, check.process)]
    if invocation.as_json:
        invocation.print_json([_data(check) for check in checks])
        return 0
    rows = [
        (check.id, check.title, ", ".join(item.clause for item in check.clauses), check.severity, check.basis)
        for check in checks
    ]
    invocation.console.print(table(("id", "title", "clauses", "severity", "basis"), rows))
    return 0


def show(
    invocation: Invocation, check_id: Annotated[str, typer.Argument(metavar="ID", help="Such as CHG-002.")]
) -> int:
    """Show one check in full: what it asks, why, its parameters and limits, and what to do about a finding."""
    check = _one(invocation, check_id)
    if invocation.as_json:
        invocation.print_json(_data(check))
    else:
        _show(invocation, check)
    return 0


def run_cases_of_checks(
    invocation: Invocation,
    check_ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Only these checks.")] = None,
) -> int:
    """Run the cases that are written beside the checks: records in, verdicts out; of all, rules of order too."""
    from itsm_bridge.checking.cases import run_cases

    checks = [_one(invocation, name) for name in check_ids] if check_ids else _all(invocation)
    results = [result for check in checks for result in run_cases(check)]
    return tell_results(invocation, "checks", len(checks), results + ([] if check_ids else _examples(invocation)))


def tell_results(invocation: Invocation, kind: str, number: int, results: list[CaseResult]) -> int:
    """Show what became of the cases of so many checks or KPIs; return the exit code."""
    from itsm_bridge.errors import EXIT_OK, EXIT_USAGE

    wrong = [result for result in results if not result.is_right]
    if invocation.as_json:
        invocation.print_json({kind: number, "cases": len(results), "wrong": wrong})
    else:
        _show_wrong(invocation, wrong)
        told = "KPIs" if kind == "kpis" else kind
        invocation.console.print(
            f"{number} {told}, {len(results)} cases, {len(wrong)} came out otherwise than expected"
        )
    return EXIT_USAGE if wrong else EXIT_OK


def _show_wrong(invocation: Invocation, wrong: list[CaseResult]) -> None:
    from itsm_bridge.cli.output import shown

    for result in wrong:
        invocation.console.print(f"{result.id}: {shown(result.name)}", style="bold red", markup=False)
        for difference in result.differences:
            invocation.console.print(f"  {shown(difference)}", markup=False)


def _all(invocation: Invocation) -> list[Check]:
    from itsm_bridge.checking import load_checks
    from itsm_bridge.settings import config_path

    is_configured = config_path(invocation.config_file).is_file()
    own = invocation.config.assessment.checks if is_configured else ()
    return sorted(load_checks([*invocation.plugins.check_folders, *own]), key=lambda check: check.id)


def _examples(invocation: Invocation) -> list[CaseResult]:
    """Return what became of the examples of the rules about the order of activities."""
    from itsm_bridge.process import BUILT_IN, load_constraints
    from itsm_bridge.process.examples import run_examples
    from itsm_bridge.settings import config_path

    is_configured = config_path(invocation.config_file).is_file()
    own = invocation.config.assessment.constraints if is_configured else ()
    return list(run_examples(each for file in load_constraints([BUILT_IN, *own]) for each in file.constraints))


def _one(invocation: Invocation, check_id: str) -> Check:
    from itsm_bridge.errors import UsageError
    from itsm_bridge.suggestions import did_you_mean

    known = {check.id: check for check in _all(invocation)}
    if check_id.upper() not in known:
        guess = did_you_mean(check_id, known)
        raise UsageError(f"there is no check {check_id!r}{guess}", hint="`itsm-bridge checks list` lists all checks.")
    return known[check_id.upper()]


def _data(check: Check) -> dict[str, Any]:
    from dataclasses import fields

    hidden = {"text", "path", "cases"}
    return {item.name: getattr(check, item.name) for item in fields(check) if item.name not in hidden}


def _show(invocation: Invocation, check: Check) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from itsm_bridge.cli.output import table

    console = invocation.console
    console.print(Text.assemble((check.id, "bold"), f"  {check.title}"))
    clauses = ", ".join(f"{item.clause} ({item.relation})" for item in check.clauses)
    console.print(Text(f"{check.process} · {check.severity} · basis: {check.basis} · clauses: {clauses}", style="dim"))
    sections = (
        ("Why", check.why), ("Remedy", check.remedy), ("Population", check.population), ("Violation", check.violation),
        ("Judged at", check.anchor),
        ("Not assessable when", "\n".join(f"{item.reason}: {item.when}" for item in check.not_assessable)),
        ("Known limits", check.limits), ("Audit procedure", check.procedure), ("DECLARE", check.declare),
    )  # fmt: skip
    for title, body in sections:
        if body and body.strip():
            console.print(Text(f"\n{title}", style="bold"))
            console.print(Padding(Text(body.strip()), (0, 0, 0, 2)))
    if check.parameters:
        rows = [(item.name, item.default, str(item.bound or ""), item.meaning) for item in check.parameters.values()]
        console.print(table(("parameter", "default", "bound", "meaning"), rows))
