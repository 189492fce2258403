"""What a client asks of a simulated server, and what is noted of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson


@dataclass(frozen=True)
class Call:
    """One request as it came.

    `target` is path and query as sent, `path` the part below the server's base path ("" when it lies outside).
    Names of `headers` are in lower case. `certificate` is the common name of the client's, which the handshake has
    verified.
    """

    method: str
    target: str
    path: str
    headers: Mapping[str, str]
    content: bytes = b""
    certificate: str = ""

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The parameters in the address, in order: names may come more than once."""
        return tuple(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @cached_property
    def parameters(self) -> Mapping[str, str]:
        """The parameters in the address; of those that come more than once, the last."""
        return dict(self.pairs)

    @cached_property
    def body(self) -> Mapping[str, Any]:
        """The JSON object that was sent; empty when none was."""
        try:
            found = orjson.loads(self.content) if self.content else {}
        except orjson.JSONDecodeError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def asked(self) -> Mapping[str, Any]:
        """What is asked: the body, or the parameters where there is none."""
        return self.body or self.parameters

    @property
    def whole(self) -> str:
        """The same text for the same request."""
        return f"{self.target} {self.content!r}" if self.content else self.target


@dataclass(frozen=True, slots=True)
class Request:
    """One request as the log holds it.

    `path` is the one that was sent, `about` what the request is about in the tool's terms, `rows` how many records
    the answer held; `status` is 0 where the server broke off.
    """

    method: str
    path: str
    about: str
    parameters: Mapping[str, str]
    body: Mapping[str, Any]
    status: int
    rows: int
    fault: str = ""
