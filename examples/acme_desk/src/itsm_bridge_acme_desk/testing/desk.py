"""A small help desk on this machine: pages are cut to their limit before rights are looked at, and links lead on."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from itsm_bridge.simulation import Answer, Call, Faults, SimulatedServer

USER, PASSWORD = "reader", "a-lantern-in-the-fog"
ADMITTED = f"Basic {b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"
Record = dict[str, Any]


class SimulatedDesk(SimulatedServer):
    """What the desk holds, by stream and id, and what of it is closed to the account."""

    def __init__(self, *, port: int = 0) -> None:
        super().__init__(Faults(), port=port)
        self.rows: dict[str, dict[str, Record]] = {"ticket": {}, "team": {}}
        self.hidden: set[str] = set()
        self.closed: set[str] = set()
        self.closed_fields: set[str] = set()

    def put(self, stream: str, key: str, **values: Any) -> None:
        """Insert a record, or change it."""
        self.rows[stream][key] = {"id": key, **self.rows[stream].get(key, {}), **values}

    def visible(self, stream: str) -> dict[str, Record]:
        """Return the records that the account may see."""
        return {key: row for key, row in self.rows[stream].items() if key not in self.hidden}

    def answer(self, call: Call) -> Answer:
        """Return what the desk says to a request."""
        if call.headers.get("authorization") != ADMITTED:
            return Answer.of({"error": "who are you?"}, status=401)
        if call.method != "GET":
            self.writes_attempted.append(call.target)
            return Answer.of({"saved": True})
        stream, _, what = call.path.removeprefix("/api/").partition("/")
        if stream == "me":
            return Answer.of({"account": USER})
        if stream not in self.rows:
            return Answer.of({"error": "there is no such thing"}, status=404)
        if stream in self.closed:
            return Answer.of({"error": "not for you"}, status=403)
        if what == "count":
            changes = [row.get("changed") for row in self.rows[stream].values()]
            return Answer.of({"count": len(changes), "first": min(filter(None, changes), default=None)})
        return Answer.of(self._page(stream, call.parameters, f"http://{call.headers['host']}{call.path}"))

    def _page(self, stream: str, asked: Mapping[str, str], address: str) -> Record:
        """Records since, until and after a place (`time|id`); `by=id` sorts by id; `offset` skips."""

        def place(row: Record) -> str:
            return str(row["id"]) if asked.get("by") == "id" else f"{row.get('changed', '')}|{row['id']}"

        rows = [
            row for row in sorted(self.rows[stream].values(), key=place)
            if asked.get("since", "") <= row.get("changed", "") < asked.get("until", "9")
            and place(row) > asked.get("after", "")
        ]  # fmt: skip
        begin, limit = int(asked.get("offset", 0)), int(asked.get("limit", 100))
        page, rest = rows[begin : begin + limit], rows[begin + limit :]
        following = f"{address}?{urlencode({**asked, 'after': place(page[-1])})}" if rest else None
        shown = [row for row in page if row["id"] not in self.hidden]
        records = [{name: value for name, value in row.items() if name not in self.closed_fields} for row in shown]
        return {"records": records, "next": following}
