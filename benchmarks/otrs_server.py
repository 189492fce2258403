"""A server with the routes of Znuny's own sample web service, whose tickets were written beforehand.

As a program (`python -m benchmarks.otrs_server TICKETS`) it prints its address and serves until its input ends.
"""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

from benchmarks.otrs_tickets import Tickets
from benchmarks.serving import served, until_told

WEB_SERVICE = "/nph-genericinterface.pl/Webservice/GenericTicketConnectorREST"


class _Conversation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    tickets: ClassVar[Tickets]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        route, _, ids = unquote(parts.path).partition(WEB_SERVICE)[2].strip("/").partition("/")
        if route == "Ticket" and not ids:
            asked = parse_qs(parts.query)
            since = asked.get("TicketLastChangeTimeNewerDate", [""])[0]
            self._answer(self.tickets.found(since, int(asked.get("Limit", ["500"])[0])))
        elif route == "Ticket":
            self._answer(self.tickets.tickets(ids.split(",")))
        else:
            self._answer(self.tickets.histories(ids.split(",")))

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


def otrs(count: int) -> AbstractContextManager[str]:
    """Serve so many tickets; yields the address."""
    return served("benchmarks.otrs_server", count)


def _serve(count: int) -> None:
    _Conversation.tickets = Tickets(count)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Conversation)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    until_told(f"http://127.0.0.1:{server.server_port}")


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
