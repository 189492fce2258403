"""`itsm-bridge doctor`: ask every source who we are and what may be read, before anything is read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
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

    wanted = {name: settings.streams for name, settings in invocation.config.sources.items()}
    found = {
        name: _of_streams(answer, wanted[name])
        for name, answer in pipeline.doctor(invocation.config, invocation.plugins).items()
    }
    if invocation.as_json:
        invocation.print_json({name: _data(answer) for name, answer in found.items()})
    else:
        for source, answer in found.items():
            _show(invocation, source, answer)
    return EXIT_OK if all(_is_fine(answer) for answer in found.values()) else EXIT_INCOMPLETE


def _of_streams(answer: Preflight | Exception, streams: Collection[str] | None) -> Preflight | Exception:
    if isinstance(answer, Exception) or streams is None:
        return answer
    return replace(answer, access=tuple(item for item in answer.access if item.stream in streams))


def _is_fine(answer: Preflight | Exception) -> bool:
    if isinstance(answer, Exception):
        return False
    return not answer.problems and all(access.is_readable for access in answer.access)


def _data(answer: Preflight | Exception) -> Any:
    return {"error": str(answer), "hint": getattr(answer, "hint", None)} if isinstance(answer, Exception) else answer


def _show(invocation: Invocation, source: str, answer: Preflight | Exception) -> None:
    from rich.text import Text

    from itsm_bridge.cli.output import shown

    if isinstance(answer, Exception):
        invocation.console.print(Text.assemble((source, "bold"), ("  cannot be read: ", "red"), shown(answer)))
        invocation.console.print(Text(shown(getattr(answer, "hint", None) or ""), style="dim"))
        return
    product = shown(answer.product) or "connected"
    invocation.console.print(Text.assemble((source, "bold"), f"  {product}, as {shown(answer.identity)}"))
    clocks = answer.clock_difference_seconds
    apart = "clock difference unknown" if clocks is None else f"clocks {abs(clocks):.0f} s apart"
    invocation.console.print(Text(f"answers in {shown(answer.timezone)}, {apart}", style="dim"))
    _show_streams(invocation, answer)
    _show_gaps(invocation, answer)


def _show_streams(invocation: Invocation, preflight: Preflight) -> None:
    from rich.text import Text

    from itsm_bridge.cli.output import shown, table

    readable = [item for item in preflight.access if item.is_readable]
    rows = [(item.stream, item.rows, ", ".join(item.missing_fields)) for item in readable]
    if rows:
        invocation.console.print(table(("may be read", "rows", "fields that do not show"), rows))
    for item in preflight.access:
        if not item.is_readable:
            told = Text.assemble(("not readable ", "red"), (f"{item.stream}: ", "bold"), shown(item.reason))
            invocation.console.print(told.append(f"  {shown(item.remedy)}", style="dim"))


def _show_gaps(invocation: Invocation, preflight: Preflight) -> None:
    from rich.text import Text

    from itsm_bridge.cli.output import shown

    by_reason: dict[tuple[str, str], list[str]] = {}
    for item in preflight.capabilities:
        if item.level != "full":
            name = item.name if item.record_type == "*" else f"{item.name} ({item.record_type})"
            by_reason.setdefault((item.level, item.reason), []).append(name)
    for (level, reason), names in by_reason.items():
        words = "cannot tell: " if level == "none" else "tells only in part: "
        told = Text.assemble((words, "yellow"), ", ".join(names))
        invocation.console.print(told.append(f"  {shown(reason)}" if reason else "", style="dim"))
    for problem in preflight.problems:
        invocation.console.print(Text(f"problem: {shown(problem)}", style="yellow"))
