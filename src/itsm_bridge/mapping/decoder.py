"""From the body of an answer to columns: decoders compiled from the mapping (design §4, facts/engine.md §D).

Only the fields that the mapping reads or keeps are decoded. A page in which a record does not fit is
decoded again loosely; what cannot be a record at all is set aside and counted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from itertools import repeat
from typing import Any

import msgspec
import pyarrow as pa

from itsm_bridge.adapter import Envelope, Page
from itsm_bridge.columns import as_text, strings
from itsm_bridge.errors import BadAnswer
from itsm_bridge.mapping.kinds import OPEN, PERSON, PRESENCE, TEXT, WORDS, stream_fields
from itsm_bridge.mapping.rules import Switch
from itsm_bridge.privacy import Privacy

__all__ = ["OPEN", "DecodedPage", "StreamDecoder", "stream_fields"]

_PEOPLE = "id:person"
_Places = dict[str, list[int]]


class DecodedPage:
    """One decoded answer; see `itsm_bridge.adapter.Page`. `has_records` is False when the list itself was missing."""

    def __init__(
        self, decoder: StreamDecoder, columns: list[Sequence[str | None]], count: int,
        envelope: Mapping[str, Any], *, has_records: bool, quarantined: int = 0, given: Sequence[str] | None = None,
        details: Mapping[str, Page] | None = None, covers: Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        self._decoder = decoder
        self._columns = columns
        self._count = count
        self.envelope = envelope
        self.has_records = has_records
        self.quarantined = quarantined
        self._given = given
        self.details = details or {}
        self.covers = covers

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
        details: Mapping[str, Page] | None = None, covers: Sequence[str] | None = None, quarantined: int = 0,
    ) -> DecodedPage:  # fmt: skip
        """Make a page of columns that were read in another way; columns not given are not in its table."""
        listed = [columns.get(name, [None] * count) for name in self.names]
        given = [name for name in self.names if name in columns] if count else None
        return DecodedPage(
            self, listed if count else [], count, {},
            has_records=True, quarantined=quarantined, given=given, details=details, covers=covers,
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
        places: dict[str, _Places] = {}
        return pa.Table.from_arrays(
            [strings(self._private(i, columns, places)) for i in range(len(self.names))], schema=self._schema
        )

    def _private(
        self, index: int, columns: list[Sequence[str | None]], places: dict[str, _Places]
    ) -> Sequence[str | None]:
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
        name = kind.removeprefix("switch:")
        if name not in places:
            places[name] = self._places(self._switches[name], columns)
        return self._switched(column, places[name])

    def _places(self, switch: Switch, columns: list[Sequence[str | None]]) -> _Places:
        """Return the places of values that are people, and of those that are texts."""
        # A field that is worked out is not there yet; how a value is kept does not hang on it.
        told = [
            columns[self.names.index(name)] if name in self.names else repeat(None, len(columns[0]))
            for name in switch.by
        ]  # fmt: skip
        cases = _Cases(switch)
        found: _Places = {_PEOPLE: [], TEXT: []}
        for place, by in enumerate(zip(*told, strict=True)):
            case = cases[by]
            if case in found:
                found[case].append(place)
        return found

    def _switched(self, column: Sequence[str | None], places: _Places) -> Sequence[str | None]:
        result = list(column)
        for case, convert in ((_PEOPLE, self._privacy.people), (TEXT, self._privacy.measures)):
            given = [column[place] for place in places[case]]
            for place, value in zip(places[case], convert(given), strict=True):
                result[place] = value
        return result

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
        cases = sorted((key, case) for key, case in switch.cases.items() if case in (_PEOPLE, TEXT))
        parts = (switch.by, cases, self._privacy.treatment_of_people, self._privacy.treatment_of_texts)
        return "switch " + sha256(repr(parts).encode()).hexdigest()[:12]

    def key(self, name: str, values: Sequence[str]) -> list[str]:
        """Return native keys as the source table stores them."""
        if self._kinds[self.names.index(name)] == PERSON:
            return [self._privacy.person(value) or "" for value in values]
        return list(values)


class _Cases(dict[tuple[str | None, ...], str]):
    """The cases of a switch that were asked for, found when they first are."""

    def __init__(self, switch: Switch) -> None:
        super().__init__()
        self._switch = switch

    def __missing__(self, by: tuple[str | None, ...]) -> str:
        return self.setdefault(by, self._switch.case(*by))
