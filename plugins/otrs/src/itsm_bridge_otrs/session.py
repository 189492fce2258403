"""Connecting: signing in with each request or by a session, and asking the operations of a web service."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from threading import Lock

import orjson
import requests
from requests.auth import AuthBase

from itsm_bridge.adapter import Traffic
from itsm_bridge.errors import AuthenticationFailed, ConfigurationError, Unreachable
from itsm_bridge.secrets import conceal
from itsm_bridge.transport import Answer, Credentials, Patience, SignedIn, Transport
from itsm_bridge_otrs.answers import believe, ids_of, refuse_what_no_operation_says, session_of, words
from itsm_bridge_otrs.operations import Arguments, Name, Routes
from itsm_bridge_otrs.samples import read_clock
from itsm_bridge_otrs.settings import OtrsSettings
from itsm_bridge_otrs.zone import Unmeasured, Zone

Accept = Callable[[Answer], None]

_HANGS_UP = (
    "The tool closes the connection where it has no web service of that name, or where a module of the operation is "
    'missing on its server. Check `web_service` of this source ("{name}"; capital letters count), that it is valid in '
    "Admin > Web Services, and the log of the web server."
)
_ONLY_ASCII = 'Set sign_in = "session", or map the operations to POST: headers carry English letters and digits only.'


class Site:
    """A tool that let us in. `timezone` and `zone` are those of its clock, which is `clock_difference_seconds` ahead.

    `timezone_note` says how the zone became known, `visible` how many tickets the account sees (None where one search
    does not hold them), `identity` who we are there.
    """

    def __init__(self, settings: OtrsSettings, traffic: Traffic, sleep: Callable[[float], None] = time.sleep) -> None:
        self.settings = settings
        self.identity = settings.username
        self.zone: Zone = Unmeasured()
        self.timezone_note = ""
        self.clock_difference_seconds = 0.0
        self.visible: int | None = 0
        self._routes = Routes(settings)

        def transport(credentials: Credentials, patience: Patience) -> Transport:
            return Transport.of(settings, credentials, traffic, words=words, sleep=sleep, patience=patience)

        # A service that does not exist makes each attempt wait: patience is for operations that have answered before.
        self._unknown = transport(SignedIn(_session({})), Patience(attempts=3))
        self._credentials = _credentials(settings, self._routes, self._unknown)
        self._at_first = transport(self._credentials, Patience(attempts=3))
        self._later = transport(self._credentials, Patience())
        self._answered: set[Name] = set()

    @property
    def timezone(self) -> str:
        """IANA name of the zone of the tool's clock."""
        return self.zone.name

    def search(self, **arguments: str | Sequence[str]) -> list[str]:
        """Return the ids of the tickets found, archived ones too; BadAnswer for what is no answer to a search.

        Nothing found may also mean that an argument is not understood: probe before it is believed.
        """
        found: list[list[str]] = []
        self._ask("search", {"SearchInArchive": "AllTickets", **arguments}, (), lambda a: found.append(ids_of(a)))
        return found[-1]

    def tickets(self, ids: Sequence[str], accept: Accept | None = None, **flags: str) -> Answer:
        """Return what TicketGet says of tickets; raises Refused where one of them is denied.

        `accept` raises BadAnswer for what is worth asking again.
        """
        return self._ask("get", flags, ids, _believed("Ticket", accept))

    def histories(self, ids: Sequence[str], accept: Accept | None = None) -> Answer:
        """Return what TicketHistoryGet says of tickets, likewise."""
        return self._ask("history", {}, ids, _believed("TicketHistory", accept))

    def most_ids(self, ids: Sequence[str]) -> int:
        """Return how many of these tickets, from the first on, go into one request, of either kind."""
        some = ids[: self.settings.batch_tickets]
        return min(self._routes.most_ids("get", some), self._routes.most_ids("history", some))

    def close(self) -> None:
        """Close all connections."""
        for transport in (self._unknown, self._at_first, self._later):
            transport.close()

    def _ask(self, name: Name, arguments: Arguments, ids: Sequence[str], accept: Accept) -> Answer:
        used = self._credentials.session()
        try:
            return self._sent(name, arguments, ids, accept)
        except AuthenticationFailed:
            # The tool says with a 200 that a session has ended, so the transport does not see it.
            if not self._credentials.renew(used):
                raise
        return self._sent(name, arguments, ids, accept)

    def _sent(self, name: Name, arguments: Arguments, ids: Sequence[str], accept: Accept) -> Answer:
        request = self._routes.request(name, arguments, ids)
        is_first = name not in self._answered
        transport = self._at_first if is_first else self._later
        # On a connection that it would keep, the tool takes 15 seconds to hang up.
        headers = {"Connection": "close"} if is_first else {}
        try:
            if request.method == "GET":
                answer = transport.get(request.url, headers=headers, accept=accept)
            else:
                answer = transport.post(request.url, json=request.body, headers=headers, accept=accept)
        except AuthenticationFailed as error:
            error.hint = self.settings.when_refused
            raise
        except Unreachable as error:
            _explain(error, self.settings)
            raise
        self._answered.add(name)
        return answer


def connect(settings: OtrsSettings, traffic: Traffic, *, sleep: Callable[[float], None] = time.sleep) -> Site:
    """Sign in and read the tool's clock; raises SourceError, or ConfigurationError where its time zone is unclear."""
    site = Site(settings, traffic, sleep)
    try:
        clock = read_clock(site, settings.timezone, settings.search_limit)
    except BaseException:
        site.close()
        raise
    site.zone, site.timezone_note = clock.zone, clock.note
    site.clock_difference_seconds, site.visible = clock.difference, clock.visible
    return site


class Sessions:
    """Credentials that open a session at the tool, and another one when it has ended: for all threads together."""

    def __init__(self, open_session: Callable[[], str]) -> None:
        self._open = open_session
        self._lock = Lock()
        self._session: requests.Session | None = None

    def session(self) -> requests.Session:
        """Return the session that is open."""
        with self._lock:
            if self._session is None:
                self._session = self._another()
            return self._session

    def renew(self, refused: requests.Session) -> bool:
        """Open another session, unless another thread already did."""
        with self._lock:
            if self._session is refused:
                self._session = self._another()
            return True

    def _another(self) -> requests.Session:
        name = self._open()
        conceal(name)
        return _session({"SessionID": name})


def _credentials(settings: OtrsSettings, routes: Routes, asking: Transport) -> Credentials:
    """Return what keeps requests signed in; `asking` is the transport that opens sessions."""
    if settings.sign_in == "session":
        return Sessions(lambda: _opened(settings, routes, asking))
    given = {"UserLogin": settings.username, "Password": settings.password.reveal()}
    asked = (settings.operations.search, settings.operations.get, settings.operations.history)
    is_sendable = all(value.isascii() and value.isprintable() for value in given.values())
    if not is_sendable and any(operation.method == "GET" for operation in asked):
        raise ConfigurationError(
            "login or password holds letters that a header cannot carry", where=str(settings.password),
            hint=_ONLY_ASCII,
        )  # fmt: skip
    return SignedIn(_session(given))


def _opened(settings: OtrsSettings, routes: Routes, asking: Transport) -> str:
    body = {"UserLogin": settings.username, "Password": settings.password.reveal()}
    found: list[str] = []
    try:
        asking.post(
            routes.address("session"), json=body, headers={"Connection": "close"},
            accept=lambda answer: found.append(session_of(answer)),
        )  # fmt: skip
    except AuthenticationFailed as error:
        error.hint = settings.when_refused
        raise
    except Unreachable as error:
        _explain(error, settings)
        raise
    return found[-1]


def _session(given: Mapping[str, str]) -> requests.Session:
    session = requests.Session()
    session.auth = _Given(given)  # also where it gives nothing: what ~/.netrc holds is not for this tool
    session.hooks["response"].append(refuse_what_no_operation_says)
    return session


class _Given(AuthBase):
    """Puts login and password, or a session, into the body of a POST, which all versions read; else into headers."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if request.method == "POST":
            request.prepare_body(None, None, json={**orjson.loads(request.body or b"{}"), **self._given})
        else:
            request.headers.update({f"X-OTRS-Header-{name}": value for name, value in self._given.items()})
        return request


def hung_up(error: Unreachable) -> bool:
    """Tell whether the connection was closed without a word, maybe behind a gateway: as where there is no service."""
    return "without response" in error.message or "status 502" in error.message


def _explain(error: Unreachable, settings: OtrsSettings) -> None:
    if hung_up(error):
        error.hint = _HANGS_UP.format(name=settings.web_service)


def _believed(key: str, accept: Accept | None) -> Accept:
    def believed(answer: Answer) -> None:
        believe(answer, key)
        if accept:
            accept(answer)

    return believed
