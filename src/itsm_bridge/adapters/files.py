"""Adapter `files`: canonical tables as CSV or Parquet, for tools without an adapter and for replaying evidence.

One file a table, named after it (`work_item.csv`, `transition.parquet`). Columns are those of the schema; a
text may also come as its words (`title`), which are measured and not kept. Ids may be native keys, or ids of
ours from an export.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
from pydantic import Field

from itsm_bridge.adapter import (
    Access,
    Adapter,
    Capability,
    Census,
    Envelope,
    Page,
    Preflight,
    SourceSettings,
    Stream,
    Window,
)  # fmt: skip
from itsm_bridge.adapters.table_files import checked, read_rows
from itsm_bridge.errors import InputError
from itsm_bridge.schema import Table, tool_tables
from itsm_bridge.schema.lifecycles import CAPABILITIES

BATCH_ROWS = 50_000


class FilesSettings(SourceSettings):
    """Where the files lie."""

    path: Path = Field(description="Folder with one CSV or Parquet file per canonical table")


class Files(Adapter):
    """Reads canonical tables from a folder."""

    name: ClassVar[str] = "files"
    title: ClassVar[str] = "Canonical tables as CSV or Parquet files"
    settings: ClassVar[type[SourceSettings]] = FilesSettings
    envelope: ClassVar[Envelope] = Envelope("records")
    streams: ClassVar[tuple[Stream, ...]] = tuple(
        Stream(table.name, table.key[0], table.key[0], table.meaning) for table in tool_tables().values()
    )

    @classmethod
    def mapping_folder(cls) -> Path | None:
        """Return None: the tables are canonical already."""
        return None

    @property
    def _folder(self) -> Path:
        path: Path = self.context.settings.path
        return path

    def preflight(self) -> Preflight:
        """Look at every file; raises InputError for one that cannot be what its name says."""
        if not self._folder.is_dir():
            raise InputError("there is no such folder", where=str(self._folder), hint="Check `path` of the source.")
        found = self._found()
        if "work_item" not in found:
            raise InputError("holds no work_item.csv or work_item.parquet", where=str(self._folder),
                             hint="See `itsm-bridge schema work_item` for its columns.")  # fmt: skip
        held: dict[str, set[str]] = {name: self._columns(path, tool_tables()[name]) for name, path in found.items()}
        access = [
            Access(name, True) if name in found else
            Access(name, False, reason=f"there is no {name}.csv or {name}.parquet", exists=False)
            for name in tool_tables()
        ]  # fmt: skip
        return Preflight(identity="files", product="files", access=tuple(access), capabilities=_capabilities(held))

    def _found(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for path in sorted(self._folder.glob("*.*")):
            if path.suffix not in {".csv", ".parquet"}:
                continue
            if path.stem not in tool_tables():
                near = get_close_matches(path.stem, tool_tables(), n=1)
                hint = f"Did you mean {near[0]}{path.suffix}?" if near else "`itsm-bridge schema` lists the tables."
                raise InputError("is named after no canonical table", where=str(path), hint=hint)
            if path.stem in found:
                raise InputError(f"both {found[path.stem].name} and {path.name} exist", where=str(self._folder),
                                 hint="Keep one of the two.")  # fmt: skip
            found[path.stem] = path
        return found

    def _path(self, name: str) -> Path:
        path = self._found().get(name)
        if path is None:
            raise InputError(f"{name} is gone", where=str(self._folder), hint="Leave the files while they are read.")
        return path

    def plan(self, stream: Stream, cursor: str | None) -> Sequence[Window]:  # noqa: ARG002  a file has no cursor
        """Return one window: a file is read whole."""
        return [Window(stream.name, "file")]

    def read(self, window: Window) -> Iterator[Page]:
        """Yield the rows of one file; raises InputError that names file, line and column."""
        table = tool_tables()[window.stream]
        rows = self._rows(self._path(window.stream), table)
        for start in range(0, max(rows.num_rows, 1), BATCH_ROWS):
            part = rows.slice(start, BATCH_ROWS)
            columns = {name: part[name].to_pylist() for name in part.column_names}
            yield self.context.tabulate(window.stream, columns, part.num_rows)

    def census(self, stream: Stream) -> Census:
        """Return the keys in the file."""
        rows = self._rows(self._path(stream.name), tool_tables()[stream.name])
        return Census(rows[stream.key].to_pylist(), rows.num_rows)

    def _columns(self, path: Path, table: Table) -> set[str]:
        names = self._rows(path, table).column_names
        return set(names)

    def _rows(self, path: Path, table: Table) -> pa.Table:
        rows = read_rows(path)
        allowed = {*table.names, *table.texts}
        for name in rows.column_names:
            if name not in allowed:
                near = get_close_matches(name, allowed, n=1)
                hint = f"Did you mean `{near[0]}`?" if near else f"See `itsm-bridge schema {table.name}`."
                hint = "Separate columns by commas." if ";" in name or "\t" in name else hint
                raise InputError(f"the table {table.name} has no column `{name}`", where=str(path), hint=hint)
        return checked(rows, path, table)


def _capabilities(held: Mapping[str, set[str]]) -> tuple[Capability, ...]:
    known = dict.fromkeys(CAPABILITIES, False)
    for name, table in tool_tables().items():
        for column in table.columns:
            if column.capability and column.name in held.get(name, set()):
                known[column.capability] = True
    if "transition" in held:
        for name in ("history.state", "history.priority", "history.group", "history.fields", "state.resolved_distinct"):
            known[name] = True
    if "approval" in held:
        known["approval.vote"] = known["approval.rollup"] = True
    known["delete.detect"] = True
    return tuple(
        Capability(name, "full" if is_known else "none", "" if is_known else "the files do not hold it")
        for name, is_known in known.items()
    )
