"""The Table API: lists and single records, with the vendor's order of limit, access rules and counting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

from itsm_bridge.simulation import Answer
from itsm_bridge_servicenow.testing import answers
from itsm_bridge_servicenow.testing.answers import Refusal
from itsm_bridge_servicenow.testing.conditions import Compiled, quoted
from itsm_bridge_servicenow.testing.instance import Instance
from itsm_bridge_servicenow.testing.rendering import Form, Rendering

Parameters = Mapping[str, str]
_DEFAULT_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class TableApi:
    """Answers `/api/now[/v1|/v2]/table/…` from the instance. `strict` gives no rows to an invalid query."""

    instance: Instance
    address: str
    strict: bool = False

    def list(self, table: str, parameters: Parameters, version: str) -> Answer:
        """Return the rows of a query: the limit first, then the access rules."""
        check_readable(self.instance, table)
        limit = _whole(parameters, "sysparm_limit", _DEFAULT_LIMIT, least=1)
        offset = _whole(parameters, "sysparm_offset", 0, least=0)
        query = self._query(table, parameters)
        rendering = self._rendering(table, parameters)
        expressions = [f"{quoted(table)}.sys_id", *self._expressions(table, rendering.fields)]
        found = self.instance.storage.select(table, expressions, query, limit, offset)
        rows = [rendering.row(row[1:]) for row in found if row[0] not in self.instance.hidden]
        if not rows and version == "v1":
            raise answers.no_record()
        return answers.result(rows, self._headers(table, parameters, query, limit, offset), len(rows))

    def single(self, table: str, key: str, parameters: Parameters) -> Answer:
        """Return one record; hidden and missing ones look alike."""
        check_readable(self.instance, table)
        rendering = self._rendering(table, parameters)
        query = self.instance.storage.compile(table, f"sys_id={key}", self.instance.columns)
        found = self.instance.storage.select(table, self._expressions(table, rendering.fields), query, 1, 0)
        if not found or key in self.instance.hidden:
            raise answers.no_record()
        return answers.result(rendering.row(found[0]), rows=1)

    def _query(self, table: str, parameters: Parameters) -> Compiled:
        text = parameters.get("sysparm_query", "")
        if not text:
            text = "^".join(self._display_condition(*item) for item in parameters.items() if "sysparm" not in item[0])
        query = self.instance.storage.compile(table, text, self.instance.columns)
        if query.ignored and self.strict:
            query.where, query.parameters = "0", []
        return query

    def _display_condition(self, name: str, value: str) -> str:
        """Return a condition for `field=value` parameters, which name what a person reads."""
        labels = self.instance.storage.compile("sys_choice", f"element={name}^label={value}", self.instance.columns)
        codes = self.instance.storage.select("sys_choice", ["value"], labels, 100, 0)
        return f"{name}IN{','.join([value, *(code for (code,) in codes)])}"

    def _rendering(self, table: str, parameters: Parameters) -> Rendering:
        wanted = [name for name in parameters.get("sysparm_fields", "").split(",") if name]
        names = wanted or self.instance.storage.columns(table) or ()
        shown = [name for name in names if self.instance.columns.expression(table, name) is not None]
        form = parameters.get("sysparm_display_value", "false")
        links = parameters.get("sysparm_exclude_reference_link") != "true"
        chosen = cast(Form, form if form in ("true", "all") else "false")
        return Rendering(self.instance, self.address, table, shown, chosen, links)

    def _expressions(self, table: str, fields: Sequence[str]) -> tuple[str, ...]:
        columns = self.instance.columns
        return tuple(text for name in fields if (text := columns.expression(table, name)) is not None)

    def _headers(self, table: str, parameters: Parameters, query: Compiled, limit: int, offset: int) -> dict[str, str]:
        if parameters.get("sysparm_no_count") == "true":
            return {}
        total = self.instance.storage.count(table, query)
        headers = {"X-Total-Count": str(total)}
        links = self._links(table, parameters, limit, offset, total)
        if links and parameters.get("sysparm_suppress_pagination_header") != "true":
            headers["Link"] = links
        return headers

    def _links(self, table: str, parameters: Parameters, limit: int, offset: int, total: int) -> str:
        if total <= limit and not offset:
            return ""
        last = (max(total, 1) - 1) // limit * limit
        places = {"first": 0, "last": last}
        if offset:
            places["prev"] = max(0, offset - limit)
        if offset + limit < total:
            places["next"] = offset + limit
        base = f"{self.address}/api/now/table/{table}?"
        return ",".join(
            f'<{base}{urlencode({**parameters, "sysparm_limit": limit, "sysparm_offset": place})}>;rel="{name}"'
            for name, place in places.items()
        )


def check_readable(instance: Instance, table: str) -> None:
    """Refuse a table that does not exist or that the account may not read."""
    if instance.storage.columns(table) is None:
        raise Refusal(400, f"Invalid table {table}")
    if instance.is_denied(table):
        raise Refusal(403, "User Not Authorized", "Failed API level ACL Validation")


def _whole(parameters: Parameters, name: str, default: int, least: int) -> int:
    text = parameters.get(name)
    if text is None or text == "":
        return default
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if value < least:
        raise Refusal(400, f"Invalid value given for {name}")
    return value
