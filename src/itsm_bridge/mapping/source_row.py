"""The row of a source table as rules see it: its fields, those worked out of them, and what is looked up elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from itsm_bridge.mapping.alternatives import NOTHING, Alternative, by_values, chosen, confidence
from itsm_bridge.mapping.column_rule import ColumnRule, Condition, Lookup
from itsm_bridge.mapping.rules import SourceMapping, StreamRule
from itsm_bridge.mapping.values import EffectiveValues
from itsm_bridge.sql import named, quoted

_LAST = 1_000_000
"""The layer in which columns are made, after all fields."""

Columns = Callable[[str], Collection[str]]
"""The columns of a stream's source table; none where there is no table."""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """Another stream in which values are looked up.

    `select` reads `source_rows` (the other stream's) and the tables of its own `lookups`, and yields `match` and `v0`,
    `v1` …; `columns` are those of the source table that it reads. `joined` and `match` are the two sides of the
    comparison, as SQL over a source row `s` of this and of the other stream.
    """

    stream: str
    columns: tuple[str, ...]
    joined: str
    match: str
    select: str
    lookups: tuple[LookedUp, ...]


@dataclass(slots=True)
class _Join:
    """Lookups in one stream by one comparison, joined where the fields of a layer are worked out, or after all."""

    number: int
    stream: str
    match: str
    field: str
    layer: int
    values: dict[Lookup, int]


class SourceRow:
    """One stream's rows in SQL: expressions over `s`, and what they must be selected from."""

    def __init__(self, mapping: SourceMapping, stream: StreamRule, values: EffectiveValues, columns: Columns) -> None:
        self._mapping = mapping
        self._stream = stream
        self._values = values
        self._columns = columns
        self._present = frozenset(columns(stream.stream))
        self._made: dict[str, tuple[int, str]] = {}
        self._layer = _LAST
        self._joins: dict[tuple[str, str, str, int], _Join] = {}
        self.confidences: list[str] = []
        self.read: dict[str, None] = {}
        """Columns of the source table that were asked for."""

    def has(self, name: str) -> bool:
        """Tell whether a field of the tool lies in the source table, or any of which a field is worked out."""
        return bool(self._present.intersection(self._stream.raw([name])))

    def is_made(self, name: str) -> bool:
        """Tell whether a field is worked out of others."""
        return name in self._stream.fields

    def field(self, name: str) -> str:
        """Return SQL for a field as it is; NULL where the source has none."""
        if self.is_made(name):
            self._make(name)
            return f"s.{named(name)}"
        return self._own(name)

    def _own(self, name: str) -> str:
        if name not in self._present:
            return NOTHING
        self.read[name] = None
        return f"s.{named(name)}"

    def filled(self, names: Iterable[str]) -> list[str]:
        """Return SQL for those of the fields that there are, each NULL where it is empty."""
        return [f"nullif({self.field(name)}, '')" for name in names if self.has(name)]

    def raw(self, rule: ColumnRule, *, is_strict: bool = False) -> str:
        """Return SQL for the value that a rule starts from.

        A lookup that finds nothing leaves the value as it is; it gives nothing where it `is_strict`, or goes by a
        field that was worked out only to look up by.
        """
        raw = self._value(rule)
        if raw != NOTHING and rule.pattern:
            raw = f"nullif(regexp_extract({raw}, {quoted(rule.pattern)}, 1), '')"
        if raw != NOTHING and rule.lookup is not None:
            found = f"nullif({self._look_up(rule.lookup, rule.fields[0])}, '')"
            is_strict = is_strict or self.is_made(rule.fields[0])
            raw = found if is_strict else f"coalesce({found}, {raw})"
        if raw != NOTHING and rule.when:
            met = " AND ".join(self.condition(*item) for item in rule.conditions.items())
            raw = f"CASE WHEN {met} THEN {raw} END"
        return raw

    def _value(self, rule: ColumnRule) -> str:
        if rule.constant is not None:
            return quoted(str(rule.constant).lower() if isinstance(rule.constant, bool) else str(rule.constant))
        known = self.filled(rule.fields)
        if rule.join:
            return " || '/' || ".join(known) if len(known) == len(rule.join) else NOTHING
        if len(known) > 1:
            return f"coalesce({', '.join(known)})"
        return known[0] if known else NOTHING

    def condition(self, name: str, wanted: Condition) -> str:
        """Return SQL for a condition on a field."""
        value = f"coalesce({self.field(name)}, '')"
        if wanted.values is None:
            return f"{value} = ''" if wanted.is_negated else f"{value} <> ''"
        listed = ", ".join(map(quoted, wanted.values)) or "NULL"
        return f"{value} NOT IN ({listed})" if wanted.is_negated else f"{value} IN ({listed})"

    def _make(self, name: str) -> None:
        """Have a field worked out: in a layer of its own over those of which it is made."""
        if name in self._made:
            return
        rule, outer = self._stream.fields[name], self._layer
        below = [other for other in rule.reads if self.is_made(other)]
        for other in below:
            self._make(other)
        self._layer = max((self._made[other][0] + 1 for other in below), default=0)
        is_mapped = any(leaf.values for leaf in rule.leaves)
        found = [self._alternative(leaf, is_apart=is_mapped) for leaf in rule.leaves]
        self._made[name] = (self._layer + is_mapped, chosen(found, "unknown"))
        if any(one.confidence is not None for one in found):
            sure = f"{name} confidence"
            self._made[sure] = (self._layer + is_mapped, confidence(found))
            self.confidences.append(f"s.{named(sure)}")
        self._layer = outer

    def _alternative(self, leaf: ColumnRule, *, is_apart: bool) -> Alternative:
        made = self.apart(lambda: self._plain(leaf)) if is_apart else self._plain(leaf)
        return Alternative(made, leaf.values is not None and made != NOTHING, leaf.confidence)

    def _plain(self, leaf: ColumnRule) -> str:
        if leaf.values is not None and self._values.is_silent(leaf.values):
            return NOTHING
        raw = self.raw(leaf, is_strict=True)
        if raw == NOTHING:
            return raw
        if leaf.values is not None:
            return by_values(leaf.values, raw, self._values)
        return raw + (f" || {quoted(leaf.suffix)}" if leaf.suffix else "")

    def apart(self, make: Callable[[], str]) -> str:
        """Have an expression worked out once, below all that uses it; the engine would do it for each."""
        outer, self._layer = self._layer, min(self._layer, _LAST - 1)
        sql = make()
        layer, self._layer = self._layer, outer
        if sql == NOTHING:
            return sql
        name = f"apart {len(self._made)}"
        self._made[name] = (layer, sql)
        return f"s.{named(name)}"

    def _look_up(self, lookup: Lookup, field: str) -> str:
        key = (lookup.stream, lookup.match, field, self._layer)
        join = self._joins.setdefault(key, _Join(len(self._joins), *key, {}))
        return f"l{join.number}.v{join.values.setdefault(lookup, len(join.values))}"

    def case(self, name: str, then: Callable[[str], str]) -> str:
        """Return SQL for what `then` makes of the case of a switch that holds."""
        switch = self._mapping.switches[name]
        fields = [self.field(field) for field in switch.by]
        exact: list[str] = []
        loose: list[str] = []
        for key, case in switch.cases.items():
            if key == switch.default:
                continue
            parts = key.split(".", len(fields) - 1)
            met = [f"{field} = {quoted(part)}" for field, part in zip(fields, parts, strict=True) if part != "*"]
            (exact if len(met) == len(fields) else loose).append(f"WHEN {' AND '.join(met)} THEN {then(case)}")
        return f"CASE {' '.join(exact + loose)} ELSE {then(switch.cases[switch.default])} END"

    def rows(self) -> str:
        """Return SQL for the rows `s`: what stands behind FROM, with fields worked out and other streams joined."""
        source = "source_rows s"
        for layer in sorted({layer for layer, _ in self._made.values()}):
            made = "".join(f",\n  {sql} AS {named(name)}" for name, (at, sql) in self._made.items() if at == layer)
            source = f"(SELECT s.*{made}\nFROM {source}{self._joined(layer)}) s"
        return source + self._joined(_LAST)

    def _joined(self, layer: int) -> str:
        return "".join(
            f"\nLEFT JOIN lookup_{join.number} l{join.number} "
            f"ON l{join.number}.match = nullif({self.field(join.field)}, '')"
            for join in self._joins.values()
            if join.layer == layer
        )

    @property
    def lookups(self) -> tuple[LookedUp, ...]:
        """The other streams that are joined: `lookup_0`, `lookup_1` and so on."""
        return tuple(map(self._looked_up, self._joins.values()))

    def _looked_up(self, join: _Join) -> LookedUp:
        other = SourceRow(self._mapping, self._mapping.streams[join.stream], self._values, self._columns)
        joined, match = self._by_itself(join.field), other._by_itself(join.match)
        if not all(other.has(name) for lookup in join.values for name in lookup.fields):
            empty = "".join(f", {NOTHING} AS v{number}" for number in join.values.values())
            return LookedUp(join.stream, (), joined, match, f"SELECT {NOTHING} AS match{empty} WHERE FALSE", ())
        values = "".join(f", {_of_many(other, lookup)} AS v{number}" for lookup, number in join.values.items())
        select = f"SELECT {other.field(join.match)} AS match{values} FROM "
        select += f"{other.rows()} GROUP BY 1"  # only now is it known what must be worked out
        return LookedUp(join.stream, tuple(other.read), joined, match, select, other.lookups)

    def _by_itself(self, name: str) -> str:
        """Return SQL for a field over the tool's own, without layers: nothing that it is made of is looked up."""
        if not self.is_made(name):
            return self._own(name)
        alone = _Alone(self._mapping, self._stream, self._values, self._columns)
        return alone.field(name)


class _Alone(SourceRow):
    def field(self, name: str) -> str:
        if not self.is_made(name):
            return self._own(name)
        found = [self._alternative(leaf, is_apart=False) for leaf in self._stream.fields[name].leaves]
        return f"({chosen(found, 'unknown')})"

    def apart(self, make: Callable[[], str]) -> str:
        return make()


def _of_many(row: SourceRow, lookup: Lookup) -> str:
    value = row.field(lookup.value)
    if not lookup.first_by and not lookup.last_by:
        return f"min({value})"
    order = f"{row.field(lookup.first_by or lookup.last_by)} || ' ' || {value}"  # the value itself makes ties certain
    return f"arg_min({value}, {order})" if lookup.first_by else f"arg_max({value}, {order})"
