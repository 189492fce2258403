"""What can be set, and what is refused with the words to write instead."""

from __future__ import annotations

from typing import Any

import pytest
from otrs_answers import URL, settings_of
from pydantic import ValidationError


@pytest.mark.parametrize("url", [URL, f"{URL}/", f"{URL}/nph-genericinterface.pl"])
def test_the_address_of_the_installation_and_that_of_the_interface_are_the_same(url: str) -> None:
    assert settings_of(url=url).url == URL


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"url": f"{URL}/nph-genericinterface.pl/Webservice/Ours"}, "goes on behind nph-genericinterface.pl"),
        ({"url": f"{URL}/index.pl"}, "address of a page"),
        ({"url": "http://desk.acme.com/otrs"}, "use https"),
        ({"url": "https://bridge:secret@desk.acme.com/otrs"}, "must not hold a user name"),
        ({"web_service": "Ours/Ticket"}, "should match pattern"),
        ({"timezone": "Europe/Berln"}, "did you mean 'Europe/Berlin'"),
        ({"timezone": "+01:00"}, "is no time zone"),
        ({"sign_in": "cookie"}, "'headers' or 'session'"),
        ({"operations": {"get": {"route": "Ticket/:TicketID"}}}, "is no route"),
        ({"operations": {"get": {"route": "/Ticket?TicketID=:TicketID"}}}, "is no route"),
        ({"operations": {"get": {"route": "/Ticket/:TicketNumber"}}}, "holds :TicketNumber"),
        ({"operations": {"get": {"method": "PATCH", "route": "/Ticket"}}}, "'GET' or 'POST'"),
        ({"operations": {"search": {"route": "/Ticket/:TicketID"}}}, "belongs to `get` and `history`"),
        ({"operations": {"session": {"method": "GET", "route": "/Session"}}}, "password would stand in the address"),
        ({"operations": {"update": {"route": "/Ticket"}}}, "Extra inputs"),
        ({"batch_tickets": 0}, "greater than or equal to 1"),
    ],
)
def test_what_cannot_work_is_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        settings_of(**given)


def test_operations_that_are_not_named_are_those_of_the_sample() -> None:
    operations = settings_of(operations={"get": {"method": "POST", "route": "/TicketGet"}}).operations
    assert (operations.get.method, operations.get.route) == ("POST", "/TicketGet")
    assert (operations.search.method, operations.search.route) == ("GET", "/Ticket")
    assert (operations.history.method, operations.history.route) == ("GET", "/TicketHistory/:TicketID")
    assert (operations.session.method, operations.session.route) == ("POST", "/Session")
