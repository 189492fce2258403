"""`itsm-bridge doctor`: ask every source who we are and what may be read, before anything is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from itsm_bridge.cli.options import Invocation, command, examples
from itsm_bridge.errors import EXIT_INCOMPLETE, EXIT_OK

if TYPE_CHECKING:
    from itsm_bridge.adapter import Preflight


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("doctor", epilog=examples("itsm-bridge doctor", "itsm-bridge doctor --json > doctor.json"))(
        command(doctor)
    )


def doctor(invocation: Invocation) -> int:
    """Check every source: login, rights per table and field, clocks, and what can therefore not be assessed."""
    from itsm_bridge import pipeline

    found = pipeline.doctor(invocation.config, invocation.plugins)
    if invocation.as_json:
        invocation.print_json({name: _data(answer) for name, answer in found.items()})
    else:
        for source, answer in found.items():
            _show(invocation, source, answer)
    return EXIT_OK if all(_is_fine(answer) for answer in found.values()) else EXIT_INCOMPLETE


def _is_fine(answer: Preflight | Exception) -> bool:
    if isinstance(answer, Exception):
        return False
    return not answer.problems and all(access.is_readable for access in answer.access)


def _data(answer: Preflight | Exception) -> Any:
    return {"error": str(answer), "hint": getattr(answer, "hint", None)} if isinstance(answer, Exception) else answer


def _show(invocation: Invocation, source: str, preflight: Preflight | Exception) -> None:
    from rich.text import Text

    from itsm_bridge.cli.output import shown, table

    console = invocation.console
    if isinstance(preflight, Exception):
        console.print(Text.assemble((source, "bold"), ("  cannot be read: ", "red"), shown(preflight)))
        console.print(Text(shown(getattr(preflight, "hint", None) or ""), style="dim"))
        return
    console.print(Text.assemble((source, "bold"), f"  {shown(preflight.product)}, as {shown(preflight.identity)}"))
    clocks = preflight.clock_difference_seconds
    apart = "clock difference unknown" if clocks is None else f"clocks {abs(clocks):.0f} s apart"
    console.print(Text(f"answers in {shown(preflight.timezone)}, {apart}", style="dim"))
    rows = [
        (
            "yes" if item.is_readable else "NO",
            item.stream,
            item.rows,
            ", ".join(item.missing_fields),
            f"{item.reason} {item.remedy}".strip(),
        )
        for item in preflight.access
    ]
    console.print(table(("readable", "stream", "rows", "fields that do not show", "why, and what to ask for"), rows))
    lacking = [item for item in preflight.capabilities if item.level != "full"]
    if lacking:
        rows_of_gaps = [(item.name, item.record_type, item.level, item.reason) for item in lacking]
        console.print(table(("cannot tell (fully)", "records", "level", "why"), rows_of_gaps))
    for problem in preflight.problems:
        console.print(Text(f"problem: {shown(problem)}", style="yellow"))
