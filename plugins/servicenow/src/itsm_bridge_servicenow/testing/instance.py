"""The instance behind the server: its records, who may see what, and how records change."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime

from itsm_bridge_servicenow.testing import dictionary
from itsm_bridge_servicenow.testing.conditions import Columns
from itsm_bridge_servicenow.testing.records import Row, Tables, epoch, seconds_of, stamp, sys_id
from itsm_bridge_servicenow.testing.storage import Storage
from itsm_bridge_servicenow.testing.table_list import AUDITED, TABLES

Predicate = Callable[[Row], bool]
_SILENT = frozenset({"sys_updated_on", "sys_updated_by", "sys_mod_count"})


class Instance:
    """Records, access rules and changes. `now` is the instance's clock; a test moves it."""

    def __init__(self, tables: Tables, account: str, now: datetime | None = None) -> None:
        self.account = account
        self._now = now
        self.storage = Storage(_complete(tables, account))
        self.denied_tables: set[str] = set()
        self.denied_fields: set[tuple[str, str]] = set()
        self.denied_ranges: set[tuple[str, str]] = set()
        self.hidden: set[str] = set()
        self._rules: list[tuple[str, Predicate]] = []
        self._serial = itertools.count(1)
        self.columns = Columns(self.storage.known, self.is_forbidden, self.is_rangeless, self._evaluate)

    @property
    def now(self) -> datetime:
        """The instance's time: the one it was given, else the machine's."""
        return self._now or datetime.now(UTC)

    @now.setter
    def now(self, moment: datetime) -> None:
        self._now = moment

    # -- who may see what ---------------------------------------------------------------------------

    def hide(self, table: str, which: Predicate | Collection[str]) -> None:
        """Hide rows from the account: by id, or by a predicate that also holds for later rows."""
        if not callable(which):
            self.hidden.update(which)
            return
        self._rules.append((table, which))
        self.hidden.update(row["sys_id"] for row in self.storage.rows(table) if which(row))

    def show(self) -> None:
        """Take all row rules back."""
        self._rules.clear()
        self.hidden.clear()

    def is_forbidden(self, table: str, field: str) -> bool:
        """Say whether the account may not read this field, by the table or one of its parents."""
        return _names(self.denied_fields, table, field)

    def is_rangeless(self, table: str, field: str) -> bool:
        """Say whether the account may read this field but neither compare nor sort by it (query ACLs)."""
        return _names(self.denied_ranges, table, field)

    def is_denied(self, table: str) -> bool:
        """Say whether the account may not read this table at all."""
        return table in self.denied_tables

    def visible(self, table: str) -> list[Row]:
        """Return what the account can see of a table: without hidden rows and forbidden fields."""
        if self.is_denied(table):
            return []
        rows = (row for row in self.storage.rows(table) if row["sys_id"] not in self.hidden)
        return [{name: value for name, value in row.items() if not self.is_forbidden(table, name)} for row in rows]

    # -- changes ------------------------------------------------------------------------------------

    def insert(self, table: str, row: Mapping[str, str], user: str = "admin") -> str:
        """Add a record as the vendor does, system fields included; returns its sys_id."""
        at = stamp(seconds_of(self.now))
        system = {"sys_created_on": at, "sys_created_by": user, "sys_updated_on": at, "sys_updated_by": user}
        full = {"sys_id": self._new_id(table), **system, "sys_mod_count": "0", **row}
        self.load(table, [full])
        return full["sys_id"]

    def load(self, table: str, rows: list[Row]) -> None:
        """Add rows exactly as they are."""
        self.storage.insert(table, rows)
        self.hidden.update(row["sys_id"] for row in rows for name, rule in self._rules if name == table and rule(row))

    def update(
        self, table: str, key: str, changes: Mapping[str, str], user: str = "admin", audit: bool | None = None
    ) -> None:
        """Change a record: touches sys_updated_on and sys_mod_count, and writes history where the table is audited.

        Comments and work notes become journal entries, as in the real tool.
        """
        before = self.storage.find(table, key)
        if before is None:
            raise KeyError(f"{table} has no record {key}")
        at = stamp(seconds_of(self.now))
        count = str(int(before.get("sys_mod_count") or 0) + 1)
        system = {"sys_updated_on": at, "sys_updated_by": user, "sys_mod_count": count}
        said = {name: text for name, text in changes.items() if _is_journal(table, name)}
        for name, text in said.items():
            entry = {"name": table, "element_id": key, "element": name, "value": text}
            self.insert("sys_journal_field", entry, user)
        stored = {name: value for name, value in changes.items() if name not in said}
        self.storage.update(table, key, {**system, **stored})
        if table in AUDITED if audit is None else audit:
            self._write_audit(table, before, changes, user, count)

    def delete(self, table: str, key: str, user: str = "admin", record: bool = True) -> None:
        """Delete a record; the deletion is filed under its real class unless `record` is false."""
        row = self.storage.find(table, key)
        if row is None:
            raise KeyError(f"{table} has no record {key}")
        real = row.get("sys_class_name") or table
        self.storage.delete(real, key)
        if record:
            shown = row.get(dictionary.display_field(real), key)
            entry = {"tablename": real, "documentkey": key, "display_value": shown, "payload": ""}
            self.insert("sys_audit_delete", entry, user)

    def _write_audit(self, table: str, before: Row, changes: Mapping[str, str], user: str, checkpoint: str) -> None:
        for name, value in changes.items():
            if name in _SILENT or before.get(name, "") == value:
                continue
            entry = {
                "tablename": before.get("sys_class_name") or table,
                "documentkey": before["sys_id"],
                "fieldname": name,
                "oldvalue": before.get(name, ""),
                "newvalue": value,
                "user": user,
                "record_checkpoint": checkpoint,
            }
            self.insert("sys_audit", entry, user)

    def _new_id(self, table: str) -> str:
        return sys_id("new", table, next(self._serial))

    def _evaluate(self, script: str) -> str:
        if "getUserID" in script:
            row = self.storage.find("sys_user", self.account, "user_name")
            return row["sys_id"] if row else ""
        if "getUserName" in script:
            return self.account
        return stamp(epoch(stamp(seconds_of(self.now))))


def _names(denied: Collection[tuple[str, str]], table: str, field: str) -> bool:
    return bool(denied) and any((name, field) in denied for name in dictionary.chain(table))


def _is_journal(table: str, name: str) -> bool:
    return dictionary.fields(table).get(name, dictionary.Field(name)).kind == "journal_input"


def _complete(tables: Tables, account: str) -> Tables:
    """Add what every instance has: its schema, and the account that asks."""
    full = dict(tables)
    if "sys_dictionary" not in full:
        extra = {name: set[str]().union(*rows) for name, rows in full.items()}
        full |= dictionary.describe({*TABLES, *full}, extra)
    users = full.get("sys_user", [])
    if all(row.get("user_name") != account for row in users):
        full["sys_user"] = [*users, _account_row(account)]
    return full


def _account_row(account: str) -> Row:
    at = stamp(1_420_070_400)
    return {
        "sys_id": sys_id("sys_user", account),
        "user_name": account,
        "name": "ITSM Bridge",
        "active": "true",
        "time_zone": "GMT",
        "internal_integration_user": "true",
        "web_service_access_only": "true",
        "sys_created_on": at,
        "sys_updated_on": at,
        "sys_created_by": "admin",
        "sys_updated_by": "admin",
        "sys_mod_count": "0",
    }
