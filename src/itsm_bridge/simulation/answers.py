"""What a simulated server says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Self

import orjson

Wire = Literal["http", "bare", "hung up", "reset"]


@dataclass(slots=True)
class Answer:
    """What goes back over the wire. `rows` counts the records in it, for the log.

    `wire` is how it goes: as HTTP; as the bare body, without status line and headers; or not at all, because the
    server hangs up or resets the connection.
    """

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json;charset=UTF-8"
    rows: int = 0
    wire: Wire = "http"

    @classmethod
    def of(cls, value: Any, rows: int = 0, *, status: int = 200, headers: dict[str, str] | None = None) -> Self:
        """Return an answer that says a value in JSON."""
        return cls(status, orjson.dumps(value), headers or {}, rows=rows)

    @classmethod
    def page(cls, status: int, text: str, headers: dict[str, str] | None = None) -> Self:
        """Return a page for people, in HTML."""
        return cls(status, text.encode(), headers or {}, content_type="text/html;charset=UTF-8")

    @classmethod
    def none(cls, wire: Wire = "hung up") -> Self:
        """Return what a server says that breaks off without a word."""
        return cls(0, wire=wire)


class Refusal(Exception):
    """A request that is refused; `answer` says so in the vendor's words."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer
