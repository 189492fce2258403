"""A whole installation around a Desk: mapping files, settings, store, and short words for what tests do with it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
from deltalake import DeltaTable
from desk import Desk, DeskSettings, adapter_for

from itsm_bridge.adapter import Adapter
from itsm_bridge.analysis import open_store
from itsm_bridge.progress import SilentProgress
from itsm_bridge.remap import RemapReport, remap
from itsm_bridge.settings import Config
from itsm_bridge.settings import Store as StoreSettings
from itsm_bridge.store.store import Store
from itsm_bridge.sync import SyncReport, sync
from itsm_bridge.verify import VerifyReport, verify

TOOL = """
[formats]
instant = "utc"
true = ["true", "1"]
[choices]
stream = "choice"
table = "table"
element = "element"
code = "code"
label = "label"
language = { field = "language", prefer = "en" }
[people]
technical = ["system"]
"""
VALUES = """
[state]
choices = { tables = ["incident"], element = "state" }
labels = { "new" = "new", "in progress" = "in_progress", "on hold" = "pending", "closed" = "closed" }
codes = { "1" = "new", "2" = "in_progress", "7" = "closed" }
[priority]
codes = { "1" = 1, "2" = 2, "3" = 3 }
[switch.history]
by = ["table", "field"]
"incident.state" = "state"
"*.assignee" = "id:person"
"*.group" = "id:support_group"
"*.due" = "instant"
"*.weight" = "raw"
"*.*" = "text"
"""
WORK_ITEM = """
[work_item]
work_item_id = "id"
record_type = {{ constant = "{kind}" }}
source_key = "id"
number = "number"
title = "title"
state = {{ field = "state", values = "state" }}
priority = {{ field = "priority", values = "priority" }}
category = "category"
requester_id = "caller"
resolved_by_id = {{ field = "resolver_login", lookup = {{ stream = "user", match = "login", value = "id" }} }}
opened_at = "opened"
updated_at = "updated"
resolved_at = {{ first = ["resolved", "closed"] }}
is_major = "major"
is_approval_required = {{ field = "approval_note", present = true }}
"""
INCIDENT = f"""
stream = "incident"
keep = ["made_sla"]
{WORK_ITEM.format(kind="incident")}
[[relation]]
relation_id = {{ field = "id", suffix = "/investigated_by" }}
from_id = "id"
to_id = "problem"
relation_type = {{ constant = "investigated_by" }}
"""
CHANGE = f"""
stream = "change"
{WORK_ITEM.format(kind="change")}
[change_detail]
work_item_id = "id"
change_type = {{ constant = "normal" }}
justification = "reason"
"""
HISTORY = """
stream = "history"
[transition]
transition_id = "id"
work_item_id = "document"
at = "updated"
seq = "seq"
actor_id = "by"
field = { field = "field_kind" }
origin = { constant = "native" }
old_value = { field = "old", switch = "history" }
new_value = { field = "new", switch = "history" }
where = { table = ["incident", "change"], field_kind = "not empty" }
"""
USER = """
stream = "user"
[person]
person_id = "id"
source_key = "id"
login = "login"
is_active = "active"
"""
CHOICE = """
stream = "choice"
keep = ["table", "element", "code", "label", "language"]
"""
FILES = {
    "tool": TOOL,
    "values": VALUES,
    "incident": INCIDENT,
    "change": CHANGE,
    "history": HISTORY,
    "user": USER,
    "choice": CHOICE,
}


def write_mapping(folder: Path, **files: str) -> Path:
    """Write mapping files, the usual ones where not given."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (FILES | files).items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def overlay(folder: Path, **files: str) -> Path:
    """Write mapping files that lie over the usual ones."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


class Site:
    """One installation in a folder. `settings` change the settings of the source `desk`."""

    def __init__(self, folder: Path, desk: Desk | None = None) -> None:
        self.folder = folder
        self.path = folder / "store"
        self.desk = desk or Desk()
        self.mapping = write_mapping(folder / "mapping")
        self.adapters: dict[str, type[Adapter]] = {"desk": adapter_for(self.desk, self.mapping)}
        self.settings: dict[str, Any] = {"connections": 2}
        self.sources: dict[str, Any] = {}
        self.privacy: dict[str, Any] = {}

    @property
    def config(self) -> Config:
        sources = {"desk": DeskSettings(adapter="desk", **self.settings), **self.sources}
        return Config(
            store=StoreSettings(path=str(self.path)),
            sources=sources,
            folder=self.folder,
            file=self.folder / "itsm-bridge.toml",
            **self.privacy,
        )

    @property
    def store(self) -> Store:
        return Store(self.path)

    def sync(self, **how: Any) -> SyncReport:
        return sync(self.config, self.adapters, SilentProgress(), **how)

    def remap(self) -> RemapReport:
        return remap(self.config, self.adapters, SilentProgress())

    def verify(self) -> VerifyReport:
        return verify(self.store)

    def load(self, table: str, as_of: Any = None) -> pd.DataFrame:
        return open_store(self.path).load(table, as_of=as_of)

    def sql(self, query: str, as_of: Any = None) -> list[tuple[Any, ...]]:
        frame = open_store(self.path).sql(query, as_of=as_of)
        return [tuple(None if pd.isna(v) else v for v in row) for row in frame.itertuples(index=False)]

    def item_keys(self, as_of: Any = None) -> list[str]:
        """Native keys of all work items, in order; a doubled one stands twice."""
        return sorted(self.load("work_item", as_of=as_of)["source_key"])

    def log_rows(self, log: str) -> Counter[int]:
        """Rows by snapshot in a log, as they lie in Delta."""
        table = DeltaTable(str(self.path / log)).to_pyarrow_dataset().to_table(columns=["_snapshot"])
        return Counter(table["_snapshot"].to_pylist())

    def source_keys(self, stream: str, as_of: int | None = None) -> list[str]:
        """Keys of a source table's current rows."""
        store = self.store
        number = store.snapshot(as_of).number
        rows = store.current(store.source_log("desk", stream), number, ["id"])
        return sorted(rows["id"].to_pylist())


def fill(desk: Desk, incidents: int = 5, changes: int = 2) -> None:
    """Put in a small, ordinary stock of records on several days."""
    for code, label in (("1", "New"), ("2", "In Progress"), ("3", "On Hold"), ("7", "Closed")):
        desk.put("choice", f"c{code}", table="incident", element="state", code=code, label=label, language="en")
    for number in range(1, 4):
        desk.put("user", f"u{number}", login=f"login{number}", active="true")
    for number in range(1, incidents + 1):
        desk.tick(hours=7)
        desk.put(
            "incident",
            f"i{number}",
            number=f"INC{number}",
            title=f"Broken thing {number}",
            state=str(1 + number % 3),
            priority=str(1 + number % 3),
            category="net",
            caller=f"u{1 + number % 3}",
            opened=desk.tick(),
            resolver_login=f"login{1 + number % 3}",
            made_sla="true",
        )
        desk.put(
            "history",
            f"h{number}",
            table="incident",
            field="state",
            field_kind="state",
            document=f"i{number}",
            old="1",
            new="2",
            seq=str(number),
            by="u1",
        )
    for number in range(1, changes + 1):
        desk.put(
            "change", f"x{number}", number=f"CHG{number}", title="Swap disk", state="1", priority="3", reason="worn out"
        )
