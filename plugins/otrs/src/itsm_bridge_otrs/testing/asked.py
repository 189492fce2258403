"""Reading a request as the interface does: the query string in its own way, bodies as JSON, logins from headers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson

from itsm_bridge.simulation import Call
from itsm_bridge_otrs.testing import answers

_HEADERS: Mapping[str, str] = {
    "x-otrs-header-userlogin": "UserLogin", "x-otrs-header-customeruserlogin": "CustomerUserLogin",
    "x-otrs-header-sessionid": "SessionID", "x-otrs-header-password": "Password",
}  # fmt: skip
_TAKEN = ("application/json", "text/plain")
_LONGEST_PATH, _LONGEST_NAME, _LONGEST_LINE = 4050, 4100, 8190


@dataclass(frozen=True, slots=True)
class Route:
    """Where a web service has an operation; no methods are all methods."""

    operation: str
    path: str
    methods: Sequence[str] = ()

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """Return the values in a path that fits, else None."""
        if self.methods and method not in self.methods:
            return None
        found = re.fullmatch(re.sub(r":(\w+)", r"(?P<\1>[^/]+)", self.path), path)
        return found and {name: unquote(value) for name, value in found.groupdict().items()}


@dataclass(frozen=True, slots=True)
class WebService:
    """A web service by its name; one that keeps connections alive leaves them open after an answer."""

    name: str
    routes: Sequence[Route]
    keeps_alive: bool = False


def packaged(name: str = "GenericTicketConnectorREST") -> WebService:
    """Return a web service with the routes of the packaged sample."""
    return WebService(name, (
        Route("SessionCreate", "/Session", ("POST",)), Route("SessionGet", "/Session/:SessionID", ("GET",)),
        Route("TicketCreate", "/Ticket", ("POST",)), Route("TicketGet", "/Ticket/:TicketID", ("GET",)),
        Route("TicketGet", "/TicketList", ("GET",)), Route("TicketHistoryGet", "/TicketHistory/:TicketID", ("GET",)),
        Route("TicketSearch", "/Ticket", ("GET",)), Route("TicketUpdate", "/TicketUpdate", ("POST",)),
    ))  # fmt: skip


def posting(name: str = "ConnectorPOST") -> WebService:
    """Return a web service as a site may map it: every operation by POST (or PATCH), what is asked in a JSON body."""
    return WebService(name, (
        Route("SessionCreate", "/Session", ("POST", "PATCH")), Route("SessionGet", "/SessionGet", ("POST",)),
        Route("SessionRemove", "/SessionRemove", ("POST", "DELETE")), Route("TicketCreate", "/TicketCreate", ("POST",)),
        Route("TicketGet", "/TicketGet", ("POST", "PATCH")), Route("TicketGet", "/TicketGetList/:TicketID", ("POST",)),
        Route("TicketHistoryGet", "/TicketHistoryGet", ("POST",)), Route("TicketSearch", "/TicketSearch", ("POST",)),
        Route("TicketUpdate", "/TicketUpdate/:TicketID", ("POST", "PATCH", "PUT")),
    ), keeps_alive=True)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """An operation and what it is asked."""

    operation: str
    data: Mapping[str, Any]


def check_length(call: Call) -> None:
    """Let the web server refuse what is too long for it."""
    if len(f"{call.method} {call.target} HTTP/1.1") > _LONGEST_LINE:
        raise answers.apache_page(414, "Request-URI Too Long")
    longest = len(urlsplit(call.target).path)
    if longest > _LONGEST_PATH:
        raise answers.login_page(404 if longest <= _LONGEST_NAME else 403)


def find(service: WebService, call: Call, path: str) -> tuple[str, dict[str, str]]:
    """Return the operation that lies at a path, and the values in the path."""
    for route in sorted(service.routes, key=lambda route: route.operation):
        found = route.match(call.method, path)
        if found is not None:
            return route.operation, found
    raise answers.interface_error(f"HTTP::REST Error while determine Operation for request URI '{path}'.")


def read(operation: str, in_path: dict[str, str], call: Call) -> Question:
    """Return what is asked: bodies of GETs are ignored; what stands in address and headers goes before the body."""
    given: dict[str, Any] = query(urlsplit(call.target).query) | in_path
    given |= {name: call.headers[header] for header, name in _HEADERS.items() if call.headers.get(header)}
    if call.method == "GET" or not call.content:
        return Question(operation, given)
    if call.headers.get("content-type", "").partition(";")[0].strip() not in _TAKEN:
        raise answers.interface_error("Could not read input data")
    try:
        body = orjson.loads(call.content)
    except orjson.JSONDecodeError:
        body = None
    if not body and not isinstance(body, (dict, list)):
        raise answers.interface_error("Error while decoding request content.")
    if isinstance(body, list) and body:
        raise answers.bare_page()
    if not isinstance(body, dict) or not body:
        raise answers.interface_error("Unsupported request content structure.")
    return Question(operation, body | given)


def query(text: str) -> dict[str, Any]:
    """Return the parameters of an address: repeated ones as a list, "0" as nothing, and nothing behind a second "="."""
    found: dict[str, Any] = {}
    for part in re.split("[;&]", text) if text else ():
        words = [unquote(word) for word in part.replace("+", "%20").split("=")]
        name, value = words[0], words[1] if len(words) > 1 else ""
        if name not in found:
            found[name] = "" if value == "0" else value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found
