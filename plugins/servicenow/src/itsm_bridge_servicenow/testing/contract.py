"""The simulated instance as the contract suite wants it: `class Test…(AdapterContract): world = ServiceNowWorld`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, ClassVar

import orjson

from itsm_bridge.testing import SimulatedWorld
from itsm_bridge_servicenow.adapter import ServiceNow
from itsm_bridge_servicenow.testing.records import DAY, reference_row, seconds_of, stamp, sys_id
from itsm_bridge_servicenow.testing.server import SimulatedServiceNow

_PASSWORD = "SERVICENOW_CONTRACT_PASSWORD"  # noqa: S105  the name of a variable
_LONG_AGO = 1_420_070_400
_CANCELLED = {"message": "Transaction cancelled: maximum execution time exceeded", "detail": "Check logs"}


class ServiceNowWorld(SimulatedWorld):
    """An instance with groups and incidents; a log of deletions that reaches back."""

    server: SimulatedServiceNow
    adapter = ServiceNow
    streams = ("sys_user_group", "incident")
    mark = "description"
    page_rows = 10
    many = 150
    identity = "svc_bridge"
    secrets = ("bridge-over-the-river", "svc_bridge:bridge-over-the-river")
    environment: ClassVar[Mapping[str, str]] = {_PASSWORD: "bridge-over-the-river"}

    def __init__(self) -> None:
        old = reference_row("sys_audit_delete", "old", _LONG_AGO, tablename="incident", documentkey=sys_id("gone"))
        self.server = SimulatedServiceNow({"sys_audit_delete": [old]})

    def settings(self, url: str) -> Mapping[str, Any]:
        """Return settings with small pages, and windows of a hundred records."""
        return {
            "url": url, "username": "svc_bridge", "password": {"env": _PASSWORD}, "page_size": self.page_rows,
            "window_rows": 100,
        }  # fmt: skip

    def write(self, stream: str, name: str, at: datetime, mark: str) -> str:
        """Insert or change a record as of a moment; the instance's own clock and history stay out of it."""
        key, moment = sys_id(stream, name), stamp(seconds_of(at))
        if self.server.find(stream, sys_id=key):
            self.server.instance.storage.update(stream, key, {"sys_updated_on": moment, self.mark: mark})
        else:
            row = {"sys_id": key, "sys_created_on": stamp(seconds_of(at) - DAY), "sys_updated_on": moment}
            self.server.load(stream, [{**row, self.mark: mark}])
        return key

    def remove(self, stream: str, key: str, *, recorded: bool) -> None:
        """Delete a record, with or without an entry in sys_audit_delete."""
        self.server.delete(stream, key, record=recorded)

    def visible(self, stream: str) -> Mapping[str, str]:
        """Return what the account may see."""
        return {row["sys_id"]: row[self.mark] for row in self.server.visible(stream)}

    def hide(self, stream: str, keys: Collection[str]) -> None:
        """Hide records by a row rule."""
        self.server.hide(stream, keys)

    def shorten_pages(self, stream: str) -> None:
        """Hide records: the instance takes them out of a page after it has cut it to its limit."""
        rows = sorted(self.server.rows(stream), key=lambda row: (row["sys_updated_on"], row["sys_id"]))
        keys = [row["sys_id"] for row in rows]
        self.hide(stream, keys[self.page_rows : 2 * self.page_rows + 2] + keys[2 * self.page_rows + 5 :: 3])

    def deny_stream(self, stream: str) -> None:
        """Take the right to the table away."""
        self.server.deny_table(stream)

    def deny_field(self, stream: str) -> str:
        """Take the right to a field away: its key is missing from all rows."""
        self.server.deny_field(stream, self.mark)
        return self.mark

    def failed_answer(self, body: bytes) -> bytes:
        """Return half of the records beside the error of a cancelled transaction."""
        rows = orjson.loads(body).get("result") or []
        return orjson.dumps({"result": rows[: len(rows) // 2], "error": _CANCELLED, "status": "failure"})
