"""The server's words for what went wrong, and the pages of the web server in front of it."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any

import orjson

from itsm_bridge import simulation
from itsm_bridge.simulation import Answer

_JSON = "application/json; charset=UTF-8"
_LOGIN = (
    "<!DOCTYPE html>\n<html>\n<!--  Znuny: Copyright (C) 2021 Znuny GmbH, https://znuny.org/  -->\n"
    "<head><title>Login - Znuny</title></head><body><h1>Login</h1></body></html>"
)
_APACHE = (
    '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">\n'
    "<html><head>\n<title>{0}</title>\n</head><body>\n<h1>{0}</h1>\n</body></html>"
)


class Refusal(simulation.Refusal):
    """A request that the interface refuses."""


def told(value: Any, rows: int = 0) -> Answer:
    """Return what an operation says: JSON with sorted keys, letters as they are."""
    return Answer(200, orjson.dumps(value, option=orjson.OPT_SORT_KEYS), content_type=_JSON, rows=rows)


def error(operation: str, kind: str, message: str) -> Refusal:
    """Return what an operation says that fails: status 200, and an error in the body."""
    said = {"ErrorCode": f"{operation}.{kind}", "ErrorMessage": f"{operation}: {message}"}
    return Refusal(told({"Error": said}))


def interface_error(message: str) -> Refusal:
    """Return what the interface says where it does not get as far as an operation."""
    return Refusal(Answer(500, message.encode(), content_type="text/plain; charset=UTF-8"))


def login_page(status: int) -> Refusal:
    """Return the page that the web server shows for what it takes for a missing file (404) or no name of one (403)."""
    return Refusal(Answer(status, _LOGIN.encode(), _from_apache(), content_type="text/html; charset=utf-8;"))


def apache_page(status: int, title: str) -> Refusal:
    """Return the web server's own page."""
    page = _APACHE.format(title).encode()
    return Refusal(Answer(status, page, _from_apache(), content_type="text/html; charset=iso-8859-1"))


def bare_page() -> Refusal:
    """Return a page without status line and headers, as the server's failing program sends it."""
    body = _APACHE.format("500 Internal Server Error").encode()
    return Refusal(Answer(0, body, wire="bare"))


def hung_up() -> Refusal:
    """Return nothing: the server's program ends without a word."""
    return Refusal(Answer.none())


def _from_apache() -> dict[str, str]:
    """Return what only pages of the web server carry, and no answer of the interface."""
    return {"Date": formatdate(usegmt=True), "Server": "Apache/2.4.71 (Debian)"}
