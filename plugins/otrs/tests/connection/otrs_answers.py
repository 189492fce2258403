"""Settings of OTRS sources, and what a tool answers to them: in the words of a real Znuny 6.5."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import responses
from requests import PreparedRequest

from itsm_bridge.adapter import Traffic
from itsm_bridge_otrs.session import Site, connect
from itsm_bridge_otrs.settings import OtrsSettings

URL = "https://desk.acme.com/otrs"
BASE = f"{URL}/nph-genericinterface.pl/Webservice/GenericTicketConnectorREST"
SECRETS = {"BRIDGE_PASSWORD": "pass-word-4711", "BRIDGE_UMLAUT": "Grüße-日本"}
JSON = {"Content-Type": "application/json; charset=UTF-8"}
Reply = tuple[int, Mapping[str, str], str]
Answering = Callable[[PreparedRequest], Reply]


def settings_of(**given: Any) -> OtrsSettings:
    plain = {"adapter": "otrs", "url": URL, "username": "bridge", "password": {"env": "BRIDGE_PASSWORD"}}
    return OtrsSettings.model_validate(plain | given)


def connected(**given: Any) -> Site:
    return connect(settings_of(**given), Traffic(), sleep=lambda _: None)


def unmeasured(**given: Any) -> Site:
    """Return a site of which nothing was asked yet."""
    return Site(settings_of(**given), Traffic(), sleep=lambda _: None)


def reply(body: Any) -> Reply:
    return 200, JSON, json.dumps(body, sort_keys=True)


def error(operation: str, kind: str, message: str = "Authorization failing!") -> dict[str, Any]:
    return {"Error": {"ErrorCode": f"{operation}.{kind}", "ErrorMessage": f"{operation}: {message}"}}


def asked(tool: responses.RequestsMock) -> list[str]:
    return [str(call.request.url).removeprefix(BASE) for call in tool.calls]


def query(request: PreparedRequest) -> dict[str, list[str]]:
    return parse_qs(urlsplit(str(request.url)).query)


def ids_in_path(request: PreparedRequest) -> list[str]:
    return unquote(urlsplit(str(request.url)).path).rpartition("/")[2].split(",")


class Desk:
    """Tickets of a tool whose clock keeps a zone and is `ahead` seconds; by instants of creation, ids from 1 on.

    `pending` are the ids of tickets that wait for a date.
    """

    def __init__(
        self, created: Iterable[datetime], zone: str = "UTC", ahead: float = 0, pending: tuple[int, ...] = ()
    ) -> None:
        self.created = {str(number): moment for number, moment in enumerate(created, 1)}
        self.zone = ZoneInfo(zone)
        self.ahead = timedelta(seconds=ahead)
        self.pending = pending
        self.fields = ("ITSMImpact",)
        self.gone: set[str] = set()

    def serve(self, tool: responses.RequestsMock, *, histories: bool = True) -> None:
        tool.add_callback("GET", f"{BASE}/Ticket", self.search)
        tool.add_callback("GET", re.compile(f"{BASE}/Ticket/[^/]*$"), self.get)
        if histories:
            tool.add_callback("GET", re.compile(f"{BASE}/TicketHistory/[^/]*$"), self.history)

    def search(self, request: PreparedRequest) -> Reply:
        told = query(request)
        found = sorted(self.created.keys() - self.gone, key=int, reverse=told.get("OrderBy") != ["Up"])
        if "StateType" in told:
            found = [one for one in found if int(one) in self.pending]
        newer, older = (told.get(f"TicketCreateTime{end}Date", [""])[0] for end in ("Newer", "Older"))
        found = [one for one in found if newer <= self.wall(self.created[one]) <= (older or "9")]
        found = found[: int(told["Limit"][0])]
        return reply({"TicketID": found} if found else {})

    def get(self, request: PreparedRequest) -> Reply:
        ids = ids_in_path(request)
        if not self.created.keys() - self.gone >= set(ids):
            return reply(error("TicketGet", "AccessDenied", "User does not have access to the ticket!"))
        return reply({"Ticket": [self.ticket(one) for one in ids]})

    def history(self, request: PreparedRequest) -> Reply:
        return reply({"TicketHistory": [{"TicketID": one, "History": []} for one in ids_in_path(request)]})

    def ticket(self, key: str) -> dict[str, Any]:
        now, created = datetime.now(UTC) + self.ahead, self.created[key]
        told = {
            "TicketID": int(key), "Created": self.wall(created), "Age": int((now - created).total_seconds()),
            "DynamicField": [{"Name": name, "Value": None} for name in self.fields],
            "RealTillTimeNotUsed": 0, "UntilTime": 0,
        }  # fmt: skip
        if int(key) in self.pending:
            until = int(now.timestamp()) + 86_400
            told |= {"RealTillTimeNotUsed": until, "UntilTime": until - int(now.timestamp())}
        return told

    def wall(self, instant: datetime) -> str:
        return instant.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")


def every(days: float, count: int) -> list[datetime]:
    """Return instants at equal distances, until yesterday."""
    last = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    return [last - timedelta(days=days) * place for place in reversed(range(count))]
