"""What a mapping does, in words: its rules, what the data holds that it does not know, one record's way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from itsm_bridge.mapping.rules import ColumnRule, SourceMapping, StreamRule
from itsm_bridge.schema import Table, tool_tables
from itsm_bridge.store.log import Log, fetch
from itsm_bridge.store.manifests import Manifest
from itsm_bridge.store.store import Store, new_connection


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule: a stream's canonical table and column, and how it is filled."""

    stream: str
    table: str
    column: str
    rule: str
    place: str


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A value of the tool that the mapping does not know, and on how many records it stands."""

    source: str
    column: str
    value: str
    records: int


@dataclass(frozen=True, slots=True)
class Step:
    """One column of a record: its value, the rule, and the raw fields that the rule read, as they are kept."""

    table: str
    column: str
    value: Any
    rule: str
    raw: dict[str, Any]


def in_words(rule: ColumnRule) -> str:
    """Return a rule as a person would say it."""
    if rule.either:
        return ", else ".join(in_words(one) for one in rule.either)
    if rule.constant is not None:
        return f"always {rule.constant!r}" + _conditions_in_words(rule)
    text = f"first of {', '.join(rule.first)}" if rule.first else f"field {rule.field}"
    if rule.join:
        text = f"{' / '.join(rule.join)} together"
    if rule.lookup:
        which = "".join(f", the {'first' if rule.lookup.first_by else 'last'} by {name}" for name in rule.lookup.order)
        text += f", looked up in {rule.lookup.stream} ({rule.lookup.match} → {rule.lookup.value}{which})"
    parts = (
        (rule.pattern, f", the group in {rule.pattern}"),
        (rule.values, f" by the values of [{rule.values}]"),
        (rule.switch, f", its kind by [switch.{rule.switch}]"),
        (rule.measure, f", its {rule.measure}"),
        (rule.suffix, f", with {rule.suffix!r} behind it"),
        (rule.present, ", whether it is not empty"),
    )
    sure = "" if rule.confidence is None else f" ({rule.confidence:.0%} sure)"
    return text + "".join(words for given, words in parts if given) + _conditions_in_words(rule) + sure


def _conditions_in_words(rule: ColumnRule) -> str:
    met = []
    for name, wanted in rule.conditions.items():
        values = "empty" if wanted.values is None else " or ".join(wanted.values)
        met.append(f"{name} is {'not ' * ((wanted.values is None) != wanted.is_negated)}{values}")
    return f", where {' and '.join(met)}" if met else ""


def rule_lines(mapping: SourceMapping, stream: str | None = None) -> Iterator[RuleLine]:
    """Yield every rule of a mapping, or of one of its streams."""
    for name, rule in sorted(mapping.streams.items()):
        if stream is None or name == stream:
            for part, column, column_rule in rule.rules:
                table, place = (part.table.name, part.place) if part else ("fields", rule.place)
                yield RuleLine(name, table, column, in_words(column_rule), place)


def unmapped_values(store: Store, snapshot: Manifest, mappings: Mapping[str, SourceMapping]) -> list[Unmapped]:
    """Return the values of these sources that stand in the store unmapped, the most frequent first."""
    found = [
        item
        for table in tool_tables().values()
        for item in _unmapped(store, snapshot.number, table)
        if item.source in mappings and item.value not in _known(mappings[item.source], item.column)
    ]
    return sorted(found, key=lambda item: (-item.records, item.source, item.column, item.value))


def _known(mapping: SourceMapping, column: str) -> set[str]:
    """Values that mean nothing of ours are known all the same, and their column is empty."""
    table, _, name = column.partition(".")
    maps = {
        used
        for stream in mapping.streams.values()
        for rule in stream.tables
        if rule.table.name == table and name in rule.columns
        for used in _maps(mapping, stream, rule.columns[name])
    }
    return {str(value) for name in maps for value in (*mapping.values[name].labels, *mapping.values[name].codes)}


def _maps(mapping: SourceMapping, stream: StreamRule, rule: ColumnRule) -> Iterator[str]:
    """Yield the value maps that a rule uses, itself or by fields that are worked out."""
    for leaf in rule.leaves:
        cases = mapping.switches[leaf.switch].cases.values() if leaf.switch else ()
        yield from (used for used in (leaf.values, *cases) if used in mapping.values)
        for name in leaf.fields:
            if name in stream.fields:
                yield from _maps(mapping, stream, stream.fields[name])


def _unmapped(store: Store, number: int, table: Table) -> Iterator[Unmapped]:
    log = store.canonical_log(table.name)
    pairs = [(name, f"source_{name}") for name in table.names if f"source_{name}" in table.names]
    if not log.exists or not pairs:
        return
    held = store.current(log, number, [name for pair in pairs for name in pair] + ["source_id", "_unmapped"])
    connection = new_connection()
    connection.register("held", held)
    for name, source_name in pairs:
        rows = fetch(
            connection,
            f"SELECT source_id, {source_name} AS value, count(*) AS records FROM held WHERE {source_name} IS NOT NULL "
            f"AND (CAST({name} AS VARCHAR) = 'unknown' OR {name} IS NULL AND _unmapped > 0) GROUP BY ALL",
        ).to_pylist()
        for row in rows:
            yield Unmapped(row["source_id"], f"{table.name}.{name}", row["value"], row["records"])


def find_record(store: Store, snapshot: Manifest, key: str) -> list[dict[str, Any]]:
    """Return the work items whose number, native key or id is `key`, with the stream and row they came from."""
    log = store.canonical_log("work_item")
    if not log.exists:
        return []
    wanted = [name for name in ("work_item_id", "source_key", "number") if name in log.columns]
    rows = _rows(log, snapshot.number, log.columns, " OR ".join(f'"{name}" = $key' for name in wanted), key)
    return [row for row in rows if row["_stream"]]


def explain(store: Store, snapshot: Manifest, mapping: SourceMapping, record: dict[str, Any]) -> list[Step]:
    """Return, column by column, how a record of `find_record` came to its values, in all tables that its row feeds."""
    source, _, stream = str(record["_stream"]).partition("/")
    raw = _rows(store.source_log(source, stream), snapshot.number, None, "_key = $key", record["_origin"])
    fields = raw[0] if raw else {}
    steps: list[Step] = []
    stream_rule = mapping.streams[stream]
    for rule in stream_rule.tables:
        for row in _projected(store, snapshot.number, rule.table, record):
            for column, column_rule in rule.columns.items():
                read = {name: fields.get(name) for name in stream_rule.raw(column_rule.reads)}
                made = [name for name in column_rule.reads if name in stream_rule.fields]
                words = [in_words(column_rule), *(f"{name}: {in_words(stream_rule.fields[name])}" for name in made)]
                steps.append(Step(rule.table.name, column, _value(row, column), "; ".join(words), read))
    return steps


def _projected(store: Store, number: int, table: Table, record: dict[str, Any]) -> list[dict[str, Any]]:
    if table.name == "work_item":
        return [record]
    log = store.canonical_log(table.name)
    if not log.exists:
        return []
    rows = _rows(log, number, log.columns, "_origin = $key", record["_origin"])
    return [row for row in rows if row["_stream"] == record["_stream"]]


def _value(row: dict[str, Any], column: str) -> Any:
    if column in row:
        return row[column]
    length = row.get(f"{column}_length")
    return None if length is None else f"{length} characters"


def _rows(log: Log, number: int, columns: Sequence[str] | None, where: str, key: str) -> list[dict[str, Any]]:
    connection = new_connection()
    connection.register("versions", log.dataset())
    sql = f"SELECT * FROM ({log.current_sql('versions', number, columns)}) WHERE {where}"
    table: pa.Table = connection.sql(sql, params={"key": key}).to_arrow_table()
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows
