"""Brings the canonical tables up to date from the source tables: set-wise, and only what changed (design §4).

What changed is: source rows of newer snapshots, rows whose lookup target changed, or everything of a stream
when its compiled projection differs from the one that made the last snapshot.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from itsm_bridge.mapping.projection import Projection, compile_projections
from itsm_bridge.mapping.rules import Lookup, SourceMapping
from itsm_bridge.mapping.values import EffectiveValues, Label, effective_values
from itsm_bridge.progress import Progress
from itsm_bridge.schema import Table
from itsm_bridge.sql import named, quoted
from itsm_bridge.store.log import Log, fetch
from itsm_bridge.store.store import Store
from itsm_bridge.store.versions import VersionWriter

log = logging.getLogger(__name__)

BATCH_ROWS = 50_000


@dataclass(slots=True)
class Projected:
    """What one source's projections did: digests and unmapped values by target, tables fed by stream."""

    digests: dict[str, str] = field(default_factory=dict)
    feeds: dict[str, list[str]] = field(default_factory=dict)
    unmapped: dict[str, int] = field(default_factory=dict)
    appended: int = 0
    deleted: int = 0

    def unmapped_of(self, stream: str) -> int:
        """Return how many values of a stream the mapping does not know."""
        return sum(count for target, count in self.unmapped.items() if target.partition(">")[0] == stream)


class SourceProjection:
    """Projects the source tables of one source as of `number`; `earlier` is the source's part of the last manifest.

    What is projected already is kept there per source: a run in which a source fails publishes rows of it that
    are not projected.
    """

    def __init__(
        self, store: Store, source: str, mapping: SourceMapping, links: Mapping[str, str | None], *,
        number: int, earlier: Mapping[str, Any],
    ) -> None:  # fmt: skip
        self._store = store
        self._source = source
        self._mapping = mapping
        self._links = links
        self._number = number
        self._included: int = earlier.get("included", 0)
        self._earlier: Mapping[str, str] = earlier.get("projections", {})
        self._earlier_unmapped: Mapping[str, int] = earlier.get("unmapped", {})
        self._since: dict[str, int | None] = {}  # by target: what is projected already; None where nothing is

    def run(self, progress: Progress) -> Projected:
        """Bring every canonical table that this source feeds up to date."""
        result = Projected()
        task = f"{self._source}: to the common schema"
        targets = self.compiled()
        progress.start(task, len(targets))
        for target in set(self._earlier) - set(targets):
            stream, _, table = target.partition(">")
            result.deleted += self._retire(stream, table)
        for target, projections in targets.items():
            stream, _, table = target.partition(">")
            result.digests[target] = sha256("".join(p.digest for p in projections).encode()).hexdigest()[:16]
            result.feeds.setdefault(stream, []).append(table)
            self._since[target] = self._included if self._earlier.get(target) == result.digests[target] else None
        for target, projections in targets.items():
            result.unmapped[target] = self._project(target, projections, result)
            progress.advance(task)
        progress.done(task)
        return result

    def compiled(self) -> dict[str, list[Projection]]:
        """Return the projections by `stream>table`, as the mapping and the instance's own labels make them."""
        values = self.values()
        targets: dict[str, list[Projection]] = defaultdict(list)
        for rule in self._mapping.streams.values():
            source = self._store.source_log(self._source, rule.stream)
            if not source.exists:
                continue
            link = self._links.get(rule.stream)
            for projection in compile_projections(self._source, self._mapping, rule, values, link, source.columns):
                targets[f"{rule.stream}>{projection.table.name}"].append(projection)
        return dict(targets)

    def values(self) -> EffectiveValues:
        """Return the value maps as the instance's own labels make them."""
        choices = self._mapping.tool.choices
        rows: list[Label] = []
        if choices is not None:
            source = self._store.source_log(self._source, choices.stream)
            names = [choices.table, choices.element, choices.code, choices.label]
            language = choices.language.field if choices.language else choices.code
            if source.exists and {*names, language} <= set(source.columns):
                found = self._store.current(source, self._number, list(dict.fromkeys((*names, language)))).to_pydict()
                columns = [found[name] for name in (*names, language)]
                rows = [(*row[:4], row[4] or "") for row in zip(*columns, strict=True) if None not in row[:4]]
        return effective_values(self._mapping, rows)

    def _project(self, target_name: str, projections: Sequence[Projection], result: Projected) -> int:
        stream, table = projections[0].stream, projections[0].table
        source = self._store.source_log(self._source, stream)
        target = self._store.canonical_log(table.name)
        had_rows = target.exists
        connection = self._store.scratch()
        if target_name in self._earlier_unmapped and not self._may_differ(target_name, projections):
            return self._earlier_unmapped[target_name]
        changed = None if self._since[target_name] is None else self._changed(connection, source, projections)
        if changed is not None and not changed.num_rows:
            return self._unmapped(target, stream)
        selects = [self._bound(p, source, changed is not None) for p in projections]
        union = " UNION ALL BY NAME ".join(selects)
        writer = VersionWriter(target, connection, self._number)
        columns = ", ".join(f'"{name}"' for name in table.names)
        stamped = f"SELECT _key, _origin, {self._stream(stream)} AS _stream, _unmapped, {columns} FROM ({union})"
        reader = connection.cursor()
        self._register(reader, source, projections, changed)
        unmapped = 0
        for batch in reader.sql(stamped).to_arrow_reader(BATCH_ROWS):
            unmapped += pc.sum(batch["_unmapped"]).as_py() or 0
            writer.add(pa.Table.from_batches([batch]).cast(_target_schema(table)))
        writer.flush()
        if had_rows:
            cursor = connection.cursor()
            self._register(cursor, source, projections, changed)
            writer.delete(self._stale(cursor, union, stream, target, changed is not None))
        written = writer.close()
        result.appended += written.appended
        result.deleted += written.deleted
        return int(unmapped) if changed is None else self._unmapped(target, stream)

    def _may_differ(self, target_name: str, projections: Sequence[Projection]) -> bool:
        """Tell without reading rows whether anything that a target is made of may have changed."""
        if self._since[target_name] is None:
            return True
        table = projections[0].table.name
        feeders = {target.partition(">")[0] for target in self._since if target.endswith(f">{table}")}
        is_made_anew = any(since is None for target, since in self._since.items() if target.endswith(f">{table}"))
        looked_up = {lookup.stream for lookup in _lookups(projections)}
        logs = (self._store.source_log(self._source, stream) for stream in feeders | looked_up)
        return is_made_anew or any(log.has_rows_since(self._included) for log in logs)

    def _stream(self, stream: str) -> str:
        return quoted(f"{self._source}/{stream}")

    def _register(
        self,
        cursor: duckdb.DuckDBPyConnection,
        source: Log,
        projections: Sequence[Projection],
        changed: pa.Table | None,
    ) -> None:
        source.register(cursor, "source_log")
        if changed is not None:
            cursor.register("changed_key", changed)
        for lookup in _lookups(projections):
            looked_up = self._store.source_log(self._source, lookup.stream)
            if _can_be_looked_up(looked_up, lookup):
                looked_up.register(cursor, _lookup_name(lookup.stream))

    def _changed(
        self, connection: duckdb.DuckDBPyConnection, source: Log, projections: Sequence[Projection]
    ) -> pa.Table:
        """Return the keys of source rows to project again.

        Beside rows that are new: rows whose lookup would now, or would no longer, find a row that changed; and rows
        whose key another stream that feeds the table has touched, since a record may move between streams.
        """
        cursor = connection.cursor()
        self._register(cursor, source, projections, None)
        parts = [f"SELECT _key FROM source_log WHERE _snapshot > {self._included}"]
        for projection in projections:
            for lookup, field_name in zip(projection.lookups, projection.lookup_fields, strict=True):
                name = named(_lookup_name(lookup.stream))
                if _can_be_looked_up(self._store.source_log(self._source, lookup.stream), lookup):
                    newer = f"SELECT _key FROM {name} WHERE _snapshot > {self._included}"
                    found = f"SELECT {named(lookup.match)} FROM {name} WHERE _key IN ({newer})"
                    parts.append(f"SELECT _key FROM source_log WHERE {named(field_name)} IN ({found})")
        for target, since in self._since.items():
            stream, _, table = target.partition(">")
            if table == projections[0].table.name and stream != projections[0].stream:
                name = f"other_{stream}"
                self._store.source_log(self._source, stream).register(cursor, name)
                touched = f"SELECT _key FROM {named(name)} WHERE _snapshot > {since or 0}"
                parts.append(f"SELECT _key FROM source_log WHERE _key IN ({touched})")
        return fetch(cursor, f"SELECT DISTINCT _key FROM ({' UNION ALL '.join(parts)})")

    def _bound(self, projection: Projection, source: Log, is_partial: bool) -> str:
        current = source.current_sql("source_log", self._number)
        if is_partial:
            current = f"SELECT * FROM ({current}) WHERE _key IN (SELECT _key FROM changed_key)"
        tables = {"source_rows": current}
        for number, lookup in enumerate(projection.lookups):
            looked_up = self._store.source_log(self._source, lookup.stream)
            match, value = named(lookup.match), named(lookup.value)
            rows = f"SELECT NULL::VARCHAR AS {match}, NULL::VARCHAR AS {value} WHERE FALSE"
            if _can_be_looked_up(looked_up, lookup):
                columns = list(dict.fromkeys((lookup.match, lookup.value)))
                rows = looked_up.current_sql(named(_lookup_name(lookup.stream)), self._number, columns)
            tables[f"lookup_{number}"] = f"SELECT {match}, min({value}) AS {value} FROM ({rows}) GROUP BY 1"
        bound = ", ".join(f"{name} AS ({sql})" for name, sql in tables.items())
        return f"(WITH {bound} {projection.select})"

    def _stale(
        self, cursor: duckdb.DuckDBPyConnection, union: str, stream: str, target: Log, is_partial: bool
    ) -> list[str]:
        target.register(cursor, "target_log")
        held = target.current_sql("target_log", self._number, ["_key", "_origin", "_stream"])
        only = "AND c._origin IN (SELECT _key FROM changed_key)" if is_partial else ""
        found = cursor.execute(
            f"SELECT c._key FROM ({held}) c ANTI JOIN (SELECT _key FROM ({union})) n ON n._key = c._key "
            f"WHERE c._stream = {self._stream(stream)} {only}"
        ).fetchall()
        return [row[0] for row in found]

    def _retire(self, stream: str, table: str) -> int:
        target = self._store.canonical_log(table)
        if not target.exists:
            return 0
        cursor = self._store.scratch()
        target.register(cursor, "target_log")
        held = target.current_sql("target_log", self._number, ["_key", "_stream"])
        keys = cursor.execute(f"SELECT _key FROM ({held}) WHERE _stream = {self._stream(stream)}").fetchall()
        return VersionWriter(target, self._store.scratch(), self._number).delete([row[0] for row in keys])

    def _unmapped(self, target: Log, stream: str) -> int:
        if not target.exists:
            return 0
        cursor = self._store.scratch()
        target.register(cursor, "target_log")
        held = target.current_sql("target_log", self._number, ["_unmapped", "_stream"])
        found = cursor.execute(f"SELECT sum(_unmapped) FROM ({held}) WHERE _stream = {self._stream(stream)}").fetchall()
        return int(found[0][0] or 0)


def _lookup_name(stream: str) -> str:
    return f"looked_up_{stream}"


def _lookups(projections: Sequence[Projection]) -> list[Lookup]:
    return [lookup for projection in projections for lookup in projection.lookups]


def _can_be_looked_up(log: Log, lookup: Lookup) -> bool:
    return log.exists and {lookup.match, lookup.value} <= set(log.columns)


def _target_schema(table: Table) -> pa.Schema:
    strings = [pa.field(name, pa.string()) for name in ("_key", "_origin", "_stream")]
    return pa.schema([*strings, pa.field("_unmapped", pa.int64()), *table.arrow])
