from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from itsm_bridge import schedule
from itsm_bridge.settings import Config, Schedule, Store

Make = Callable[..., Config]


@pytest.fixture
def config(tmp_path: Path) -> Make:
    def of(sweep: str | None = "0 2 * * *", timezone: str = "Europe/Berlin", path: str | None = None) -> Config:
        store = Store(path=path or str(tmp_path / "data"))
        section = Schedule(sweep=sweep, timezone=timezone)
        return Config(store=store, schedule=section, folder=tmp_path, file=tmp_path / "itsm-bridge.toml")

    return of


@pytest.fixture(autouse=True)
def _nothing_is_stopping() -> Iterator[None]:
    schedule.stopping.clear()
    yield
    schedule.stopping.clear()
