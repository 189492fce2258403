"""Bad adapters that mistreat the wire: the good one with one small thing wrong each."""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from http.client import HTTPException
from typing import Any, ClassVar
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import requests
from bad_desks import breaks

from itsm_bridge import ItsmBridgeError, PermissionDenied, Preflight, RateLimited, SourceContext, Stream, Unreachable
from itsm_bridge.transport import Answer, Patience, SignedIn, Transport, json_body
from itsm_bridge_acme_desk.adapter import AcmeDesk, believed
from itsm_bridge_acme_desk.testing import ADMITTED

PASSES, STAYS = "a_fault_that_passes_costs_no_record", "a_fault_that_stays_is_an_error_and_no_short_answer"
WAITED, MANY = "a_rate_limit_is_waited_for", "a_sync_under_many_faults_ends_whole"
ERROR_STAYS = "an_error_in_a_success_that_stays_is_an_error_and_no_short_answer"
SECONDS, DATE = "429 with Retry-After in seconds", "429 with Retry-After as a date"
CUT, NULL, EMPTY, PAGE = "cut JSON of the announced length", "null with 200", "empty body with 200", "web page with 200"


def address(desk: AcmeDesk, path: str) -> str:
    return f"{desk.site.url}/api/{path}"


def both(*faults: str) -> list[str]:
    return [f"{promise}[{fault}]" for promise in (PASSES, STAYS) for fault in faults]


@breaks("an_error_in_a_success_that_passes_costs_no_record", ERROR_STAYS, words="raise BadAnswer")
class IgnoresAnErrorInASuccess(AcmeDesk):
    def ask(self, path: str, wanted: str, **asked: str) -> Answer:
        return self.transport.get(address(self, path), asked, accept=json_body)


class Lenient(AcmeDesk):
    """Makes something of some bodies that are no JSON."""

    def ask(self, path: str, wanted: str, **asked: str) -> Answer:
        answer = self.transport.get(address(self, path), asked, accept=lambda answer: self.accept(answer, wanted))
        body = self.made_of(answer.body.decode())
        return replace(answer, body=body.encode()) if body else answer

    def accept(self, answer: Answer, wanted: str) -> None:
        if not self.made_of(answer.body.decode()):
            believed(answer, wanted)

    def made_of(self, body: str) -> str:
        """What is made of a body that is no JSON; nothing where it is."""
        raise NotImplementedError


@breaks(*both(CUT, NULL, EMPTY, PAGE), words="cannot be believed")
class TakesNoiseForNoRows(Lenient):
    def made_of(self, body: str) -> str:
        try:
            json.loads(body)["records"]
        except (ValueError, TypeError):
            return '{"records": [], "next": null}'
        except KeyError:
            pass
        return ""


@breaks(f"{PASSES}[{CUT}]", words="did not come")
class AcceptsACutBody(Lenient):
    """Takes the records that can be read of it."""

    def made_of(self, body: str) -> str:
        try:
            json.loads(body)
        except ValueError:
            return body.rpartition("},")[0] + '}], "next": null}' if "}," in body else ""
        return ""


@breaks(f"{PASSES}[{SECONDS}]", f"{PASSES}[{DATE}]", f"{WAITED}[{SECONDS}]", f"{WAITED}[{DATE}]", MANY,
        words="ended the reading")  # fmt: skip
class GivesUpAtARateLimit(AcmeDesk):
    def ask(self, path: str, wanted: str, **asked: str) -> Answer:
        answer = self.transport.get(
            address(self, path), asked, accept=lambda answer: believed(answer, wanted), keep=(429,)
        )
        if answer.status == 429:
            raise RateLimited("too many requests", where=answer.address)
        return answer


class Patient(AcmeDesk):
    """Asks by a transport with options of its own."""

    patience: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, context: SourceContext) -> None:
        super().__init__(context)
        session = requests.Session()
        session.auth = (self.site.username, self.site.password.reveal())
        self.transport = Transport(SignedIn(session), self.traffic, **{"connections": 4, **self.patience})


@breaks(f"{WAITED}[{SECONDS}]", f"{WAITED}[{DATE}]", words="Wait as long as `Retry-After` says")
class DoesNotWait(Patient):
    patience: ClassVar[Mapping[str, Callable[[float], None]]] = {"sleep": lambda _: None}


@breaks(f"{STAYS}[500 server error]", ERROR_STAYS, words="Bound how often")
class AsksForEver(Patient):
    patience: ClassVar[Mapping[str, Patience]] = {"patience": Patience(10**6, 10**6, 0.0, 0.0, 1e12)}


@breaks(f"{STAYS}[503 not available]", ERROR_STAYS, words="waited for two days")
class WaitsForEver(Patient):
    patience: ClassVar[Mapping[str, Patience]] = {"patience": Patience(10**6, 10**6, 3600.0, 3600.0, 1e12)}


@breaks(f"{PASSES}[500 server error]", f"{PASSES}[connection reset]", "a_tool_that_falls_silent_is_asked_again",
        "an_error_in_a_success_that_passes_costs_no_record", words="ended the reading")  # fmt: skip
class UsesAnotherClient(AcmeDesk):
    """Asks with the standard library, and only once."""

    def ask(self, path: str, wanted: str, **asked: str) -> Answer:
        target = f"{address(self, path)}?{urlencode(asked)}"
        try:
            with urlopen(Request(target, headers={"Authorization": ADMITTED}), timeout=60) as response:
                answer = Answer(response.status, response.headers, response.read(), address(self, path))
        except (OSError, HTTPException) as error:
            kind = PermissionDenied if getattr(error, "code", 0) == 403 else Unreachable
            raise kind(type(error).__name__, where=address(self, path)) from error
        believed(answer, wanted)
        return answer


@breaks("a_tool_that_falls_silent_is_asked_again", words="a timeout")
class HasNoTimeout(Patient):
    patience: ClassVar[Mapping[str, Any]] = {"timeouts": None}


# -- conduct ---------------------------------------------------------------------------------------------


@breaks("the_tool_is_only_read", words="POST /api/marks")
class LeavesAMark(AcmeDesk):
    def deleted(self, stream: Stream, cursor: str | None) -> Sequence[str] | None:
        self.transport.post(f"{self.site.url}/api/marks", json={"seen": cursor})
        return super().deleted(stream, cursor)


@breaks("secrets_stand_in_no_error_no_log_and_no_address", words="errors and logs")
class LeaksItsPasswordInAnError(AcmeDesk):
    def ask(self, path: str, wanted: str, **asked: str) -> Answer:
        try:
            return super().ask(path, wanted, **asked)
        except ItsmBridgeError as error:
            said = f"{error.message} (signed in with {self.site.password.reveal()})"
            raise type(error)(said, where=error.where, hint=error.hint) from error


@breaks("secrets_stand_in_no_error_no_log_and_no_address", words="errors and logs")
class LogsItsHeaders(AcmeDesk):
    def ask(self, path: str, wanted: str, **asked: str) -> Answer:
        answer = super().ask(path, wanted, **asked)
        encoded = b64encode(f"{self.site.username}:{self.site.password.reveal()}".encode()).decode()
        logging.getLogger("acme_desk").debug("sent Authorization: Basic %s", encoded)
        return answer


@breaks("secrets_stand_in_no_error_no_log_and_no_address", words="whole addresses")
class PutsItsPasswordIntoAddresses(AcmeDesk):
    def ask(self, path: str, wanted: str, **asked: str) -> Answer:
        return super().ask(path, wanted, **{**asked, "key": self.site.password.reveal()})


@breaks("no_more_requests_are_under_way_than_the_source_allows", words="`connections = 2`")
class CrowdsTheTool(Patient):
    patience: ClassVar[Mapping[str, int]] = {"connections": 16}


@breaks("the_preflight_says_who_asks_and_in_which_timezone", words="who the account is")
class TakesItsNameFromTheSettings(AcmeDesk):
    def preflight(self) -> Preflight:
        return replace(super().preflight(), identity=f"{self.site.username}@desk")


@breaks("the_preflight_says_who_asks_and_in_which_timezone", words="no timezone")
class InventsATimezone(AcmeDesk):
    def preflight(self) -> Preflight:
        return replace(super().preflight(), timezone="Desk Standard Time")


@breaks("a_clock_that_is_apart_is_noticed", words="3600 seconds ahead")
class LooksAtNoClock(AcmeDesk):
    def preflight(self) -> Preflight:
        return replace(super().preflight(), clock_difference_seconds=0.0)
