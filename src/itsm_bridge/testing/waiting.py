"""Waiting without waiting: the process's `sleep` counts its seconds instead of spending them."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from threading import Lock
from types import FunctionType
from typing import Any

import pytest

from itsm_bridge.testing.broken import tell

_SLEEP, _MONOTONIC = time.sleep, time.monotonic
_ENDLESS = 2 * 86400.0
SHORTEST_TIMEOUT = 0.4


class Waiting:
    """Takes the place of `time.sleep` and `time.monotonic`; `total` is how many seconds were waited so far."""

    def __init__(self) -> None:
        self.total = 0.0
        self._lock = Lock()

    def sleep(self, seconds: float) -> None:
        """Count the seconds and come back at once; raises BrokenPromise after days of them."""
        with self._lock:
            self.total += max(0.0, seconds)
        if self.total > _ENDLESS:
            tell("the adapter has waited for two days and waits on",
                 "Bound how often and how long a request is repeated; itsm_bridge.Transport does.")  # fmt: skip

    def monotonic(self) -> float:
        """Return a clock on which the waits went by."""
        return _MONOTONIC() + self.total

    def take_over(self, patch: pytest.MonkeyPatch, kinds: Iterable[type]) -> None:
        """Replace `time.sleep` and `time.monotonic`, also where they are defaults in methods of the given classes."""
        patch.setattr(time, "sleep", self.sleep)
        patch.setattr(time, "monotonic", self.monotonic)
        for function in (value for kind in kinds for value in vars(kind).values()):
            function = getattr(function, "__func__", function)
            if isinstance(function, FunctionType):
                patch.setattr(function, "__defaults__", tuple(map(self._ours, function.__defaults__ or ())) or None)
                named = (function.__kwdefaults__ or {}).items()
                patch.setattr(function, "__kwdefaults__", {name: self._ours(value) for name, value in named} or None)

    def _ours(self, value: Any) -> Any:
        return self.sleep if value is _SLEEP else self.monotonic if value is _MONOTONIC else value


def shorten_timeouts(patch: pytest.MonkeyPatch) -> None:
    """Let every timeout of a socket be short: a tool that falls silent is then told from a slow one at once."""
    real = socket.socket.settimeout

    def settimeout(self: socket.socket, value: float | None) -> None:
        real(self, value if value is None else min(value, SHORTEST_TIMEOUT))

    patch.setattr(socket.socket, "settimeout", settimeout)
