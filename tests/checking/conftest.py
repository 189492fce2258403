from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

import itsm_bridge
from itsm_bridge.checking import Check, CheckRun, Frame, load_checks, run_checks
from itsm_bridge.checking.case_rows import DEFAULTS, NOW, OPENED, PERIOD_FROM, create_tables, fill
from itsm_bridge.checking.check_file import parse_check
from itsm_bridge.checking.views import make_views, plan
from itsm_bridge.schema import TABLES

CHECKS = Path(itsm_bridge.__file__).parent / "checks"


@cache
def built_in() -> dict[str, Check]:
    return {check.id: check for check in load_checks([CHECKS])}


@dataclass
class World:
    """Canonical tables in memory, filled row by row, and judged."""

    connection: duckdb.DuckDBPyConnection
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    now: datetime = NOW

    def add(self, table: str, **row: Any) -> None:
        full = {**DEFAULTS.get(table, {}), **row}
        rows = self.rows.setdefault(table, [])
        if "source_id" in TABLES[table].names:
            full.setdefault("source_id", "prod")
        key = TABLES[table].key
        if len(key) == 1:
            full.setdefault(key[0], f"{table}-{len(rows) + 1}")
        rows.append(full)

    def record(self, name: str, record_type: str = "incident", **row: Any) -> None:
        opened = row.setdefault("opened_at", OPENED)
        row = {"created_at": opened, "updated_at": opened, "number": name, "source_key": name, **row}
        self.add("work_item", work_item_id=name, record_type=record_type, **row)

    def moves(self, name: str, *steps: tuple[datetime, str | None, str], **row: Any) -> None:
        for n, (at, old, new) in enumerate(steps, 1):
            self.add("transition", work_item_id=name, at=at, seq=n, old_value=old, new_value=new, **row)

    def write(self) -> None:
        if not self.connection.execute("SELECT 1 FROM source").fetchall():
            self.rows.setdefault("source", [{"source_id": "prod"}])
        for name, rows in self.rows.items():
            fill(self.connection, TABLES[name], rows)
        self.rows = {}

    def judge(self, checks: Sequence[Check | str], **frame: Any) -> CheckRun:
        self.write()
        chosen = [built_in()[each] if isinstance(each, str) else each for each in checks]
        settings = {"now": NOW, "period_from": PERIOD_FROM, "period_to": NOW, **frame}
        return run_checks(self.connection, chosen, Frame(**settings))

    def view(self, name: str, *columns: str, order: str = "1") -> list[tuple[Any, ...]]:
        self.write()
        make_views(self.connection, plan({(name, column) for column in columns}), {"now": self.now})
        chosen = ", ".join(f"v.{column}" for column in columns)
        return self.connection.execute(f"SELECT {chosen} FROM {name} AS v ORDER BY {order}").fetchall()


@pytest.fixture
def world() -> Iterator[World]:
    connection = duckdb.connect(":memory:", config={"threads": 1})
    create_tables(connection)
    yield World(connection)
    connection.close()


def make_world() -> World:
    connection = duckdb.connect(":memory:", config={"threads": 1})
    create_tables(connection)
    return World(connection)


@pytest.fixture
def check_text() -> Callable[..., str]:
    def text(**changes: str) -> str:
        """Return a check file; a change replaces the value of a key, or leaves it out where it is empty."""
        keys = {
            "id": '"TST-001"', "version": "1", "title": '"A test"', "process": '"incident"', "kind": '"process"',
            "severity": '"minor"', "basis": '"standard"', "record_types": '["incident"]',
            "clauses": '[{ clause = "8.6.1", relation = "partial" }]', "anchor": '"w.opened_at"',
            "violation": '"w.priority > 2"', "message": '"{number} is wrong."', "why": '"Because."',
            "remedy": '"Mend it."', "limits": '"None known."', "procedure": '"Look."',
        }  # fmt: skip
        more = changes.pop("more", "")
        return "\n".join(f"{key} = {value}" for key, value in {**keys, **changes}.items() if value) + "\n" + more

    return text


@pytest.fixture
def check_of(check_text: Callable[..., str]) -> Callable[..., Check]:
    return lambda **changes: parse_check(check_text(**changes), Path("TST-001.toml"))
