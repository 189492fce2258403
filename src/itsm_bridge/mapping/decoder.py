"""From the body of an answer to columns: decoders compiled from the mapping (design §4, facts/engine.md §D).

Only the fields that the mapping reads or keeps are decoded. A page in which a record does not fit is
decoded again loosely; what cannot be a record at all is set aside and counted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from typing import Any

import msgspec
import pyarrow as pa

from itsm_bridge.adapter import Envelope, Page
from itsm_bridge.columns import as_text, strings
from itsm_bridge.errors import BadAnswer, MappingError
from itsm_bridge.mapping.rules import ColumnRule, SourceMapping, StreamRule, Switch, TableRule
from itsm_bridge.privacy import Privacy
from itsm_bridge.schema import Table

OPEN, PRESENCE, PERSON, TEXT, WORDS = "open", "presence", "person", "text", "words"
_STRENGTH = {OPEN: 0, PERSON: 1, TEXT: 2, WORDS: 3}

_FIELD = re.compile(r'[^"\\\x00-\x1f]+')

Convert = Callable[[str | None], str | None]


def stream_fields(rule: StreamRule, mapping: SourceMapping, *, more: Sequence[str] = ()) -> dict[str, str]:
    """Return the fields of the raw record that are read or kept, each with its kind.

    Kinds are open, presence (only whether it is empty), person, text, words, and `switch:` with the switch's name.
    """
    kinds: dict[str, str] = dict.fromkeys((*more, *rule.keep, *_label_fields(rule, mapping)), OPEN)
    for name, kind in _looked_up(rule, mapping):
        kinds[name] = kind if kinds.get(name, OPEN) == OPEN else kinds[name]
    for part in rule.tables:
        for name, wanted in part.where.items():
            if wanted.values is not None:
                kinds.setdefault(name, OPEN)
        for column, spec in _leaves(part):
            if spec.present:
                continue
            kind = _kind(part.table, column, spec)
            for field in spec.fields:
                if kind.startswith("switch:") or _STRENGTH.get(kinds.get(field, OPEN), 9) < _STRENGTH[kind]:
                    kinds[field] = kind
                else:
                    kinds.setdefault(field, kind)
            if spec.switch:
                for name in mapping.switches[spec.switch].by:
                    kinds.setdefault(name, OPEN)
    for name in _asked_for_presence(rule):
        kinds.setdefault(name, PRESENCE)
    for name in kinds:
        if not _FIELD.fullmatch(name):
            hint = "Quotation marks, backslashes and control characters are not possible."
            raise MappingError(f"{name!r} cannot be the name of a field", where=f"mapping of {rule.stream}", hint=hint)
    return kinds


def _leaves(part: TableRule) -> Iterator[tuple[str, ColumnRule]]:
    for column, spec in part.columns.items():
        for leaf in spec.leaves:
            yield column, leaf


def _asked_for_presence(rule: StreamRule) -> Iterator[str]:
    for part in rule.tables:
        yield from (name for name, wanted in part.where.items() if wanted.values is None)
        for _, spec in _leaves(part):
            if spec.present:
                yield from spec.fields


def _label_fields(rule: StreamRule, mapping: SourceMapping) -> Sequence[str]:
    choices = mapping.tool.choices
    if choices is None or choices.stream != rule.stream:
        return ()
    language = (choices.language.field,) if choices.language else ()
    return (choices.table, choices.element, choices.code, choices.label, *language)


def _looked_up(rule: StreamRule, mapping: SourceMapping) -> Iterator[tuple[str, str]]:
    """Yield the fields through which other streams look up theirs: people's must be pseudonyms on both sides."""
    for other in mapping.streams.values():
        for part in other.tables:
            for column, spec in _leaves(part):
                if spec.lookup is not None and spec.lookup.stream == rule.stream:
                    kind = _kind(part.table, column, spec)
                    yield spec.lookup.match, kind
                    yield spec.lookup.value, kind


def _kind(table: Table, column: str, spec: ColumnRule) -> str:
    if spec.switch:
        return f"switch:{spec.switch}"
    if column in table.texts or spec.measure:
        return TEXT
    declared = table.column(column)
    if declared.text and column == f"{declared.text}_text":
        return WORDS
    is_person = declared.references == "person" or declared.is_personal or column == "person_id"
    return PERSON if is_person else OPEN


class DecodedPage:
    """One decoded answer; see `itsm_bridge.adapter.Page`. `has_records` is False when the list itself was missing."""

    def __init__(
        self, decoder: StreamDecoder, columns: list[Sequence[str | None]], count: int,
        envelope: Mapping[str, Any], *, has_records: bool, quarantined: int = 0, given: Sequence[str] | None = None,
        details: Mapping[str, Page] | None = None,
    ) -> None:  # fmt: skip
        self._decoder = decoder
        self._columns = columns
        self._count = count
        self.envelope = envelope
        self.has_records = has_records
        self.quarantined = quarantined
        self._given = given
        self.details = details or {}

    def __len__(self) -> int:
        return self._count

    def values(self, name: str) -> Sequence[str | None]:
        """Return one field of every record as the tool sent it, before privacy."""
        return self._columns[self._decoder.names.index(name)] if self._count else ()

    @cached_property
    def table(self) -> pa.Table:
        """Columns of the source table: strings, privacy applied."""
        table = self._decoder.private_table(self._columns, self._count)
        return table if self._given is None else table.select(self._given)


class StreamDecoder:
    """Decodes the answers of one stream into pages."""

    def __init__(
        self, kinds: Mapping[str, str], switches: Mapping[str, Switch], envelope: Envelope, privacy: Privacy
    ) -> None:
        self.names = tuple(kinds)
        self._kinds = tuple(kinds.values())
        self._switches = switches
        self._privacy = privacy
        self._schema = pa.schema([(name, pa.string()) for name in self.names])
        self._records = envelope.records
        self._beside = envelope.beside
        fields = [(f"f{i}", str | None, None) for i in range(len(self.names))]
        rename = {f"f{i}": name for i, name in enumerate(self.names)}
        row = msgspec.defstruct("Row", fields, rename=rename, gc=False)
        beside = [(f"b{i}", Any, None) for i in range(len(self._beside))]
        outer_names = {"records": self._records} | {f"b{i}": name for i, name in enumerate(self._beside)}
        outer = msgspec.defstruct("Answer", [("records", list[row] | None, None), *beside], rename=outer_names)  # type: ignore[valid-type]
        self._decode = msgspec.json.Decoder(outer).decode

    def __call__(self, body: bytes) -> DecodedPage:
        """Decode one body; raises BadAnswer when it is not a JSON object."""
        try:
            answer: Any = self._decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._decode_loosely(body)
        envelope = {name: getattr(answer, f"b{i}") for i, name in enumerate(self._beside)}
        rows = answer.records or []
        columns: list[Sequence[str | None]] = list(zip(*map(msgspec.structs.astuple, rows), strict=True))
        return DecodedPage(self, columns, len(rows), envelope, has_records=answer.records is not None)

    def tabulate(
        self, columns: Mapping[str, Sequence[str | None]], count: int, *,
        details: Mapping[str, Page] | None = None, quarantined: int = 0,
    ) -> DecodedPage:  # fmt: skip
        """Make a page of columns that were read in another way; columns not given are not in its table."""
        listed = [columns.get(name, [None] * count) for name in self.names]
        given = [name for name in self.names if name in columns]
        return DecodedPage(
            self, listed if count else [], count, {},
            has_records=True, quarantined=quarantined, given=given, details=details,
        )  # fmt: skip

    def _decode_loosely(self, body: bytes) -> DecodedPage:
        try:
            answer = json.loads(
                body.decode(errors="replace")
            )  # takes halves of surrogate pairs, which cut texts end in
        except (ValueError, RecursionError) as error:
            raise BadAnswer(f"the answer is cut or is not JSON ({error})") from error
        if not isinstance(answer, dict):
            raise BadAnswer(f"the answer is a JSON {type(answer).__name__}, not an object")
        records = answer.get(self._records)
        envelope = {name: answer.get(name) for name in self._beside}
        listed = records if isinstance(records, list) else []
        good = [record for record in listed if isinstance(record, dict)]
        columns = [[as_text(record.get(name)) for record in good] for name in self.names] if good else []
        return DecodedPage(
            self, list(columns), len(good), envelope,
            has_records=isinstance(records, list), quarantined=len(listed) - len(good),
        )  # fmt: skip

    def private_table(self, columns: list[Sequence[str | None]], count: int) -> pa.Table:
        """Build the source columns, people and texts replaced as privacy demands."""
        if not count:
            return self._schema.empty_table()
        return pa.Table.from_arrays(
            [strings(self._private(i, columns)) for i in range(len(self.names))], schema=self._schema
        )

    def _private(self, index: int, columns: list[Sequence[str | None]]) -> Sequence[str | None]:
        kind, column = self._kinds[index], columns[index]
        if kind == OPEN:
            return column
        if kind == PERSON:
            return self._privacy.people(column)
        if kind == TEXT:
            return self._privacy.measures(column)
        if kind == WORDS:
            return [self._privacy.words(value) for value in column]
        if kind == PRESENCE:
            return [value and "present" for value in column]
        return self._switched(self._switches[kind.removeprefix("switch:")], column, columns)

    def _switched(
        self, switch: Switch, column: Sequence[str | None], columns: list[Sequence[str | None]]
    ) -> list[str | None]:
        first, second = (columns[self.names.index(name)] for name in switch.by)
        converts: dict[tuple[str | None, str | None], Convert] = {}
        result: list[str | None] = []
        for value, one, two in zip(column, first, second, strict=True):
            convert = converts.get((one, two))
            if convert is None:
                convert = converts[one, two] = self._convert(switch_case(switch, one, two))
            result.append(convert(value))
        return result

    def _convert(self, case: str) -> Convert:
        if case == "id:person":
            return self._privacy.person
        return self._privacy.measure if case == TEXT else _unchanged

    def unread(self, about: Mapping[str, Any]) -> list[str]:
        """Return the fields that must be read once more: not read when `about` was recorded, or kept in another way."""
        known, treatments = set(about.get("fields", ())), about.get("treatments", {})
        now = self.treatments
        return [name for name in self.names if name not in known or now.get(name) != treatments.get(name)]

    @cached_property
    def treatments(self) -> dict[str, str]:
        """How people and texts are kept, by field; fields that are kept as they are have no entry."""
        made = {name: self._treatment(kind) for name, kind in zip(self.names, self._kinds, strict=True)}
        return {name: treatment for name, treatment in made.items() if treatment}

    def _treatment(self, kind: str) -> str:
        if kind == OPEN:
            return ""
        if kind == PRESENCE:
            return PRESENCE
        if kind == PERSON:
            return self._privacy.treatment_of_people
        if kind in (TEXT, WORDS):
            return self._privacy.treatment_of_texts
        switch = self._switches[kind.removeprefix("switch:")]
        cases = sorted((key, case) for key, case in switch.cases.items() if case in ("id:person", TEXT))
        parts = (switch.by, cases, self._privacy.treatment_of_people, self._privacy.treatment_of_texts)
        return "switch " + sha256(repr(parts).encode()).hexdigest()[:12]

    def key(self, name: str, values: Sequence[str]) -> list[str]:
        """Return native keys as the source table stores them."""
        if self._kinds[self.names.index(name)] == PERSON:
            return [self._privacy.person(value) or "" for value in values]
        return list(values)


def switch_case(switch: Switch, one: str | None, two: str | None) -> str:
    """Return the case of a switch for the values of its two fields: exact, then any first, then any at all."""
    return switch.cases.get(f"{one}.{two}") or switch.cases.get(f"*.{two}") or switch.cases["*.*"]


def _unchanged(value: str | None) -> str | None:
    return value
