"""Where promises are tried: a world, the proxy before it, and an installation in a folder that reads through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from itsm_bridge.adapter import Adapter, SourceSettings, Stream, Window
from itsm_bridge.privacy import words_of
from itsm_bridge.progress import Progress, SilentProgress
from itsm_bridge.settings import Config
from itsm_bridge.settings import Store as StoreSettings
from itsm_bridge.sources import open_source
from itsm_bridge.store.store import Store
from itsm_bridge.sync import SyncReport, sync
from itsm_bridge.testing.proxy import FaultProxy
from itsm_bridge.testing.waiting import Waiting
from itsm_bridge.testing.world import World
from itsm_bridge.transport import Transport

SOURCE = "tried"
HALF_A_DAY = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Came:
    """One record as it came: its key, its cursor value ("" in a stream without a cursor), and its mark."""

    key: str
    cursor: str
    mark: str


class Reader:
    """An adapter, asked as the core asks it."""

    def __init__(self, adapter: Adapter, mark: str) -> None:
        self.adapter = adapter
        self._mark = mark

    def stream(self, name: str) -> Stream:
        """Return a stream by its name."""
        return next(stream for stream in self.adapter.streams if stream.name == name)

    def plan(self, name: str, cursor: str | None = None) -> list[Window]:
        """Return the windows of a stream, those that are read last at the end."""
        return sorted(self.adapter.plan(self.stream(name), cursor), key=lambda window: window.is_tail)

    def read(
        self, name: str, cursor: str | None = None, meanwhile: Callable[[list[Came]], None] | None = None
    ) -> list[Came]:
        """Return all records since a cursor as they came.

        `meanwhile` is called with those so far after every page, except of windows that catch what changed meanwhile.
        """
        came: list[Came] = []
        for window in self.plan(name, cursor):
            for page in self.pages(window):
                came += page
                if meanwhile and not window.is_tail:
                    meanwhile(came)
        return came

    def pages(self, window: Window) -> Iterator[list[Came]]:
        """Yield the records of each page of a window."""
        stream = self.stream(window.stream)
        for page in self.adapter.read(window):
            cursors = page.values(stream.cursor) if stream.cursor else [None] * len(page)
            rows = zip(page.values(stream.key), cursors, page.values(self._mark), strict=True)
            yield [Came(*(value or "" for value in row)) for row in rows]


class Bench:
    """A world under trial; `main` is its first stream. What is read goes through `proxy`, waits go to `waiting`."""

    def __init__(self, world: World, proxy: FaultProxy, waiting: Waiting, folder: Path) -> None:
        self.world = world
        self.proxy = proxy
        self.waiting = waiting
        self.folder = folder
        self.main = world.streams[0]
        self.stream = next(stream for stream in world.adapter.streams if stream.name == self.main)
        self.now = datetime.now(UTC).replace(microsecond=0)

    # -- records --------------------------------------------------------------------------------------

    @property
    def some_pages(self) -> int:
        """How many records fill three pages and a half."""
        return self.world.page_rows * 7 // 2

    @property
    def some_windows(self) -> int:
        """How many records need several windows; some pages where one window is right for the tool."""
        return self.world.many or self.some_pages

    def fill(self, count: int | None = None, stream: str | None = None, every: timedelta = HALF_A_DAY) -> list[str]:
        """Insert records, one `every` so often, and return their keys; the last one is three days old."""
        count = self.some_pages if count is None else count
        begin = self.now - timedelta(days=3) - every * (count - 1)
        name = stream or self.main
        return [self.world.write(name, f"r{n}", begin + every * n, f"mark {n}") for n in range(count)]

    # -- reading --------------------------------------------------------------------------------------

    def settings(self, *streams: str, **more: Any) -> SourceSettings:
        """Return the settings of a source that reads these streams (the main one if none is named)."""
        names = streams or (self.main,)
        own = dict(self.world.settings(self.proxy.url))
        kept = {**own.pop("keep", {}), **dict.fromkeys(names, (self.world.mark,))}
        said = {"adapter": self.world.adapter.name, "streams": names, "keep": kept, "text": "keep", "people": "keep"}
        return self.world.adapter.settings.model_validate({**own, **said, **more})

    @contextmanager
    def reader(self, *streams: str, **more: Any) -> Iterator[Reader]:
        """Give an adapter as a sync would make it, anew."""
        source = open_source(SOURCE, self.settings(*streams, **more), self.world.adapter, b"contract suite")
        with closing(source.adapter):
            yield Reader(source.adapter, self.world.mark)

    def sync(self, *streams: str, progress: Progress | None = None, wants_census: bool = False,
             **more: Any) -> SyncReport:  # fmt: skip
        """Sync into the store of this bench."""
        config = Config(
            store=StoreSettings(path=str(self._store)), sources={SOURCE: self.settings(*streams, **more)},
            folder=self.folder, file=self.folder / "itsm-bridge.toml",
        )  # fmt: skip
        adapters = {self.world.adapter.name: self.world.adapter}
        return sync(config, adapters, progress or SilentProgress(), wants_census=wants_census)

    def about(self, report: SyncReport) -> dict[str, Any]:
        """Return what a sync says about the main stream."""
        return report.streams[SOURCE][self.main]

    def stored(self) -> list[tuple[str, str]]:
        """Return key and mark of every current row that the store holds of the main stream."""
        store = Store(self._store)
        rows = store.current(
            store.source_log(SOURCE, self.main), store.snapshot().number, [self.stream.key, self.world.mark]
        )
        # The mapping may measure the field.
        marks = [words_of(mark) or "" for mark in rows[self.world.mark].to_pylist()]
        return sorted(zip(rows[self.stream.key].to_pylist(), marks, strict=True))

    @property
    def truth(self) -> dict[str, str]:
        """Key and mark of every record of the main stream that the account may see."""
        return dict(self.world.visible(self.main))

    @property
    def _store(self) -> Path:
        return self.folder / "store"


@contextmanager
def open_bench(world: type[World], folder: Path) -> Iterator[Bench]:
    """Serve a new world through a proxy, with all waiting taken over."""
    with pytest.MonkeyPatch.context() as patch, world() as served:
        for name, value in {"NO_PROXY": "127.0.0.1", **served.environment}.items():
            patch.setenv(name, value)
        waiting = Waiting()
        waiting.take_over(patch, [Transport, *served.adapter.__mro__])
        with FaultProxy(served.url, waiting) as proxy:
            yield Bench(served, proxy, waiting, folder)
