"""The server's side of a connection: reads requests, finds who answers, and writes the answer."""

from __future__ import annotations

import socket
import struct
import time
from dataclasses import dataclass, replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

from itsm_bridge_jira_sm.testing import damage
from itsm_bridge_jira_sm.testing.answers import Answer, Refusal, Request, good
from itsm_bridge_jira_sm.testing.asked import Asked
from itsm_bridge_jira_sm.testing.faults import Fault
from itsm_bridge_jira_sm.testing.routes import READING_POSTS
from itsm_bridge_jira_sm.testing.sign_in import login_page
from itsm_bridge_jira_sm.testing.terms_json import CLOUD_ID, Words

if TYPE_CHECKING:
    from itsm_bridge_jira_sm.testing.server import SimulatedJira

_GATEWAY = f"/ex/jira/{CLOUD_ID}"


@dataclass(frozen=True, slots=True)
class _Call:
    """A request by where it goes: `api` is `api`, `servicedeskapi`, `other` or nothing that there is."""

    path: str
    api: str
    through_gateway: bool
    asked: Asked


class _Conversation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "AtlassianEdge"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1
    served: SimulatedJira

    def do_GET(self) -> None:
        self._converse(b"")

    do_HEAD = do_GET  # noqa: N815  the names are the standard library's

    def do_POST(self) -> None:
        self._converse(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815  likewise

    def _converse(self, body: bytes) -> None:
        self.served.started()
        try:
            self._answer(self._read(body), body)
        finally:
            self.served.finished()

    def _read(self, body: bytes) -> _Call:
        parts = urlsplit(self.path)
        path, base = parts.path, self.served.base_path
        through_gateway = self.served.site.is_cloud and path.startswith(f"{_GATEWAY}/")
        here = path.removeprefix(_GATEWAY) if through_gateway else path.removeprefix(base) if base else path
        if base and not through_gateway and not path.startswith(f"{base}/"):
            here = "/nowhere"
        steps = tuple(unquote(step) for step in here.split("/") if step)
        api, version = "other", ""
        if steps[:2] == ("rest", "servicedeskapi"):
            api, steps = "servicedeskapi", steps[2:]
        elif steps[:2] == ("rest", "api") and len(steps) > 3:
            api, version, steps = "api", steps[2], steps[3:]
        headers = {name.lower(): value for name, value in self.headers.items()}
        parameters = dict(parse_qsl(parts.query, keep_blank_values=True))
        asked = Asked(self.command, steps, version, parameters, _object(body), headers)
        return _Call(here, api, through_gateway, asked)

    def _answer(self, call: _Call, body: bytes) -> None:
        if self.served.unrest is not None:
            self.served.unrest(call.path, call.asked.body or call.asked.parameters)
        fault = self.served.faults.strike(f"{self.path} {body!r}", call.path)
        answer = self._with_fault(fault, call, body)
        self._log(call, answer, fault)
        if answer is None:
            self._reset()
        else:
            self._send(answer)

    def _with_fault(self, fault: Fault | None, call: _Call, body: bytes) -> Answer | None:
        if fault is None:
            return self._good_answer(call, body)
        if fault.kind == "reset":
            return None
        if fault.kind == "slow":
            time.sleep(fault.seconds)
        if fault.kind == "oauth_expiry":
            self.served.sign_in.expire()
        if fault.kind == "short_page" and call.path.endswith("search/jql"):
            call = _asking_for_less(call)
        refused = damage.refusal(fault, time.time() + self.served.clock_skew_seconds)
        if refused is not None:
            return refused
        token = call.asked.get("nextPageToken")
        again = self.served.routes.search.same_place
        return damage.spoil(fault, self._good_answer(call, body), token, lambda: again(call.asked))

    def _good_answer(self, call: _Call, body: bytes) -> Answer:
        served = self.served
        try:
            if call.api == "other":
                return self._beside(call, body)
            with served.site.lock:
                return self._find(call)
        except Refusal as refusal:
            return refusal.answer

    def _find(self, call: _Call) -> Answer:
        served, asked = self.served, call.asked
        if asked.method not in ("GET", "HEAD") and not (
            asked.method == "POST" and call.api == "api" and "/".join(asked.steps) in READING_POSTS
        ):
            served.writes_attempted.append(f"{self.command} {self.path}")
            raise Refusal(405, f"{self.command} is not allowed here.")
        if call.api == "api" and asked.version not in (
            ("2", "3", "latest") if served.site.is_cloud else ("2", "latest")
        ):
            raise Refusal(404, "null for uri: " + self.path)
        is_known = served.sign_in.admit(
            self.headers.get("Authorization") or "", call.path, through_gateway=call.through_gateway
        )
        version = asked.version if asked.version in ("2", "3") else "2"
        words = Words(served.site, served.gateway if call.through_gateway else served.url, version, served.url)
        is_desk = call.api == "servicedeskapi"
        if not is_known:
            answer = served.routes.for_nobody(asked, words, is_desk=is_desk)
            answer.headers["X-Seraph-LoginReason"] = "AUTHENTICATED_FAILED"
            return answer
        find = served.routes.service_desk if is_desk else served.routes.platform
        return find(asked, words, served.calendar)

    def _beside(self, call: _Call, body: bytes) -> Answer:
        """Answer what is no API: OAuth and the cloud id on Cloud; a page for people on Data Center."""
        served = self.served
        if served.site.is_cloud:
            match call.path:
                case "/_edge/tenant_info":
                    return good({"cloudId": CLOUD_ID})
                case "/oauth/token" if self.command == "POST":
                    return served.sign_in.exchange(self.headers.get("Content-Type") or "", body)
                case "/oauth/token/accessible-resources":
                    return served.sign_in.resources(self.headers.get("Authorization") or "")
            raise Refusal(404, f"null for uri: {self.path}")
        if call.path == "/nowhere":
            return Answer(404, b"<html><body><h1>HTTP Status 404</h1></body></html>", content_type="text/html")
        return login_page()

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        headers = {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body))}
        for name, value in (self.served.limits() | headers | answer.headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)
        self.wfile.flush()

    def _reset(self) -> None:
        """Break the connection off hard, without a word."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _log(self, call: _Call, answer: Answer | None, fault: Fault | None) -> None:
        status, rows = (answer.status, answer.rows) if answer else (0, 0)
        asked = call.asked
        self.served.requests.append(
            Request(self.command, call.path, asked.parameters, asked.body, status, rows, fault.kind if fault else "")
        )

    def date_time_string(self, timestamp: float | None = None) -> str:
        return formatdate((timestamp or time.time()) + self.served.clock_skew_seconds, usegmt=True)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  likewise
        """Say nothing: the log is `requests`."""


def conversation(served: SimulatedJira) -> type[BaseHTTPRequestHandler]:
    """Return the class that answers for one server."""
    return type("Conversation", (_Conversation,), {"served": served})


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body) if body else {}
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _asking_for_less(call: _Call) -> _Call:
    asked = call.asked
    less = {"maxResults": max(1, asked.number("maxResults", 50) // 2)}
    if asked.method == "POST":
        return replace(call, asked=replace(asked, body={**asked.body, **less}))
    shown = {name: str(value) for name, value in less.items()}
    return replace(call, asked=replace(asked, parameters={**asked.parameters, **shown}))
