"""Configuration items out of Jira Assets: the objects of all object schemas, and what they refer to.

Sites name the attributes of their objects as they like. Which one is the status, the owner and so on is decided for
each schema: by a setting, by the only attribute of a fitting type, by its exact name; never by chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from itsm_bridge.errors import BadAnswer
from itsm_bridge_jira_sm.answers import a_list, object_with
from itsm_bridge_jira_sm.instants import in_utc
from itsm_bridge_jira_sm.lists import Row, listed, other_page
from itsm_bridge_jira_sm.session import Site
from itsm_bridge_jira_sm.settings import ASSET_ATTRIBUTES
from itsm_bridge_jira_sm.shape import PERSON

ASSET, RELATION = "asset", "asset_relation"
OWNER = f"owner.{PERSON}"
COLUMNS: Mapping[str, str] = {
    "status": "status", "owner": OWNER, "environment": "environment", "description": "description",
    "verified": "verified",
}  # fmt: skip
_PLAIN, _USER, _STATUS = 0, 2, 7  # types of attributes, as Assets numbers them
_TYPED = {"status": _STATUS, "owner": _USER}
_AT_ONCE = 100

Rows = tuple[Mapping[str, Sequence[str | None]], int]


@dataclass(frozen=True, slots=True)
class Schema:
    """An object schema; `names` are those of its attributes by id, `chosen` the name of the one for each purpose.

    `undecided` are the names between which nothing decides, by purpose.
    """

    id: str
    name: str
    workspace: str
    rows: int | None
    names: Mapping[str, str] = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)
    undecided: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Assets:
    """Reads the Assets of one site. `named` are the settings' names of attributes, by what they are for."""

    def __init__(self, site: Site, named: Mapping[str, str]) -> None:
        self._site = site
        self._named = named

    def schemas(self) -> Iterator[Schema]:
        """Yield the object schemas that the account sees, with their attributes; raises SourceError."""
        for workspace in self._workspaces:
            for row in self._schema_rows(workspace):
                count = row.get("objectCount")
                names, types = self._attributes(workspace, str(row["id"]))
                chosen, undecided = _choose(names, types, self._named)
                yield Schema(
                    str(row["id"]), str(row.get("name") or row["id"]), workspace,
                    count if isinstance(count, int) else None, names, chosen, undecided,
                )  # fmt: skip

    def has_workspace(self) -> bool:
        """Tell whether the site has Assets at all."""
        return bool(self._workspaces)

    def look_at_one_page(self, schemas: Sequence[Schema]) -> None:
        """Ask for objects once, to see whether they may be read; raises SourceError."""
        for schema in schemas[:1]:
            next(self._pages(schema), None)

    def read(self, stream: str) -> Iterator[Rows]:
        """Yield the rows of objects, or of the references between them."""
        rows_of = self._objects if stream == ASSET else self._references
        for schema in self.schemas():
            for page in self._pages(schema):
                yield rows_of(schema, page)

    # -- what there is ---------------------------------------------------------------------------------------

    @cached_property
    def _workspaces(self) -> Sequence[str]:
        if not self._site.is_cloud:
            return ("",)
        found = listed(self._site, self._site.desk("assets/workspace"))
        return [str(row["workspaceId"]) for row in found if row.get("workspaceId")]

    def _schema_rows(self, workspace: str) -> Iterator[Row]:
        url = self._site.assets(workspace, "objectschema/list")
        if self._site.is_cloud:
            found = listed(self._site, url)
        else:
            told = self._site.transport.get(url, accept=object_with(list, "objectschemas")).json()
            found = iter([row for row in told["objectschemas"] if isinstance(row, dict)])
        yield from (row for row in found if row.get("id") is not None)

    def _attributes(self, workspace: str, schema: str) -> tuple[dict[str, str], dict[str, int]]:
        url = self._site.assets(workspace, f"objectschema/{schema}/attributes")
        told = self._site.transport.get(url, accept=a_list).json()
        rows = [row for row in (told["values"] if isinstance(told, dict) else told) if isinstance(row, dict)]
        names = {str(row["id"]): str(row["name"]) for row in rows if row.get("id") is not None and row.get("name")}
        return names, {str(row["id"]): row["type"] for row in rows if isinstance(row.get("type"), int)}

    # -- pages -----------------------------------------------------------------------------------------------

    def _pages(self, schema: Schema) -> Iterator[list[Row]]:
        """Yield the objects of a schema, page by page, until Assets says that it was the last: how many came does not.

        On Cloud `total` stops at a thousand, and is not believed.
        """
        seen, before = 0, None
        # Without an order that is total, objects with the same label may be on two pages, or on none.
        query = f"objectSchemaId = {schema.id} ORDER BY Key ASC"
        page = 0
        while True:
            page += 1
            where, told = self._asked(schema, query, seen, page)
            found = told["values" if self._site.is_cloud else "objectEntries"]
            before = other_page(found, len(found), before, where)
            seen += len(found)
            yield [row for row in found if isinstance(row, dict)]
            if _is_last(told, seen, len(found), is_cloud=self._site.is_cloud):
                return
            if not found:
                raise BadAnswer("an empty page that is not the last", where=where)

    def _asked(self, schema: Schema, query: str, seen: int, page: int) -> tuple[str, Mapping[str, Any]]:
        if self._site.is_cloud:
            asked = {"startAt": seen, "maxResults": _AT_ONCE, "includeAttributes": "true"}
            url = self._site.assets(schema.workspace, "object/aql")
            answer = self._site.transport.post(
                f"{url}?{urlencode(asked)}", json={"qlQuery": query}, accept=object_with(list, "values")
            )
            return f"POST {url}", answer.json()
        url = self._site.assets("", "aql/objects")
        params = {"qlQuery": query, "page": str(page), "resultPerPage": str(_AT_ONCE), "includeAttributes": "true",
                  "includeAttributesDeep": "1"}  # fmt: skip
        answer = self._site.transport.get(url, params, accept=object_with(list, "objectEntries"))
        return f"GET {url}", answer.json()

    # -- rows ------------------------------------------------------------------------------------------------

    def _key(self, schema: Schema, row: Row) -> str | None:
        """Return an object's key as issues name it."""
        if not self._site.is_cloud:
            return str(row["objectKey"]) if row.get("objectKey") else None
        return f"{schema.workspace}:{row['id']}" if row.get("id") is not None else None

    def _objects(self, schema: Schema, page: list[Row]) -> Rows:
        rows = [self._object(schema, row) for row in page]
        names = ("id", "key", "label", "objectType.name", "schema", "created", "updated", *COLUMNS.values())
        return {name: [row[name] for row in rows] for name in names}, len(rows)

    def _object(self, schema: Schema, row: Row) -> dict[str, str | None]:
        first = {schema.names.get(id_, "").casefold(): values[0] for id_, values in _attributes_of(row) if values}
        kind = row.get("objectType")
        found = {
            column: _meaning(purpose, first.get(schema.chosen.get(purpose, "").casefold()))
            for purpose, column in COLUMNS.items()
        }
        return found | {
            "id": self._key(schema, row), "key": _text(row.get("objectKey")), "label": _text(row.get("label")),
            "objectType.name": _text(kind.get("name")) if isinstance(kind, dict) else None, "schema": schema.name,
            "created": in_utc(_text(row.get("created"))), "updated": in_utc(_text(row.get("updated"))),
        }  # fmt: skip

    def _references(self, schema: Schema, page: list[Row]) -> Rows:
        found: dict[str, tuple[str, str, str]] = {}
        for row in page:
            own = self._key(schema, row)
            for id_, values in _attributes_of(row):
                others = (value.get("referencedObject") for value in values)
                for other in (self._key(schema, one) for one in others if isinstance(one, dict)):
                    if own and other:
                        found[f"{own}/{id_}/{other}"] = own, other, schema.names.get(id_, id_)
        columns = zip(*found.values(), strict=True) if found else ((), (), ())
        own_, other_, name = (list(column) for column in columns)
        return {"id": list(found), "from": own_, "to": other_, "name": name}, len(found)


def _choose(
    names: Mapping[str, str], types: Mapping[str, int], named: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, Sequence[str]]]:
    """Return which attribute is for what, and between which nothing decides."""
    chosen: dict[str, str] = {}
    undecided: dict[str, Sequence[str]] = {}
    for purpose, usual in ASSET_ATTRIBUTES.items():
        fitting = _TYPED.get(purpose, _PLAIN)
        typed = sorted({name for id_, name in names.items() if types.get(id_) == fitting})
        # Of a status, the name says enough; an owner in a plain field is no account.
        plain = sorted({name for id_, name in names.items() if types.get(id_) == _PLAIN}) if purpose == "status" else []
        wanted = (named[purpose],) if purpose in named else usual
        known = {name.casefold(): name for name in (*plain, *typed)}
        exact = next((known[name.casefold()] for name in wanted if name.casefold() in known), None)
        if purpose in named:
            found = exact
        elif purpose in _TYPED and len(typed) == 1:
            found = typed[0]
        else:
            found = exact
            if found is None and purpose in _TYPED and typed:
                undecided[purpose] = typed
        if found:
            chosen[purpose] = found
    return chosen, undecided


def _is_last(told: Mapping[str, Any], seen: int, count: int, *, is_cloud: bool) -> bool:
    """Tell whether a page is the last one, by Assets' own word; raises nothing for want of it."""
    if not is_cloud:
        total = told.get("totalFilterCount")
        return seen >= total if isinstance(total, int) else not count
    for name, says in (("isLast", True), ("last", True), ("hasMoreResults", False)):
        if isinstance(told.get(name), bool):
            return told[name] is says
    total = told.get("total")
    return not count and not (isinstance(total, int) and seen < total)


def _attributes_of(row: Row) -> Iterator[tuple[str, list[Row]]]:
    """Yield an object's attributes: the id of each, and its values."""
    told = row.get("attributes")
    for attribute in told if isinstance(told, list) else ():
        values = attribute.get("objectAttributeValues") if isinstance(attribute, dict) else None
        if isinstance(values, list) and attribute.get("objectTypeAttributeId") is not None:
            yield str(attribute["objectTypeAttributeId"]), [value for value in values if isinstance(value, dict)]


def _meaning(purpose: str, value: Row | None) -> str | None:
    if value is None:
        return None
    inner = value.get(_INNER.get(purpose, ""))
    if isinstance(inner, dict):
        return next((_text(inner[name]) for name in ("accountId", "key", "name") if inner.get(name)), None) if (
            purpose == "owner"
        ) else _text(inner.get("name"))  # fmt: skip
    if purpose == "owner":
        return _text(value.get("value"))  # what is shown is a name, and no account
    text = (
        _text(value.get("value")) if purpose == "verified" else _text(value.get("displayValue") or value.get("value"))
    )
    return in_utc(text) if purpose == "verified" else text


_INNER = {"status": "status", "owner": "user"}


def _text(value: Any) -> str | None:
    return None if value in (None, "") or isinstance(value, dict | list) else str(value)
