"""What the contract suite needs of an adapter author: a fake of the tool, and how records get into it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, ClassVar, NoReturn, Self

import pytest

from itsm_bridge.adapter import Adapter


def not_simulated(reason: str) -> NoReturn:
    """Skip the promise that asked for something the fake cannot do; `reason` stands in pytest's summary."""
    pytest.skip(reason)


class World(ABC):
    """A fake of the tool, served over HTTP on 127.0.0.1, empty when it starts. One is made for each promise.

    Its clock is the machine's. What it cannot do, it leaves out: the promise is then skipped and says why. Where
    the tool itself has no such thing, override the method and say so with `not_simulated("…")`.
    """

    adapter: ClassVar[type[Adapter]]
    """The adapter under test."""
    streams: ClassVar[tuple[str, ...]]
    """Streams to fill. The first one carries all promises: records that change, with a census if the tool has one."""
    mark: ClassVar[str]
    """A field of text, of the first stream and the others, in which `write` puts its mark."""
    page_rows: ClassVar[int]
    """How many records a full page holds with the settings of `settings`; small, such as 10."""
    many: ClassVar[int] = 120
    """How many records, one every half day, need several windows with these settings; 0 where one is right."""
    identity: ClassVar[str] = ""
    """Who the preflight must say that we are; not compared when empty."""
    reading_posts: ClassVar[tuple[str, ...]] = ()
    """Paths (their beginnings) of POSTs that only read by the tool's documentation, such as a search or a token."""
    secrets: ClassVar[tuple[str, ...]] = ()
    """Every password, token and key in `settings` and `environment`: none may appear in an error or a log."""
    environment: ClassVar[Mapping[str, str]] = {}
    """Environment variables that the settings refer to."""

    @property
    @abstractmethod
    def url(self) -> str:
        """Where the fake listens."""

    @abstractmethod
    def settings(self, url: str) -> Mapping[str, Any]:
        """Return the settings of a source that reads the fake at `url`, which is not its own: a proxy stands between.

        Small pages and small windows keep the promises fast.
        """

    @abstractmethod
    def write(self, stream: str, name: str, at: datetime, mark: str) -> str:
        """Insert the record `name`, or change it when it is there, and return its key.

        `at` (UTC, whole seconds) becomes the value of the stream's cursor field, also when it lies before that of
        other records; `mark` that of the field `mark`.
        """

    @abstractmethod
    def remove(self, stream: str, key: str, *, recorded: bool) -> None:
        """Delete a record; `recorded` says whether the tool's own record of deletions (if it has one) shows it."""

    @abstractmethod
    def visible(self, stream: str) -> Mapping[str, str]:
        """Return the truth: key and mark of every record that the account may see now."""

    def __enter__(self) -> Self:
        """Start serving."""
        return self

    def __exit__(  # noqa: B027  a fake may have nothing to stop
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving."""

    # -- what a fake may leave out ----------------------------------------------------------------

    def hide(self, stream: str, keys: Collection[str]) -> None:  # noqa: ARG002  worlds that can use them
        """Hide records from the account, and from `visible`; they still exist."""
        self._lacks("hide", "records that the account may not see")

    def shorten_pages(self, stream: str) -> None:  # noqa: ARG002  likewise
        """Let some pages from now on be shorter than asked for, and one be empty, though more follow."""
        self._lacks("shorten_pages", "short and empty pages in the middle")

    def deny_stream(self, stream: str) -> None:  # noqa: ARG002  likewise
        """Take the right to read the stream away, as the tool does it."""
        self._lacks("deny_stream", "a stream that may not be read")

    def deny_field(self, stream: str) -> str:  # noqa: ARG002  likewise
        """Take the right to see a field that the mapping reads away, and return its name."""
        self._lacks("deny_field", "a field that may not be seen")

    def shift_clock(self, seconds: float) -> None:  # noqa: ARG002  likewise
        """Let the tool's clock, as it shows in its answers, be this much ahead."""
        self._lacks("shift_clock", "a clock that is apart from ours")

    def failed_answer(self, body: bytes) -> bytes:  # noqa: ARG002  likewise
        """Return what is left of a good answer's body when the tool fails in the middle and still says 200."""
        self._lacks("failed_answer", "an error in an answer with status 200")

    def _lacks(self, method: str, what: str) -> NoReturn:
        not_simulated(f"{type(self).__name__} does not simulate {what}: override World.{method}")
