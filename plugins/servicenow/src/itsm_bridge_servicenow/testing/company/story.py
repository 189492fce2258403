"""The life of one record, told forward in time: every update leaves the history rows that the vendor would write."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from itsm_bridge_servicenow.testing.records import MINUTE, Row, stamp, sys_id

if TYPE_CHECKING:
    from itsm_bridge_servicenow.testing.company.world import World

_MIRRORS = {"incident": "incident_state", "problem": "problem_state"}


class NotYet(Exception):
    """The story has reached the present: what comes next has not happened."""


class Story:
    """One record and its history. Times are epoch seconds and never go back.

    `at` is where the telling stands, `touched` the last moment at which the record was written.
    `states` and `priorities` hold (at, value) since the beginning; `first_reply` the first public
    answer by somebody else than the one who asked.
    """

    def __init__(self, world: World, table: str, number: str, opened: int, by: str, created: int | None = None) -> None:
        self.world = world
        self.table = table
        self.created = opened if created is None else created
        if self.created > world.now:
            raise NotYet
        self.opened = opened
        self.at = self.touched = self.created
        self.key = sys_id(world.seed, table, number)
        user = world.login(by)
        self.row: Row = {
            "sys_id": self.key,
            "number": number,
            "sys_class_name": table,
            "opened_at": stamp(opened),
            "opened_by": by,
            "sys_created_on": stamp(self.created),
            "sys_created_by": user,
            "active": "true",
            "approval": "not requested",
            "reassignment_count": "0",
            "made_sla": "true",
            "escalation": "0",
            "sys_domain": "global",
        }
        self.updates = 0
        self._user = user
        self.states: list[tuple[int, str]] = []
        self.priorities: list[tuple[int, str]] = []
        self.first_reply: int | None = None
        self._lines = count()
        self.audit: list[Row] = []

    def begin(self, **fields: str) -> None:
        """Set what the record is created with; creation leaves no history."""
        self.row.update(fields)
        mirror = _MIRRORS.get(self.table)
        if mirror:
            self.row[mirror] = fields["state"]
        self.states.append((self.created, fields["state"]))
        self.priorities.append((self.created, fields.get("priority", "")))

    def update(self, at: int, by: str, **changes: str) -> None:
        """Change fields at a moment; raises NotYet where that lies ahead of the present."""
        self._advance(at, by)
        mirror = _MIRRORS.get(self.table)
        if mirror and "state" in changes:
            changes[mirror] = changes["state"]
        if "assignment_group" in changes and self.row.get("assignment_group"):
            changes["reassignment_count"] = str(int(self.row["reassignment_count"]) + 1)
        for name, value in changes.items():
            self._audit(name, self.row.get(name, ""), value)
        self.row.update(changes)
        if "state" in changes:
            self.states.append((self.at, changes["state"]))
        if "priority" in changes:
            self.priorities.append((self.at, changes["priority"]))

    def say(self, at: int, by: str, text: str, is_public: bool = True) -> None:
        """Write a comment that the requester sees, or a work note."""
        self._advance(at, by)
        element = "comments" if is_public else "work_notes"
        self._audit(element, "", text)
        self.world.add("sys_journal_field", {
            "sys_id": sys_id(self.key, "journal", next(self._lines)),
            "name": self.table,
            "element_id": self.key,
            "element": element,
            "value": text,
            "sys_created_on": stamp(self.at),
            "sys_created_by": self._user,
        })  # fmt: skip
        is_answer = by not in (self.row.get("caller_id"), self.row.get("requested_for"))
        if is_public and is_answer and self.first_reply is None:
            self.first_reply = self.at

    def keep_alive(self, until: int, by: str, every: int, is_public: bool = False) -> None:
        """Leave a note now and then until a moment, so that nobody may call the record stale."""
        while self.at + every < until:
            self.say(self.at + every - self.world.random.randrange(MINUTE * 30), by, self.world.note(), is_public)

    def wait(self, until: int, by: str, every: int) -> None:
        """Let time pass until a moment, with a work note now and then."""
        self.keep_alive(until, by, every)
        self.at = max(self.at, until)

    def finish(self) -> Row:
        """Store the record as it stands, with its history."""
        self.row["sys_updated_on"] = stamp(self.touched)
        self.row["sys_updated_by"] = self._user
        self.row["sys_mod_count"] = str(self.updates)
        self.world.add(self.table, self.row)
        self.world.tables.setdefault("sys_audit", []).extend(self.audit)
        return self.row

    def forget(self, field: str, value: str) -> None:
        """Lose the history of one change of a field, as a silent update would."""
        names = {field, _MIRRORS.get(self.table, field)}
        self.audit = [row for row in self.audit if row["fieldname"] not in names or row["newvalue"] != value]

    def _advance(self, at: int, by: str) -> None:
        at = max(at, self.at)
        if at > self.world.now:
            raise NotYet
        self.at = self.touched = at
        self._user = self.world.login(by)
        self.updates += 1

    def _audit(self, name: str, old: str, new: str) -> None:
        if old == new:
            return
        at = stamp(self.at)
        self.audit.append({
            "sys_id": sys_id(self.key, "audit", next(self._lines)),
            "tablename": self.table,
            "documentkey": self.key,
            "fieldname": name,
            "oldvalue": old,
            "newvalue": new,
            "user": self._user,
            "reason": "",
            "record_checkpoint": str(self.updates),
            "sys_created_on": at,
            "sys_created_by": self._user,
        })  # fmt: skip
