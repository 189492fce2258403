"""The server's side of a connection: reads requests, finds who answers, and writes the answer."""

from __future__ import annotations

import socket
import ssl
import struct
import time
from dataclasses import dataclass
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from itsm_bridge_servicenow.testing import answers, damage
from itsm_bridge_servicenow.testing.answers import Answer, Refusal, Request
from itsm_bridge_servicenow.testing.faults import Fault
from itsm_bridge_servicenow.testing.stats_api import stats

if TYPE_CHECKING:
    from itsm_bridge_servicenow.testing.server import SimulatedServiceNow

_VERSIONS = ("v1", "v2", "latest")


@dataclass(frozen=True, slots=True)
class _Call:
    """What a request asks for: `/api/now[/version]/{kind}/{table}[/{key}]?parameters`."""

    text: str
    is_api: bool
    version: str
    kind: str
    table: str
    key: str
    parameters: dict[str, str]


def _read_call(path: str, base_path: str = "") -> _Call:
    parts = urlsplit(path)
    here = parts.path.removeprefix(f"{base_path}/") if parts.path.startswith(f"{base_path}/") else ""
    steps = [step for step in here.split("/") if step]
    version = steps[2] if len(steps) > 2 and steps[2] in _VERSIONS else ""
    kind, table, key = [*steps[3 if version else 2 :], "", "", ""][:3]
    parameters = dict(parse_qsl(parts.query, keep_blank_values=True))
    return _Call(path, steps[:2] == ["api", "now"], version, kind, table, key, parameters)


class _Conversation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "ServiceNow"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1
    served: SimulatedServiceNow

    def do_GET(self) -> None:
        self.served.started()
        try:
            self._answer()
        finally:
            self.served.finished()

    do_HEAD = do_GET  # noqa: N815  the names are the standard library's

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if urlsplit(self.path).path == f"{self.served.base_path}/oauth_token.do":
            answer = self.served.sign_in.token(self.headers.get("Content-Type") or "", body)
            self._log("oauth_token", {}, answer, None)
            self._send(answer)
            return
        self.served.writes_attempted.append(f"{self.command} {self.path}")
        self._send(answers.error(405, "Method Not Allowed", f"{self.command} is not allowed here"))

    do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815  likewise

    def _answer(self) -> None:
        call = _read_call(self.path, self.served.base_path)
        if self.served.unrest is not None:
            self.served.unrest(call.table, call.parameters)
        fault = self.served.faults.strike(call.text, call.table)
        answer = self._with_fault(fault, call)
        self._log(call.table, call.parameters, answer, fault)
        if answer is None:
            self._reset()
        else:
            self._send(answer)

    def _with_fault(self, fault: Fault | None, call: _Call) -> Answer | None:
        if fault is None:
            return self._good_answer(call)
        if fault.kind == "reset":
            return None
        if fault.kind == "slow":
            time.sleep(fault.seconds)
        if fault.kind == "token_expiry":
            self.served.sign_in.expire()
        now = time.time() + self.served.clock_skew_seconds
        return damage.refusal(fault, now) or damage.spoil(fault, self._good_answer(call))

    def _good_answer(self, call: _Call) -> Answer:
        if len(call.text) > self.served.longest_address:
            return Answer(
                414, b"<html><body><h1>414 Request-URI Too Large</h1></body></html>", content_type="text/html"
            )
        try:
            new_cookie = self.served.sign_in.admit(dict(self.headers), self._certificate())
            answer = self._find(call)
        except Refusal as refusal:
            return refusal.answer
        answer.headers.update(new_cookie)
        return answer

    def _certificate(self) -> str:
        """Return the common name in the client's certificate; the handshake has verified it."""
        if not isinstance(self.connection, ssl.SSLSocket):
            return ""
        subject: Any = (self.connection.getpeercert() or {}).get("subject", ())
        return next((value for part in subject for name, value in part if name == "commonName"), "")

    def _find(self, call: _Call) -> Answer:
        if not call.is_api or not call.table or call.kind not in ("table", "stats"):
            raise Refusal(400, "Requested URI does not represent any resource")
        if call.kind == "stats":
            return stats(self.served.instance, call.table, call.parameters, self.served.url)
        if call.key:
            return self.served.table_api.single(call.table, call.key, call.parameters)
        return self.served.table_api.list(call.table, call.parameters, call.version)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
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

    def _log(self, table: str, parameters: dict[str, str], answer: Answer | None, fault: Fault | None) -> None:
        status, rows = (answer.status, answer.rows) if answer else (0, 0)
        path = urlsplit(self.path).path
        self.served.requests.append(
            Request(self.command, path, parameters, table, status, rows, fault.kind if fault else "")
        )

    def date_time_string(self, timestamp: float | None = None) -> str:
        return formatdate((timestamp or time.time()) + self.served.clock_skew_seconds, usegmt=True)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  likewise
        """Say nothing: the log is `requests`."""


def conversation(served: SimulatedServiceNow) -> type[BaseHTTPRequestHandler]:
    """Return the class that answers for one server."""
    return type("Conversation", (_Conversation,), {"served": served})
