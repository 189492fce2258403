"""Runs promises of the suite on a world and says which are broken, as a failing test would."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from itsm_bridge.testing import AdapterContract, Bench, BrokenPromise, World, open_bench
from itsm_bridge_acme_desk.adapter import AcmeDesk
from itsm_bridge_acme_desk.testing import AcmeWorld


def world_of(adapter: type[AcmeDesk]) -> type[World]:
    """The help desk, read by another adapter."""
    return type("World", (AcmeWorld,), {"adapter": adapter})


def promises() -> dict[str, Callable[[Bench], None]]:
    """Every promise by name (`test_` left out), with its parameter in brackets where it has one."""
    found: dict[str, Callable[[Bench], None]] = {}
    for name, function in inspect.getmembers(AdapterContract, inspect.isfunction):
        if name.startswith("test_"):
            found |= {f"{name.removeprefix('test_')}{mark}": call for mark, call in _calls(function)}
    return found


def _calls(function: Callable[..., None]) -> Iterator[tuple[str, Callable[[Bench], None]]]:
    marks = [mark for mark in getattr(function, "pytestmark", []) if mark.name == "parametrize"]
    if not marks:
        yield "", lambda bench: _call(function, bench)
        return
    (name, values) = marks[0].args
    for value in values:
        yield f"[{value}]", lambda bench, value=value: _call(function, bench, **{name: value})  # type: ignore[misc]


def _call(function: Callable[..., None], bench: Bench, **more: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if "monkeypatch" in inspect.signature(function).parameters:
            more["monkeypatch"] = patch
        function(AdapterContract(), bench, **more)


def broken(world: type[World], names: Iterable[str], folder: Path) -> dict[str, str]:
    """Try these promises; return what is said of those that are broken. Errors other than ours are let out."""
    every, said = promises(), {}
    for number, name in enumerate(names):
        with open_bench(world, folder / str(number)) as bench:
            try:
                every[name](bench)
            except BrokenPromise as error:
                said[name] = str(error)
    return said
