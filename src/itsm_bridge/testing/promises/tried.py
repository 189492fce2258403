"""What all promises share: the world that is tried, and the bench it is tried on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from itsm_bridge.adapter import Adapter
from itsm_bridge.errors import MappingError
from itsm_bridge.mapping.rules import read_mapping
from itsm_bridge.testing.bench import Bench, Came, open_bench
from itsm_bridge.testing.broken import hold, some
from itsm_bridge.testing.world import World


class Tried:
    """Tests of one world; a class whose world is missing or not whole is told once and not promise by promise."""

    world: ClassVar[type[World]]

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        if cls.__name__.startswith("Test"):
            _look_at(cls.__name__, getattr(cls, "world", None))

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[Bench]:
        """A bench with a world of its own."""
        with open_bench(self.world, tmp_path) as bench:
            yield bench


def _look_at(name: str, world: Any) -> None:
    skeleton = "docs/adapters.md has one to begin with."
    if not (isinstance(world, type) and issubclass(world, World)):
        said = f"has `world = {world!r}`, which is none" if world is not None else "names no world"
        raise pytest.Collector.CollectError(
            f"{name} {said}: write `world = …` in the class, with a subclass of itsm_bridge.testing.World; {skeleton}"
        )
    _look_whether_whole(f"the world of {name}", World, world, skeleton)
    _look_whether_whole(f"the adapter of {name}", Adapter, world.adapter, skeleton)
    planned = [stream.name for stream in world.adapter.streams if not stream.detail_of]
    if not world.streams or set(world.streams) - set(planned):
        raise pytest.Collector.CollectError(
            f"{world.__name__}.streams is {world.streams!r}: name streams that are planned by themselves; "
            f"of {world.adapter.__name__} these are {_listed(planned)}"
        )
    _look_at_mapping(world.adapter, world.streams)


def _look_at_mapping(adapter: type[Adapter], streams: Collection[str]) -> None:
    folder = adapter.mapping_folder()
    try:
        unmapped = set(streams) - read_mapping([folder]).streams.keys() if folder else set()
    except MappingError as error:
        raise pytest.Collector.CollectError(f"{error}. {error.hint or ''}") from error
    if unmapped:
        raise pytest.Collector.CollectError(
            f"{folder} has no mapping file of {_listed(sorted(unmapped))}: a stream without one is not read"
        )


def _look_whether_whole(what: str, whole: type, kind: type, skeleton: str) -> None:
    parts = [part for part, told in whole.__annotations__.items() if "ClassVar" in str(told)]
    missing = [part for part in parts if not hasattr(kind, part)]
    missing += sorted(getattr(kind, "__abstractmethods__", ()))
    if missing:
        raise pytest.Collector.CollectError(
            f"{what} is not whole: {kind.__name__} lacks {_listed(missing)}; {whole.__name__} says what each is, "
            f"and {skeleton}"
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def holds_all(came: Collection[Came], truth: Mapping[str, str], advice: str) -> None:
    """Hold what came against the truth: every visible record, nothing else, and its last mark at the end."""
    __tracebackhide__ = True
    last = {one.key: one.mark for one in came}
    missing, strange = truth.keys() - last.keys(), last.keys() - truth.keys()
    hold(not missing, f"{len(missing)} of {len(truth)} visible records did not come: {some(missing)}", advice)
    hold(not strange, f"{len(strange)} records came that the account cannot see: {some(strange)}", advice)
    stale = [key for key, mark in truth.items() if last[key] != mark]
    hold(not stale, f"{len(stale)} records came, but not as they are: {some(stale)}", advice)


def holds_stored(bench: Bench, advice: str) -> None:
    """Hold what is in the store against the truth: each visible record once, with its mark."""
    __tracebackhide__ = True
    stored, truth = bench.stored(), bench.truth
    keys = [key for key, _ in stored]
    doubled = {key for key in keys if keys.count(key) > 1}
    hold(not doubled, f"the store holds {len(doubled)} records more than once: {some(doubled)}",
         "`Stream.key` must name a field that is unique and never changes for a record.")  # fmt: skip
    holds_all([Came(key, "", mark) for key, mark in stored], truth, advice)
