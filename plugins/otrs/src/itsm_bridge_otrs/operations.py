"""The requests of operations, by the method and route that a site gave them; and how many ids fit one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlencode, urlsplit

from itsm_bridge_otrs.settings import SCRIPT, TICKET_ID, Operation, OtrsSettings

Name = Literal["search", "get", "history", "session"]
Arguments = Mapping[str, str | Sequence[str]]

# Measured: from 4,050 characters on, the web server takes the path for a name of a file that is too long, and the
# folder of the installation counts, too. A request line ends at 8,190 bytes; its other arguments take their part.
LONGEST_PATH = 3_800
LONGEST_LINE = 7_600


@dataclass(frozen=True, slots=True)
class Request:
    """One request: `body` is what is sent as JSON with a POST."""

    method: Literal["GET", "POST"]
    url: str
    body: Mapping[str, str | Sequence[str]] | None = None


class Routes:
    """Where the operations of a source's web service lie."""

    def __init__(self, settings: OtrsSettings) -> None:
        self._base = f"{settings.url}/{SCRIPT}/Webservice/{quote(settings.web_service)}"
        self._operations = settings.operations

    def address(self, name: Name) -> str:
        """Return the address of an operation without what is asked."""
        return self._base + self._of(name).route

    def request(self, name: Name, arguments: Arguments, ids: Sequence[str] = ()) -> Request:
        """Return the request for an operation; a list becomes a repeated parameter, or an array in a body."""
        operation = self._of(name)
        url = self._base + operation.route.replace(TICKET_ID, ",".join(ids))
        if ids and TICKET_ID not in operation.route:
            arguments = {**arguments, "TicketID": ",".join(ids)}
        if operation.method == "POST":
            return Request("POST", url, arguments)
        query = urlencode(arguments, doseq=True, quote_via=quote, safe=",")
        return Request("GET", f"{url}?{query}" if query else url)

    def most_ids(self, name: Name, ids: Sequence[str]) -> int:
        """Return how many ids, from the first on, fit one request; one always does."""
        operation = self._of(name)
        path = len(urlsplit(self.address(name)).path)
        if TICKET_ID in operation.route:
            room = LONGEST_PATH - path
        elif operation.method == "GET":
            room = LONGEST_LINE - path
        else:
            return len(ids)
        for number, one in enumerate(ids):
            room -= len(one) + 1
            if room < 0:
                return max(1, number)
        return len(ids)

    def _of(self, name: Name) -> Operation:
        return {
            "search": self._operations.search, "get": self._operations.get,
            "history": self._operations.history, "session": self._operations.session,
        }[name]  # fmt: skip
