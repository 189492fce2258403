"""A server of pages that were written beforehand, in a process of its own, so that it is not what is measured.

It understands just the questions that the ServiceNow adapter asks of one table; every other table is empty.
As a program (`python -m benchmarks.page_server ROWS DELAY`) it prints its address and serves until its input ends.
"""

from __future__ import annotations

import re
import sys
import time
import urllib.request
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from benchmarks.rows import Stream
from benchmarks.serving import served, until_told

TABLE = "incident"
_KEY = re.compile(r"sys_id>([0-9a-f]{32})")
_LOWER = re.compile(r"sys_updated_on>=([0-9: -]{19})")
_LATER = re.compile(r"sys_updated_on>([0-9: -]{19})")
_UPPER = re.compile(r"sys_updated_on<([0-9: -]{19})")


class Served:
    """What is served: `page` finds rows by the adapter's own questions, or by offset for a bare loop."""

    def __init__(self, count: int, delay: float) -> None:
        self.stream = Stream(count)
        self.delay = delay

    def page(self, query: str, limit: int, offset: int, only_ids: bool) -> tuple[bytes, int]:
        """Return a body and how many rows match."""
        order = self.stream.order
        if "ORDERBYsys_id" in query and "sys_updated_on" not in query:
            all_ids = range(self._behind(query), len(order))
            return self._body(all_ids[offset : offset + limit], only_ids), len(all_ids)
        first, after = self._span(query)
        numbers = [number for _, number in order[first + offset : min(after, first + offset + limit)]]
        return self._body(numbers, only_ids), max(after - first, 0)

    def _behind(self, query: str) -> int:
        key = _KEY.search(query)
        return int(key[1], 16) + 1 if key else 0

    def _span(self, query: str) -> tuple[int, int]:
        order = self.stream.order
        if "sys_updated_onISEMPTY" in query:
            return 0, 0
        upper = _UPPER.search(query)
        after = bisect_left(order, (upper[1], -1)) if upper else len(order)
        later, key, lower = _LATER.search(query), _KEY.search(query), _LOWER.search(query)
        if later and key:
            return bisect_right(order, (later[1], int(key[1], 16))), after
        return (bisect_left(order, (lower[1], -1)) if lower else 0), after

    def _body(self, numbers: Sequence[int], only_ids: bool) -> bytes:
        if only_ids:
            parts = [b'{"sys_id":"%032x"}' % number for number in numbers]
        else:
            parts = [self.stream.bodies[number] for number in numbers]
        return b'{"result":[' + b",".join(parts) + b"]}"


class _Conversation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    served: ClassVar[Served]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        name = parts.path.rpartition("/")[2]
        body, total = b'{"result":[]}', 0
        if name == "night":
            total = self.served.stream.night()
        elif name == TABLE:
            only_ids = asked.get("sysparm_fields") == "sys_id"
            limit, offset = int(asked.get("sysparm_limit", 1000)), int(asked.get("sysparm_offset", 0))
            body, total = self.served.page(asked.get("sysparm_query", ""), limit, offset, only_ids)
            if len(body) > 50_000:
                time.sleep(self.served.delay)
        elif name == "sys_audit_delete" and "tablename" not in asked.get("sysparm_query", ""):
            body, total = b'{"result":[{"sys_id":"0"}]}', 1
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Total-Count", str(total))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


def pages(count: int, delay: float = 0.0) -> AbstractContextManager[str]:
    """Serve `count` rows, each page after `delay` seconds; yields the address."""
    return served("benchmarks.page_server", count, delay)


def let_a_night_pass(url: str) -> int:
    """Change one row in fifty; returns how many changed."""
    with urllib.request.urlopen(f"{url}/night") as answer:
        return int(answer.headers["X-Total-Count"])


def _serve(count: int, delay: float) -> None:
    _Conversation.served = Served(count, delay)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Conversation)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    until_told(f"http://127.0.0.1:{server.server_port}")


if __name__ == "__main__":
    _serve(int(sys.argv[1]), float(sys.argv[2]))
