"""The completeness record of one stream after a run, as it goes into the snapshot (design §5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from itsm_bridge.completeness import Verdict, where_it_stood
from itsm_bridge.mapping.decoder import StreamDecoder
from itsm_bridge.readings import Reading

_UNHIDE = "Ask which rule on rows hides them from the account."


def outcome(
    reading: Reading, verdict: Verdict, remedy: str | None, decoder: StreamDecoder, earlier: Mapping[str, Any]
) -> dict[str, Any]:
    """Close what was written of a stream, and return its record: how whole it is, and where the next run resumes."""
    written = reading.writer.close()
    missing = set(reading.access.missing_fields)
    # A field that did not show counts as not read: once it shows, all its records are read again.
    shown = [name for name in decoder.names if name not in missing]
    closed = sorted(missing & set(decoder.names) - set(reading.access.absent_fields))
    absent = sorted(set(reading.access.absent_fields) & set(decoder.names))
    asks = [remedy or "", _UNHIDE if verdict.status == "partial" else "", reading.access.remedy if closed else ""]
    last_compared = earlier.get("compared_at") if reading.cursor else reading.started.isoformat()
    resumes = {
        "cursor": reading.highest, "fields": shown, "treatments": decoder.treatments,
        "compared_at": reading.compared_at or last_compared,
    } if verdict.status in ("complete", "partial") else where_it_stood(earlier)  # fmt: skip
    return {
        **asdict(verdict), **resumes, "snapshot": reading.writer.snapshot, "missing_fields": closed,
        "absent_fields": absent,
        "remedy": " ".join(filter(None, asks)) or None,
        "started_at": reading.started.isoformat(), "finished_at": datetime.now(UTC).isoformat(),
        "received": written.received, "truncated": 0, "quarantined": reading.quarantined,
        "appended": written.appended, "deleted": written.deleted,
    }  # fmt: skip
