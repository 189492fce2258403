"""`itsm-bridge policy`: what is wrong in the policy folder, and what its missing parts cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from itsm_bridge.cli.options import Invocation, command, examples
from itsm_bridge.errors import EXIT_OK, EXIT_USAGE

if TYPE_CHECKING:
    from itsm_bridge.policy.lint import FileLine, PolicyReport

_MOST = 6


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    group = typer.Typer(no_args_is_help=True)
    group.command("lint", epilog=examples("itsm-bridge policy lint", "itsm-bridge policy lint --json"))(command(lint))
    app.add_typer(group, name="policy", help="Check the policy folder, and what its missing parts cost.")


def lint(invocation: Invocation) -> int:
    """Check every file of the policy, and say what cannot be assessed for want of one. Nothing is judged or written."""
    from itsm_bridge import pipeline

    report = pipeline.lint_policy(invocation.config, invocation.plugins)
    if invocation.as_json:
        invocation.print_json(_data(report))
    elif report.errors:
        _show_errors(invocation, report)
    else:
        _show(invocation, report)
    return EXIT_USAGE if report.errors else EXIT_OK


def _show_errors(invocation: Invocation, report: PolicyReport) -> None:
    from itsm_bridge.cli.output import shown, table

    rows = [(error.where, error.message, error.hint) for error in report.errors]
    invocation.console.print(table(("where", "what is wrong", "what to do"), rows))
    many = "mistake" if len(rows) == 1 else "mistakes"
    invocation.console.print(f"{len(rows)} {many} in {shown(str(report.folder))}: it does not load.", markup=False)


def _show(invocation: Invocation, report: PolicyReport) -> None:
    from itsm_bridge.cli.output import shown, table

    told = invocation.console.print
    place = (
        shown(str(report.folder)) if report.folder else "No policy folder is configured: the packaged defaults apply"
    )
    told(f"{place}\n", markup=False)
    rows = [(each.file, each.state, each.lines, len(each.checks) or None, _cost(each)) for each in report.files]
    told(table(("file", "state", "lines", "checks\nread it", "what it costs now"), rows))
    if report.remarks:
        told(table(("where", "what to look at", "what to do"), [(r.where, r.message, r.hint) for r in report.remarks]))
    told(f"{len(report.remarks)} lines to look at.", markup=False)
    if report.not_adopted:
        told(
            f"{len(report.not_adopted)} of {report.adoptable} rules of own policy or good practice are not adopted: "
            f"their findings are opportunities for improvement at most ({_some(report.not_adopted)}).", markup=False,
        )  # fmt: skip
    if report.assessment is None:
        told("Costs are told from the last assessment, and there is none yet: `itsm-bridge check`.", markup=False)
    else:
        told(f"Costs are those of assessment {report.assessment}; names are held against its snapshot.", markup=False)


def _cost(line: FileLine) -> str | None:
    said = []
    if line.silent:
        said.append(f"{len(line.silent)} of {len(line.checks)} that read it conclude nothing: {_some(line.silent)}")
    if line.open_points:
        said.append(f"{len(line.open_points)} points not evidenced: {_some(line.open_points)}")
    return "; ".join(said) or None


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST]) + (", …" if len(names) > _MOST else "")


def _data(report: PolicyReport) -> dict[str, Any]:
    errors = [{"where": e.where, "message": e.message, "hint": e.hint} for e in report.errors]
    return {
        "folder": report.folder, "assessment": report.assessment, "errors": errors, "files": report.files,
        "remarks": report.remarks, "not_adopted": report.not_adopted, "adoptable": report.adoptable,
    }  # fmt: skip
