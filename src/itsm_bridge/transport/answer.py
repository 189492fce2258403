"""One answer of a tool, read whole, and the cheap tests that tell JSON from what merely arrives in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson
from requests import Response

from itsm_bridge.errors import BadAnswer


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: `body` is decompressed, `headers` ignore case, `attempts` counts the requests it took."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    address: str
    attempts: int = 1

    @property
    def date(self) -> datetime | None:
        """The tool's clock at the moment of the answer, in UTC; None when it does not say."""
        return parse_http_date(self.headers.get("Date", ""))

    def json(self) -> Any:
        """Return the decoded body; raises BadAnswer when it is not JSON."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise BadAnswer(f"the answer is cut or is not JSON ({error})", where=self.address) from error


def read_body(response: Response) -> bytes:
    """Read a streamed response to its end; raises BadAnswer when less came than was announced."""
    announced = response.headers.get("Content-Length", "")
    # raw.read skips the 10 kB chunks of `content`; it also skips the length check of iter_content.
    body: bytes = response.raw.read(decode_content=True) or b""
    is_plain = "Content-Encoding" not in response.headers and response.request.method != "HEAD"
    if is_plain and announced.isdigit() and len(body) != int(announced):
        raise BadAnswer(
            f"the answer is cut: {len(body)} of {announced} bytes arrived",
            hint="A proxy or the tool ended the connection early; if it persists, ask for smaller pages.",
        )
    return body


def json_body(answer: Answer) -> None:
    """Accept an answer whose body looks like a whole JSON object or list; raises BadAnswer otherwise."""
    body = answer.body.strip()
    if not body:
        raise BadAnswer("the answer is empty", where=answer.address)
    if body == b"null":
        raise BadAnswer("the answer is `null` where an object belongs", where=answer.address)
    if body[:1] == b"<" or "html" in answer.headers.get("Content-Type", "").lower():
        raise BadAnswer(
            "a web page came instead of data", where=answer.address,
            hint="The tool may be asleep, in maintenance or behind a sign-on page; open the address in a browser.",
        )  # fmt: skip
    if (body[:1], body[-1:]) not in ((b"{", b"}"), (b"[", b"]")):
        raise BadAnswer("the answer is cut or is not JSON", where=answer.address)


def parse_http_date(text: str) -> datetime | None:
    """Return the moment that an HTTP date names, in UTC; None when it is no date."""
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
