"""A Jira of nothing but columns, as the adapter hands them over, mapped by the packaged files and overlays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from itsm_bridge.adapter import (
    Access,
    Adapter,
    Census,
    Envelope,
    Page,
    Preflight,
    SourceSettings,
    Stream,
    Window,
)
from itsm_bridge.analysis import open_store
from itsm_bridge.mapping.rules import read_mapping
from itsm_bridge.progress import SilentProgress
from itsm_bridge.remap import remap
from itsm_bridge.settings import Config
from itsm_bridge.settings import Store as StoreSettings
from itsm_bridge.store.store import Store
from itsm_bridge.sync import sync

FOLDER = Path(__file__).parents[4] / "mappings" / "jira_sm"
STREAMS = tuple(Stream(name, "id", "", name) for name in sorted(read_mapping([FOLDER]).streams))
Row = dict[str, str | None]

TYPES = {"1": "Incident", "2": "Service Request", "3": "Problem", "4": "Change", "5": "Sub-task", "9": "Firlefanz"}
CATEGORIES = {"new": "new", "going": "indeterminate", "done": "done"}


class Rows(Adapter):
    """Hands over rows; `Board` binds them."""

    name: ClassVar[str] = "rows"
    title: ClassVar[str] = "Rows"
    settings: ClassVar[type[SourceSettings]] = SourceSettings
    streams: ClassVar[tuple[Stream, ...]] = STREAMS
    envelope: ClassVar[Envelope] = Envelope("records", ())
    rows: ClassVar[dict[str, dict[str, Row]]]

    @classmethod
    def mapping_folder(cls) -> Path | None:
        return FOLDER

    def preflight(self) -> Preflight:
        return Preflight("tester", access=tuple(Access(stream.name, True) for stream in STREAMS))

    def plan(self, stream: Stream, cursor: str | None) -> Sequence[Window]:
        return [Window(stream.name, "all", None, None)]

    def read(self, window: Window) -> Iterator[Page]:
        rows = list(self.rows.get(window.stream, {}).values())
        wanted = self.context.fields[window.stream]
        given = [name for name in wanted if any(name in row for row in rows)]
        yield self.context.tabulate(window.stream, {n: [row.get(n) for row in rows] for n in given}, len(rows))

    def census(self, stream: Stream) -> Census:
        return Census(list(self.rows.get(stream.name, {})), None)


class Board:
    """Rows by stream, a store, and short words for what tests do with them."""

    def __init__(self, folder: Path, **overlay: str) -> None:
        self.folder = folder
        self.rows: dict[str, dict[str, Row]] = {}
        self.adapters: dict[str, type[Adapter]] = {"rows": type("Bound", (Rows,), {"rows": self.rows})}
        (folder / "own").mkdir(exist_ok=True)
        self.overlay(**overlay)

    def overlay(self, **files: str) -> None:
        for name, text in files.items():
            (self.folder / "own" / f"{name}.toml").write_text(text)

    def put(self, stream: str, key: str, /, **fields: str | None) -> Row:
        """Insert or change a row; `__` in a name stands for a dot."""
        row = self.rows.setdefault(stream, {}).setdefault(key, {"id": key})
        row.update({name.replace("__", "."): value for name, value in fields.items()})
        return row

    def status(self, key: str, name: str, category: str, /, **more: str) -> None:
        self.put("status", key, name=name, statusCategory__key=category, **more)

    def issue(self, key: str, status: str = "10", kind: str = "1", /, **more: str | None) -> Row:
        """An issue of project OPS in a status that was put before; `kind` is a key of TYPES."""
        held = self.rows.get("status", {}).get(status, {})
        return self.put("issue", key, **{
            "key": f"OPS-{key}", "project__id": "7", "project__key": "OPS", "issuetype__id": kind,
            "issuetype__name": TYPES[kind], "issuetype__subtask": "true" if kind == "5" else "false",
            "status__id": status, "status__name": held.get("name"),
            "status__statusCategory__key": held.get("statusCategory.key"),
            "created": "2026-03-01T08:00:00.000+0000", "updated": "2026-03-01T08:00:00.000+0000", **more,
        })  # fmt: skip

    def event(self, key: str, issue: str, field: str, old: tuple[str | None, str | None],
              new: tuple[str | None, str | None], at: str = "2026-03-02T08:00:00.000Z", by: str = "ann") -> None:  # fmt: skip
        history, _, position = key.partition("/")
        words = {"fromString": old[1], "toString": new[1], "from": old[0], "to": new[0]}
        self.put("issue_history", key, issue=issue, history=history, position=position or "0", created=at,
                 author__accountId=by, field=field, fieldId=field, fieldtype="jira", **words)  # fmt: skip

    @property
    def config(self) -> Config:
        settings = SourceSettings(
            adapter="rows", mappings=(self.folder / "own",), people="keep", streams=tuple(self.rows)
        )  # fmt: skip
        return Config(
            store=StoreSettings(path=str(self.folder / "store")), sources={"jira": settings}, folder=self.folder,
            file=self.folder / "itsm-bridge.toml",
        )  # fmt: skip

    def sync(self) -> None:
        sync(self.config, self.adapters, SilentProgress())

    def remap(self) -> None:
        remap(self.config, self.adapters, SilentProgress())

    @property
    def store(self) -> Store:
        return Store(self.folder / "store")

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        frame = open_store(self.folder / "store").sql(query)
        return [tuple(None if pd.isna(v) else v for v in row) for row in frame.itertuples(index=False)]

    def one(self, columns: str, table: str = "work_item") -> tuple[Any, ...]:
        """Columns of the one row that a table has."""
        [row] = self.sql(f"SELECT {columns} FROM {table}")
        return row
