"""Where the store is not as the server: one line for each value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

_TOLD = 30
Rows = Mapping[Any, Mapping[str, Any]]


def assert_same(what: str, server: Rows, store: Rows) -> None:
    """Compare the columns that the server's rows have; rows are known by their keys."""
    assert server, f"there is no {what} to compare"
    found = [f"{what} {key} is not in the store" for key in server if key not in store]
    found += [f"{what} {key} is not on the server: {dict(store[key])}" for key in store if key not in server]
    for key in server.keys() & store.keys():
        told = store[key]
        found += [
            f"{what} {key}: {name} is {value!r} on the server and {told.get(name)!r} in the store"
            for name, value in server[key].items() if told.get(name) != value
        ]  # fmt: skip
    assert_none(found)


def assert_none(found: Sequence[str]) -> None:
    """Fail with what was found to differ."""
    if found:
        pytest.fail("\n".join([f"{len(found)} differences", *sorted(found)[:_TOLD]]), pytrace=False)


def by(key: Callable[[Mapping[str, Any]], Any], rows: Iterable[Mapping[str, Any]]) -> dict[Any, Mapping[str, Any]]:
    """Return rows by their keys, each of which must be one row's."""
    listed = list(rows)
    found = {key(row): row for row in listed}
    assert len(found) == len(listed), "rows share a key"
    return found


def shown(instant: Any, zone: str) -> str | None:
    """Return an instant as the server's clock showed it.

    In the hour that clocks show twice, two instants look the same: the server itself does not know which it was.
    """
    if instant is None:
        return None
    at = instant if isinstance(instant, datetime) else datetime.fromisoformat(str(instant))
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return aware.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")


def comes_twice(text: str, zone: str) -> bool:
    """Say whether the server's clock showed a time twice: then the order of what happened in that hour is not known."""
    first, second = (datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
    return first.utcoffset() > second.utcoffset()
