"""One class that asks: sessions of any client library go through it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from threading import BoundedSemaphore, Lock
from typing import Any, Protocol, Self

import requests
import tenacity

from itsm_bridge.adapter import Traffic
from itsm_bridge.errors import BadAnswer, ItsmBridgeError, RateLimited
from itsm_bridge.source_settings import SourceSettings
from itsm_bridge.transport.addresses import shown_address, shown_request
from itsm_bridge.transport.answer import Answer, json_body, read_body
from itsm_bridge.transport.patience import Failed, Patience, asked_wait
from itsm_bridge.transport.route import Route
from itsm_bridge.transport.translation import TRANSLATED, failed_by_exception, failed_by_status

log = logging.getLogger("itsm_bridge.transport")

_LONG_WAIT = 5.0
_CONNECT_SECONDS = 10.0

Accept = Callable[[Answer], None]
Params = Mapping[str, str]


class Credentials(Protocol):
    """What keeps a session signed in."""

    def session(self) -> requests.Session:
        """Return a session that is signed in."""

    def renew(self, refused: requests.Session) -> bool:
        """Sign in anew after `refused` met a 401; False when that cannot help."""


class SignedIn:
    """Credentials that never change, such as a user name and a password."""

    def __init__(self, session: requests.Session) -> None:
        self._session = session

    def session(self) -> requests.Session:
        """Return the session given."""
        return self._session

    def renew(self, refused: requests.Session) -> bool:  # noqa: ARG002  the protocol's name
        """Return False: the same credentials would be refused again."""
        return False


class Transport:
    """Sends requests one by one or from several threads, at most `connections` at once.

    `accept` of each request looks at the body and raises BadAnswer for one worth asking again; other
    exceptions pass through it. `words` finds the tool's own explanation in an error answer. `route` is how
    requests travel: all sessions are put on it. Where an error has to do with the address, its hint names
    `address_setting`; `hints` replace the usual ones by status. `Transport.of` takes what the settings of a source say.
    """

    def __init__(
        self, credentials: Credentials, traffic: Traffic, *, connections: int = 4, patience: Patience | None = None,
        timeouts: tuple[float, float] = (_CONNECT_SECONDS, 90.0), words: Callable[[Answer], str] | None = None,
        route: Route | None = None, address_setting: str = "url", hints: Mapping[int, str] | None = None,
        sleep: Callable[[float], None] = time.sleep, clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._credentials = credentials
        self._traffic = traffic
        self._patience = patience or Patience()
        self._words = words or (lambda _: "")
        self._options: dict[str, Any] = {"timeout": timeouts, "allow_redirects": False, "stream": True}
        self._route = route or Route(connections=connections)
        self._address_setting = address_setting
        self._hints = hints or {}
        self._sleep = sleep
        self._clock = clock
        self._places = BoundedSemaphore(connections)
        self._lock = Lock()
        self._not_before = 0.0
        self._has_answered = False

    @classmethod
    def of(cls, settings: SourceSettings, credentials: Credentials, traffic: Traffic, **more: Any) -> Self:
        """Return a transport that goes as the settings of a source say; ConfigurationError where it cannot."""
        return cls(
            credentials, traffic, connections=settings.connections,
            timeouts=(_CONNECT_SECONDS, settings.timeout), route=Route(settings),
            hints={401: settings.when_refused}, **more,
        )  # fmt: skip

    def get(
        self, url: str, params: Params | None = None, *, headers: Params | None = None,
        accept: Accept = json_body, keep: Collection[int] = (),
    ) -> Answer:  # fmt: skip
        """Return the answer to a GET. Statuses in `keep` are returned too, all other errors raised."""
        return self._ask("GET", url, accept, keep, params=params, headers=headers)

    def head(self, url: str, params: Params | None = None, *, headers: Params | None = None) -> Answer:
        """Return the headers that a GET would bring."""
        return self._ask("HEAD", url, _anything, (), params=params, headers=headers)

    def post(
        self, url: str, *, json: Any = None, data: Params | None = None, headers: Params | None = None,
        accept: Accept = json_body, keep: Collection[int] = (),
    ) -> Answer:  # fmt: skip
        """Return the answer to a POST that only reads: the tool documents it as a query."""
        return self._ask("POST", url, accept, keep, json=json, data=data, headers=headers)

    def close(self) -> None:
        """Close all connections."""
        self._route.close()

    def _ask(self, method: str, url: str, accept: Accept, keep: Collection[int], **what: Any) -> Answer:
        what["headers"] = {"User-Agent": _user_agent(), "Accept": "application/json"} | dict(what.get("headers") or {})
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda e: isinstance(e, Failed) and e.is_transient),
            wait=self._wait, stop=self._stop, sleep=self._sleep, before_sleep=self._announce, reraise=True,
        )  # fmt: skip
        try:
            for attempt in retrying:
                with attempt:
                    answer = self._attempt(method, url, keep, what)
                    if answer.status < 300:
                        _accepted(answer, accept)
                    number = attempt.retry_state.attempt_number
        except Failed as failed:
            raise self._explained(failed.error) from failed.__cause__
        return replace(answer, attempts=number)

    def _attempt(self, method: str, url: str, keep: Collection[int], what: Mapping[str, Any]) -> Answer:
        self._keep_distance()  # before the session is taken: its token may end during a long wait
        session = self._credentials.session()
        answer = self._send(session, method, url, what)
        if answer.status == 401 and self._credentials.renew(session):
            answer = self._send(self._credentials.session(), method, url, what)
        if answer.status < 300 or answer.status in keep:
            return answer
        failed = failed_by_status(
            answer.status, f"{method} {answer.address}", _plain(self._words(answer)),
            shown_address(answer.headers.get("Location", "")),
        )  # fmt: skip
        failed.error.hint = self._hints.get(answer.status) or failed.error.hint
        if failed.is_transient:
            failed.asked = asked_wait(answer)
            self._hold_all(failed.asked)
        raise failed

    def _send(self, session: requests.Session, method: str, url: str, what: Mapping[str, Any]) -> Answer:
        with self._lock:
            self._route.fit(session)
        where = f"{method} {shown_address(url)}"
        with self._places:
            started = self._clock()
            try:
                with session.request(method, url, **what, **self._options) as response:
                    body = read_body(response)
            except BadAnswer as error:
                self._count(requests=1)
                error.where = where
                raise Failed(error, is_transient=True) from error
            except TRANSLATED as error:
                self._count(requests=1)
                raise failed_by_exception(error, where) from error
        self._count(requests=1, bytes=len(body))
        self._has_answered = True
        log.debug(
            "%s %s: %d, %d bytes, %.0f ms", method, shown_request(response.url or url),
            response.status_code, len(body), (self._clock() - started) * 1000,
        )  # fmt: skip
        return Answer(response.status_code, response.headers, body, shown_address(url))

    def _explained(self, error: ItsmBridgeError) -> ItsmBridgeError:
        if error.hint:
            error.hint = error.hint.replace("`url`", f"`{self._address_setting}`")
        return error

    def _keep_distance(self) -> None:
        with self._lock:
            remaining = self._not_before - self._clock()
        if remaining > 0:
            self._sleep(remaining)

    def _hold_all(self, asked: float | None) -> None:
        """Let every thread wait, not only the one that was told: the limit is the account's."""
        if asked is not None and asked <= self._patience.total:
            with self._lock:
                self._not_before = max(self._not_before, self._clock() + asked)

    def _count(self, **what: int) -> None:
        with self._lock:
            for name, number in what.items():
                setattr(self._traffic, name, getattr(self._traffic, name) + number)

    def _wait(self, state: tenacity.RetryCallState) -> float:
        return self._patience.wait(state.attempt_number, _failure(state).asked)

    def _stop(self, state: tenacity.RetryCallState) -> bool:
        patience = self._patience
        limit = patience.attempts if self._has_answered else patience.first_attempts
        is_too_long = state.idle_for + state.upcoming_sleep > patience.total
        error = _failure(state).error
        if is_too_long and isinstance(error, RateLimited):
            error.message += (
                f"; it asks for {state.upcoming_sleep:.0f} more seconds, our patience is {patience.total:.0f}"
            )
        return is_too_long or state.attempt_number >= limit

    def _announce(self, state: tenacity.RetryCallState) -> None:
        self._count(retries=1)
        # A short wait is everyday business; a long one must not look like standing still.
        log.log(
            logging.WARNING if state.upcoming_sleep >= _LONG_WAIT else logging.INFO,
            "%s; asking again in %.1f s (attempt %d)",
            _failure(state),
            state.upcoming_sleep,
            state.attempt_number + 1,
        )


def _failure(state: tenacity.RetryCallState) -> Failed:
    failure = state.outcome.exception() if state.outcome else None
    if not isinstance(failure, Failed):
        raise TypeError(f"only a failed attempt is asked again, not {failure!r}")
    return failure


def _accepted(answer: Answer, accept: Accept) -> None:
    try:
        accept(answer)
    except BadAnswer as error:
        raise Failed(error, is_transient=True) from error


def _anything(answer: Answer) -> None:
    """Accept any body."""


def _plain(words: str) -> str:
    """Return the tool's words on one short printable line."""
    return "".join(c if c.isprintable() else " " for c in words)[:300].strip()


@cache
def _user_agent() -> str:
    try:
        return f"itsm-bridge/{version('itsm-bridge')}"
    except PackageNotFoundError:
        return "itsm-bridge"
