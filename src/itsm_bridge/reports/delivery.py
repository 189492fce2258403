"""Puts a report where it belongs: a file, whole or not at all, or standard output."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from itsm_bridge.errors import DeliveryError
from itsm_bridge.redaction import without_secrets


def deliver(text: str, destination: Path | None) -> Path | None:
    """Write `text` as UTF-8 and return the file; to standard output where `destination` is None.

    The file appears only when it is complete. Raises DeliveryError.
    """
    data = without_secrets(text).encode("utf-8", "replace")
    if destination is None:
        sys.stdout.write(data.decode("utf-8"))
        return None
    beside = destination.with_name(f".{destination.name}.{os.getpid()}")
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(data)
        beside.replace(destination)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise DeliveryError(
            f"the report could not be written: {error.strerror or error}",
            where=str(destination),
            hint="Choose another place with --output, or make room and check the rights of the folder.",
        ) from error
    return destination
