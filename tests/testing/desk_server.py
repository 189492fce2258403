"""A small help desk over HTTP: pages are cut to their limit before rights are looked at, links lead on."""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

USER, PASSWORD = "reader", "a-lantern-in-the-fog"
ADMITTED = f"Basic {b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"
Record = dict[str, str]
Parameters = Mapping[str, str]


def instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


@dataclass
class DeskServer:
    """What the desk holds and who sees what of it."""

    rows: dict[str, dict[str, Record]] = field(default_factory=lambda: {"group": {}, "person": {}})
    deletions: list[Record] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    closed_fields: set[str] = field(default_factory=set)
    ahead: float = 0.0

    def start(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Talk", (_Talk,), {"desk": self}))
        self._server.daemon_threads, self._server.block_on_close = True, False
        self.url = f"http://127.0.0.1:{self._server.server_port}/desk"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    def answer(self, path: str, asked: Parameters, host: str) -> tuple[int, dict[str, Any]]:
        steps = path.removeprefix("/desk/").split("/")
        if steps == ["whoami"]:
            return 200, {"account": USER}
        if steps == ["deletions"]:
            found = [row for row in self.deletions if row["at"] >= asked["since"] and row["stream"] == asked["stream"]]
            return 200, {"records": found, "next": None}
        if steps[0] not in self.rows:
            return 404, {"error": "there is no such thing"}
        if steps[0] in self.closed:
            return 403, {"error": "not for you"}
        if steps[1:] == ["count"]:
            rows = self.rows[steps[0]].values()
            return 200, {"count": len(rows), "first": min((row["changed"] for row in rows), default=None)}
        return 200, self._page(steps[0], asked, f"http://{host}{path}")

    def _page(self, stream: str, asked: Parameters, address: str) -> dict[str, Any]:
        """Records since, until and after a place (`time|id`); `by=id` sorts by id; `offset` skips."""
        by_id = asked.get("by") == "id"

        def place(row: Record) -> str:
            return row["id"] if by_id else f"{row['changed']}|{row['id']}"

        rows = [
            row for row in sorted(self.rows[stream].values(), key=place)
            if asked.get("since", "") <= row["changed"] < asked.get("until", "9") and place(row) > asked.get("after", "")
        ]  # fmt: skip
        begin, limit = int(asked.get("offset", 0)), int(asked.get("limit", 100))
        page = rows[begin : begin + limit]
        more = len(rows) > begin + limit
        shown = [self._shown(row) for row in page if row["id"] not in self.hidden]
        following = urlencode({**asked, "after": place(page[-1])}) if more else ""
        return {"records": shown, "next": f"{address}?{following}" if more else None}

    def _shown(self, row: Record) -> Record:
        return {name: value for name, value in row.items() if name not in self.closed_fields}


class _Talk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    desk: DeskServer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if self.headers.get("Authorization") != ADMITTED:
            return self._send(401, {"error": "who are you?"})
        asked = dict(parse_qsl(parts.query))
        return self._send(*self.desk.answer(parts.path, asked, self.headers["Host"]))

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._send(200, {})

    def _send(self, status: int, body: Mapping[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(self.desk.now, usegmt=True)

    def log_message(self, format: str, *args: object) -> None:
        pass
