"""A reverse proxy on 127.0.0.1 between adapter and fake: it counts what is asked, and strikes with faults."""

from __future__ import annotations

import http.client
import select
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit

from itsm_bridge.testing.faults import Fault, Reply
from itsm_bridge.testing.waiting import Waiting

_OF_ONE_CONNECTION = frozenset({
    "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "content-length",
    "accept-encoding",
})  # fmt: skip
_ENDLESS = 150
"""After so many requests, a client that is still struck asks for ever."""
_MOMENT = 0.1
_PATIENCE = 4.0
"""Seconds until a client that still waits for a silent tool would wait for ever."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: what, whether a fault struck it, and how many seconds had been waited before it came."""

    method: str
    path: str
    target: str
    is_struck: bool
    waited: float


class FaultProxy:
    """A context manager that passes requests on to `upstream`; `strike` lets some of them fail.

    Links and redirects in answers lead back to the proxy, and the fake sees the proxy's `Host`. Bodies are asked
    for uncompressed.
    """

    def __init__(self, upstream: str, waiting: Waiting) -> None:
        parts = urlsplit(upstream)
        self.upstream = parts.netloc
        self.waiting = waiting
        self.asked: list[Asked] = []
        self.is_endless = False
        self.most_at_once = 0
        self._crowd = self._under_way = 0
        self._is_crowded = threading.Event()
        self._lock = threading.Lock()
        self._when: Callable[[int], Fault | None] = lambda _: None
        self._count = 0
        self._server = _Server(("127.0.0.1", 0), type("Passage", (_Passage,), {"proxy": self}))
        self.own = f"127.0.0.1:{self._server.server_port}"
        self.url = urlunsplit(parts._replace(netloc=self.own))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def strike(self, when: Callable[[int], Fault | None]) -> None:
        """Ask `when` which fault befalls each request from now on, counted from 1."""
        with self._lock:
            self._when, self._count = when, 0

    def forget(self) -> None:
        """Empty the list of requests."""
        self.asked.clear()

    @property
    def struck(self) -> int:
        """How many requests a fault befell."""
        return sum(request.is_struck for request in self.asked)

    def fault_for(self, method: str, target: str, body: bytes) -> Fault | None:
        """Note a request and return what befalls it; a client that asks for ever is let through in the end."""
        with self._lock:
            self._count += 1
            fault = self._when(self._count)
            if self._count > _ENDLESS and fault is not None:
                self.is_endless, fault = True, None
            whole = f"{method} {target} {sha256(body).hexdigest()}"
            path = urlsplit(target).path
            self.asked.append(Asked(method, path, whole, fault is not None, self.waiting.total))
            return fault

    def crowd(self, size: int) -> None:
        """Let each request from now on wait a moment for others, until `size` are under way; 0 ends this."""
        with self._lock:
            self._crowd, self._under_way, self._is_crowded = size, 0, threading.Event()

    def wait_for_others(self) -> None:
        """Hold one request back while a crowd is waited for."""
        with self._lock:
            if not self._crowd:
                return
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
            if self._under_way >= self._crowd:
                self._is_crowded.set()
        self._is_crowded.wait(_MOMENT)
        with self._lock:
            self._under_way -= 1

    def led_back(self, text: bytes) -> bytes:
        """Return text in which addresses of the fake are the proxy's."""
        return text.replace(self.upstream.encode(), self.own.encode())


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that break off are a part of the game."""


class _Passage(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    proxy: FaultProxy
    _upstream: http.client.HTTPConnection | None = None

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.proxy.fault_for(self.command, self.path, body)
        self.proxy.wait_for_others()
        reply = self._real_reply(body)
        self._send(fault(reply) if fault else reply)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _pass_on  # noqa: N815  prescribed names

    def _real_reply(self, body: bytes) -> Reply:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _OF_ONE_CONNECTION}
        if body:
            headers["Content-Length"] = str(len(body))
        if self._upstream is None:
            self._upstream = http.client.HTTPConnection(self.proxy.upstream)
        try:
            self._upstream.request(self.command, self.path, body or None, headers | {"Accept-Encoding": "identity"})
            answer = self._upstream.getresponse()
            found = self.proxy.led_back(answer.read())
        except (OSError, http.client.HTTPException):  # the fake broke off: so does the proxy
            self._upstream.close()
            self._upstream = None
            return Reply(502, end="reset")
        shown = tuple(
            (name, self.proxy.led_back(value.encode("latin-1")).decode("latin-1"))
            for name, value in answer.getheaders()
            if name.lower() not in _OF_ONE_CONNECTION or (self.command, name.lower()) == ("HEAD", "content-length")
        )
        return Reply(answer.status, shown, found)

    def _send(self, reply: Reply) -> None:
        if reply.end == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if reply.end in ("reset", "silent"):
            self.close_connection = True
            if reply.end == "silent" and not select.select([self.connection], [], [], _PATIENCE)[0]:
                self.proxy.is_endless = True
            self.connection.close()
            return
        self.send_response_only(reply.status)
        if "date" not in (name.lower() for name, _ in reply.headers):
            self.send_header("Date", self.date_time_string())
        for name, value in reply.headers:
            self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        is_broken = reply.end == "broken off"
        if self.command != "HEAD":
            self.wfile.write(reply.body[: len(reply.body) // 2] if is_broken else reply.body)
        self.wfile.flush()
        self.close_connection = self.close_connection or is_broken

    def finish(self) -> None:
        """Close the way to the fake with the client's own."""
        if self._upstream is not None:
            self._upstream.close()
        super().finish()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  a prescribed name
        """Say nothing: the log is `asked`."""
