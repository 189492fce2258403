"""Recomputes what the store must hold, and names what does not match (design §4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa

from itsm_bridge.errors import StoreDamaged
from itsm_bridge.notes import NOTE
from itsm_bridge.store.damage import damaged_table
from itsm_bridge.store.hashing import content_hash
from itsm_bridge.store.manifests import ASSESSMENT, SNAPSHOT, Manifest
from itsm_bridge.store.store import Store

Expected = Mapping[tuple[str, int, str], Mapping[str, Any]]


@dataclass(slots=True)
class VerifyReport:
    """What was recomputed, what does not match, and the hash of the chain's last manifest."""

    manifests: int = 0
    tables: int = 0
    rows: int = 0
    unpublished: int = 0
    head: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def is_intact(self) -> bool:
        """True when everything matches."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class _Found:
    """What a log holds of one snapshot or assessment; `number` is None where a row names none."""

    number: int | None
    digest: str
    rows: int
    altered: int


def verify(store: Store) -> VerifyReport:
    """Verify the chain, the texts it names, and every row of every published snapshot and assessment."""
    try:
        problems, manifests = store.chain.verified()
    except StoreDamaged as error:
        return VerifyReport(problems=[str(error)])
    report = VerifyReport(manifests=len(manifests), head=manifests[-1].hash if manifests else "", problems=problems)
    try:
        report.problems += store.contents.problems(dict(_texts(manifests)))
    except StoreDamaged as error:
        report.problems.append(str(error))
    expected: Expected = {
        (manifest.kind, manifest.number, name): about
        for manifest in manifests
        for name, about in manifest.body.get("tables", {}).items()
    }
    for name in sorted(set(store.log_names()) | {table for _, _, table in expected}):
        _verify_log(store, name, manifests, expected, report)
    if not manifests and not problems:
        _without_manifests(store, report)
    return report


def _without_manifests(store: Store, report: VerifyReport) -> None:
    """Nothing was ever published, or the manifests are lost: an unfinished first run left its note."""
    if report.unpublished and not (store.state_folder / NOTE).exists():
        report.problems.append(
            f"the manifests are missing, while {report.tables} tables hold {report.unpublished:,} rows: "
            "put the folder `manifests` back from a backup"
        )


def _texts(manifests: Sequence[Manifest]) -> Iterator[tuple[str, str]]:
    for manifest in manifests:
        named = [
            (f"mapping of {source}", about["mapping"]) for source, about in manifest.body.get("sources", {}).items()
        ]
        for place, digests in (*named, ("", manifest.body.get("contents", {}))):
            for name, digest in digests.items():
                yield digest, f"{place} {name} in {manifest.kind} {manifest.number}".strip()


def _verify_log(
    store: Store, name: str, manifests: Sequence[Manifest], expected: Expected, report: VerifyReport
) -> None:
    kind = ASSESSMENT if name.startswith("assessment/") else SNAPSHOT
    published = {manifest.number for manifest in manifests if manifest.kind == kind}
    report.tables += 1
    try:
        found = {item.number: item for item in _digests(store, name)}
    except StoreDamaged as error:
        report.problems.append(f"{name}: {error.message} ({error.where})")
        return
    for number in sorted(published | {n for n in found if n is not None}):
        item = found.get(number, _Found(number, "", 0, 0))
        if number > max(published, default=0):
            report.unpublished += item.rows
            continue
        report.rows += item.rows
        about = expected.get((kind, number, name), {"digest": "", "rows": 0})
        place = f"{name} as of {kind} {number}"
        if item.rows != about["rows"]:
            report.problems.append(f"{place}: holds {item.rows} rows, its manifest says {about['rows']}")
        elif item.rows and item.digest != about["digest"]:
            report.problems.append(f"{place}: the digest of its rows does not match")
        if item.altered:
            report.problems.append(f"{place}: {item.altered} rows do not match their hash")
    if None in found:
        report.problems.append(f"{name}: {found[None].rows} rows belong to no {kind}")


def _digests(store: Store, name: str) -> list[_Found]:
    log = store.log(name)
    if not log.exists:
        return []
    cursor = store.scratch()
    dataset = log.dataset()
    cursor.register("log", dataset)
    is_altered = "FALSE" if log.is_derived else f"_hash IS DISTINCT FROM {content_hash(dataset.schema)}"
    try:
        numbers = cursor.execute(
            f"SELECT _snapshot, count(*), count(*) FILTER (WHERE {is_altered}) FROM log GROUP BY _snapshot"
        ).fetchall()
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise damaged_table(log.location, error) from error
    return [_Found(n, "" if n is None else log.digest(n)[0], rows, altered) for n, rows, altered in numbers]
