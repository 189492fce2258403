"""Printing results: tables for people, JSON for programs; foreign text can neither style nor steer the terminal."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from itsm_bridge.hostile import for_terminal
from itsm_bridge.redaction import redact

if TYPE_CHECKING:
    from rich.console import Console


def text_console() -> Console:
    """Return the console on standard output; a reader that goes away is an error, not an exit code of its own."""
    from rich.console import Console

    class TextConsole(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    return TextConsole(highlight=False)


def to_json(value: Any) -> str:
    """Return a value as JSON: dataclasses as objects, instants in ISO form, unknown things by their text."""
    return redact(json.dumps(plain(value), indent=2, ensure_ascii=False))


def plain(value: Any) -> Any:
    """Return a value in the types of JSON."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, str | bytes):
        return [plain(item) for item in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if hasattr(value, "to_pylist"):
        return plain(value.to_pylist())
    return str(value)


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str | None = None) -> Any:
    """Return a rich table; numbers stand right, None is a dash, and cells are never read as markup."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    rows = [tuple(row) for row in rows]
    made = Table(box=SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False)
    for number, column in enumerate(columns):
        values = [row[number] for row in rows if row[number] is not None]
        is_number = bool(values) and all(isinstance(value, int | float) for value in values)
        # A figure that does not fit ends with a mark: without, 12,345 would be shown as 12,3.
        if is_number:
            made.add_column(column, justify="right", overflow="ellipsis", no_wrap=True)
        else:
            made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(Text(shown(cell)) for cell in row))
    return made


def shown(value: Any) -> str:
    """Return a value as a person reads it, without control characters."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Path):
        return short_path(value)
    return for_terminal(redact(str(value)))


def short_path(path: Path) -> str:
    """Return a path as it is shortest from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
