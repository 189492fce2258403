"""Which fields of a tool are read, and how each is kept: as it is, as a pseudonym, measured, or only as being there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from itsm_bridge.errors import MappingError
from itsm_bridge.mapping.rules import ColumnRule, SourceMapping, StreamRule, Switch, TableRule

OPEN, PRESENCE, PERSON, TEXT, WORDS = "open", "presence", "person", "text", "words"
_STRENGTH = {OPEN: 0, PERSON: 1, TEXT: 2, WORDS: 3}

_FIELD = re.compile(r'[^"\\\x00-\x1f]+')


def stream_fields(rule: StreamRule, mapping: SourceMapping, *, more: Sequence[str] = ()) -> dict[str, str]:
    """Return the fields of the raw record that are read or kept, each with its kind.

    Kinds are open, presence (only whether it is empty), person, text, words, and `switch:` with the switch's name.
    """
    kinds: dict[str, str] = dict.fromkeys((*more, *rule.keep, *_label_fields(rule, mapping)), OPEN)
    kinds |= dict.fromkeys(rule.people, PERSON)
    for name, kind in _looked_up(rule, mapping):
        kinds[name] = kind if kinds.get(name, OPEN) == OPEN else kinds[name]
    for part, column, leaf in _leaves(rule):
        if leaf.present or part is None:
            continue
        kind = _kind(part, column, leaf, mapping.switches)
        is_made_key = leaf.lookup is not None and _is_made_key(leaf, rule, mapping)
        for field in rule.raw_values(leaf.fields):
            _strengthen(kinds, field, OPEN if is_made_key else kind)
        if leaf.switch:
            for name in rule.raw(mapping.switches[leaf.switch].by):
                kinds.setdefault(name, OPEN)
    for name in rule.raw(_conditions(rule)):
        kinds.setdefault(name, OPEN)
    for name in _asked_for_presence(rule):
        kinds.setdefault(name, PRESENCE)
    for name in kinds:
        if not _FIELD.fullmatch(name):
            hint = "Quotation marks, backslashes and control characters are not possible."
            raise MappingError(f"{name!r} cannot be the name of a field", where=f"mapping of {rule.stream}", hint=hint)
    return kinds


def _strengthen(kinds: dict[str, str], field: str, kind: str) -> None:
    if kind.startswith("switch:") or _STRENGTH.get(kinds.get(field, OPEN), 9) < _STRENGTH[kind]:
        kinds[field] = kind
    else:
        kinds.setdefault(field, kind)


def _leaves(rule: StreamRule) -> Iterator[tuple[TableRule | None, str, ColumnRule]]:
    for part, column, spec in rule.rules:
        for leaf in spec.leaves:
            yield part, column, leaf


def _conditions(rule: StreamRule) -> Iterator[str]:
    """Yield the fields whose values decide, and those of which others are worked out that do."""
    for part in rule.tables:
        yield from (name for name, wanted in part.where.items() if wanted.values is not None or name in rule.fields)
    for _, _, leaf in _leaves(rule):
        asked = leaf.conditions.items()
        yield from (name for name, wanted in asked if wanted.values is not None or name in rule.fields)


def _asked_for_presence(rule: StreamRule) -> Iterator[str]:
    for part in rule.tables:
        yield from (name for name, wanted in part.where.items() if wanted.values is None and name not in rule.fields)
    for _, _, leaf in _leaves(rule):
        yield from rule.raw(name for name, wanted in leaf.conditions.items() if wanted.values is None)
        if leaf.present:
            yield from rule.raw(leaf.fields)


def _label_fields(rule: StreamRule, mapping: SourceMapping) -> Sequence[str]:
    choices = mapping.tool.choices
    if choices is None or choices.stream != rule.stream:
        return ()
    language = (choices.language.field,) if choices.language else ()
    return (choices.table, choices.element, choices.code, choices.label, *language)


def _looked_up(rule: StreamRule, mapping: SourceMapping) -> Iterator[tuple[str, str]]:
    """Yield the fields through which other streams look up theirs: people's must be pseudonyms on both sides."""
    for other in mapping.streams.values():
        for part, column, leaf in _leaves(other):
            if leaf.lookup is None or leaf.lookup.stream != rule.stream:
                continue
            kind = OPEN if part is None else _kind(part, column, leaf, mapping.switches)
            kind = OPEN if kind.startswith("switch:") else kind
            match = OPEN if _is_made_key(leaf, other, mapping) else kind
            yield from ((name, match) for name in rule.raw_values([leaf.lookup.match]))
            yield from ((name, kind) for name in rule.raw_values([leaf.lookup.value]))
            yield from ((name, OPEN) for name in rule.raw(leaf.lookup.order))


def _is_made_key(leaf: ColumnRule, rule: StreamRule, mapping: SourceMapping) -> bool:
    """Tell whether what is looked up by was made of several ids: none of them is the person that is found."""
    lookup = leaf.lookup
    return lookup is not None and (leaf.field in rule.fields or lookup.match in mapping.streams[lookup.stream].fields)


def _kind(part: TableRule, column: str, leaf: ColumnRule, switches: Mapping[str, Switch]) -> str:
    if leaf.switch:
        return f"switch:{leaf.switch}" if _hides(switches[leaf.switch].cases.values()) else OPEN
    table = part.table
    if column in table.texts or leaf.measure:
        return TEXT
    declared = table.column(column)
    if declared.text and column == f"{declared.text}_text":
        return WORDS
    is_person = declared.references == "person" or declared.is_personal or column == "person_id"
    return PERSON if is_person else OPEN


def _hides(cases: Iterable[str]) -> bool:
    return bool({"text", "id:person"} & set(cases))
