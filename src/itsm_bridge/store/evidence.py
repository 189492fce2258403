"""What tools showed in earlier snapshots and do not show any more, or show otherwise: read from the logs of versions.

A version may be the doing of the mapping as well as of the tool. So what came in a snapshot before which the rules or
the software had changed is passed over; a record counts as gone only where the tool's own row is gone too, and of an
event only what no mapping looks up: its time, and the values of states and priorities, when ours and the tool's differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from itsm_bridge.schema import TABLES
from itsm_bridge.sql import named, quoted
from itsm_bridge.store.claims import readings
from itsm_bridge.store.log import fetch

if TYPE_CHECKING:
    from itsm_bridge.store.log import Log
    from itsm_bridge.store.manifests import Manifest
    from itsm_bridge.store.store import Store

LOSS, READING = "evidence_loss", "source_reading"

_RECORD = ("source_id", "work_item_id", "number", "opened_at", "closed_at")
_EVENT = ("source_id", "work_item_id", "transition_id", "origin", "at", "field", "old_value", "new_value",
          "source_old_value", "source_new_value")  # fmt: skip
_COMPARED = ("state", "priority")

Relation = Callable[[duckdb.DuckDBPyConnection, str, "Log"], str]


def fill_losses(connection: duckdb.DuckDBPyConnection, store: Store, snapshot: Manifest, relation: Relation) -> None:
    """Fill `source_reading` and `evidence_loss` as of a snapshot; `relation` gives SQL for the rows of a log.

    The table `work_item` is there already.
    """
    read = list(readings(store.snapshots(), snapshot.number, ("work_item", "transition")))
    values = ", ".join(
        f"({quoted(s)}, {n}, make_timestamp({at}), {remapped}, {later})" for s, n, at, remapped, later in read
    )
    if not values:
        return
    names = ", ".join(TABLES[READING].names)
    connection.execute(f"INSERT INTO {READING} ({names}) VALUES {values}").fetchall()
    first = {source: number for source, number, *_ in reversed(read)}
    compared = tuple(sorted({n for source, n, _, is_remapped, _ in read if not is_remapped and n != first[source]}))
    logged = {}
    for name in ("work_item", "transition"):
        log = store.canonical_log(name)
        if not log.exists or not compared:
            continue
        rows = relation(connection, name, log)
        if not log.versions(connection, rows, snapshot.number)[1]:  # else no key has several, and nothing was lost
            logged[name] = _Logged(rows, frozenset(log.columns), snapshot.number, compared)
    if records := logged.get("work_item"):
        _insert(connection, _told(store, fetch(connection, records.gone_sql()).to_pylist(), snapshot.number))
    if events := logged.get("transition"):
        columns = "source_id, work_item_id, evidence_loss_id, kind, lost_at, event_at, field"
        connection.execute(f"INSERT INTO {LOSS} ({columns}) {events.changed_sql()}").fetchall()


@dataclass(frozen=True, slots=True)
class _Logged:
    """The stored versions of a table: SQL for them, its columns, the snapshot to look at, and those to compare."""

    relation: str
    held: frozenset[str]
    number: int
    compared: tuple[int, ...]

    def gone_sql(self) -> str:
        """Return SQL for the records that are gone."""
        return (
            "SELECT v.source_id, v.work_item_id, v.number, epoch_us(v.opened_at) AS opened_at, "
            "epoch_us(v.closed_at) AS closed_at, epoch_us(v.read_at) AS lost_at, v._stream, v._origin "
            f"FROM ({self._followed_sql(_RECORD)}) AS v "
            "WHERE v._deleted AND NOT v.earlier__deleted AND v.next_snapshot IS NULL ORDER BY v.work_item_id"
        )

    def changed_sql(self) -> str:
        """Return SQL for the events that are gone or altered, of records that are still there."""
        differs = " AND ".join(
            f"(v.{old} <> v.earlier_{old} OR v.{new} <> v.earlier_{new})"
            for old, new in (("old_value", "new_value"), ("source_old_value", "source_new_value"))
            if {old, new} <= self.held
        )
        fields = ", ".join(map(quoted, _COMPARED))
        altered = f"""v."at" <> v.earlier_at OR (v.field IN ({fields}) AND {differs or "FALSE"})"""
        return (
            "SELECT v.source_id, v.work_item_id, 'event:' || v.transition_id, "
            "CASE WHEN v._deleted THEN 'event_vanished' ELSE 'event_altered' END, max(v.read_at), "
            "max(make_timestamp(epoch_us(v.earlier_at))), max(v.field) "
            f"FROM ({self._followed_sql(_EVENT)}) AS v JOIN work_item AS i ON i.work_item_id = v.work_item_id "
            "WHERE v.origin = 'native' AND NOT v.earlier__deleted AND "
            f"((v._deleted AND v.next_snapshot IS NULL) OR (NOT v._deleted AND ({altered}))) "
            "GROUP BY ALL ORDER BY ALL"
        )

    def _followed_sql(self, names: Sequence[str]) -> str:
        """Return SQL for the last version of each key in each snapshot that can be compared, with the one before.

        Only keys that have several versions, and one in such a snapshot, are put in order.
        """
        listed = ", ".join(f"t.{named(name)}" if name in self.held else f"NULL AS {named(name)}" for name in names)
        before = ", ".join(f"lag({named(name)}) OVER k AS {named(f'earlier_{name}')}" for name in (*names, "_deleted"))
        fresh = f"SELECT _key FROM {self.relation} WHERE _snapshot IN ({', '.join(map(str, self.compared))})"
        return (
            f"WITH several AS (SELECT _key FROM {self.relation} WHERE _snapshot <= {self.number} AND _key IN ({fresh}) "
            "GROUP BY _key HAVING count(*) > 1), "
            f"version AS (SELECT {listed}, t._key, t._snapshot, t._deleted, t._origin, t._stream "
            f"FROM {self.relation} AS t JOIN several USING (_key) WHERE t._snapshot <= {self.number} "
            "QUALIFY row_number() OVER (PARTITION BY t._key, t._snapshot ORDER BY t._batch DESC) = 1), "
            f"followed AS (SELECT *, {before}, lead(_snapshot) OVER k AS next_snapshot FROM version "
            "WINDOW k AS (PARTITION BY _key ORDER BY _snapshot)) "
            f"SELECT f.*, r.read_at FROM followed AS f JOIN {READING} AS r "
            "ON r.source_id = f.source_id AND r.snapshot = f._snapshot AND NOT r.is_remapped"
        )


def _told(store: Store, gone: Iterable[dict[str, Any]], number: int) -> list[dict[str, Any]]:
    """Leave out records of which the tool still shows a row: a filter, or another type, took them away."""
    by_stream: dict[str, list[dict[str, Any]]] = {}
    for row in gone:
        by_stream.setdefault(row.pop("_stream") or "", []).append(row)
    lost = []
    for name, rows in by_stream.items():
        source, _, stream = name.partition("/")
        log = store.source_log(source, stream)
        shown = _shown(store, log, {str(row["_origin"]) for row in rows}, number) if log.exists else set()
        lost += [row for row in rows if row.pop("_origin") not in shown]
    return lost


def _shown(store: Store, log: Log, keys: set[str], number: int) -> set[str]:
    cursor = store.scratch()
    log.register(cursor, "shown_log")
    cursor.register("asked", pa.table({"_key": pa.array(sorted(keys), pa.string())}))
    rows = "(SELECT * FROM shown_log WHERE _key IN (SELECT _key FROM asked))"
    found = cursor.execute(log.current_sql(rows, number, ["_key"])).fetchall()
    cursor.close()
    return {row[0] for row in found}


def _insert(connection: duckdb.DuckDBPyConnection, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    instants = ("opened_at", "closed_at", "lost_at")
    made = [{**row, "evidence_loss_id": f"record:{row['work_item_id']}", "kind": "record_vanished"} for row in rows]
    cursor = connection.cursor()
    cursor.register("lost_rows", pa.Table.from_pylist(made))
    names = list(made[0])
    told = ", ".join(f"make_timestamp(CAST({n} AS BIGINT))" if n in instants else n for n in names)
    cursor.execute(f"INSERT INTO {LOSS} ({', '.join(names)}) SELECT {told} FROM lost_rows").fetchall()
