"""What we read of the answers of Assets, as far as its vendor publishes them: objects, attributes, object schemas."""

from __future__ import annotations

from typing import Annotated, Any

from jira_shapes import Count, Id
from msgspec import UNSET, Meta, Struct, UnsetType

Utc = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]


class Named(Struct):
    id: Id | int
    name: str


class Account(Struct):
    displayName: str
    key: str


class Brief(Struct):
    id: Id | int
    label: str
    objectKey: str
    objectType: Named
    created: Utc
    updated: Utc


class Value(Struct):
    displayValue: str
    value: str | UnsetType = UNSET
    status: Named | UnsetType = UNSET
    user: Account | UnsetType = UNSET
    referencedObject: Brief | UnsetType = UNSET


class Values(Struct):
    objectTypeAttributeId: Id | int
    objectAttributeValues: list[Value]


class Object(Brief, kw_only=True):
    attributes: list[Values]


class Attribute(Struct):
    id: Id | int
    name: str
    type: int


class Schema(Struct):
    id: Id | int
    name: str
    objectCount: Count


class CloudObjects(Struct):
    startAt: Count
    maxResults: Count
    total: Count
    isLast: bool
    values: list[Object]


class OwnObjects(Struct):
    """A page of a Data Center."""

    objectEntries: list[Object]
    totalFilterCount: Count
    pageNumber: Count


class OwnSchemas(Struct):
    """All that a Data Center shows."""

    objectschemas: list[Schema]


QUERY: dict[str, Any] = {"qlQuery": "objectSchemaId = 1 ORDER BY Key ASC"}
