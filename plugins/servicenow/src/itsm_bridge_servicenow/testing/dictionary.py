"""The instance's own schema: tables, their parents, fields with types, and what they refer to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from itsm_bridge_servicenow.testing.records import Row, Tables, stamp, sys_id
from itsm_bridge_servicenow.testing.table_list import AUDITED, CREATED_ONLY, TABLES

_KINDS = {
    "@": "glide_date_time",
    "%": "glide_date",
    "~": "glide_duration",
    "#": "integer",
    "?": "boolean",
    "!": "journal_input",
}
_CREATED = "sys_id sys_created_on@ sys_created_by"
_SYSTEM = f"{_CREATED} sys_updated_on@ sys_updated_by sys_mod_count#"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its type in the vendor's words, and the table it refers to."""

    name: str
    kind: str = "string"
    reference: str = ""


def _field(text: str) -> Field:
    if ">" in text:
        name, target = text.split(">")
        return Field(name, "reference", target)
    kind = _KINDS.get(text[-1])
    return Field(text[:-1], kind) if kind else Field(text, "GUID" if text == "sys_id" else "string")


@cache
def own_fields(table: str) -> tuple[Field, ...]:
    """Return the fields that a table adds to its parent's."""
    parent, _, fields = TABLES.get(table, ("", table, ""))
    system = "" if parent else (_CREATED if table in CREATED_ONLY else _SYSTEM)
    return tuple(_field(text) for text in f"{system} {fields}".split())


@cache
def chain(table: str) -> tuple[str, ...]:
    """Return the table and its parents, nearest first."""
    parent = TABLES.get(table, ("", "", ""))[0]
    return (table, *chain(parent)) if parent else (table,)


@cache
def children(table: str) -> tuple[str, ...]:
    """Return the table and everything that extends it, however far."""
    return tuple(name for name in TABLES if table in chain(name)) or (table,)


@cache
def fields(table: str) -> Mapping[str, Field]:
    """Return all fields of a table by name, inherited ones included."""
    found = {field.name: field for name in reversed(chain(table)) for field in own_fields(name)}
    if len(children(chain(table)[-1])) > 1:
        found.setdefault("sys_class_name", Field("sys_class_name"))
    return found


def display_field(table: str) -> str:
    """Return the field that stands for a record of this table where a reference is shown."""
    known = fields(table)
    return next((name for name in ("number", "name", "user_name") if name in known), "sys_id")


def describe(tables: Iterable[str], extra: Mapping[str, Iterable[str]] | None = None) -> Tables:
    """Return sys_db_object and sys_dictionary rows for these tables and their parents.

    `extra` names fields beyond the declared ones, by table; they are described as strings.
    """
    names = sorted({parent for table in tables for parent in chain(table)})
    objects = [_object(name) for name in names]
    entries = [row for name in names for row in _entries(name, tuple((extra or {}).get(name, ())))]
    return {"sys_db_object": objects, "sys_dictionary": entries}


def _object(table: str) -> Row:
    parent, label, _ = TABLES.get(table, ("", table, ""))
    super_class = sys_id("sys_db_object", parent) if parent else ""
    return {**_system("sys_db_object", table), "name": table, "label": label, "super_class": super_class}


def _entries(table: str, extra: tuple[str, ...]) -> list[Row]:
    audited = "true" if table in AUDITED else "false"
    rows = [_entry(table, Field("", "collection"), audited)]
    own = {field.name: field for field in own_fields(table)}
    if not TABLES.get(table, ("", "", ""))[0] and "sys_class_name" in fields(table):
        own["sys_class_name"] = Field("sys_class_name", "sys_class_name")
    known = fields(table)
    own |= {name: Field(name) for name in extra if name not in known}
    return rows + [_entry(table, field, "false") for field in own.values()]


def _entry(table: str, field: Field, audited: str) -> Row:
    return {
        **_system("sys_dictionary", f"{table}.{field.name}"),
        "name": table,
        "element": field.name,
        "column_label": field.name.replace("_", " ").capitalize(),
        "internal_type": field.kind,
        "reference": field.reference,
        "mandatory": "false",
        "max_length": "32" if field.kind in ("reference", "GUID") else "255",
        "active": "true",
        "audit": audited,
        "attributes": "",
    }


def _system(table: str, name: str) -> Row:
    at = stamp(1_420_070_400)
    return {
        "sys_id": sys_id(table, name),
        "sys_created_on": at,
        "sys_created_by": "system",
        "sys_updated_on": at,
        "sys_updated_by": "system",
        "sys_mod_count": "0",
    }
