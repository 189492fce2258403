"""The simulated desk as the contract suite wants it: `class Test…(AdapterContract): world = AcmeWorld`."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, ClassVar

from itsm_bridge.testing import SimulatedWorld
from itsm_bridge_acme_desk.adapter import AcmeDesk
from itsm_bridge_acme_desk.testing.desk import PASSWORD, USER, SimulatedDesk


class AcmeWorld(SimulatedWorld):
    """A desk of its own for each promise, with tickets and teams."""

    server: SimulatedDesk
    adapter = AcmeDesk
    streams = ("ticket", "team")
    mark = "title"
    page_rows = 5
    many = 60
    identity = USER
    secrets = (PASSWORD, f"{USER}:{PASSWORD}")
    environment: ClassVar[Mapping[str, str]] = {"ACME_PASSWORD": PASSWORD}

    def __init__(self) -> None:
        self.server = SimulatedDesk()

    def settings(self, url: str) -> Mapping[str, Any]:
        """Return the settings of a source with small pages."""
        return {"url": url, "username": USER, "password": {"env": "ACME_PASSWORD"}, "page_size": self.page_rows}

    def write(self, stream: str, name: str, at: datetime, mark: str) -> str:
        """Insert or change a ticket or a team; teams have no time of change."""
        more = {"changed": at.isoformat(), "comments": [], "history": []} if stream == "ticket" else {}
        self.server.put(stream, name, title=mark, **more)
        return name

    def remove(self, stream: str, key: str, *, recorded: bool) -> None:  # noqa: ARG002  the desk keeps no such record
        """Delete a record."""
        del self.server.rows[stream][key]

    def visible(self, stream: str) -> Mapping[str, str]:
        """Return what the account may see."""
        return {key: row[self.mark] for key, row in self.server.visible(stream).items()}

    def hide(self, stream: str, keys: Collection[str]) -> None:  # noqa: ARG002  ids are unique in the desk
        """Hide records."""
        self.server.hidden |= set(keys)

    def shorten_pages(self, stream: str) -> None:
        """Hide so many records side by side that one page is empty, and others short."""
        keys = sorted(self.server.rows[stream], key=lambda key: self.server.rows[stream][key]["changed"])
        self.server.hidden |= {*keys[5:12], *keys[14::3]}

    def deny_stream(self, stream: str) -> None:
        """Answer with 403 from now on."""
        self.server.closed.add(stream)

    def deny_field(self, stream: str) -> str:  # noqa: ARG002  a name that is closed is closed everywhere
        """Leave a field out of every record."""
        self.server.closed_fields.add(self.mark)
        return self.mark

    def failed_answer(self, body: bytes) -> bytes:
        """Return half of the records, and an error beside them."""
        records = json.loads(body).get("records") or []
        return json.dumps({"records": records[: len(records) // 2], "next": None, "error": "out of time"}).encode()
