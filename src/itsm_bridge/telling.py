"""What a source can tell: what its adapter says of the tool, and what the mapping makes of the fields that came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from itsm_bridge.adapter import Capability, Stream
from itsm_bridge.mapping.filled import unfilled_capabilities
from itsm_bridge.mapping.lost import empty_columns, lost_columns
from itsm_bridge.mapping.rules import SourceMapping
from itsm_bridge.sources import OpenSource

About = Mapping[str, Any]
"""The completeness record of a stream, as a manifest holds it."""


def columns_told(source: OpenSource, name: str, about: About) -> dict[str, str]:
    """Return which columns a stream cannot fill, and the fields that the mapping names and no sync has read yet.

    Of a stream that did not come, everything is missing; also where others look something up in it.
    """
    mapping, names, absent = source.mapping, source.decoders[name].names, about.get("absent_fields", ())
    hidden = [field for field in (about.get("missing_fields") or "").split(", ") if field]
    unread = [field for field in names if field not in {*about.get("fields", ()), *hidden, *absent}]
    is_closed = _is_closed(about)
    return {
        "unread_fields": "" if is_closed else ", ".join(unread),
        "lost_columns": ", ".join(lost_columns(mapping, name, names if is_closed else [*hidden, *unread])),
        "emptied_columns": empty_columns(mapping, name, absent),
    }


def capabilities_told(
    source: OpenSource, declared: Iterable[Capability], streams: Mapping[str, About]
) -> dict[str, list[dict[str, str | None]]]:
    """Return the capabilities as a manifest holds them: as the adapter declares them, and as the mapping leaves them.

    What is declared is kept, as the mapping may change without a sync.
    """
    closed = {name: about["reason"] for name, about in streams.items() if _is_closed(about)}
    return {
        "declared": [_row(item.name, item.record_type, item.level, item.reason) for item in declared],
        "capabilities": capability_rows(source.adapter.streams, declared, closed, source.mapping),
    }


def declared_by(about: About) -> list[Capability]:
    """Return what an adapter declared in a sync; of a manifest that does not hold it, what was left of it."""
    rows = about.get("declared", about["capabilities"])
    return [Capability(row["capability"], row["level"], row["reason"] or "", row["record_type"]) for row in rows]


def capability_rows(
    streams: Sequence[Stream], declared: Iterable[Capability], unread: Mapping[str, str], mapping: SourceMapping
) -> list[dict[str, str | None]]:
    """Return the capabilities as a snapshot states them.

    A stream that is not read, and why, takes its own along. What no rule of the mapping fills cannot be told either,
    whatever the adapter says of the tool: of a column that is always empty, nothing can be judged.
    """
    levels = {(item.name, item.record_type): (item.level, item.reason) for item in declared}
    for stream in streams:
        for name in stream.capabilities if stream.name in unread else ():
            if levels.get((name, "*"), ("full", ""))[0] == "full":
                levels[name, "*"] = ("none", f"{stream.name} could not be read: {unread[stream.name]}")
    for name, columns in unfilled_capabilities(mapping).items():
        told = [key for key in levels if key[0] == name] or [(name, "*")]
        for key in told:
            if levels.get(key, ("full", ""))[0] != "none":
                levels[key] = ("none", f"no rule of the mapping fills {_named(columns)}")
    return [_row(*key, *told) for key, told in sorted(levels.items())]


def _row(name: str, record_type: str, level: str, reason: str) -> dict[str, str | None]:
    return {"capability": name, "record_type": record_type, "level": level, "reason": reason or None}


def _is_closed(about: About) -> bool:
    return about["status"] in ("denied", "failed")


def _named(columns: Sequence[str]) -> str:
    """Return columns in words; where there are many, their tables."""
    tables = dict.fromkeys(column.partition(".")[0] for column in columns)
    return " and ".join(columns) if len(columns) < 3 else f"any column for it of {', '.join(tables)}"
