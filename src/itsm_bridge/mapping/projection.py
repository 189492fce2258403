"""From source table to canonical table: each table rule compiled into one SQL projection (design §4, §6).

A projection is a set-wise SELECT over the current rows of a source table. Its text is its identity:
when a mapping, an overlay or an instance's own labels change it, the whole stream is projected again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from itsm_bridge.mapping.alternatives import LOST, NOTHING, TEXT, Alternative, by_values, chosen, confidence, is_lost
from itsm_bridge.mapping.rules import ColumnRule, SourceMapping, StreamRule, TableRule
from itsm_bridge.mapping.source_row import Columns, LookedUp, SourceRow
from itsm_bridge.mapping.tool import Formats
from itsm_bridge.mapping.values import EffectiveValues
from itsm_bridge.privacy import MEASURE_PARTS
from itsm_bridge.schema import Column, Table
from itsm_bridge.schema.model import FLAG, INSTANT, INTEGER, REAL
from itsm_bridge.sql import named, quoted


@dataclass(frozen=True, slots=True)
class Projection:
    """One compiled table rule.

    `select` reads the tables `source_rows` and `lookup_0`, `lookup_1` … and yields the canonical columns that are
    `filled` by any rule, `_key`, `_origin` (the key of the source row) and `_unmapped` (a count of values met but not
    known). Where it `is_distinct`, several source rows may make the same row.
    """

    stream: str
    number: int
    table: Table
    filled: frozenset[str]
    select: str
    lookups: tuple[LookedUp, ...]
    is_distinct: bool

    @property
    def name(self) -> str:
        """Identity of the projection within a source."""
        return f"{self.stream}#{self.number}"

    @property
    def digest(self) -> str:
        """Hash of the projection's text, and of the texts of what it looks up."""
        texts = (self.select, *(repr(looked_up) for looked_up in self.lookups))
        return sha256("".join(texts).encode()).hexdigest()[:16]


def compile_projections(
    source_id: str,
    mapping: SourceMapping,
    rule: StreamRule,
    values: EffectiveValues,
    link: str | None,
    columns: Columns,
) -> list[Projection]:
    """Compile every table rule of a stream; `columns` tells which columns a source table has."""
    return [
        _Compiler(source_id, mapping, part, values, link, SourceRow(mapping, rule, values, columns)).compile(
            rule.stream, number
        )
        for number, part in enumerate(rule.tables)
    ]


class _Compiler:
    def __init__(
        self, source_id: str, mapping: SourceMapping, rule: TableRule, values: EffectiveValues,
        link: str | None, row: SourceRow,
    ) -> None:  # fmt: skip
        self._source_id = source_id
        self._mapping = mapping
        self._formats: Formats = mapping.tool.formats
        self._rule = rule
        self._values = values
        self._link = link
        self._row = row
        self._unmapped: list[str] = []
        self._enumerated: dict[str, None] = {}
        self._confidences: list[str] = []

    def compile(self, stream: str, number: int) -> Projection:
        table = self._rule.table
        columns = {column.name: NOTHING for column in table.columns}
        columns["source_id"] = quoted(self._source_id)
        for name, spec in self._rule.columns.items():
            if spec.field is not None and spec.is_canonical and not self._row.has(spec.field):
                continue
            if name in table.texts:
                if any(map(self._row.has, spec.fields)):
                    columns |= self._text(name, spec)
            else:
                column = table.column(name)
                columns[name] = self._expression(column, spec)
                self._companion(columns, name, spec)
        place = "number" if "{number}" in (self._link or "") else "key"
        shown = self._rule.columns.get(place if place == "number" else "source_key")
        if self._link and "url" in columns and shown is not None:
            before, _, after = self._link.partition(f"{{{place}}}")
            key = self._row.raw(shown)
            columns["url"] = f"{quoted(before)} || url_encode({key}) || {quoted(after)}"
        sure = [*self._confidences, *self._row.confidences]
        if sure and "mapping_confidence" in columns and "mapping_confidence" not in self._rule.columns:
            columns["mapping_confidence"] = f"least({', '.join(sure)})"
        filled = frozenset(c.name for c in table.columns if columns[c.name] != NOTHING or not c.nullable)
        select = self._select(table, {name: sql for name, sql in columns.items() if name in filled})
        return Projection(stream, number, table, filled, select, self._row.lookups, self._rule.is_distinct)

    def _select(self, table: Table, columns: Mapping[str, str]) -> str:
        kinds = {c.name: _sql_type(c) for c in table.columns}
        parts = [f"CAST({sql} AS {kinds[name]}) AS {named(name)}" for name, sql in columns.items()]
        unmapped = " + ".join(self._unmapped) or "0"
        unknown = "".join(
            f" + coalesce(({named(name)} = 'unknown')::INTEGER, 0)" for name in self._enumerated if name in columns
        )
        conditions = [self._row.condition(name, wanted) for name, wanted in self._rule.where.items()]
        key = " || '/' || ".join(f"CAST({columns[name]} AS VARCHAR)" for name in table.key)
        inner = (
            f"SELECT {key} AS _key, s._key AS _origin, {unmapped} AS _unmapped_numbers,\n  "
            + ",\n  ".join(parts)
            + f"\nFROM {self._row.rows()}"
            + (f"\nWHERE {' AND '.join(conditions)}" if conditions else "")
        )
        sure = {name for name, spec in self._rule.columns.items() if spec.is_never_empty}
        required = [f"{named(c.name)} IS NOT NULL" for c in table.columns if not c.nullable and c.name not in sure]
        outer = f"SELECT * EXCLUDE (_unmapped_numbers), _unmapped_numbers{unknown} AS _unmapped"
        select = f"{outer} FROM (\n{inner}\n) WHERE _key IS NOT NULL AND {' AND '.join(required)}"
        distinct = f"SELECT DISTINCT ON (_key) * FROM ({select}) ORDER BY _key, _origin"
        return distinct if self._rule.is_distinct else select

    def _expression(self, column: Column, spec: ColumnRule, *, is_strict: bool = False) -> str:
        if spec.either:
            return self._either(column, spec.leaves)
        raw = self._row.raw(spec, is_strict=is_strict)
        if spec.switch is not None and column.name.startswith("source_"):
            return self._words(spec, raw)
        if spec.present:
            return f"({raw} IS NOT NULL)"
        if spec.measure is not None:
            return _measured(spec.measure, self._text_source(spec))
        if spec.switch is not None:
            self._enumerated[column.name] = None
            return self._switched(spec, raw)
        if column.references or column.name == self._rule.table.key[0]:
            table = column.references or self._rule.table.name
            made = self._identified(table, raw, spec.suffix)
            return (
                f"CASE WHEN contains({raw}, {quoted(f':{table}:')}) THEN {raw} ELSE {made} END"
                if spec.is_canonical
                else made
            )
        if spec.values is not None:
            mapped = self._values.expression(spec.values, raw)
            if not column.values and (kind := _sql_type(column)) != TEXT:
                found = Alternative(by_values(spec.values, raw, self._values), is_mapped=True)
                self._unmapped.append(f"coalesce(({is_lost([found])})::INTEGER, 0)")
                return found.given(kind)
            fallback = "'unknown'" if "unknown" in column.values else "NULL"
            if "unknown" in column.values:
                self._enumerated[column.name] = None
            else:
                self._unmapped.append(f"({raw} IS NOT NULL AND ({mapped}) IS NULL)::INTEGER")
            known = f"CASE WHEN {raw} IS NULL THEN NULL ELSE coalesce({mapped}, {fallback}) END"
            return f"nullif({known}, '')" if column.values else known
        typed = self._typed(column, raw)
        if "unknown" in column.values and self._row.is_made(spec.field or ""):
            self._enumerated[column.name] = None
        if column.values and spec.constant is None:
            self._unmapped.append(f"coalesce({raw} NOT IN ({_listed(column.values)}), FALSE)::INTEGER")
        elif typed != raw and not column.values:
            self._unmapped.append(f"({raw} IS NOT NULL AND {typed} IS NULL)::INTEGER")
        return typed

    def _either(self, column: Column, leaves: Sequence[ColumnRule]) -> str:
        kind = _sql_type(column)
        found = [self._alternative(column, leaf, is_strict=leaf is not leaves[-1]) for leaf in leaves]
        if any(one.confidence is not None for one in found):
            self._confidences.append(confidence(found, kind))
        if "unknown" in column.values or any(leaf.switch for leaf in leaves):
            self._enumerated[column.name] = None
            return chosen(found, "unknown")
        value = chosen(found, "", kind)
        if lost := is_lost(found):
            self._unmapped.append(f"coalesce((({value}) IS NULL AND ({lost}))::INTEGER, 0)")
        return value

    def _alternative(self, column: Column, leaf: ColumnRule, *, is_strict: bool) -> Alternative:
        is_plain = leaf.present or leaf.measure is not None or column.name.startswith("source_")
        if is_plain or (leaf.values is None and leaf.switch is None):
            return Alternative(self._expression(column, leaf, is_strict=is_strict), False, leaf.confidence)
        return Alternative(self._row.apart(lambda: self._mapped(leaf, is_strict=is_strict)), True, leaf.confidence)

    def _mapped(self, leaf: ColumnRule, *, is_strict: bool) -> str:
        if leaf.values is not None and self._values.is_silent(leaf.values):
            return NOTHING
        raw = self._row.raw(leaf, is_strict=is_strict)
        if raw == NOTHING:
            return raw
        if leaf.values is not None:
            return by_values(leaf.values, raw, self._values)
        return self._row.case(leaf.switch or "", lambda case: self._case_value(case, raw, LOST))

    def _typed(self, column: Column, raw: str) -> str:
        if column.type == INSTANT:
            return self._instant(raw)
        if column.unit == "seconds" and self._formats.duration == "since_1970":
            return f"CAST(epoch(TRY_CAST({raw} AS TIMESTAMP)) AS BIGINT)"
        if column.type == INTEGER:
            return f"TRY_CAST({raw} AS BIGINT)"
        if column.type == REAL:
            return f"TRY_CAST({raw} AS DOUBLE)"
        if column.type == FLAG:
            true, false = _listed(self._formats.true), _listed(self._formats.false)
            return f"CASE WHEN lower({raw}) IN ({true}) THEN TRUE WHEN lower({raw}) IN ({false}) THEN FALSE END"
        if column.values:
            fallback = "'unknown'" if "unknown" in column.values else "NULL"
            return f"CASE WHEN {raw} IS NULL OR {raw} IN ({_listed(column.values)}) THEN {raw} ELSE {fallback} END"
        return raw

    def _instant(self, raw: str) -> str:
        if self._formats.instant == "iso":
            return f"CAST(TRY_CAST({raw} AS TIMESTAMPTZ) AS TIMESTAMP)"
        return f"TRY_CAST({raw} AS TIMESTAMP)"

    def _identified(self, table: str, raw: str, suffix: str = "") -> str:
        end = f" || {quoted(suffix)}" if suffix else ""
        return f"{quoted(f'{self._source_id}:{table}:')} || {raw}{end}"

    def _companion(self, columns: dict[str, str], name: str, spec: ColumnRule) -> None:
        companion = f"source_{name}"
        if companion not in columns or companion in self._rule.columns:
            return
        spec = spec.either[0] if spec.either else spec
        raw = self._row.raw(spec)
        if spec.switch is not None:
            columns[companion] = self._words(spec, raw)
        elif spec.values is not None:
            columns[companion] = self._values.label_expression(spec.values, raw)
        else:
            columns[companion] = raw

    def _text_source(self, spec: ColumnRule) -> str:
        present = [self._row.field(field) for field in spec.fields if self._row.has(field)]
        return f"coalesce({', '.join([*self._row.filled(spec.fields), *present])})" if present else NOTHING

    def _text(self, name: str, spec: ColumnRule) -> dict[str, str]:
        source = self._text_source(spec)
        parts = {part: _measured(part, source) for part in ("raw_length", "length", "hash", "text")}
        return {f"{name}_{part}": sql for part, sql in parts.items()}

    def _words(self, spec: ColumnRule, raw: str) -> str:
        """Return SQL for the tool's own words for a value: texts have none that may be shown."""
        is_text = self._row.case(spec.switch or "", lambda case: "TRUE" if case == "text" else "FALSE")
        return f"CASE WHEN {is_text} THEN NULL ELSE {raw} END"

    def _switched(self, spec: ColumnRule, raw: str) -> str:
        return self._row.case(spec.switch or "", lambda case: self._case_value(case, raw))

    def _case_value(self, case: str, raw: str, unknown: str = "unknown") -> str:
        if case == "text":
            measured = [_measured(part, raw) for part in ("length", "hash")]
            return f"'text:' || {measured[0]} || ':' || {measured[1]}"
        if case.startswith("="):
            return quoted(case.removeprefix("="))
        if case.startswith("id:"):
            return self._identified(case.removeprefix("id:"), raw)
        if case == "instant":
            return f"strftime({self._instant(raw)}, '%Y-%m-%dT%H:%M:%SZ')"
        if case == "raw":
            return raw
        known = self._values.expression(case, raw)
        return f"CASE WHEN {raw} IS NULL THEN NULL ELSE coalesce(CAST({known} AS VARCHAR), {quoted(unknown)}) END"


def _listed(texts: tuple[str, ...]) -> str:
    return ", ".join(map(quoted, texts)) or "NULL"


def _measured(part: str, source: str) -> str:
    start, length = MEASURE_PARTS[part]
    cut = f"substring({source}, {start}" + (f", {length})" if length else ")")
    if part in ("raw_length", "length"):
        return f"CASE WHEN {source} = '' THEN 0 ELSE TRY_CAST({cut} AS BIGINT) END"
    return f"nullif({cut}, '')"


def _sql_type(column: Column) -> str:
    if column.type == INSTANT:
        return "TIMESTAMP"
    if column.type == INTEGER:
        return "BIGINT"
    if column.type == REAL:
        return "DOUBLE"
    return "BOOLEAN" if column.type == FLAG else "VARCHAR"
