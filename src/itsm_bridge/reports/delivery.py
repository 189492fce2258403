"""Puts a report where it belongs: a file, whole or not at all, or standard output."""

from __future__ import annotations

import sys
from pathlib import Path

from itsm_bridge.disk import unwritten, written_whole
from itsm_bridge.errors import DeliveryError
from itsm_bridge.redaction import without_secrets


def deliver(text: str, destination: Path | None) -> Path | None:
    """Write `text` as UTF-8 and return the file; to standard output where `destination` is None.

    The file appears only when it is complete. Raises DeliveryError.
    """
    data = without_secrets(text).encode("utf-8", "replace")
    if destination is None:
        sys.stdout.write(data.decode("utf-8"))
        sys.stdout.flush()  # a full disk is told here; when the interpreter ends it would be a riddle
        return None
    try:
        with written_whole(destination) as draft:
            draft.write_bytes(data)
    except OSError as error:
        message, hint = unwritten(error, destination.parent, len(data))
        raise DeliveryError(f"the report {message}", where=str(destination), hint=hint) from error
    return destination
