"""What Jira says in an answer that is an error, in whichever of its shapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from itsm_bridge.transport import Answer

_HEADERS = ("X-Authentication-Denied-Reason", "RateLimit-Reason")


def words(answer: Answer) -> str:
    """Return what an error answer says, in its headers and in its body."""
    told = [answer.headers[name] for name in _HEADERS if name in answer.headers]
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        body = {}
    if isinstance(body, dict):
        told += _of(body)
    return "; ".join(dict.fromkeys(told))


def _of(body: Mapping[str, Any]) -> Iterator[str]:
    """Yield the messages; `errorMessage` is the service desk's, `message` the gateway's."""
    several, named = body.get("errorMessages"), body.get("errors")
    if isinstance(several, list):
        yield from (text for text in several if isinstance(text, str))
    if isinstance(named, dict):
        yield from (f"{name}: {text}" for name, text in named.items() if isinstance(text, str))
    for name in ("errorMessage", "message"):
        if isinstance(body.get(name), str) and body[name]:
            yield body[name]
