"""A world around a simulated server."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from itsm_bridge.simulation import SimulatedServer
from itsm_bridge.testing.world import World


class SimulatedWorld(World):
    """A world whose fake is a `SimulatedServer`, which a subclass makes in `__init__`."""

    server: SimulatedServer

    def __enter__(self) -> Self:
        """Start serving."""
        self.server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving."""
        self.server.close()

    @property
    def url(self) -> str:
        """Where the fake listens."""
        return self.server.url

    def shift_clock(self, seconds: float) -> None:
        """Shift the clock that shows in the fake's answers."""
        self.server.clock_skew_seconds = seconds
