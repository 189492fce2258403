"""Value maps as they hold for one instance: our codes, overruled by the labels the instance itself uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from itsm_bridge.mapping.rules import SourceMapping, ValueMap
from itsm_bridge.sql import quoted

Label = tuple[str, str, str, str, str]
"""table, element, code, label, language"""
Value = str | int | bool


@dataclass(frozen=True)
class EffectiveValues:
    """Value maps after an instance's own labels were read.

    `mapped` gives per map the canonical value of each code (None: the instance knows the code, we do not
    know its label), `labels` the words the instance shows for it.
    """

    values: Mapping[str, ValueMap]
    mapped: Mapping[str, Mapping[str, Value | None]] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def expression(self, name: str, raw: str) -> str:
        """Return SQL for the canonical value of `raw`; NULL where nothing is known of it."""
        value_map, mapped = self.values[name], self.mapped.get(name, {})
        codes = dict(mapped) | {code: value for code, value in value_map.codes.items() if code not in mapped}
        rest = codes.pop("*", None)
        known = {code: value for code, value in codes.items() if value is not None}
        is_text = any(isinstance(value, str) for value in (rest, *known.values(), *value_map.labels.values()))
        default = _literal(str(rest) if is_text and rest is not None else rest)
        looked_up = _looked_up(known, raw, is_text), _looked_up(value_map.labels, f"lower(trim({raw}))", is_text)
        found = [*looked_up, default]
        expression = f"coalesce({', '.join(filter(None, found))})"
        unknown = ", ".join(_literal(code) for code, value in codes.items() if value is None)
        return f"CASE WHEN {raw} IN ({unknown}) THEN {default} ELSE {expression} END" if unknown else expression

    def is_silent(self, name: str) -> bool:
        """Tell whether a map says of every value that it tells nothing: one that waits for a site to fill it."""
        value_map = self.values[name]
        return not value_map.labels and not self.mapped.get(name) and dict(value_map.codes) == {"*": ""}

    def label_expression(self, name: str, raw: str) -> str:
        """Return SQL for the tool's own words for `raw`: its label where there is one, else the code."""
        labels = _looked_up(self.labels.get(name, {}), raw, is_text=True)
        return f"coalesce({labels}, {raw})" if labels else raw


def _looked_up(values: Mapping[str, Value], raw: str, is_text: bool) -> str:
    """Return SQL that looks a value up; a CASE would spell `raw` out, and compute it, once for every value."""
    if not values:
        return ""
    kinds = {type(value) for value in values.values()}
    if kinds == {bool, int}:
        values = {key: int(value) for key, value in values.items()}
    pairs = (f"{_literal(key)}: {_literal(str(value) if is_text else value)}" for key, value in values.items())
    return f"MAP {{{', '.join(pairs)}}}[{raw}]"


def effective_values(mapping: SourceMapping, rows: Iterable[Label]) -> EffectiveValues:
    """Work out the value maps of an instance from the labels it declares; `rows` may be empty."""
    by_element: dict[tuple[str, str], dict[str, str]] = {}
    prefer = mapping.tool.choices.language.prefer if mapping.tool.choices and mapping.tool.choices.language else ""
    for table, element, code, text, _ in sorted(rows, key=lambda row: (row[4] == prefer, row)):
        by_element.setdefault((table, element), {})[code] = text
    mapped: dict[str, dict[str, Value | None]] = {}
    labels: dict[str, dict[str, str]] = {}
    for name, value_map in mapping.values.items():
        own = _own_labels(value_map, by_element)
        if own:
            labels[name] = own
            mapped[name] = {code: _meaning(value_map, code, text) for code, text in own.items()}
    return EffectiveValues(mapping.values, mapped, labels)


def _own_labels(value_map: ValueMap, by_element: Mapping[tuple[str, str], dict[str, str]]) -> dict[str, str]:
    if value_map.choices is None:
        return {}
    for table in value_map.choices.tables:
        found = by_element.get((table, value_map.choices.element))
        if found:
            return found
    return {}


def _meaning(value_map: ValueMap, code: str, text: str) -> Value | None:
    if not value_map.labels:
        return value_map.codes.get(code)
    return value_map.labels.get(text.strip().lower())


def _literal(value: Value | None) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    return quoted(value)
