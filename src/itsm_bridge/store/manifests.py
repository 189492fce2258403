"""The chain of manifests: one row per snapshot, assessment or other act, each with the hash of the one before.

A manifest is published by one atomic append; nothing that it names is visible before (design §4).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from hashlib import sha256
from typing import Any

import pyarrow as pa

from itsm_bridge.errors import StoreDamaged, UsageError
from itsm_bridge.store.log import Log, as_json

SNAPSHOT, ASSESSMENT = "snapshot", "assessment"
GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Manifest:
    """One published act: its place in the chain, its kind and number, when, its body, its hash."""

    sequence: int
    kind: str
    number: int
    at: datetime
    body: Mapping[str, Any]
    previous: str
    hash: str


def manifest_hash(sequence: int, kind: str, number: int, at: str, body: str, previous: str) -> str:
    """Return the hash that a manifest must have."""
    return sha256("\n".join((str(sequence), kind, str(number), at, body, previous)).encode()).hexdigest()


class Chain:
    """All manifests of a store, oldest first."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def rows(self) -> list[dict[str, Any]]:
        """Return the stored rows in order, unverified."""
        self._log.refresh()
        if not self._log.exists:
            return []
        rows: list[dict[str, Any]] = self._log.rows().to_pylist()
        return sorted(rows, key=lambda row: row["sequence"])

    def manifests(self) -> list[Manifest]:
        """Return all manifests; raises StoreDamaged where a hash or the chain does not match."""
        problems, found = self.verified()
        if problems:
            raise StoreDamaged(problems[0], where=self._log.location, hint="Run `itsm-bridge verify` for all of it.")
        return found

    def verified(self) -> tuple[list[str], list[Manifest]]:
        """Return what does not match, and the manifests."""
        problems: list[str] = []
        found: list[Manifest] = []
        previous = GENESIS
        for expected, row in enumerate(self.rows(), start=1):
            name = f"manifest {row['sequence']} ({row['kind']} {row['number']})"
            if row["sequence"] != expected:
                problems.append(f"{name}: manifest {expected} is missing or doubled")
            if row["previous"] != previous:
                problems.append(f"{name}: does not follow the manifest before it")
            fields = (row["sequence"], row["kind"], row["number"], row["at"], row["body"], row["previous"])
            if manifest_hash(*fields) != row["hash"]:
                problems.append(f"{name}: its contents do not match its hash")
            previous = row["hash"]
            try:
                at, body = datetime.fromisoformat(row["at"]), json.loads(row["body"])
            except ValueError:
                continue  # what cannot be read does not match its hash either
            found.append(Manifest(row["sequence"], row["kind"], row["number"], at, body, row["previous"], row["hash"]))
        return problems, found

    def publish(self, kind: str, number: int, body: Mapping[str, Any]) -> Manifest:
        """Append one manifest; everything that it names is visible from here on."""
        last = self.manifests()[-1:]
        sequence, previous = (last[0].sequence + 1, last[0].hash) if last else (1, GENESIS)
        at = datetime.now(UTC).isoformat(timespec="microseconds")
        text = as_json(body)
        digest = manifest_hash(sequence, kind, number, at, text, previous)
        row = {"sequence": sequence, "kind": kind, "number": number, "at": at, "body": text, "previous": previous}
        self._log.append(pa.Table.from_pylist([{**row, "hash": digest}]))
        return Manifest(sequence, kind, number, datetime.fromisoformat(at), json.loads(text), previous, digest)


def last_by(manifests: Sequence[Manifest], as_of: str | date | datetime | None, kind: str) -> Manifest | None:
    """Return the last manifest published at or before `as_of` (a day counts to its end, in UTC); the last when None.

    Raises UsageError when there was none yet, or `as_of` is no instant.
    """
    if as_of is None or not manifests:
        return manifests[-1] if manifests else None
    instant = _end_of(as_of)
    found = [manifest for manifest in manifests if manifest.at <= instant]
    if not found:
        raise UsageError(
            f"there was no {kind} yet on {as_of}", hint=f"The first is of {manifests[0].at:%Y-%m-%d %H:%M} UTC."
        )
    return found[-1]


def _end_of(as_of: str | date | datetime) -> datetime:
    try:
        given = datetime.fromisoformat(as_of) if isinstance(as_of, str) else as_of
    except ValueError as error:
        raise UsageError(f"{as_of!r} is no day or time", hint="Write 2026-01-31 or 2026-01-31T08:00.") from error
    if not isinstance(given, datetime) or (isinstance(as_of, str) and len(as_of) == len("2026-01-31")):
        return datetime.combine(given, time.max, UTC)
    return given if given.tzinfo else given.replace(tzinfo=UTC)
