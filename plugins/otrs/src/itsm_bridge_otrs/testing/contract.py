"""The simulated OTRS as the contract suite wants it: `class Test…(AdapterContract): world = OtrsWorld`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, NoReturn

import orjson

from itsm_bridge.testing import SimulatedWorld, not_simulated
from itsm_bridge_otrs.adapter import OtrsAdapter
from itsm_bridge_otrs.testing.desk import Desk
from itsm_bridge_otrs.testing.server import SimulatedOtrs
from itsm_bridge_otrs.testing.wall import seconds

_PASSWORD = "OTRS_CONTRACT_PASSWORD"  # noqa: S105  the name of a variable
_LOGIN, _SECRET = "svc_bridge", "bridge-over-the-river"
_SERVICES = "/otrs/nph-genericinterface.pl/Webservice"
_FAILED = {"ErrorCode": "TicketGet.NotTicketData", "ErrorMessage": "TicketGet: Could not get Ticket data"}


class OtrsWorld(SimulatedWorld):
    """A server in UTC with the web service that the packages bring, read with login and password in headers."""

    server: SimulatedOtrs
    adapter = OtrsAdapter
    streams = ("ticket",)
    mark = "Title"
    page_rows = 10
    many = 150
    identity = _LOGIN
    reading_posts: ClassVar[tuple[str, ...]] = ()
    secrets: ClassVar[tuple[str, ...]] = (_SECRET,)
    environment: ClassVar[Mapping[str, str]] = {_PASSWORD: _SECRET}
    timezone: ClassVar[str] = "UTC"

    def __init__(self) -> None:
        desk = Desk(self.timezone)
        desk.words.add_agent(_LOGIN, password=_SECRET)
        self.server = SimulatedOtrs(desk=desk, username=_LOGIN)
        self._named: dict[str, str] = {}

    def settings(self, url: str) -> Mapping[str, Any]:
        """Return settings with small batches, windows of a hundred tickets, and searches that are cut."""
        return {
            "url": url, "username": _LOGIN, "password": {"env": _PASSWORD}, "batch_tickets": self.page_rows,
            "window_tickets": 100, "search_limit": 100,
        }  # fmt: skip

    def write(self, stream: str, name: str, at: datetime, mark: str) -> str:  # noqa: ARG002  there is one stream
        """Insert a ticket or change its title as of a moment, which may lie before its last change."""
        desk, key = self.server.desk, self._named.get(name)
        if key is None:
            # What escalates is read again by every sync: the promises are about what is at rest. A ticket that waits
            # for a day tells the exact time, as one that escalates does.
            before = at - timedelta(days=1)
            key = self._named[name] = desk.create(mark, queue="Raw", service="E-Mail", at=before)
            desk.update(key, state="pending reminder", pending_until=before + timedelta(days=900), at=before)
        else:
            desk.update(key, title=mark, at=at)
        desk.ticket(key).changed = seconds(at)
        return key

    def remove(self, stream: str, key: str, *, recorded: bool) -> None:  # noqa: ARG002  OTRS keeps no such record
        """Delete a ticket; nothing of it is left, a record of the deletion neither."""
        self.server.desk.delete(key)

    def visible(self, stream: str) -> Mapping[str, str]:  # noqa: ARG002  there is one stream
        """Return what the agent may see."""
        return {str(one.id): one.title for one in self.server.visible()}

    def hide(self, stream: str, keys: Collection[str]) -> None:  # noqa: ARG002  likewise
        """Put tickets into a queue that the agent may not read: neither shown nor counted."""
        self.server.desk.hide(keys)

    def shorten_pages(self, stream: str) -> None:  # noqa: ARG002  likewise
        """Let tickets vanish between search and get, a whole batch of them too; one refuses all its batch."""
        keys = [str(one.id) for one in self.server.visible()]
        self.server.deny([*keys[self.page_rows : 2 * self.page_rows], *keys[2 * self.page_rows + 5 :: 7]])

    def deny_stream(self, stream: str) -> None:  # noqa: ARG002  likewise
        """Take the agent out of all groups: no ticket is found, and each one is denied."""
        self.server.desk.words.agents.replace(_LOGIN, groups=())

    def deny_field(self, stream: str) -> NoReturn:  # noqa: ARG002  likewise
        """Skip the promise."""
        not_simulated("OTRS has no rights to single fields: who may read a ticket reads all of it")

    def shift_clock(self, seconds: float) -> None:
        """Shift the server's clock."""
        self.server.desk.ahead_seconds = seconds

    def failed_answer(self, body: bytes) -> bytes:
        """Return half of what was asked for beside an error."""
        told = orjson.loads(body)
        lists = (
            {name: value for name, value in told.items() if isinstance(value, list)} if isinstance(told, dict) else {}
        )
        half = {name: value[: len(value) // 2] for name, value in lists.items()}
        return orjson.dumps({"Error": _FAILED, **half}, option=orjson.OPT_SORT_KEYS)


class OtrsPostWorld(OtrsWorld):
    """A server in Berlin whose site maps all operations to POST with JSON bodies, read in a session."""

    many = 50
    timezone: ClassVar[str] = "Europe/Berlin"
    reading_posts: ClassVar[tuple[str, ...]] = tuple(
        f"{_SERVICES}/ConnectorPOST/{route}" for route in ("Session", "TicketSearch", "TicketGet", "TicketHistoryGet")
    )

    def settings(self, url: str) -> Mapping[str, Any]:
        """Return settings that say where the operations are, and in which zone."""
        routes = {"search": "TicketSearch", "get": "TicketGet", "history": "TicketHistoryGet", "session": "Session"}
        operations = {name: {"method": "POST", "route": f"/{route}"} for name, route in routes.items()}
        more = {"web_service": "ConnectorPOST", "operations": operations, "sign_in": "session", "window_tickets": 20}
        return {**super().settings(url), **more, "timezone": self.timezone}
