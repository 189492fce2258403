"""Mapping files as data: read, overlaid key by key, validated (design §6)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

import msgspec

from itsm_bridge.errors import MappingError
from itsm_bridge.mapping.conversion import convert
from itsm_bridge.mapping.meanings import validate_meanings, validate_rule
from itsm_bridge.mapping.tool import Tool
from itsm_bridge.schema import Table, tool_tables

Raw = dict[str, Any]

_CASES = ("text", "instant", "raw")


class Lookup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Translate a value through another stream: the row whose `match` equals it gives `value`."""

    stream: str
    match: str
    value: str


class ColumnRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one canonical column is filled; exactly one of `field`, `first`, `constant`, `either` is set.

    `either` tries rules one after the other; `pattern` is a regular expression whose group is the value.
    """

    field: str | None = None
    first: tuple[str, ...] = ()
    constant: str | int | float | bool | None = None
    values: str | None = None
    suffix: str = ""
    lookup: Lookup | None = None
    measure: Literal["length", "raw_length", "hash"] | None = None
    switch: str | None = None
    present: bool = False
    pattern: str = ""
    either: tuple[ColumnRule, ...] = ()
    is_canonical: bool = False

    @property
    def leaves(self) -> tuple[ColumnRule, ...]:
        """The rules that read fields: the alternatives of `either`, or the rule itself."""
        return tuple(leaf for rule in self.either for leaf in rule.leaves) or (self,)

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields of the raw record that the rule reads."""
        alternatives = (field for rule in self.either for field in rule.fields)
        return (*self.first, *((self.field,) if self.field else ()), *alternatives)


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
    """What kind of value a field holds, by other fields of the same record: history tables need it."""

    by: tuple[str, ...]
    cases: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Condition:
    """Which values of a field let a record through: any but empty (`values` None), these, or all but these."""

    values: tuple[str, ...] | None
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class TableRule:
    """One projection of a stream into one canonical table."""

    table: Table
    columns: Mapping[str, ColumnRule]
    where: Mapping[str, Condition]
    place: str


@dataclass(frozen=True, slots=True)
class StreamRule:
    """All that a mapping says about one stream."""

    stream: str
    keep: tuple[str, ...]
    tables: tuple[TableRule, ...]


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
    _validate_lookups(streams)
    _validate_meanings(streams, values, place)
    return SourceMapping(tool, values, switches, streams, contents)


def _validate_lookups(streams: Mapping[str, StreamRule]) -> None:
    for part in (part for rule in streams.values() for part in rule.tables):
        for name, rule in part.columns.items():
            for stream in (leaf.lookup.stream for leaf in rule.leaves if leaf.lookup is not None):
                if stream not in streams:
                    raise MappingError(
                        f"there is no stream `{stream}`{_near(stream, streams)}", where=f"{part.place} {name}"
                    )


def _validate_meanings(streams: Mapping[str, StreamRule], values: Mapping[str, ValueMap], place: str) -> None:
    for part in (part for rule in streams.values() for part in rule.tables):
        for name, rule in part.columns.items():
            for used in {leaf.values for leaf in rule.leaves if leaf.values is not None}:
                validate_meanings(used, values[used], part.table.column(name), place)


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
    if len(by) != 2 or "*.*" not in cases:
        raise MappingError('a switch needs `by` with two fields and a case for "*.*"', where=where)
    for key, case in cases.items():
        known = {*_CASES, *values, *(f"id:{table}" for table in tool_tables())}
        if not case.startswith("=") and case not in known:
            raise MappingError(f"`{case}` is no kind of value{_near(case, known)}", where=f'{where} "{key}"')
    return Switch(by, cases)


def _stream(
    raw: Raw, stem: str, place: str, values: Mapping[str, ValueMap], switches: Mapping[str, Switch]
) -> StreamRule:
    raw = dict(raw)
    stream = convert(raw.pop("stream", stem), str, place)
    keep = convert(raw.pop("keep", ()), tuple[str, ...], f"{place}: keep")
    tables = []
    for name, section in raw.items():
        table = tool_tables().get(name)
        if table is None:
            raise MappingError(f"there is no canonical table `{name}`{_near(name, tool_tables())}", where=place,
                               hint="`itsm-bridge schema` lists the tables.")  # fmt: skip
        for part in section if isinstance(section, list) else [section]:
            here = f"{place}: [{name}]"
            tables.append(_table(table, _section(part, here), here, values, switches))
    return StreamRule(stream, keep, tuple(tables))


def _table(
    table: Table, raw: Raw, place: str, values: Mapping[str, ValueMap], switches: Mapping[str, Switch]
) -> TableRule:
    raw = dict(raw)
    given = _section(raw.pop("where", {}), f"{place} where")
    where = {key: _condition(value, f"{place} where {key}") for key, value in given.items()}
    allowed = [c.name for c in table.columns if not c.text and c.name != "source_id"] + list(table.texts)
    columns: dict[str, ColumnRule] = {}
    for name, spec in raw.items():
        here = f"{place} {name}"
        if name not in allowed:
            raise MappingError(f"there is no such column{_near(name, allowed)}", where=here,
                               hint=f"`itsm-bridge schema {table.name}` lists its columns.")  # fmt: skip
        rule = convert({"field": spec} if isinstance(spec, str) else spec, ColumnRule, here)
        _validate(rule, here, values, switches)
        if name not in table.texts:
            validate_rule(rule, table.column(name), here)
        columns[name] = rule
    for column in table.columns:
        if not column.nullable and column.name not in (*columns, "source_id"):
            raise MappingError(f"the required column `{column.name}` is not filled", where=place, hint=column.meaning)
    return TableRule(table, columns, where, place)


def _condition(raw: Any, place: str) -> Condition:
    if raw == "not empty":
        return Condition(None)
    if isinstance(raw, dict) and set(raw) == {"not"}:
        return Condition(_condition(raw["not"], place).values, is_negated=True)
    return Condition(convert([raw] if isinstance(raw, str) else raw, tuple[str, ...], place))


def _validate(rule: ColumnRule, here: str, values: Mapping[str, ValueMap], switches: Mapping[str, Switch]) -> None:
    if sum((rule.field is not None, bool(rule.first), rule.constant is not None, bool(rule.either))) != 1:
        raise MappingError("needs exactly one of `field`, `first`, `constant` and `either`", where=here)
    for alternative in rule.either:
        _validate(alternative, here, values, switches)
    if rule.lookup is not None and rule.field is None:
        raise MappingError("`lookup` needs `field`", where=here)
    if rule.values is not None and rule.values not in values:
        raise MappingError(f"there is no value map `{rule.values}`{_near(rule.values, values)}", where=here)
    if rule.switch is not None and rule.switch not in switches:
        raise MappingError(f"there is no switch `{rule.switch}`{_near(rule.switch, switches)}", where=here)


def _near(name: str, names: Iterable[str]) -> str:
    close = get_close_matches(name, list(names), n=1)
    return f"; did you mean `{close[0]}`?" if close else ""
