"""Mapping files as data: read, overlaid key by key, validated (design §6)."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from itsm_bridge.errors import MappingError
from itsm_bridge.mapping.column_rule import ColumnRule, Condition, Lookup, read_condition
from itsm_bridge.mapping.conversion import convert
from itsm_bridge.mapping.meanings import validate_rule
from itsm_bridge.mapping.tool import Tool
from itsm_bridge.mapping.validation import near, validate_form, validate_streams
from itsm_bridge.schema import Table, tool_tables

__all__ = [
    "Choices", "ColumnRule", "Condition", "Lookup", "SourceMapping", "StreamRule", "Switch", "TableRule", "ValueMap",
    "read_mapping",
]  # fmt: skip

Raw = dict[str, Any]

_CASES = ("text", "instant", "raw")
_SOURCES = frozenset({"field", "first", "join", "constant", "either"})


class Choices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the instance's own labels of a code lie: the first of `tables` that has any counts."""

    tables: tuple[str, ...]
    element: str


class ValueMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Codes or labels of a tool and what they mean; a label of the instance wins over our code list.

    The meaning "" says that nothing is told by the value: known, but no value of ours. The key "*" in `codes`
    is what any other value means.
    """

    labels: dict[str, str | int | bool] = {}
    codes: dict[str, str | int | bool] = {}
    choices: Choices | None = None


@dataclass(frozen=True, slots=True)
class Switch:
    """What kind of value a field holds, by one or two other fields of the same record: history tables need it."""

    by: tuple[str, ...]
    cases: Mapping[str, str]

    @property
    def default(self) -> str:
        """The key of the case for everything else."""
        return ".".join("*" * len(self.by))

    def case(self, *values: str | None) -> str:
        """Return the case for the values of the fields: exact, then any first, then any at all."""
        exact = self.cases.get(".".join(map(str, values)))
        loose = self.cases.get(f"*.{values[1]}") if len(values) > 1 else None
        return exact or loose or self.cases[self.default]


@dataclass(frozen=True, slots=True)
class TableRule:
    """One projection of a stream into one canonical table; `is_distinct`: several rows may make the same one."""

    table: Table
    columns: Mapping[str, ColumnRule]
    where: Mapping[str, Condition]
    place: str
    is_distinct: bool = False


@dataclass(frozen=True, slots=True)
class StreamRule:
    """All that a mapping says about one stream.

    `fields` are worked out of those of the tool, and are then fields like these; `people` are fields that hold a
    person beside something else, such as a key made of two.
    """

    stream: str
    keep: tuple[str, ...]
    tables: tuple[TableRule, ...]
    fields: Mapping[str, ColumnRule] = field(default_factory=dict)
    people: tuple[str, ...] = ()
    place: str = ""

    def raw(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the tool's own fields behind these, with those that only decide."""
        return self._behind(names, lambda rule: rule.reads)

    def raw_values(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the tool's own fields whose values these may have."""
        return self._behind(names, lambda rule: rule.fields)

    def _behind(self, names: Iterable[str], of: Callable[[ColumnRule], Iterable[str]]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for name in names:
            found |= dict.fromkeys(self._behind(of(self.fields[name]), of) if name in self.fields else (name,))
        return tuple(found)

    @property
    def rules(self) -> Iterator[tuple[TableRule | None, str, ColumnRule]]:
        """Every rule with its table and column; without a table those of fields that are worked out."""
        for name, rule in self.fields.items():
            yield None, name, rule
        for part in self.tables:
            for name, rule in part.columns.items():
                yield part, name, rule


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """A whole mapping: the tool's conventions, value maps, switches and streams, and the files' contents."""

    tool: Tool
    values: Mapping[str, ValueMap]
    switches: Mapping[str, Switch]
    streams: Mapping[str, StreamRule]
    contents: Mapping[str, str]


def read_mapping(folders: Sequence[Path]) -> SourceMapping:
    """Read a mapping from its folders, later ones laid over earlier ones key by key.

    Raises MappingError that names the file and the key.
    """
    merged: dict[str, Raw] = {}
    places: dict[str, str] = {}
    contents: dict[str, str] = {}
    for number, folder in enumerate(folders):
        if not folder.is_dir():
            raise MappingError(
                "there is no such folder of mapping files",
                where=str(folder),
                hint="Check `mappings` of the source; it starts from the configuration's folder.",
            )
        for path in sorted(folder.glob("*.toml")):
            text, parsed = _parse(path)
            contents[f"{number}/{path.name}"] = text
            merged[path.stem] = _overlay(merged.get(path.stem, {}), parsed)
            places[path.stem] = str(path)
    tool = convert(merged.pop("tool", {}), Tool, places.get("tool", "tool.toml"))
    raw_values = merged.pop("values", {})
    place = places.get("values", "values.toml")
    raw_switches = _section(raw_values.pop("switch", {}), f"{place}: [switch]")
    values = {name: convert(raw, ValueMap, f"{place}: [{name}]") for name, raw in raw_values.items()}
    switches = {name: _switch(name, raw, place, values) for name, raw in raw_switches.items()}
    streams: dict[str, StreamRule] = {}
    for stem, raw in merged.items():
        rule = _stream(raw, stem, places[stem], values, switches)
        if rule.stream in streams:
            raise MappingError(f"the stream `{rule.stream}` has two mapping files", where=places[stem],
                               hint="Files that are laid one over the other have the same name.")  # fmt: skip
        streams[rule.stream] = rule
    validate_streams(streams, values, switches, place)
    return SourceMapping(tool, values, switches, streams, contents)


def _section(raw: Any, where: str) -> Raw:
    if not isinstance(raw, dict):
        raise MappingError("must be a table of names and rules", where=where)
    return raw


def _parse(path: Path) -> tuple[str, Raw]:
    try:
        text = path.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise MappingError(f"cannot be read as TOML: {error}", where=str(path), hint="Mend the line named.") from error


def _overlay(below: Raw, above: Raw) -> Raw:
    if _SOURCES & set(below) and _SOURCES & set(above) and not _SOURCES & set(below) & set(above):
        return above  # a rule of another form
    merged = dict(below)
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _overlay(merged[key], value) if both else value
    return merged


def _switch(name: str, raw: Raw, place: str, values: Mapping[str, ValueMap]) -> Switch:
    where = f"{place}: [switch.{name}]"
    raw = _section(raw, where)
    by = convert(raw.get("by", ()), tuple[str, ...], where)
    cases = convert({key: value for key, value in raw.items() if key != "by"}, dict[str, str], where)
    if len(by) not in (1, 2) or ".".join("*" * len(by)) not in cases:
        hint = "The case is `*` for one field, `*.*` for two."
        raise MappingError("a switch needs `by` with one or two fields and a case for all else", where=where, hint=hint)
    for key, case in cases.items():
        known = {*_CASES, *values, *(f"id:{table}" for table in tool_tables())}
        if not case.startswith("=") and case not in known:
            raise MappingError(f"`{case}` is no kind of value{near(case, known)}", where=f'{where} "{key}"')
    return Switch(by, cases)


def _stream(
    raw: Raw, stem: str, place: str, values: Mapping[str, ValueMap], switches: Mapping[str, Switch]
) -> StreamRule:
    raw = dict(raw)
    stream = convert(raw.pop("stream", stem), str, place)
    keep = convert(raw.pop("keep", ()), tuple[str, ...], f"{place}: keep")
    people = convert(raw.pop("people", ()), tuple[str, ...], f"{place}: people")
    made = _section(raw.pop("fields", {}), f"{place}: [fields]")
    fields = {name: _rule(spec, f"{place}: [fields] {name}", values, switches) for name, spec in made.items()}
    tables = []
    for name, section in raw.items():
        table = tool_tables().get(name)
        if table is None:
            raise MappingError(f"there is no canonical table `{name}`{near(name, tool_tables())}", where=place,
                               hint="`itsm-bridge schema` lists the tables.")  # fmt: skip
        for part in section if isinstance(section, list) else [section]:
            here = f"{place}: [{name}]"
            tables.append(_table(table, _section(part, here), here, values, switches))
    return StreamRule(stream, keep, tuple(tables), fields, people, place)


def _table(
    table: Table, raw: Raw, place: str, values: Mapping[str, ValueMap], switches: Mapping[str, Switch]
) -> TableRule:
    raw = dict(raw)
    is_distinct = convert(raw.pop("distinct", False), bool, f"{place} distinct")
    given = _section(raw.pop("where", {}), f"{place} where")
    where = {key: read_condition(value, f"{place} where {key}") for key, value in given.items()}
    allowed = [c.name for c in table.columns if not c.text and c.name != "source_id"] + list(table.texts)
    columns: dict[str, ColumnRule] = {}
    for name, spec in raw.items():
        here = f"{place} {name}"
        if name not in allowed:
            raise MappingError(f"there is no such column{near(name, allowed)}", where=here,
                               hint=f"`itsm-bridge schema {table.name}` lists its columns.")  # fmt: skip
        rule = _rule(spec, here, values, switches)
        if name not in table.texts:
            validate_rule(rule, table.column(name), here)
        columns[name] = rule
    for column in table.columns:
        if not column.nullable and column.name not in (*columns, "source_id"):
            raise MappingError(f"the required column `{column.name}` is not filled", where=place, hint=column.meaning)
    return TableRule(table, columns, where, place, is_distinct)


def _rule(raw: Any, here: str, values: Mapping[str, ValueMap], switches: Mapping[str, Switch]) -> ColumnRule:
    rule = convert({"field": raw} if isinstance(raw, str) else raw, ColumnRule, here)
    validate_form(rule, here, values, switches)
    return rule
