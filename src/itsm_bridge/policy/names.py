"""Lines of the policy that name what the last snapshot does not have: services, groups, records, accounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import duckdb
import pyarrow as pa

from itsm_bridge.policy import tables
from itsm_bridge.policy.calendars import FILE as CALENDARS
from itsm_bridge.policy.lint import Remark
from itsm_bridge.policy.load import Policy, place_of
from itsm_bridge.policy.people import Pseudonyms
from itsm_bridge.sql import quoted
from itsm_bridge.suggestions import did_you_mean

Named = tuple[str, tuple[str, ...]]
_SERVICE: Named = ("service", ("name", "source_key", "service_id"))
_GROUP: Named = ("support_group", ("name", "source_key", "support_group_id"))
_PERSON: Named = ("person", ("login", "source_key"))
_TARGET: Named = ("sla_definition", ("name", "sla_definition_id"))
_TEMPLATE: Named = ("change_template", ("name", "change_template_id"))
_RECORD: Named = ("work_item", ("number", "work_item_id"))
_LINES: Sequence[tuple[str, str, str, tuple[Named, ...]]] = (
    ("services.csv", "service", "service", (_SERVICE,)),
    ("agreed_targets.csv", "sla_name", "service-level definition", (_TARGET,)),
    ("groups.csv", "support_group", "group", (_GROUP,)),
    ("authorities.csv", "support_group", "group", (_GROUP,)),
    ("authorities.csv", "account", "account", (_PERSON,)),
    ("accounts.csv", "account", "account", (_PERSON,)),
    ("change_templates.csv", "template", "template", (_TEMPLATE,)),
    ("freeze_windows.csv", "service_id", "service", (("service", ("service_id",)),)),
    (
        "register.csv",
        "subject_id",
        "record, service, agreement, supplier or register entry",
        (_RECORD, _SERVICE, _TARGET),
    ),
)
_ALSO = {"register.csv": (("supplier", "supplier_id"), ("register_item", "register_item_id"))}
_FREE = frozenset({"nonconformity", "improvement", "evidence_loss"})
"""Registers whose subject may be anything, such as a check."""


def columns_named() -> Mapping[str, frozenset[str]]:
    """Return which columns of which tables of a snapshot are read."""
    read: dict[str, set[str]] = {"sla_definition": {"source_id", "source_schedule"}}
    for _, _, _, named in _LINES:
        for table, columns in named:
            read.setdefault(table, set()).update(columns)
    return {table: frozenset(columns) for table, columns in read.items()}


def unknown_names(connection: duckdb.DuckDBPyConnection, policy: Policy, pseudonyms: Pseudonyms) -> list[Remark]:
    """Return a remark for each line that names what the snapshot does not have, and for schedules that are not bound.

    `pseudonyms` gives those under which the store knows people.
    """
    found = []
    for file, column, what, named in _LINES:
        lines = tables.numbered(policy.contents.get(file, ""))
        asked = [(n, row[column]) for n, row in lines if row.get(column) and row.get("kind") not in _FREE]
        asked = [(n, name) for n, name in asked if name not in _in_policy(policy, file)]
        if not asked:
            continue
        names = [name for _, name in asked]
        other = dict(zip(names, pseudonyms(names), strict=True)) if named == (_PERSON,) else {}
        known = _known(connection, named, [*names, *(each for each in other.values() if each)])
        some = _some(connection, named) if named != (_PERSON,) else []
        for line, name in asked:
            if name not in known and other.get(name) not in known:
                where = f"{place_of(policy.folder, file)}:{line}"
                message = f"the last snapshot has no {what} {name!r}{did_you_mean(name, some)}"
                found.append(Remark(where, message, "The line has no effect: correct the name, or take it out."))
    return [*found, *_unbound(connection, policy)]


def _in_policy(policy: Policy, file: str) -> set[str]:
    return {name for table, column in _ALSO.get(file, ()) for name in policy.tables[table][column].to_pylist()}


def _known(connection: duckdb.DuckDBPyConnection, named: Sequence[Named], asked: Sequence[str]) -> set[str]:
    connection.register("asked_name", pa.table({"name": pa.array(sorted(set(asked)), pa.string())}))
    parts = [
        f"SELECT a.name FROM asked_name AS a JOIN {table} AS t ON t.{column} = a.name"
        for table, columns in named
        for column in columns
    ]
    found = {name for (name,) in connection.execute(" UNION ".join(parts)).fetchall()}
    connection.unregister("asked_name")
    return found


def _some(connection: duckdb.DuckDBPyConnection, named: Sequence[Named]) -> list[str]:
    """Return names to guess from; records are too many for that."""
    parts = [f"SELECT {columns[0]} FROM {table}" for table, columns in named if table != "work_item"]
    if not parts:
        return []
    return [name for (name,) in connection.execute(" UNION ".join(parts)).fetchall() if name]


def _unbound(connection: duckdb.DuckDBPyConnection, policy: Policy) -> Iterable[Remark]:
    bound = {(row["source_id"], row["source_schedule"]) for row in policy.tables["calendar_binding"].to_pylist()}
    rows = connection.execute(
        "SELECT source_id, COALESCE(source_schedule, ''), COUNT(*) FROM sla_definition GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    for source, schedule, n in rows:
        if (source, schedule) not in bound:
            name = f"schedule {quoted(schedule)}" if schedule else "clocks without a schedule"
            message = f"{name} of source {source} is bound to no calendar: {n} service-level definitions not assessable"
            yield Remark(
                place_of(policy.folder, CALENDARS), message, "Add [[bindings]] with source, schedule, calendar."
            )
