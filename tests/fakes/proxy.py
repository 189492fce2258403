"""A proxy on this machine: forwards http, tunnels https, writes down what it is asked, and may demand credentials."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass
class Proxy:
    """What the proxy was asked (`CONNECT host:port`, `GET host:port`), and the pair of name and password it demands."""

    demands: str = ""
    says: str = ""  # put into the reason of a refusal, as a broken proxy would
    asked: list[str] = field(default_factory=list)
    url: str = ""

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0

    def lets_in(self, authorization: str | None) -> bool:
        given = base64.b64encode(self.demands.encode()).decode()
        return not self.demands or authorization == f"Basic {given}"


class _Conversation(BaseHTTPRequestHandler):
    proxy: Proxy

    def do_CONNECT(self) -> None:
        self.proxy.asked.append(f"CONNECT {self.path}")
        if self._is_let_in():
            host, _, port = self.path.partition(":")
            with socket.create_connection((host, int(port))) as far:
                self.send_response(200)
                self.end_headers()
                back = threading.Thread(target=_carry, args=(far, self.connection), daemon=True)
                back.start()
                _carry(self.connection, far)
                back.join()
        self.close_connection = True

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.proxy.asked.append(f"{self.command} {parts.netloc}")
        if self._is_let_in():
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
            kept = {name: value for name, value in self.headers.items() if not name.lower().startswith("proxy-")}
            head = "".join(f"{name}: {value}\r\n" for name, value in (kept | {"Connection": "close"}).items())
            with socket.create_connection((parts.hostname or "", parts.port or 80)) as far:
                far.sendall(f"{self.command} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
                _carry(far, self.connection)
        self.close_connection = True

    do_POST = do_HEAD = do_GET

    def _is_let_in(self) -> bool:
        given = self.headers.get("Proxy-Authorization")
        if self.proxy.lets_in(given):
            return True
        said = self.proxy.says and f"{self.proxy.says} {given}"
        self.send_response(407, said or "Proxy Authentication Required")
        self.send_header("Proxy-Authenticate", 'Basic realm="proxy"')
        self.send_header("Content-Length", "0")
        self.end_headers()
        return False

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""


def _carry(near: socket.socket, far: socket.socket) -> None:
    with suppress(OSError):
        while some := near.recv(65_536):
            far.sendall(some)
    with suppress(OSError):
        far.shutdown(socket.SHUT_WR)


@contextmanager
def running_proxy(demands: str = "", says: str = "") -> Iterator[Proxy]:
    """Run a proxy; `demands` is `name:password`."""
    proxy = Proxy(demands, says)
    handler = type("Conversation", (_Conversation,), {"proxy": proxy})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        proxy.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield proxy
        server.shutdown()
        thread.join()
