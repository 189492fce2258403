"""What a sync or a remap did, for people and for programs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from itsm_bridge.errors import EXIT_INCOMPLETE, EXIT_OK

if TYPE_CHECKING:
    from rich.console import Console

    from itsm_bridge.remap import RemapReport
    from itsm_bridge.sync import SyncReport

ALWAYS = {"expected": "in the tool", "held": "held", "received": "read now", "appended": "new or changed"}
WHERE_ANY = ("hidden", "truncated", "unmapped", "quarantined", "retried")
UNMAPPED = (
    "Values that the mapping does not know count as unknown: `itsm-bridge mapping lint` lists them, "
    "`itsm-bridge mapping explain NUMBER` shows how one record came to its values."
)
FEW = 3
STYLES = {"complete": "", "skipped": "dim", "denied": "yellow", "partial": "yellow", "failed": "red"}


def sync_data(report: SyncReport) -> dict[str, Any]:
    """Return what a sync did as plain data."""
    return {
        "snapshot": report.snapshot.number, "at": report.snapshot.at, "head": report.snapshot.hash,
        "received": report.received, "appended": report.appended, "incomplete": report.incomplete,
        "streams": report.streams, "errors": {source: error.as_data() for source, error in report.errors.items()},
    }  # fmt: skip


def sync_exit_code(report: SyncReport, accepted: Collection[str]) -> int:
    """Return 3 where a stream or a field did not come and nobody accepted that gap, or all of its source."""
    open_gaps = [gap for gap in report.incomplete if not {gap, gap.partition(":")[0]} & set(accepted)]
    return EXIT_INCOMPLETE if open_gaps else EXIT_OK


def show_sync(console: Console, report: SyncReport) -> None:
    """Print the completeness of every stream, and a line that sums up."""
    from rich.text import Text

    from itsm_bridge.cli.output import shown, table

    for source, streams in report.streams.items():
        counts = (*ALWAYS, *(name for name in WHERE_ANY if any(about.get(name) for about in streams.values())))
        rows = []
        notes: dict[tuple[str, str], list[str]] = {}
        left_out = [name for name, about in streams.items() if about["status"] == "skipped"]
        for name, about in streams.items():
            if name in left_out:
                continue
            status = str(about["status"])
            rows.append((name, status, *(about.get(column) for column in counts)))
            for told in _notes(about):
                notes.setdefault((told, STYLES[status]), []).append(name)
        console.print(table(("stream", "status", *(ALWAYS.get(name, name) for name in counts)), rows, title=source))
        for (told, style), names in notes.items():
            console.print(Text.assemble((f"{_few(names)}: ", "bold"), (shown(told), style)))
        if "unmapped" in counts:
            console.print(Text(UNMAPPED, style="dim"))
        if left_out:
            console.print(Text(f"not there: {', '.join(left_out)}", style="dim"))
    number, received, appended = report.snapshot.number, report.received, report.appended
    console.print(f"snapshot {number}: {received:,} rows read, {appended:,} new or changed")


def _few(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= FEW else f"{len(names)} streams ({', '.join(names)})"


def _notes(about: Mapping[str, Any]) -> Iterator[str]:
    told = [about["reason"]] if about.get("reason") else []
    if about.get("missing_fields"):
        told.append(f"{about['missing_fields']} does not show to the account")
    remedy = about.get("remedy")
    yield from (f"{each.rstrip('.')}. {remedy}" if remedy else each for each in told)


def remap_data(report: RemapReport) -> dict[str, Any]:
    """Return what a remap did as plain data."""
    number = report.snapshot.number if report.snapshot else None
    return {"snapshot": number, "appended": report.appended, "deleted": report.deleted, "unread": report.unread}


def show_remap(console: Console, report: RemapReport) -> None:
    """Print what a remap changed, and which newly mapped fields need a sync."""
    if report.snapshot is None:
        console.print("nothing came out differently")
    else:
        console.print(
            f"snapshot {report.snapshot.number}: {report.appended:,} rows new or changed, {report.deleted:,} retired"
        )
    for stream, fields in report.unread.items():
        console.print(
            f"{stream}: newly mapped and not read yet: {', '.join(fields)}; the next sync reads them", markup=False
        )
