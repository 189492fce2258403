"""Asks a simulated OTRS as a client would."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from itsm_bridge_otrs.testing import SimulatedOtrs

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PACKAGED, POSTING = "GenericTicketConnectorREST", "ConnectorPOST"


def ago(**parts: float) -> datetime:
    """Return a moment before NOW."""
    return NOW - timedelta(**parts)


class Asking:
    """A client that signs in by headers, unless it is told to be nobody."""

    def __init__(self, server: SimulatedOtrs, login: str = "api", password: str = "apipw") -> None:
        self.server = server
        self.session = requests.Session()
        self.session.trust_env = False
        if login:
            self.session.headers.update({"X-OTRS-Header-UserLogin": login, "X-OTRS-Header-Password": password})

    def __enter__(self) -> Asking:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def send(
        self, path: str, *, method: str = "GET", service: str = PACKAGED, body: Any = None,
        headers: Mapping[str, str] | None = None, **parameters: Any,
    ) -> requests.Response:  # fmt: skip
        """Return the answer to a request below a web service; a text or a thing in JSON as the body."""
        url = f"{self.server.url}/nph-genericinterface.pl/Webservice/{service}{path}"
        sent = {"data": body.encode()} if isinstance(body, str) else {"json": body} if body is not None else {}
        return self.session.request(method, url, params=parameters, headers=headers, timeout=10, **sent)

    def get(self, path: str, **parameters: Any) -> Any:
        """Return what a good answer says."""
        answer = self.send(path, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ids(self, **parameters: Any) -> list[str]:
        """Return what a search finds, in its order."""
        found: list[str] = self.get("/Ticket", **parameters).get("TicketID", [])
        return found

    def ticket(self, key: str, **flags: Any) -> dict[str, Any]:
        """Return one ticket."""
        found: dict[str, Any] = self.get(f"/Ticket/{key}", **flags)["Ticket"][0]
        return found

    def rows(self, key: str) -> list[dict[str, Any]]:
        """Return the history of one ticket."""
        found: list[dict[str, Any]] = self.get(f"/TicketHistory/{key}")["TicketHistory"][0]["History"]
        return found

    def kinds(self, key: str) -> list[str]:
        """Return the types of the rows of one history."""
        return [row["HistoryType"] for row in self.rows(key)]

    def error(self, path: str, **more: Any) -> str:
        """Return the code of an error that came with the status 200."""
        return str(self.get(path, **more)["Error"]["ErrorCode"])
