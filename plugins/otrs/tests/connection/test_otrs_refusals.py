"""What the tool, the interface and the web server say instead of data, and what a person is told then."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests
import responses
from otrs_answers import BASE, JSON, asked, error, settings_of, unmeasured

from itsm_bridge.errors import (
    AuthenticationFailed,
    BadAnswer,
    ConfigurationError,
    ItsmBridgeError,
    PermissionDenied,
    SourceError,
    Unreachable,
)
from itsm_bridge_otrs.answers import Refused

NO_ROUTE = "HTTP::REST Error while determine Operation for request URI '/Nope'."
LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Login - Znuny</title></head></html>"
TEXT = {"content_type": "text/plain; charset=UTF-8"}


def refused(kind: type[ItsmBridgeError], match: str, ask: Any = None, **given: Any) -> str:
    """Return what a person is told where asking fails."""
    site = unmeasured(**given)
    with pytest.raises(kind, match=match) as caught:
        ask(site) if ask else site.search(Limit="1")
    told = f"{caught.value} {caught.value.hint}"
    assert "pass-word-4711" not in told
    return told


def test_a_login_that_is_refused_is_refused_once(tool: responses.RequestsMock) -> None:
    tool.get(f"{BASE}/Ticket", json=error("TicketSearch", "AuthFail"))
    told = refused(AuthenticationFailed, "TicketSearch.AuthFail: TicketSearch: Authorization failing!")
    assert "Check `username` and `password`" in told
    assert "not of a customer user" in told
    assert len(tool.calls) == 1


@pytest.mark.parametrize("operation", ["TicketGet", "TicketHistoryGet"])
def test_a_ticket_that_is_denied_is_refused_at_once(tool: responses.RequestsMock, operation: str) -> None:
    body = error(operation, "AccessDenied", "User does not have access to the ticket 299999!")
    tool.get(re.compile(f"{BASE}/Ticket.*/299999.*"), json=body)
    for ask in (lambda site: site.tickets(["299999"]), lambda site: site.histories(["299999"])):
        refused(Refused, f"{operation}.AccessDenied", ask)
    assert len(tool.calls) == 2
    assert issubclass(Refused, PermissionDenied)


@pytest.mark.parametrize("kind", ["MissingParameter", "WrongStructure"])
def test_an_operation_that_wants_something_else_is_a_matter_of_routes(tool: responses.RequestsMock, kind: str) -> None:
    tool.get(f"{BASE}/Ticket", json=error("TicketGet", kind, "TicketID parameter is missing!"))
    assert "`operations`" in refused(ConfigurationError, f"TicketGet.{kind}")
    assert len(tool.calls) == 1


def test_other_errors_are_asked_again_and_told(tool: responses.RequestsMock) -> None:
    tool.get(f"{BASE}/Ticket", json=error("TicketSearch", "NoSuchThing", "\x1b[31mred"))
    told = refused(BadAnswer, "TicketSearch.NoSuchThing")
    assert "\x1b" not in told
    assert len(tool.calls) == 3


def test_an_error_in_another_shape_is_an_error(tool: responses.RequestsMock) -> None:
    tool.get(f"{BASE}/Ticket", json={"Error": "out of order"})
    refused(BadAnswer, "answers with an error")


@pytest.mark.parametrize(
    "body",
    ['{"TicketID": "5"}', '{"TicketID": [5]}', '{"Ticket": []}', '{"TicketID": ["5", null]}', "[]", '{"TicketID": ["5"',
     "", "null", "1"],
)  # fmt: skip
def test_what_is_no_answer_to_a_search_finds_nothing_and_is_not_nothing_found(
    tool: responses.RequestsMock, body: str
) -> None:
    tool.get(f"{BASE}/Ticket", body=body, headers=JSON)
    refused(BadAnswer, "the answer")
    assert len(tool.calls) == 3


@pytest.mark.parametrize("body", ['{"TicketID": ["5"]}', "{}", '{"TicketHistory": []}'])
def test_tickets_come_from_the_operation_for_tickets(tool: responses.RequestsMock, body: str) -> None:
    tool.get(f"{BASE}/Ticket/5", body=body, headers=JSON)
    assert "`operations`" in refused(BadAnswer, "has no `Ticket`", lambda site: site.tickets(["5"]))


def test_an_answer_that_its_reader_refuses_is_asked_for_again(tool: responses.RequestsMock) -> None:
    tool.get(f"{BASE}/Ticket/5", body='{"Ticket": [{"Tick"}]}', headers=JSON)
    tool.get(f"{BASE}/Ticket/5", json={"Ticket": [{"TicketID": 5}]})
    assert unmeasured().tickets(["5"], accept=lambda answer: answer.json()).attempts == 2


def test_a_route_that_is_not_mapped_is_told_at_once(tool: responses.RequestsMock) -> None:
    tool.get(f"{BASE}/Nope", status=500, body=NO_ROUTE, **TEXT)
    told = refused(ConfigurationError, "no operation at this route", operations={"search": {"route": "/Nope"}})
    assert "GET https://desk.acme.com" in told
    assert "`operations` of this source" in told
    assert len(tool.calls) == 1


def test_other_words_of_the_interface_are_passed_on(tool: responses.RequestsMock) -> None:
    tool.get(f"{BASE}/Ticket", status=500, body="Error while decoding request content.", **TEXT)
    refused(BadAnswer, "status 500: Error while decoding request content.")
    assert len(tool.calls) == 3


@pytest.mark.parametrize(("status", "kind"), [(404, SourceError), (414, SourceError), (403, PermissionDenied)])
def test_what_the_web_server_refuses_says_nothing_of_tickets(
    tool: responses.RequestsMock, status: int, kind: type[ItsmBridgeError]
) -> None:
    tool.get(re.compile(f"{BASE}/Ticket.*"), status=status, body=LOGIN_PAGE, content_type="text/html; charset=UTF-8")
    told = refused(kind, f"before the tool sees it .status {status}", lambda site: site.tickets(["5"]))
    assert "`batch_tickets`" in told
    assert len(tool.calls) == 1
    with pytest.raises(kind) as caught:
        unmeasured().tickets(["5"])
    assert not isinstance(caught.value, Refused)  # a single ticket that is denied would be left out


def test_a_sign_on_page_is_no_data(tool: responses.RequestsMock) -> None:
    tool.get(f"{BASE}/Ticket", body=LOGIN_PAGE, content_type="text/html")
    refused(BadAnswer, "web page came instead of data")


@pytest.mark.parametrize("sign_in", ["headers", "session"])
def test_a_connection_that_is_closed_without_a_word_hints_at_the_name_of_the_service(
    tool: responses.RequestsMock, sign_in: str
) -> None:
    gone = requests.ConnectionError(ConnectionError("Remote end closed connection without response"))
    base = BASE.replace("GenericTicketConnectorREST", "Nope")
    tool.get(f"{base}/Ticket", body=gone)
    tool.post(f"{base}/Session", body=gone)
    told = refused(Unreachable, "without response", web_service="Nope", sign_in=sign_in)
    assert '`web_service` of this source ("Nope"' in told
    assert len(tool.calls) == 3
    assert tool.calls[0].request.headers["Connection"] == "close"  # else it takes 15 seconds, each time


def test_behind_a_gateway_the_same_shows_as_a_502(tool: responses.RequestsMock) -> None:
    tool.get(f"{BASE}/Ticket", status=502)
    assert "`web_service`" in refused(Unreachable, "status 502")


def test_another_failure_of_the_network_is_not_laid_to_the_service(tool: responses.RequestsMock) -> None:
    tool.get(f"{BASE}/Ticket", body=requests.ConnectionError(OSError("Name or service not known")))
    assert "web_service" not in refused(Unreachable, "cannot be reached")


def test_patience_is_for_operations_that_have_answered_before(tool: responses.RequestsMock) -> None:
    site = unmeasured()
    tool.get(f"{BASE}/Ticket", json={"TicketID": ["5"]})
    site.search(Limit="1")
    tool.replace("GET", f"{BASE}/Ticket", status=503)
    with pytest.raises(Unreachable):
        site.search(Limit="1")
    assert len(tool.calls) == 1 + 8
    tool.get(f"{BASE}/Ticket/5", status=503)
    with pytest.raises(Unreachable):
        site.tickets(["5"])
    assert len(tool.calls) == 1 + 8 + 3
    assert "close" not in str(tool.calls[1].request.headers["Connection"])


def test_secrets_stand_in_headers_only(tool: responses.RequestsMock) -> None:
    tool.get(f"{BASE}/Ticket", json={})
    unmeasured().search(Limit="1")
    headers = tool.calls[0].request.headers
    assert headers["X-OTRS-Header-UserLogin"] == "bridge"
    assert headers["X-OTRS-Header-Password"] == "pass-word-4711"
    assert "pass" not in asked(tool)[0]
    assert "Authorization" not in headers
    assert "pass-word" not in repr(settings_of())
