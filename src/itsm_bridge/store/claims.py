"""What tools claimed of finished service-level clocks in earlier snapshots, read from the log of row versions.

A version is written when a row comes out differently, and that may be the mapping's doing as well as the tool's. So
each claim says whether the rules, or the software, by which its source was read had changed since the last reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from itsm_bridge.sql import quoted

if TYPE_CHECKING:
    from itsm_bridge.store.manifests import Manifest

CLAIM = "sla_claim"
CLAIMED = ("sla_instance_id", "source_id", "work_item_id", "stage", "stopped_at", "elapsed_seconds", "is_breached",
           "captured_at")  # fmt: skip
"""What a claim has in common with `sla_instance`."""
_FINISHED = ("completed", "cancelled")


def claim_sql(relation: str, listed: str, snapshots: Iterable[Manifest], number: int) -> str:
    """Return SQL for `sla_claim` as of a snapshot, over the stored versions of `sla_instance`.

    `listed` selects the columns of `CLAIMED` from the relation. It is a row per clock and snapshot that brought it.
    """
    values = ", ".join(
        f"({quoted(source)}, {at}, make_timestamp({microseconds}), {remapped}, {later})"
        for source, at, microseconds, remapped, later in readings(snapshots, number, ("sla_instance",))
    )
    values = values or "('', 0, make_timestamp(0), FALSE, 0)"  # no source was read: nothing joins
    return (
        "SELECT t.sla_instance_id, t.source_id, t.work_item_id, t._snapshot AS snapshot, r.seen_at, r.is_remapped, "
        "r.later_snapshots, t.stage, t.stopped_at, t.elapsed_seconds, t.is_breached, t.captured_at "
        f"FROM (SELECT {listed}, _key, _snapshot, _batch, _deleted FROM {relation}) AS t "
        f"JOIN (VALUES {values}) AS r (source_id, snapshot, seen_at, is_remapped, later_snapshots) "
        "ON r.source_id = t.source_id AND r.snapshot = t._snapshot "
        # Rows of one snapshot come in several batches where a run is taken up again: the last one holds.
        f"LEFT JOIN (SELECT _key, _snapshot, max(_batch) AS latest FROM {relation} GROUP BY _key, _snapshot "
        "HAVING count(*) > 1) AS b ON b._key = t._key AND b._snapshot = t._snapshot "
        f"WHERE NOT t._deleted AND (b._key IS NULL OR b.latest = t._batch) "
        f"AND (t.stage IN ({', '.join(map(quoted, _FINISHED))}) OR r.is_remapped)"
    )


def readings(
    snapshots: Iterable[Manifest], number: int, tables: tuple[str, ...]
) -> Iterator[tuple[str, int, int, bool, int]]:
    """Yield source, snapshot, when it was published, whether the rules had changed, and how many readings followed.

    `tables` are those whose rules matter.
    """
    rules: dict[str, Any] = {}
    found: list[tuple[str, int, int, bool]] = []
    for snapshot in snapshots:
        if snapshot.number > number:
            continue
        for source, about in snapshot.body["sources"].items():
            if about.get("included") != snapshot.number:
                continue
            now = _rules(about, snapshot.body, tables)
            is_remapped = source in rules and rules[source] != now
            rules[source] = now
            found.append((source, snapshot.number, int(snapshot.at.timestamp() * 1_000_000), is_remapped))
    counts: dict[str, int] = {}
    for source, *_ in found:
        counts[source] = counts.get(source, 0) + 1
    for source, at, microseconds, is_remapped in found:
        counts[source] -= 1
        yield source, at, microseconds, is_remapped, counts[source]


def _rules(about: Mapping[str, Any], body: Mapping[str, Any], tables: tuple[str, ...]) -> tuple[Any, ...]:
    """Return by what the tables of a source were made: the digests of their projections, and the software."""
    made = {name: digest for name, digest in about["projections"].items() if name.partition(">")[2] in tables}
    return made, body.get("software")
