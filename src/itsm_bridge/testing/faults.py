"""What goes wrong on the wire: each fault makes another reply of the tool's own, whatever the tool is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import Literal

ASKED_SECONDS = 20
"""How long a client is told to wait by `Retry-After`."""
_PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Welcome back</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back to the adapter. `end` says how: whole, broken off half-way, reset at once, or never."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    end: Literal["whole", "broken off", "reset", "silent"] = "whole"


Fault = Callable[[Reply], Reply]


def refused(status: int, **headers: str) -> Fault:
    """Return the fault that answers with a status and a page for people."""
    shown = (("Content-Type", "text/html"), *((name.replace("_", "-"), value) for name, value in headers.items()))
    body = f"<html><body><h1>{status}</h1></body></html>".encode()
    return lambda _: Reply(status, shown, body)


def _limited_until(_: Reply) -> Reply:
    return Reply(429, (("Retry-After", formatdate(time.time() + ASKED_SECONDS, usegmt=True)),))


def _cut_in_half(reply: Reply) -> Reply:
    return replace(reply, body=reply.body[: max(1, len(reply.body) // 2)])


def _as_json(body: bytes) -> Fault:
    return lambda _: Reply(200, (("Content-Type", "application/json"),), body)


RATE_LIMITS: dict[str, Fault] = {
    "429 with Retry-After in seconds": refused(429, Retry_After=str(ASKED_SECONDS)),
    "429 with Retry-After as a date": _limited_until,
}
PASSING: dict[str, Fault] = {
    **RATE_LIMITS,
    "500 server error": refused(500),
    "503 not available": refused(503),
    "connection reset": lambda reply: replace(reply, end="reset"),
    "connection broken off in the body": lambda reply: replace(reply, end="broken off"),
    "cut JSON of the announced length": _cut_in_half,
    "web page with 200": lambda _: Reply(200, (("Content-Type", "text/html"),), _PAGE),
    "null with 200": _as_json(b"null"),
    "empty body with 200": _as_json(b""),
}
"""Faults that come and go, by name: an adapter asks again."""
STAYING: dict[str, Fault] = {
    **PASSING,
    "400 with words as JSON": lambda _: Reply(400, (("Content-Type", "application/json"),), b'{"error": "no"}'),
    "redirect to a sign-on page": refused(302, Location="/sign-on"),
}
"""Faults that are an error when they stay."""
SILENT: Fault = lambda reply: replace(reply, end="silent")  # noqa: E731  one among others above
