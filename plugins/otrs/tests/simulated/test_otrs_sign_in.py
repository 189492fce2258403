"""Who asks is told by headers, by parameters, or by a session that does not live long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from asking_otrs import NOW, POSTING, Asking

from itsm_bridge_otrs.testing import Desk, SimulatedOtrs

LOGIN = {"UserLogin": "api", "Password": "apipw"}


@pytest.fixture
def nobody(otrs: SimulatedOtrs) -> Iterator[Asking]:
    """A client that does not sign in by itself, before a desk with one ticket."""
    otrs.desk.create()
    with Asking(otrs, "") as ask:
        yield ask


def session(ask: Asking, **login: str) -> str:
    name: str = ask.get("/Session", method="POST", body=login or LOGIN)["SessionID"]
    return name


def test_there_are_five_ways_in(nobody: Asking) -> None:
    opened = session(nobody)
    assert (len(opened), opened.isalnum()) == (32, True)
    for ways in ({"headers": {"X-OTRS-Header-UserLogin": "api", "X-OTRS-Header-Password": "apipw"}}, LOGIN,
                 {"headers": {"X-OTRS-Header-SessionID": opened}}, {"SessionID": opened}):  # fmt: skip
        assert nobody.get("/Ticket", **ways) == {"TicketID": ["1"]}  # type: ignore[arg-type]
    for body in ({**LOGIN}, {"SessionID": opened}):
        assert nobody.get("/TicketSearch", method="POST", service=POSTING, body=body) == {"TicketID": ["1"]}


def test_what_is_wrong_is_an_error_under_a_good_status(nobody: Asking) -> None:
    for wrong in ({}, {"SessionID": "x" * 32}, {**LOGIN, "Password": "bad"}, {"UserLogin": "nobody", "Password": "x"},
                  {**LOGIN, "SessionID": "x"}):  # fmt: skip
        for path, operation in (("/Ticket", "TicketSearch"), ("/Ticket/1", "TicketGet"),
                                ("/TicketHistory/1", "TicketHistoryGet")):  # fmt: skip
            assert nobody.error(path, **wrong) == f"{operation}.AuthFail"
    basic = requests.get(
        f"{nobody.server.url}/nph-genericinterface.pl/Webservice/{POSTING}/TicketSearch",
        auth=("api", "apipw"),
        timeout=5,
    )
    assert basic.status_code == 500


def test_a_session_ends_two_hours_after_it_was_opened_however_much_it_is_used(nobody: Asking) -> None:
    opened = session(nobody)
    for minutes in range(20, 120, 20):
        nobody.server.now = NOW + timedelta(minutes=minutes)
        assert "TicketID" in nobody.get("/Ticket", SessionID=opened)
    nobody.server.now = NOW + timedelta(hours=2)
    assert nobody.error("/Ticket", SessionID=opened) == "TicketSearch.AuthFail"
    assert "TicketID" in nobody.get("/Ticket", SessionID=session(nobody))


def test_many_sessions_live_side_by_side_until_all_are_ended(nobody: Asking) -> None:
    opened = {session(nobody) for _ in range(120)}
    assert len(opened) == 120
    assert all("TicketID" in nobody.get("/Ticket", SessionID=name) for name in list(opened)[:5])
    nobody.server.end_sessions()
    assert {nobody.error("/Ticket", SessionID=name) for name in list(opened)[:5]} == {"TicketSearch.AuthFail"}


def test_a_session_is_closed_only_by_login_and_password(nobody: Asking) -> None:
    opened = session(nobody)
    asked: dict[str, Any] = {"method": "POST", "service": POSTING}
    assert nobody.error("/SessionRemove", body={"SessionID": opened}, **asked) == "SessionRemove.AuthFail"
    assert nobody.get(f"/Session/{opened}")["SessionData"]
    assert nobody.get("/SessionRemove", body={"SessionID": opened, **LOGIN}, **asked) == {"Success": 1}
    assert nobody.error(f"/Session/{opened}") == "SessionGet.SessionInvalid"


def test_customers_see_the_tickets_of_their_company_and_no_history(nobody: Asking, desk: Desk) -> None:
    desk.create(customer="zoe")
    login = {"CustomerUserLogin": "zoe", "Password": "custpw"}
    assert nobody.get("/Ticket", **login) == {"TicketID": ["2"]}
    assert nobody.error("/TicketHistory/2", **login) == "TicketHistoryGet.AuthFail"
