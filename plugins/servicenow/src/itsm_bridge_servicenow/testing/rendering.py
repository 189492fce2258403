"""How a stored value is shown: raw, for display, or both; references with or without a link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from itsm_bridge_servicenow.testing import dictionary
from itsm_bridge_servicenow.testing.instance import Instance
from itsm_bridge_servicenow.testing.records import epoch

Form = Literal["false", "true", "all"]
Shown = str | dict[str, str]


class Rendering:
    """Shows rows of one table with chosen fields, for one request."""

    def __init__(
        self, instance: Instance, address: str, table: str, fields: Sequence[str], form: Form, links: bool
    ) -> None:
        self._instance = instance
        self._address = address
        self._form = form
        self._links = links
        self.fields = fields
        self._owners = [_owner(table, name) for name in fields]
        self._plain = [
            form == "false" and (not field.reference or not links) and field.kind != "journal_input"
            for _, field in self._owners
        ]
        self._labels: dict[tuple[str, str, str], str] = {}

    def row(self, values: Sequence[str | None]) -> dict[str, Shown]:
        """Return a row as the answer holds it."""
        return {
            name: (value or "") if plain else self._show(value or "", *owner)
            for name, value, owner, plain in zip(self.fields, values, self._owners, self._plain, strict=True)
        }

    def _show(self, value: str, table: str, field: dictionary.Field) -> Shown:
        if field.kind == "journal_input":
            value = ""
        if self._form == "false":
            return self._reference(value, field) if value else value
        shown = self.label(table, field, value)
        link = self._link(value, field) if value and field.reference and self._links else {}
        if self._form == "true":
            return {"display_value": shown, **link} if link else shown
        return {"display_value": shown, "value": value, **link}

    def _reference(self, value: str, field: dictionary.Field) -> Shown:
        return {**self._link(value, field), "value": value} if field.reference else value

    def _link(self, value: str, field: dictionary.Field) -> dict[str, str]:
        return {"link": f"{self._address}/api/now/table/{field.reference}/{value}"}

    def label(self, table: str, field: dictionary.Field, value: str) -> str:
        """Return what a person would read for a value."""
        key = (table, field.name, value)
        if key not in self._labels:
            self._labels[key] = _label(self._instance, table, field, value)
        return self._labels[key]


def _owner(table: str, name: str) -> tuple[str, dictionary.Field]:
    first, _, rest = name.partition(".")
    field = dictionary.fields(table).get(first, dictionary.Field(first))
    return _owner(field.reference, rest) if rest and field.reference else (table, field)


def _label(instance: Instance, table: str, field: dictionary.Field, value: str) -> str:
    if not value:
        return ""
    if field.reference:
        row = instance.storage.find(field.reference, value)
        return row.get(dictionary.display_field(field.reference), value) if row else value
    if field.kind == "glide_duration":
        return _spoken(epoch(value))
    for name in dictionary.chain(table):
        query = f"name={name}^element={field.name}^value={value}^language=en"
        found = instance.storage.compile("sys_choice", query, instance.columns)
        rows = instance.storage.select("sys_choice", ["label"], found, 1, 0)
        if rows:
            return rows[0][0]
    return value


def _spoken(seconds: int) -> str:
    units = (("Day", 86400), ("Hour", 3600), ("Minute", 60))
    parts = []
    for name, size in units:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}{'s' if count > 1 else ''}")
    return " ".join(parts) or f"{seconds} Seconds"
