"""From source table to canonical table: each table rule compiled into one SQL projection (design §4, §6).

A projection is a set-wise SELECT over the current rows of a source table. Its text is its identity:
when a mapping, an overlay or an instance's own labels change it, the whole stream is projected again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from itsm_bridge.mapping.rules import ColumnRule, Condition, Lookup, SourceMapping, StreamRule, TableRule
from itsm_bridge.mapping.tool import Formats
from itsm_bridge.mapping.values import EffectiveValues
from itsm_bridge.privacy import MEASURE_PARTS
from itsm_bridge.schema import Column, Table
from itsm_bridge.schema.model import FLAG, INSTANT, INTEGER, REAL
from itsm_bridge.sql import named, quoted


@dataclass(frozen=True, slots=True)
class Projection:
    """One compiled table rule.

    `select` reads the tables `source_rows` and `lookup_0`, `lookup_1` … and yields every canonical column,
    `_key`, `_origin` (the key of the source row) and `_unmapped` (a count of values met but not known).
    """

    stream: str
    number: int
    table: Table
    select: str
    lookups: tuple[Lookup, ...]
    lookup_fields: tuple[str, ...]

    @property
    def name(self) -> str:
        """Identity of the projection within a source."""
        return f"{self.stream}#{self.number}"

    @property
    def digest(self) -> str:
        """Hash of the projection's text."""
        return sha256(self.select.encode()).hexdigest()[:16]


def compile_projections(
    source_id: str,
    mapping: SourceMapping,
    rule: StreamRule,
    values: EffectiveValues,
    link: str | None,
    fields: tuple[str, ...],
) -> list[Projection]:
    """Compile every table rule of a stream; `fields` are the columns that the source table has."""
    return [
        _Compiler(source_id, mapping, part, values, link, fields).compile(rule.stream, number)
        for number, part in enumerate(rule.tables)
    ]


class _Compiler:
    def __init__(
        self, source_id: str, mapping: SourceMapping, rule: TableRule, values: EffectiveValues,
        link: str | None, fields: tuple[str, ...],
    ) -> None:  # fmt: skip
        self._source_id = source_id
        self._mapping = mapping
        self._formats: Formats = mapping.tool.formats
        self._rule = rule
        self._values = values
        self._link = link
        self._fields = fields
        self._lookups: dict[tuple[Lookup, str], int] = {}
        self._unmapped: list[str] = []
        self._enumerated: list[str] = []

    def compile(self, stream: str, number: int) -> Projection:
        table = self._rule.table
        columns = {column.name: "NULL" for column in table.columns}
        columns["source_id"] = quoted(self._source_id)
        for name, spec in self._rule.columns.items():
            if spec.field is not None and spec.is_canonical and spec.field not in self._fields:
                continue
            if name in table.texts:
                if set(spec.fields) & set(self._fields):
                    columns |= self._text(name, spec)
            else:
                column = table.column(name)
                columns[name] = self._expression(column, spec)
                self._companion(columns, name, spec)
        if self._link and "url" in columns and "source_key" in self._rule.columns:
            before, _, after = self._link.partition("{key}")
            key = self._raw(self._rule.columns["source_key"])
            columns["url"] = f"{quoted(before)} || url_encode({key}) || {quoted(after)}"
        select = self._select(table, columns)
        return Projection(
            stream, number, table, select,
            tuple(lookup for lookup, _ in self._lookups), tuple(field for _, field in self._lookups),
        )  # fmt: skip

    def _select(self, table: Table, columns: Mapping[str, str]) -> str:
        parts = [f"CAST({columns[c.name]} AS {_sql_type(c)}) AS {named(c.name)}" for c in table.columns]
        unmapped = " + ".join(self._unmapped) or "0"
        unknown = "".join(f" + coalesce(({named(name)} = 'unknown')::INTEGER, 0)" for name in self._enumerated)
        joins = "".join(
            f"\nLEFT JOIN lookup_{i} l{i} ON l{i}.{named(lookup.match)} = s.{named(field)} AND s.{named(field)} <> ''"
            for (lookup, field), i in self._lookups.items()
        )
        conditions = [self._condition(name, wanted) for name, wanted in self._rule.where.items()]
        key = " || '/' || ".join(f"CAST({columns[name]} AS VARCHAR)" for name in table.key)
        inner = (
            f"SELECT {key} AS _key, s._key AS _origin, {unmapped} AS _unmapped_numbers,\n  "
            + ",\n  ".join(parts)
            + f"\nFROM source_rows s{joins}"
            + (f"\nWHERE {' AND '.join(conditions)}" if conditions else "")
        )
        required = [f"{named(c.name)} IS NOT NULL" for c in table.columns if not c.nullable]
        outer = f"SELECT * EXCLUDE (_unmapped_numbers), _unmapped_numbers{unknown} AS _unmapped"
        return f"{outer} FROM (\n{inner}\n) WHERE _key IS NOT NULL AND {' AND '.join(required)}"

    def _condition(self, field: str, wanted: Condition) -> str:
        value = f"coalesce(s.{named(field)}, '')"
        if wanted.values is None:
            return f"{value} = ''" if wanted.is_negated else f"{value} <> ''"
        listed = _listed(wanted.values)
        return f"{value} NOT IN ({listed})" if wanted.is_negated else f"{value} IN ({listed})"

    def _raw(self, spec: ColumnRule) -> str:
        if spec.constant is not None:
            return quoted(str(spec.constant).lower() if isinstance(spec.constant, bool) else str(spec.constant))
        known = [f"nullif(s.{named(field)}, '')" for field in spec.fields if field in self._fields]
        if not known:
            return "NULL::VARCHAR"
        raw = known[0] if len(known) == 1 else f"coalesce({', '.join(known)})"
        if spec.pattern:
            raw = f"nullif(regexp_extract({raw}, {quoted(spec.pattern)}, 1), '')"
        if spec.lookup is not None:
            number = self._lookups.setdefault((spec.lookup, spec.fields[0]), len(self._lookups))
            raw = f"coalesce(l{number}.{named(spec.lookup.value)}, {raw})"
        return raw

    def _expression(self, column: Column, spec: ColumnRule) -> str:
        if spec.either:
            return f"coalesce({', '.join(self._expression(column, rule) for rule in spec.either)})"
        raw = self._raw(spec)
        if spec.present:
            return f"({raw} IS NOT NULL)"
        if spec.measure is not None:
            return _measured(spec.measure, self._text_source(spec))
        if spec.switch is not None:
            if column.name not in self._enumerated:
                self._enumerated.append(column.name)
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
            fallback = "'unknown'" if "unknown" in column.values else "NULL"
            if "unknown" in column.values:
                self._enumerated.append(column.name)
            else:
                self._unmapped.append(f"({raw} IS NOT NULL AND ({mapped}) IS NULL)::INTEGER")
            known = f"CASE WHEN {raw} IS NULL THEN NULL ELSE coalesce({mapped}, {fallback}) END"
            return f"nullif({known}, '')" if column.values else known
        typed = self._typed(column, raw)
        if column.values and spec.constant is None:
            self._unmapped.append(f"coalesce({raw} NOT IN ({_listed(column.values)}), FALSE)::INTEGER")
        elif typed != raw and not column.values:
            self._unmapped.append(f"({raw} IS NOT NULL AND {typed} IS NULL)::INTEGER")
        return typed

    def _typed(self, column: Column, raw: str) -> str:
        if column.type == INSTANT:
            if self._formats.instant == "iso":
                return f"CAST(TRY_CAST({raw} AS TIMESTAMPTZ) AS TIMESTAMP)"
            return f"TRY_CAST({raw} AS TIMESTAMP)"
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

    def _identified(self, table: str, raw: str, suffix: str = "") -> str:
        end = f" || {quoted(suffix)}" if suffix else ""
        return f"{quoted(f'{self._source_id}:{table}:')} || {raw}{end}"

    def _companion(self, columns: dict[str, str], name: str, spec: ColumnRule) -> None:
        companion = f"source_{name}"
        if companion not in columns or companion in self._rule.columns:
            return
        spec = spec.either[0] if spec.either else spec
        raw = self._raw(spec)
        if spec.switch is not None:
            columns[companion] = f"CASE WHEN {self._is_text(spec)} THEN NULL ELSE {raw} END"
        elif spec.values is not None:
            columns[companion] = self._values.label_expression(spec.values, raw)
        else:
            columns[companion] = raw

    def _text_source(self, spec: ColumnRule) -> str:
        known = [f"nullif(s.{named(field)}, '')" for field in spec.fields if field in self._fields]
        present = [f"s.{named(field)}" for field in spec.fields if field in self._fields]
        return f"coalesce({', '.join([*known, *present])})" if present else "NULL::VARCHAR"

    def _text(self, name: str, spec: ColumnRule) -> dict[str, str]:
        source = self._text_source(spec)
        parts = {part: _measured(part, source) for part in ("raw_length", "length", "hash", "text")}
        return {f"{name}_{part}": sql for part, sql in parts.items()}

    def _is_text(self, spec: ColumnRule) -> str:
        return f"({self._case(spec, lambda case: 'TRUE' if case == 'text' else 'FALSE')})"

    def _switched(self, spec: ColumnRule, raw: str) -> str:
        return self._case(spec, lambda case: self._case_value(case, raw))

    def _case_value(self, case: str, raw: str) -> str:
        if case == "text":
            measured = [_measured(part, raw) for part in ("length", "hash")]
            return f"'text:' || {measured[0]} || ':' || {measured[1]}"
        if case.startswith("="):
            return quoted(case.removeprefix("="))
        if case.startswith("id:"):
            return self._identified(case.removeprefix("id:"), raw)
        if case == "instant":
            return f"strftime(TRY_CAST({raw} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%SZ')"
        if case == "raw":
            return raw
        mapped = self._values.expression(case, raw)
        return f"CASE WHEN {raw} IS NULL THEN NULL ELSE coalesce(CAST({mapped} AS VARCHAR), 'unknown') END"

    def _case(self, spec: ColumnRule, then: Callable[[str], str]) -> str:
        switch = self._mapping.switches[spec.switch or ""]
        one, two = (f"s.{named(name)}" for name in switch.by)
        exact, loose = [], []
        for key, case in switch.cases.items():
            first, _, second = key.partition(".")
            if key == "*.*":
                continue
            if first == "*":
                loose.append(f"WHEN {two} = {quoted(second)} THEN {then(case)}")
            else:
                exact.append(f"WHEN {one} = {quoted(first)} AND {two} = {quoted(second)} THEN {then(case)}")
        return f"CASE {' '.join(exact + loose)} ELSE {then(switch.cases['*.*'])} END"


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
