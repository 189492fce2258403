"""The Aggregate API: counts, sums and the like; it looks at the table's rights and not at row rules."""

from __future__ import annotations

from collections.abc import Mapping

from itsm_bridge.simulation import Answer
from itsm_bridge_servicenow.testing import answers, dictionary
from itsm_bridge_servicenow.testing.answers import Refusal
from itsm_bridge_servicenow.testing.instance import Instance
from itsm_bridge_servicenow.testing.rendering import Rendering
from itsm_bridge_servicenow.testing.table_api import check_readable

_FUNCTIONS = ("min", "max", "avg", "sum")
_NUMERIC = ("avg", "sum")


def stats(instance: Instance, table: str, parameters: Mapping[str, str], address: str) -> Answer:
    """Answer `/api/now/stats/{table}`."""
    check_readable(instance, table)
    query = instance.storage.compile(table, parameters.get("sysparm_query", ""), instance.columns)
    query.order = ""
    wanted = _wanted(instance, table, parameters)
    groups = _columns(instance, table, parameters.get("sysparm_group_by", ""))
    if not wanted:
        raise Refusal(400, "Invalid request", "No aggregate was asked for")
    rows = instance.storage.aggregate(table, [text for *_, text in wanted], list(groups.values()), query)
    if not groups:
        return answers.result({"stats": _stats(wanted, rows[0])}, rows=1)
    rendering = Rendering(instance, address, table, list(groups), "false", links=False)
    form = parameters.get("sysparm_display_value", "false")
    found = [_group(rendering, table, row, wanted, form) for row in rows]
    return answers.result(found, rows=len(found))


Wanted = list[tuple[str, str, str]]


def _wanted(instance: Instance, table: str, parameters: Mapping[str, str]) -> Wanted:
    found: Wanted = [("count", "", "count(*)")] if parameters.get("sysparm_count") == "true" else []
    for function in _FUNCTIONS:
        for name, column in _columns(instance, table, parameters.get(f"sysparm_{function}_fields", "")).items():
            number = (
                dictionary.fields(table).get(name, dictionary.Field(name)).kind == "integer" or function in _NUMERIC
            )
            argument = f"CAST({column} AS INTEGER)" if number else f"nullif({column}, '')"
            found.append((function, name, f"{function}({argument})"))
    return found


def _columns(instance: Instance, table: str, text: str) -> dict[str, str]:
    names = (name for name in text.split(",") if name)
    return {name: column for name in names if (column := instance.columns.expression(table, name)) is not None}


def _stats(wanted: Wanted, values: tuple[object, ...]) -> dict[str, object]:
    shown: dict[str, object] = {}
    for (function, name, _), value in zip(wanted, values, strict=True):
        text = "" if value is None else str(value)
        if function == "count":
            shown["count"] = text
        else:
            found = shown.setdefault(function, {})
            if isinstance(found, dict):
                found[name] = text
    return shown


def _group(rendering: Rendering, table: str, row: tuple[str, ...], wanted: Wanted, form: str) -> dict[str, object]:
    fields = []
    for name, value in zip(rendering.fields, row, strict=False):
        label = rendering.label(table, dictionary.fields(table).get(name, dictionary.Field(name)), value)
        entry = {"field": name, "value": label if form == "true" else value}
        fields.append({**entry, "display_value": label} if form == "all" else entry)
    return {"stats": _stats(wanted, row[len(rendering.fields) :]), "groupby_fields": fields}
