"""Which file of the store cannot be read, and what to do: said in our words, never in those of a library."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from itsm_bridge.errors import StoreDamaged
from itsm_bridge.store.leftovers import TABLES
from itsm_bridge.unreadable import is_unreadable

_FAILURES = (duckdb.Error, pa.ArrowException, DeltaError)
_OF_THE_QUERY = (
    duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException, duckdb.ConversionException,
    duckdb.OutOfMemoryException, duckdb.InterruptException,
)  # fmt: skip
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_HINT = (
    "Run `itsm-bridge verify` to see what else is damaged, and put the file back from a backup. Without one, move the "
    "store away and sync again: what the tool still holds comes anew, the history that the store kept does not."
)


@contextmanager
def naming_damage(store: str) -> Iterator[None]:
    """Turn what libraries say of a damaged file, wherever it is met, into StoreDamaged; `store` is the store's path."""
    try:
        yield
    except _FAILURES as error:
        if isinstance(error, _OF_THE_QUERY):
            raise
        # Of damaged contents an engine may say anything; whether they are the cause, the files themselves tell.
        found = _damaged_file(Path(folder) for folder in _tables(store, str(error)))
        if found is None and not is_unreadable(error):
            raise
        raise _told(found, error, store) from error


def damaged_table(location: str, error: Exception) -> StoreDamaged:
    """Return the error of a table that cannot be read, with the file that is the cause where it can be found."""
    return _told(None if "://" in location else _damaged_file([Path(location)]), error, location)


def damaged_store(store: str, error: Exception) -> StoreDamaged:
    """Return the error of a store in which something cannot be read, with the file that is the cause."""
    return _told(_damaged_file(Path(folder) for folder in _tables(store, str(error))), error, store)


def on_one_line(words: object) -> str:
    """Return a library's message on one line and without the colours of a terminal."""
    return " ".join(_COLOUR.sub("", str(words)).split())


def _told(found: tuple[Path, str] | None, error: Exception, place: str) -> StoreDamaged:
    if found is None:
        return StoreDamaged(f"cannot be read: {on_one_line(error)}", where=place, hint=_HINT)
    path, why = found
    return StoreDamaged(f"cannot be read: {why}", where=str(path), hint=_HINT)


def _tables(store: str, said: str) -> list[str]:
    """Return the folders of all tables on this disk, the ones that an error names first."""
    if "://" in store:
        return []
    found = sorted(str(folder) for name in TABLES for folder in Path(store).glob(name))
    return sorted(found, key=lambda folder: folder not in said)


def _damaged_file(tables: Iterable[Path]) -> tuple[Path, str] | None:
    for table in tables:
        try:
            uris = DeltaTable(str(table)).file_uris()
        except TableNotFoundError:
            continue
        except (DeltaError, OSError):
            return table / "_delta_log", "the list of its files is damaged"
        for path in map(Path, uris):
            why = _wrong_with(path)
            if why:
                return path, why
    return None


def _wrong_with(path: Path) -> str:
    if not path.exists():
        return "the file is missing"
    try:
        file = pq.ParquetFile(path)
    except (OSError, pa.ArrowException):
        return "the file is not whole: it was cut or overwritten"
    with file:
        try:
            for _ in file.iter_batches():
                pass
        except (OSError, pa.ArrowException):
            return "its contents are damaged"
    return ""
