"""Brings the canonical tables up to date from the source tables: set-wise, and only what changed (design §4).

What changed is: source rows of newer snapshots, rows whose lookup target changed, or everything of a stream
when its compiled projection differs from the one that made the last snapshot.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import duckdb

from itsm_bridge.canonical import Held, append_changed, marked
from itsm_bridge.mapping.projection import Projection, compile_projections
from itsm_bridge.mapping.rules import SourceMapping
from itsm_bridge.mapping.source_row import LookedUp
from itsm_bridge.mapping.values import EffectiveValues, Label, effective_values
from itsm_bridge.progress import Progress
from itsm_bridge.sql import named, quoted
from itsm_bridge.store.log import Log
from itsm_bridge.store.store import Store
from itsm_bridge.store.versions import VersionWriter

log = logging.getLogger(__name__)

FEW_ROWS = 10_000
"""Rows are made in memory where a stream has fewer; more are made as they are written."""


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
        self._recount: set[str] = set()  # tables whose values that are not mapped must be counted anew

    def run(self, progress: Progress) -> Projected:
        """Bring every canonical table that this source feeds up to date."""
        result = Projected()
        task = f"{self._source}: to the common schema"
        targets = self.compiled()
        progress.start(task, len(targets))
        retired = set(self._earlier) - set(targets)
        for target in retired:
            stream, _, table = target.partition(">")
            result.deleted += self._retire(stream, table)
        bereft = {target.partition(">")[2] for target in retired}  # what they made, another one may make too
        for target, projections in targets.items():
            stream, _, table = target.partition(">")
            result.digests[target] = sha256("".join(p.digest for p in projections).encode()).hexdigest()[:16]
            result.feeds.setdefault(stream, []).append(table)
            is_as_before = self._earlier.get(target) == result.digests[target] and table not in bereft
            is_as_before = is_as_before and not self._has_changed_behind(projections)
            self._since[target] = self._included if is_as_before else None
        for target, projections in targets.items():
            result.unmapped[target] = self._project(target, projections, result)
            progress.advance(task)
        for table in self._recount:
            result.unmapped |= self._unmapped(table, targets)
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
            for projection in compile_projections(self._source, self._mapping, rule, values, link, self._columns):
                targets[f"{rule.stream}>{projection.table.name}"].append(projection)
        return dict(targets)

    def _columns(self, stream: str) -> tuple[str, ...]:
        source = self._store.source_log(self._source, stream)
        return source.columns if source.exists else ()

    def _has_changed_behind(self, projections: Sequence[Projection]) -> bool:
        """Tell whether rows changed in which what is looked up was itself looked up: whom that touches is not told."""
        deeper = {below.stream for lookup in _lookups(projections) for below in _below(lookup) if below.columns}
        return any(self._store.source_log(self._source, stream).has_rows_since(self._included) for stream in deeper)

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
        if target_name in self._earlier_unmapped and not self._may_differ(target_name, projections):
            return self._earlier_unmapped[target_name]
        source, target = self._store.source_log(self._source, stream), self._store.canonical_log(table.name)
        with closing(self._store.scratch()) as cursor:
            self._register(cursor, source, projections)
            is_partial = self._since[target_name] is not None and not any(p.is_distinct for p in projections)
            if is_partial and not self._find_changed(cursor, projections):
                return self._earlier_unmapped.get(target_name, 0)
            rows = self._source_rows(cursor, source, is_partial)
            selects = [
                self._with_lookups(cursor, projection.select, projection.lookups, rows) for projection in projections
            ]
            made = f"SELECT *, {self._stream(stream)} AS _stream FROM ({' UNION ALL BY NAME '.join(selects)})"
            rows_to_append = marked(made, table, frozenset[str]().union(*(each.filled for each in projections)))
            if is_partial or source.rows_stored < FEW_ROWS:  # what costs is to plan them: twice where they are streamed
                cursor.execute(f"CREATE TEMP TABLE made_row AS {rows_to_append}").fetchall()
                rows_to_append = "SELECT * FROM made_row"
            held = self._held(cursor, target, stream, is_partial) if target.exists else None
            # Of its own: rows still come over the cursor while the writer asks its questions.
            writer = VersionWriter(target, self._store.scratch(), self._number)
            unmapped = append_changed(cursor, writer, rows_to_append, table, held)
            if held is not None:
                writer.delete(held.stale_keys())
            written = writer.close()
            result.appended += written.appended
            result.deleted += written.deleted
            if held is not None and held.gives_way:
                self._recount.add(table.name)
            if held is None or not is_partial:
                return unmapped
            return self._earlier_unmapped.get(target_name, 0) + unmapped - held.unmapped

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

    def _register(self, cursor: duckdb.DuckDBPyConnection, source: Log, projections: Sequence[Projection]) -> None:
        source.register(cursor, "source_log")
        direct = _lookups(projections)
        for stream in {lookup.stream for one in direct for lookup in (one, *_below(one)) if lookup.columns}:
            self._store.source_log(self._source, stream).register(cursor, _lookup_name(stream))

    def _find_changed(self, cursor: duckdb.DuckDBPyConnection, projections: Sequence[Projection]) -> int:
        """Put the keys of source rows to project again into `changed_key`; returns how many there are.

        Beside rows that are new: rows whose lookup would now, or would no longer, find a row that changed; and rows
        whose key another stream that feeds the table has touched, since a record may move between streams. These
        are marked as old: their rows lie anywhere, those of the others in the newest files.
        """
        parts = [f"SELECT _key, FALSE AS is_old FROM source_log WHERE _snapshot > {self._included}"]
        for projection in projections:
            for lookup in projection.lookups:
                name = named(_lookup_name(lookup.stream))
                if lookup.columns:
                    newer = f"SELECT _key FROM {name} WHERE _snapshot > {self._included}"
                    found = f"SELECT {lookup.match} FROM {name} s WHERE s._key IN ({newer})"
                    parts.append(f"SELECT s._key, TRUE FROM source_log s WHERE {lookup.joined} IN ({found})")
        for target, since in self._since.items():
            stream, _, table = target.partition(">")
            if table == projections[0].table.name and stream != projections[0].stream:
                other = self._store.source_log(self._source, stream)
                if other.has_rows_since(since or 0):
                    name = f"other_{stream}"
                    other.register(cursor, name)
                    touched = f"SELECT _key FROM {named(name)} WHERE _snapshot > {since or 0}"
                    parts.append(f"SELECT _key, TRUE FROM source_log WHERE _key IN ({touched})")
        cursor.execute(
            "CREATE TEMP TABLE changed_key AS SELECT _key, bool_and(is_old) AS is_old "
            f"FROM ({' UNION ALL '.join(parts)}) GROUP BY _key"
        ).fetchall()
        return int(cursor.execute("SELECT count(*) FROM changed_key").fetchall()[0][0])

    def _source_rows(self, cursor: duckdb.DuckDBPyConnection, source: Log, is_partial: bool) -> str:
        """Return SQL for the source rows to project."""
        if not is_partial:
            _, is_single = source.versions(cursor, "source_log", self._number)
            return source.current_sql("source_log", self._number, is_single=is_single)
        fresh = f"(SELECT * FROM source_log WHERE _snapshot > {self._included})"
        rows = source.current_sql(fresh, self._number)
        if cursor.execute("SELECT count(*) FROM changed_key WHERE is_old").fetchall()[0][0]:
            old = "(SELECT * FROM source_log WHERE _key IN (SELECT _key FROM changed_key WHERE is_old))"
            rows += f" UNION ALL {source.current_sql(old, self._number)}"
        return rows

    def _with_lookups(
        self, cursor: duckdb.DuckDBPyConnection, select: str, lookups: Sequence[LookedUp], rows: str
    ) -> str:
        """Return a projection bound to source rows and to the streams in which it looks up."""
        tables = {"source_rows": rows}
        for number, lookup in enumerate(lookups):
            found = self._looked_up_rows(cursor, lookup) if lookup.columns else "SELECT 1"
            tables[f"lookup_{number}"] = self._with_lookups(cursor, lookup.select, lookup.lookups, found)
        bound = ", ".join(f"{name} AS ({sql})" for name, sql in tables.items())
        return f"(WITH {bound} {select})"

    def _looked_up_rows(self, cursor: duckdb.DuckDBPyConnection, lookup: LookedUp) -> str:
        """Return SQL for the rows of a stream in which is looked up.

        Choosing versions holds all keys in memory, once for each lookup: so it is done only where there are any.
        """
        looked_up, name = self._store.source_log(self._source, lookup.stream), named(_lookup_name(lookup.stream))
        _, is_single = looked_up.versions(cursor, name, self._number)
        return looked_up.current_sql(name, self._number, list(lookup.columns), is_single=is_single)

    def _held(self, cursor: duckdb.DuckDBPyConnection, target: Log, stream: str, is_partial: bool) -> Held:
        """Return what is held of the rows to come; what this stream made of the same source rows is ours."""
        target.register(cursor, "target_log")
        versions, is_ours = "target_log", f"_stream = {self._stream(stream)}"
        is_single = not is_partial and target.versions(cursor, versions, self._number)[1]
        columns = ("_key", "_hash", "_stream", "_origin", "_unmapped")
        if is_partial:
            ours = "_origin IN (SELECT _key FROM changed_key)"
            read = ", ".join((*columns, "_snapshot", "_batch", "_deleted"))
            touched = f"SELECT _key FROM target_log WHERE {ours}"
            versions, is_ours = "touched_version", f"{is_ours} AND {ours}"
            cursor.execute(  # once: versions are asked for twice where they are chosen
                f"CREATE TEMP TABLE {versions} AS SELECT {read} FROM target_log WHERE _key IN ({touched})"
            ).fetchall()
        current = target.current_sql(versions, self._number, columns, is_single=is_single)
        cursor.execute(
            f"CREATE TEMP TABLE held AS SELECT _key, _hash, _unmapped, {is_ours} AS is_ours FROM ({current})"
        ).fetchall()
        return Held(cursor)

    def _retire(self, stream: str, table: str) -> int:
        target = self._store.canonical_log(table)
        if not target.exists:
            return 0
        cursor = self._store.scratch()
        target.register(cursor, "target_log")
        held = target.current_sql("target_log", self._number, ["_key", "_stream"])
        keys = cursor.execute(f"SELECT _key FROM ({held}) WHERE _stream = {self._stream(stream)}").fetchall()
        return VersionWriter(target, self._store.scratch(), self._number).delete([row[0] for row in keys])

    def _unmapped(self, table: str, targets: Iterable[str]) -> dict[str, int]:
        """Return how many values of a table are not mapped, by target that feeds it."""
        log = self._store.canonical_log(table)
        with closing(self._store.scratch()) as cursor:
            log.register(cursor, "target_log")
            held = log.current_sql("target_log", self._number, ["_unmapped", "_stream"])
            rows = cursor.execute(f"SELECT _stream, sum(_unmapped) FROM ({held}) GROUP BY _stream").fetchall()
        found = {str(stream): int(count or 0) for stream, count in rows}
        feeders = [target for target in targets if target.endswith(f">{table}")]
        return {target: found.get(f"{self._source}/{target.partition('>')[0]}", 0) for target in feeders}


def _lookup_name(stream: str) -> str:
    return f"looked_up_{stream}"


def _lookups(projections: Sequence[Projection]) -> list[LookedUp]:
    return [lookup for projection in projections for lookup in projection.lookups]


def _below(lookup: LookedUp) -> Iterator[LookedUp]:
    """Yield the lookups within a lookup."""
    for below in lookup.lookups:
        yield below
        yield from _below(below)
