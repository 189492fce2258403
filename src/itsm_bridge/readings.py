"""Streams while they are read: what was asked of them, and how far each has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from itsm_bridge.adapter import Access, Stream, Window
from itsm_bridge.errors import ItsmBridgeError
from itsm_bridge.store.versions import VersionWriter

if TYPE_CHECKING:
    from itsm_bridge.details import Details


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run asks of a source's streams: where each resumes, and whether ids are compared in any case.

    `clock_difference` is how many seconds the tool's clock is ahead of ours.
    """

    earlier: Mapping[str, Mapping[str, Any]]
    is_full: bool = False
    wants_census: bool = False
    clock_difference: float = 0.0


@dataclass(slots=True)
class Reading:
    """One stream while it is read; its details, where it has any, are readings of their own within."""

    stream: Stream
    writer: VersionWriter
    cursor: str | None
    started: datetime
    access: Access
    question: str = ""
    details: Details = field(init=False)  # of streams that are no details themselves
    waiting: int = 0
    tail: list[Window] = field(default_factory=list)
    held: int | None = None  # how many rows were held before; None where that must be counted
    expected: int | None = None  # the tool's own count
    highest: str | None = None
    quarantined: int = 0
    rereads: int = 0
    unseen: set[str] = field(default_factory=set)
    received: set[str] = field(default_factory=set)  # where deletions must be told apart; not in a first full reading
    compared_at: str | None = None
    error: ItsmBridgeError | None = None
    outcome: dict[str, Any] = field(default_factory=dict)
