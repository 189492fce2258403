"""`itsm-bridge doctor`: ask every source who we are and what may be read, before anything is read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import typer

from itsm_bridge.cli.options import Invocation, command, examples
from itsm_bridge.errors import EXIT_OK

if TYPE_CHECKING:
    from rich.text import Text

    from itsm_bridge.adapter import Access, Preflight
    from itsm_bridge.foreseen import Cost
    from itsm_bridge.rights import Diagnosis, Lack


_NOISE = 2  # seconds: a Date header has whole ones, and an answer takes its time
_MANY = 3
_HIDDEN = "Rows that do not show are hidden from the account by a rule of the tool; a sweep counts them."


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("doctor", epilog=examples("itsm-bridge doctor", "itsm-bridge doctor --json > doctor.json"))(
        command(doctor)
    )


def doctor(invocation: Invocation) -> int:
    """Check every source: login, rights per table and field, clocks, what cannot be assessed, and what to ask for."""
    from itsm_bridge import pipeline
    from itsm_bridge.rights import as_data, next_step

    diagnoses = pipeline.doctor(invocation.config, invocation.plugins)
    if invocation.as_json:
        invocation.print_json({each.source: as_data(each) for each in diagnoses})
    else:
        for each in diagnoses:
            _show(invocation, each)
        invocation.console.print(_text(next_step(diagnoses), "bold"))
    # What is configured wrongly is told before what is missing: until it is mended, nothing can be said of that source.
    return min((each.exit_code for each in diagnoses if not each.is_fine), default=EXIT_OK)


def _show(invocation: Invocation, told: Diagnosis) -> None:
    say = invocation.console.print
    if told.found is None:
        say(_joined((told.source, "bold"), ("  cannot be read: ", "red"), (str(told.error), "")))
        say(_text(str(told.error.hint or ""), "dim") if told.error else "", "")
        return
    for line in _heading(told, told.found):
        say(line)
    if told.lacks:
        rows = [(_named(lack), _cost(lack.cost) if lack.what else _text(""), _text(_ask(lack))) for lack in told.lacks]
        say(_table(("what is missing", "checks it costs", "what to do"), rows, (3, 3, 4)))
    if any(item.is_readable for item in told.found.access):
        say(_readable(told.found.access))
    if any(item.shown != item.looked_at for item in told.found.access):
        say(_text(_HIDDEN, "dim"))
    _show_left_out(invocation, told.left_out)
    _show_limits(invocation, told.limits)
    _show_requests(invocation, told)


def _heading(told: Diagnosis, found: Preflight) -> Iterable[Text]:
    product = " ".join(filter(None, (found.product or "connected", found.version)))
    yield _joined((told.source, "bold"), (f"  {product}{f', {told.address}' if told.address else ''}", ""))
    how = f", signed in by {told.signed_in}" if told.signed_in else ""
    yield _text(f"account   {found.identity}{how}")
    if found.scope:
        yield _text(f"sees      {found.scope}")
    yield _text(f"clock     {_apart(found.clock_difference_seconds)}")
    yield _text(f"timezone  answers in {found.timezone}{f'; {found.timezone_note}' if found.timezone_note else ''}")


def _apart(seconds: float | None) -> str:
    if seconds is None:
        return "not told"
    whole = round(seconds)
    return f"{abs(whole):,} s {'behind' if whole < 0 else 'ahead of'} ours" if abs(whole) > _NOISE else "as ours"


def _named(lack: Lack) -> Text:
    number = f"{len(lack.what)} streams: " if len(lack.what) > _MANY else ""
    what = f"{number}{', '.join(lack.what)}\n" if lack.what else ""
    return _joined((what, "bold"), (lack.reason, "yellow" if lack.kind == "problem" else "red"))


def _ask(lack: Lack) -> str:
    if lack.kind == "field" and lack.rights:
        return "; ".join(f"Ask for: {right.grant}, on {right.on}" for right in lack.rights)
    return lack.remedy


def _cost(cost: Cost) -> Text:
    if not cost.whole and not cost.part:
        return _text("none", "dim")
    parts = [(", ".join(cost.whole), "red")] if cost.whole else []
    if cost.part:
        parts.append((f"{chr(10) if cost.whole else ''}in part: {', '.join(cost.part)}", "yellow"))
    return _joined(*parts)


def _readable(access: Sequence[Access]) -> Any:
    rows = []
    for item in access:
        lost = len(set(item.missing_fields) - set(item.absent_fields)) if item.is_readable else 0
        without = f", without {lost} field{'s' if lost > 1 else ''}" if lost else ""
        may = _joined(("yes", "green") if item.is_readable else ("no", "red"), (without, "yellow"))
        seen = "–" if item.looked_at is None else f"{item.shown} of first {item.looked_at}"
        some = "yellow" if item.shown != item.looked_at else ""
        count = "–" if item.rows is None else f"{item.rows:,}"
        rows.append((_text(item.stream), may, _text(count), _text(seen, some)))
    return _table(("stream", "may be read", "rows", "rows that show"), rows)


def _show_left_out(invocation: Invocation, left_out: Sequence[Lack]) -> None:
    costly = [lack for lack in left_out if lack.cost.whole or lack.cost.part]
    if costly:
        rows = [(_text(", ".join(lack.what)), _cost(lack.cost)) for lack in costly]
        invocation.console.print(_table(("what `streams` leaves out", "checks it costs"), rows, (2, 3)))
    free = [name for lack in left_out if lack not in costly for name in lack.what]
    if free:
        words = "`streams` leaves out too, at no cost in checks: "
        invocation.console.print(_text(f"{words}{', '.join(free)}", "dim"), "")


def _show_limits(invocation: Invocation, limits: Sequence[Lack]) -> None:
    costly = [lack for lack in limits if lack.cost.whole or lack.cost.part]
    if costly:
        why = [_text(f"{each.reason}{f'. {each.remedy}' if each.remedy else ''}") for each in costly]
        what = [(_text(", ".join(each.what)), _cost(each.cost)) for each in costly]
        rows = [(*pair, reason) for pair, reason in zip(what, why, strict=True)]
        head = ("what it cannot tell", "checks it costs", "why (no right changes it)")
        invocation.console.print(_table(head, rows, (3, 3, 4)))
    free = [name for lack in limits if lack not in costly for name in lack.what]
    if free:
        words = "Not told either, and read by no check: "
        invocation.console.print(_text(f"{words}{', '.join(free)}", "dim"), "")


def _show_requests(invocation: Invocation, told: Diagnosis) -> None:
    if not told.requests or told.found is None:
        return
    say = invocation.console.print
    say(_text("Rights to ask for, to paste into a request", "bold"))
    say(_text(f"The account {told.found.identity} of {told.address or told.source} needs, to read only:"))
    for number, request in enumerate(told.requests, 1):
        say(_text(f"{number}. {request.grant}"))
        for thing in request.on:
            say(_text(f"   - {thing}"))
    say("")


def _table(head: Sequence[str], rows: Iterable[Sequence[Text]], ratio: Sequence[int] = ()) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    made = Table(box=SIMPLE_HEAD, pad_edge=False, expand=bool(ratio), show_lines=False)
    for number, name in enumerate(head):
        made.add_column(
            name, overflow="fold", ratio=ratio[number] if ratio else None,
            justify="right" if name == "rows" else "left",
        )  # fmt: skip
    for row in rows:
        made.add_row(*row)
    return made


def _text(words: str, style: str = "") -> Text:
    return _joined((words, style))


def _joined(*parts: tuple[str, str]) -> Text:
    """Return text in which only our own line breaks have an effect."""
    from rich.text import Text

    from itsm_bridge.cli.output import shown

    made = Text()
    for words, style in parts:
        start = "\n" if words.startswith("\n") else ""
        end = "\n" if words.endswith("\n") else ""
        made.append(f"{start}{shown(words.strip(chr(10)))}{end}", style or None)
    return made
