"""What the rules of a mapping say together must be possible: names there are, values that fit, people kept hidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

from itsm_bridge.errors import MappingError
from itsm_bridge.mapping.column_rule import ColumnRule, read_condition
from itsm_bridge.mapping.meanings import validate_meanings

if TYPE_CHECKING:
    from itsm_bridge.mapping.rules import StreamRule, Switch, TableRule, ValueMap


def near(name: str, names: Iterable[str]) -> str:
    """Return `; did you mean …?`, or nothing where no name is near."""
    close = get_close_matches(name, list(names), n=1)
    return f"; did you mean `{close[0]}`?" if close else ""


def validate_form(
    rule: ColumnRule, here: str, values: Mapping[str, ValueMap], switches: Mapping[str, Switch]
) -> None:  # fmt: skip
    """Raise MappingError where a rule by itself is none."""
    given = (rule.field is not None, bool(rule.first), bool(rule.join), rule.constant is not None, bool(rule.either))
    if sum(given) != 1:
        raise MappingError("needs exactly one of `field`, `first`, `join`, `constant` and `either`", where=here)
    for alternative in rule.either:
        validate_form(alternative, here, values, switches)
    if rule.either and (rule.when or rule.confidence is not None):
        raise MappingError("`when` and `confidence` stand in the alternatives of `either`, not beside it", where=here)
    for name, raw in rule.when.items():
        read_condition(raw, f"{here} when {name}")
    if rule.confidence is not None and not 0 <= rule.confidence <= 1:
        raise MappingError("`confidence` goes from 0 to 1", where=here)
    if rule.lookup is not None and rule.field is None:
        raise MappingError("`lookup` needs `field`", where=here, hint="A field of [fields] may hold several in one.")
    if rule.lookup is not None and rule.lookup.first_by and rule.lookup.last_by:
        raise MappingError("`lookup` can have `first_by` or `last_by`, not both", where=here)
    if rule.values is not None and rule.values not in values:
        raise MappingError(f"there is no value map `{rule.values}`{near(rule.values, values)}", where=here)
    if rule.switch is not None and rule.switch not in switches:
        raise MappingError(f"there is no switch `{rule.switch}`{near(rule.switch, switches)}", where=here)


def validate_streams(
    streams: Mapping[str, StreamRule], values: Mapping[str, ValueMap], switches: Mapping[str, Switch], place: str
) -> None:  # fmt: skip
    """Raise MappingError where rules do not fit to each other; `place` is the file of the value maps."""
    for stream in streams.values():
        for name in stream.fields:
            _validate_made(stream, name)
        for part, name, rule in stream.rules:
            here = f"{part.place if part else f'{stream.place}: [fields]'} {name}"
            for leaf in rule.leaves:
                _validate_lookup(stream, leaf, streams, here)
                if leaf.switch:
                    _validate_switch(stream, switches[leaf.switch], here)
            if part is not None:
                _validate_text(stream, part, name, rule, here)
                for used in _maps(stream, rule):
                    validate_meanings(used, values[used], part.table.column(name), place)


def _maps(stream: StreamRule, rule: ColumnRule) -> set[str]:
    """Return the value maps whose meanings a rule gives, as they stand in it or in a field that it takes as it is."""
    found = {leaf.values for leaf in rule.leaves if leaf.values is not None}
    plain = (leaf for leaf in rule.leaves if not (leaf.values or leaf.lookup or leaf.switch or leaf.join))
    for name in (name for leaf in plain for name in leaf.fields if name in stream.fields):
        found |= _maps(stream, stream.fields[name])
    return found


def _validate_made(stream: StreamRule, name: str, behind: tuple[str, ...] = ()) -> None:
    here = f"{stream.place}: [fields] {name}"
    if name in behind:
        raise MappingError("is worked out of itself", where=here)
    rule = stream.fields[name]
    if any(leaf.switch or leaf.measure or leaf.present for leaf in rule.leaves):
        raise MappingError("`switch`, `measure` and `present` are for columns, not for fields", where=here)
    for other in rule.reads:
        if other in stream.fields:
            _validate_made(stream, other, (*behind, name))


def _validate_lookup(
    stream: StreamRule, leaf: ColumnRule, streams: Mapping[str, StreamRule], here: str
) -> None:  # fmt: skip
    if leaf.lookup is None:
        return
    other = streams.get(leaf.lookup.stream)
    if other is None:
        raise MappingError(f"there is no stream `{leaf.lookup.stream}`{near(leaf.lookup.stream, streams)}", where=here)
    for owner, name in ((stream, leaf.field or ""), (other, leaf.lookup.match)):
        if _looks_up(owner, name):
            raise MappingError(f"`{name}` is looked up itself, so nothing can be looked up by it", where=here)


def _looks_up(stream: StreamRule, name: str) -> bool:
    if name not in stream.fields:
        return False
    rule = stream.fields[name]
    return any(leaf.lookup for leaf in rule.leaves) or any(_looks_up(stream, other) for other in rule.reads)


def _validate_text(stream: StreamRule, part: TableRule, name: str, rule: ColumnRule, here: str) -> None:
    """What is measured or made a pseudonym is so when it is read, before anything is worked out or looked up."""
    is_text = name in part.table.texts or any(leaf.measure for leaf in rule.leaves)
    if is_text and any(field in stream.fields for field in rule.fields):
        raise MappingError("a text cannot be taken from a field that is worked out", where=here)
    if is_text and any(leaf.when for leaf in rule.leaves):
        raise MappingError("a text has no conditions", where=here, hint="Give the table a `where`.")
    is_person = name not in part.table.texts and part.table.column(name).references == "person"
    if is_person and any(_looks_up(stream, leaf.field or "") for leaf in rule.leaves if not leaf.lookup):
        raise MappingError("a person cannot be taken from a field that is looked up", where=here,
                           hint="Look the person up in the rule of the column itself.")  # fmt: skip


def _validate_switch(stream: StreamRule, switch: Switch, here: str) -> None:
    """Whether a value is a text or a person is told when it is read: by then nothing is worked out."""
    if switch.by[0] not in stream.fields:
        return
    for key, case in switch.cases.items():
        rest = key.partition(".")[2]
        known = switch.case(None, rest) if len(switch.by) > 1 else switch.case(None)
        if _treatment(case) != _treatment(known):
            name = f"*.{rest}" if len(switch.by) > 1 else "*"
            raise MappingError(
                f'"{key}" is kept in another way than "{name}", and `{switch.by[0]}` is only worked out later',
                where=here, hint=f'Give the switch a case "{name}" of the same kind.',
            )  # fmt: skip


def _treatment(case: str) -> str:
    return case if case in ("text", "id:person") else ""
