"""The server's side of a connection: reads a request, and writes the answer."""

from __future__ import annotations

import socket
import ssl
import struct
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from itsm_bridge.simulation.answers import Answer
from itsm_bridge.simulation.calls import Call

if TYPE_CHECKING:
    from itsm_bridge.simulation.server import SimulatedServer


class _Conversation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    served: SimulatedServer

    def _converse(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        place = self.served.place(urlsplit(self.path).path)
        call = Call(self.command, self.path, place, headers, content, self._certificate())
        self._send(self.served.converse(call))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _converse  # noqa: N815  the standard library's names

    def _certificate(self) -> str:
        if not isinstance(self.connection, ssl.SSLSocket):
            return ""
        subject: Any = (self.connection.getpeercert() or {}).get("subject", ())
        return next((value for part in subject for name, value in part if name == "commonName"), "")

    def _send(self, answer: Answer) -> None:
        match answer.wire:
            case "http":
                self._send_http(answer)
            case "bare":
                self.wfile.write(answer.body)
                self.close_connection = True
            case "hung up":
                self.close_connection = True
            case "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                self.connection.close()

    def _send_http(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        headers = {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body))}
        for name, value in (self.served.headers() | headers | answer.headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  likewise
        """Say nothing: the log is `SimulatedServer.requests`."""


def conversation(served: SimulatedServer) -> type[BaseHTTPRequestHandler]:
    """Return the class that answers for one server."""
    return type("Conversation", (_Conversation,), {"served": served})
