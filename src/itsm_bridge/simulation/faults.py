"""Faults that real servers show, switched on by chance or by turn: limits, outages, cut and lying answers."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import ClassVar, Self

EVERYWHERE = (
    "server_error", "bad_gateway", "unavailable", "null_body", "list_body", "empty_body", "cut_json", "reset", "slow",
)  # fmt: skip
"""Kinds that every simulated server shows by itself."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault and when it strikes.

    `nth` counts the requests that the fault looks at from 1; `every` strikes each time that many have passed; `times`
    limits how often in all. `about` restricts it to what requests are about (a name, or a pattern with `*`).
    `seconds` is the length of a delay, or what a refusal asks the client to wait.
    """

    kind: str
    probability: float = 0.0
    nth: Collection[int] = ()
    every: int = 0
    times: int | None = None
    about: str = "*"
    seconds: float = 0.0


@dataclass(slots=True)
class Faults:
    """The faults of a server. Chance depends on seed and request, not on the order of threads.

    A tool's subclass names the `kinds` that its server shows, and those that are `not_passing`: a patient client does
    not get over them. `only` names the kinds that `probability` is shared among (all that pass, by default). The same
    request is not struck more than `most_in_a_row` times in a row, so that a patient client gets through.
    """

    kinds: ClassVar[tuple[str, ...]] = EVERYWHERE
    not_passing: ClassVar[tuple[str, ...]] = ()

    seed: int = 0
    only: Iterable[str] | None = None
    probability: float = 0.0
    seconds: float = 0.0
    most_in_a_row: int = 3
    struck: Counter[str] = field(default_factory=Counter)
    _faults: list[Fault] = field(default_factory=list)
    _seen: Counter[int] = field(default_factory=Counter)
    _hits: Counter[int] = field(default_factory=Counter)
    _attempts: Counter[str] = field(default_factory=Counter)
    _row: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        kinds = self.passing() if self.only is None else tuple(self.only)
        self._known(kinds)
        if self.probability:
            share = self.probability / len(kinds)
            self._faults = [Fault(kind, probability=share, seconds=self.seconds) for kind in kinds]

    @classmethod
    def passing(cls) -> tuple[str, ...]:
        """Return the kinds that a patient client gets over."""
        return tuple(kind for kind in cls.kinds if kind not in cls.not_passing)

    def add(self, *faults: Fault) -> Self:
        """Switch more faults on; raises ValueError for a kind that this server does not show."""
        self._known(fault.kind for fault in faults)
        self._faults.extend(faults)
        return self

    def clear(self) -> None:
        """Switch all faults off; those that are added afterwards count anew."""
        with self._lock:
            self._faults.clear()
            self._seen.clear()
            self._hits.clear()

    def strike(self, request: str, about: str) -> Fault | None:
        """Return the fault that befalls a request, or None."""
        with self._lock:
            self._attempts[request] += 1
            for number, fault in enumerate(self._faults):
                if fnmatchcase(about, fault.about) and self._is_due(number, fault, request):
                    self._hits[number] += 1
                    self._row[request] += 1
                    self.struck[fault.kind] += 1
                    return fault
            self._row[request] = 0
            return None

    def _known(self, kinds: Iterable[str]) -> None:
        unknown = set(kinds) - set(self.kinds)
        if unknown:
            raise ValueError(f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join(self.kinds)}")

    def _is_due(self, number: int, fault: Fault, request: str) -> bool:
        self._seen[number] += 1
        seen = self._seen[number]
        if fault.times is not None and self._hits[number] >= fault.times:
            return False
        if seen in fault.nth or (fault.every and seen % fault.every == 0):
            return True
        if not fault.probability or self._row[request] >= self.most_in_a_row:
            return False
        text = f"{self.seed}/{number}/{request}/{self._attempts[request]}".encode()
        digest = hashlib.blake2b(text, digest_size=8).digest()
        return int.from_bytes(digest) < fault.probability * 2**64
