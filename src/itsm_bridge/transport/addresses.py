"""Addresses as they may be shown: no user information, no values of secret parameters."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urlsplit

_SECRET = re.compile(r"pass|pwd|secret|token|session|auth|credential|signature|api_?key|^key$", re.IGNORECASE)
_LONGEST = 400


def shown_address(url: str) -> str:
    """Return scheme, host and path of a URL: enough to say where an error happened."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that cannot be read"
    return f"{parts.scheme}://{host}{port}{parts.path}" if host else parts.path


def shown_request(url: str) -> str:
    """Return a URL with its query for a log line; secret values are masked and long ones cut."""
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    shown = "&".join(
        f"{name}={'***' if _SECRET.search(name) else quote(value, safe=_READABLE)}" for name, value in pairs
    )
    address = shown_address(url)
    line = f"{address}?{shown}" if shown else address
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "…"


_READABLE = "^=<>!@:,./_-*() "
