"""A transport whose waits are written down instead of waited."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import requests

from itsm_bridge.adapter import Traffic
from itsm_bridge.transport import Credentials, Patience, SignedIn, Transport

ADDRESS = "https://tool.example/api/things"


@dataclass
class Clock:
    """A clock that only waiting moves."""

    now: float = 1000.0
    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def __call__(self) -> float:
        return self.now


@dataclass
class Asking:
    """A transport with the parts that tests look at."""

    transport: Transport
    traffic: Traffic
    clock: Clock

    @property
    def waits(self) -> list[float]:
        return self.clock.waits


def asking(credentials: Credentials | None = None, **options: Any) -> Asking:
    clock, traffic = Clock(), Traffic()
    options.setdefault("patience", Patience())
    transport = Transport(
        credentials or SignedIn(requests.Session()), traffic, sleep=clock.sleep, clock=clock, **options
    )
    return Asking(transport, traffic, clock)
