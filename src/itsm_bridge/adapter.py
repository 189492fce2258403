"""The adapter contract: what speaks to one kind of ITSM tool, and what it must tell (design §5).

An adapter declares its settings, streams and mapping folder, and does four things: `preflight`,
`plan`, `read` and `census`. It reads; it never writes to the tool.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

import pyarrow as pa

from itsm_bridge.source_settings import SourceSettings as SourceSettings

Level = Literal["full", "partial", "none"]


@dataclass(frozen=True, slots=True)
class Envelope:
    """How the tool wraps records in an answer: the key of the list, and the keys beside it."""

    records: str
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of thing an adapter reads.

    `key` and `cursor` name fields of the tool; without a cursor the stream is read whole each time, and what did
    not come any more is deleted. `is_append_only` marks histories, whose rows never change. `has_census` says that
    existing ids can be listed. `capabilities` are lost when the stream cannot be read. `needs` names fields that
    the adapter itself wants to see in every record. `group` names the field by which rights are given (a project):
    rows of a group that the account no longer sees were not deleted.

    `detail_of` names the stream with whose records these come, and `parent` the field that holds that record's key
    (comments in a ticket). A detail is never planned or read by itself: a page of its parent brings all that there
    are of the records in it, so that what is missing there was deleted, unless it is append-only.
    """

    name: str
    key: str
    cursor: str
    title: str
    is_append_only: bool = False
    has_census: bool = True
    capabilities: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    detail_of: str = ""
    parent: str = ""
    group: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether it is read whole each time."""
        return not self.cursor and not self.detail_of

    @property
    def own_fields(self) -> tuple[str, ...]:
        """The fields without which the stream cannot be read: key, cursor, parent, group, and those that it needs."""
        return tuple(filter(None, (self.key, self.cursor, self.parent, self.group, *self.needs)))


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a stream that is read and resumed on its own.

    `name` is stable between runs that read the same range. `lower` is inclusive, `upper` exclusive;
    None is open. `expected` is the tool's own count, where it gave one. `is_tail` marks windows that
    are read after all others, to catch rows that moved meanwhile.
    """

    stream: str
    name: str
    lower: str | None = None
    upper: str | None = None
    expected: int | None = None
    is_tail: bool = False


class Page(Protocol):
    """One decoded answer.

    `table` has the columns of the source table, `envelope` what lay beside the records, `quarantined` counts
    records that could not be decoded, `has_records` is False when the list of records itself was missing.
    `details` are the pages of the detail streams that came with these records, by stream. `covers` are, of a detail's
    page, the keys of the records all of whose details it holds; None for all records of the page that it came with.
    """

    @property
    def table(self) -> pa.Table:
        """Columns of the source table."""

    @property
    def envelope(self) -> Mapping[str, Any]:
        """What lay beside the records."""

    @property
    def quarantined(self) -> int:
        """How many records could not be decoded."""

    @property
    def has_records(self) -> bool:
        """Whether the list of records was there at all."""

    @property
    def covers(self) -> Sequence[str] | None:
        """Keys of the records whose details are all here; None for all of the page that this one came with."""

    @property
    def details(self) -> Mapping[str, Page]:
        """The pages of detail streams that came with these records, by stream."""

    def __len__(self) -> int: ...
    def values(self, name: str) -> Sequence[str | None]:
        """Return one field of every record as the tool sent it, before privacy."""


class Decode(Protocol):
    """Turns the body of an answer into a page; raises BadAnswer when it is not a JSON object."""

    def __call__(self, stream: str, body: bytes) -> Page:
        """Return the page of one body."""


class Tabulate(Protocol):
    """Turns columns of strings that were read in another way than by `decode` into a page."""

    def __call__(
        self, stream: str, columns: Mapping[str, Sequence[str | None]], count: int, *,
        details: Mapping[str, Page] | None = None, covers: Sequence[str] | None = None, quarantined: int = 0,
    ) -> Page:  # fmt: skip
        """Return the page of `count` records given as columns; columns not given are not in its table."""


@dataclass(frozen=True, slots=True)
class Census:
    """The ids that the account can see, and how many rows the tool says exist (None when it does not say).

    `groups` are the values of the stream's `group` whose rows the account would see if there were any; None where the
    tool does not tell them: then one that still shows a row is seen. A `problem` says why there may be more than can be
    listed.
    """

    ids: Sequence[str]
    total: int | None = None
    groups: Set[str] | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Capability:
    """What the source can tell about one subject, for one record type or `*`, and why not fully.

    A reason that lies in a stream or a field begins with its name, as in `sys_audit cannot be read: …`.
    """

    name: str
    level: Level
    reason: str = ""
    record_type: str = "*"


@dataclass(frozen=True, slots=True)
class Right:
    """One right to ask the tool's administrators for, in the tool's own words, so that they can be pasted.

    `grant` is the role, permission or rule to give, `on` the one thing that it must cover: a stream, or `stream.field`.
    """

    grant: str
    on: str


@dataclass(frozen=True, slots=True)
class Access:
    """Whether a stream may be read: its rows by the tool's count, fields that do not show, what to ask for.

    `exists` is False where the tool simply has no such thing: then there is nothing to ask for. Likewise
    `absent_fields`, those of `missing_fields` that the tool is known not to have: a limit, no lost right.
    A `reason` for a stream that may be read is something to look at. `shown` of the first `looked_at` rows came.
    `rights` say what `remedy` says as single rights.
    """

    stream: str
    is_readable: bool
    rows: int | None = None
    missing_fields: tuple[str, ...] = ()
    reason: str = ""
    remedy: str = ""
    exists: bool = True
    absent_fields: tuple[str, ...] = ()
    looked_at: int | None = None
    shown: int | None = None
    rights: tuple[Right, ...] = ()


@dataclass(frozen=True, slots=True)
class Preflight:
    """What a source says before anything is read.

    `timezone` is that of its answers, `timezone_note` what the account's own means for them. `scope` says what the
    account sees, where the tool neither shows nor counts the rest. `problems` are those that lie in no single stream,
    each with what to do.
    """

    identity: str
    product: str = ""
    version: str = ""
    timezone: str = "UTC"
    timezone_note: str = ""
    clock_difference_seconds: float | None = None
    access: tuple[Access, ...] = ()
    capabilities: tuple[Capability, ...] = ()
    problems: tuple[str, ...] = ()
    scope: str = ""


@dataclass(frozen=True, slots=True)
class SourceContext:
    """What the core hands to an adapter: the source's name and settings, the fields wanted, the decoder.

    `fields` lists per stream the fields that the mapping reads or keeps, key and cursor included.
    """

    name: str
    settings: Any
    fields: Mapping[str, tuple[str, ...]]
    decode: Decode
    tabulate: Tabulate


@dataclass(slots=True)
class Traffic:
    """What an adapter did on the wire: counted for the completeness record."""

    requests: int = 0
    retries: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A simulated tool: the settings to reach it, and lines to add to policy files so that they fit its company.

    The tool shows the company as it was a day ago; `next_day` plays what happened since, and is called once.
    """

    settings: Mapping[str, Any]
    policy: Mapping[str, str] = field(default_factory=dict)
    next_day: Callable[[], object] | None = None


class Adapter(ABC):
    """Base of all adapters; see the module's docstring. `read` may be called from several threads at once."""

    name: ClassVar[str]
    title: ClassVar[str]
    settings: ClassVar[type[SourceSettings]]
    streams: ClassVar[tuple[Stream, ...]]
    envelope: ClassVar[Envelope]
    overlap_seconds: ClassVar[int] = 3600

    def __init__(self, context: SourceContext) -> None:
        self.context = context
        self.traffic = Traffic()

    @classmethod
    @abstractmethod
    def mapping_folder(cls) -> Path | None:
        """Return the folder of the mapping files that it brings; None when its tables are canonical already."""

    @classmethod
    def demonstration(cls) -> AbstractContextManager[Demonstration] | None:
        """Return a context that serves a simulated tool; None where there is none."""
        return None

    @abstractmethod
    def preflight(self) -> Preflight:
        """Find out who we are and what may be read; raises SourceError when nothing can be."""

    @abstractmethod
    def plan(self, stream: Stream, cursor: str | None) -> Sequence[Window]:
        """Cut the work since `cursor` (all of it when None) into windows; overlap included."""

    @abstractmethod
    def read(self, window: Window) -> Iterator[Page]:
        """Yield the pages of one window, complete or with an error; never a short answer that looks whole."""

    @abstractmethod
    def census(self, stream: Stream) -> Census:
        """Return the ids that exist now."""

    def count(self, stream: Stream) -> int | None:  # noqa: ARG002  adapters that know more use them
        """Return how many rows the tool says the stream has now; None when it does not say."""
        return None

    def deleted(self, stream: Stream, cursor: str | None) -> Sequence[str] | None:  # noqa: ARG002  adapters that know more use them
        """Return keys that the tool recorded as deleted since `cursor`.

        None when it keeps no such record, or when rows may have been hidden since: then ids are compared (`census`).
        """
        return None

    def link(self, stream: str) -> str | None:  # noqa: ARG002  adapters that know more use them
        """Return the address of a record for a person, with `{key}` or `{number}` in place of its own; None if none."""
        return None

    def close(self) -> None:  # noqa: B027  most adapters hold nothing that must be given back
        """Give back connections."""
