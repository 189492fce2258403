"""How operations are asked, by the methods and routes of a site, and how many tickets fit one request."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
import responses
from otrs_answers import BASE, URL, asked, query, reply, unmeasured

POST = {
    "search": {"method": "POST", "route": "/TicketSearch"},
    "get": {"method": "POST", "route": "/TicketGet"},
    "history": {"method": "POST", "route": "/TicketHistoryGet"},
}
LIST = {"get": {"route": "/TicketList"}, "history": {"route": "/TicketHistory"}}
ONE = {"Ticket": [{"TicketID": 2}]}
HISTORY = {"TicketHistory": [{"TicketID": "2", "History": []}]}


def body(tool: responses.RequestsMock, place: int = 0) -> Any:
    return json.loads(tool.calls[place].request.body or b"null")


def test_a_search_finds_archived_tickets_too_and_repeats_what_is_a_list(tool: responses.RequestsMock) -> None:
    tool.get(f"{BASE}/Ticket", json={"TicketID": ["323", "322"]})
    found = unmeasured().search(SortBy=["Changed", "Ticket"], OrderBy=("Up", "Up"), Queues="Netz & VPN=1", Limit="2")
    assert found == ["323", "322"]
    assert query(tool.calls[0].request) == {
        "SearchInArchive": ["AllTickets"], "SortBy": ["Changed", "Ticket"], "OrderBy": ["Up", "Up"],
        "Queues": ["Netz & VPN=1"], "Limit": ["2"],
    }  # fmt: skip
    assert "%3D" in asked(tool)[0]  # the tool cuts a value at a plain one


def test_an_empty_answer_to_a_search_is_no_ticket(tool: responses.RequestsMock) -> None:
    tool.get(f"{BASE}/Ticket", json={})
    assert unmeasured().search(Limit="2") == []


def test_where_operations_are_posts_all_goes_in_bodies(tool: responses.RequestsMock) -> None:
    tool.post(f"{BASE}/TicketSearch", json={})
    tool.post(f"{BASE}/TicketGet", json=ONE)
    tool.post(f"{BASE}/TicketHistoryGet", json=HISTORY)
    site = unmeasured(operations=POST)
    site.search(SortBy=["Changed", "Ticket"], Limit="0")
    site.tickets(["2", "3"], Extended="1", Attachments="0")
    site.histories(["2", "3"])
    login = {"UserLogin": "bridge", "Password": "pass-word-4711"}  # not all versions read headers
    assert [body(tool, place) for place in range(3)] == [
        {"SearchInArchive": "AllTickets", "SortBy": ["Changed", "Ticket"], "Limit": "0"} | login,
        {"Extended": "1", "Attachments": "0", "TicketID": "2,3"} | login,
        {"TicketID": "2,3"} | login,
    ]
    assert not any("X-OTRS" in name for name in tool.calls[0].request.headers)
    assert tool.calls[0].request.headers["Content-Length"] == str(len(tool.calls[0].request.body or b""))
    assert asked(tool) == ["/TicketSearch", "/TicketGet", "/TicketHistoryGet"]
    assert tool.calls[0].request.headers["Content-Type"] == "application/json"


def test_ids_go_into_the_path_or_where_the_route_has_no_place_for_them_beside_the_flags(
    tool: responses.RequestsMock,
) -> None:
    tool.get(f"{BASE}/Ticket/2,3", json=ONE)
    tool.get(f"{BASE}/TicketHistory/2,3", json=HISTORY)
    tool.get(f"{BASE}/TicketList", json=ONE)
    tool.get(f"{BASE}/TicketHistory", json=HISTORY)
    for given in ({}, {"operations": LIST}):
        site = unmeasured(**given)
        site.tickets(["2", "3"], Extended="1")
        site.histories(["2", "3"])
    assert asked(tool) == [
        "/Ticket/2,3?Extended=1", "/TicketHistory/2,3", "/TicketList?Extended=1&TicketID=2,3",
        "/TicketHistory?TicketID=2,3",
    ]  # fmt: skip


def test_another_web_service_lies_at_another_address(tool: responses.RequestsMock) -> None:
    tool.get(f"{URL}/nph-genericinterface.pl/Webservice/Our%20Tickets/Find", json={})
    unmeasured(web_service="Our Tickets", operations={"search": {"route": "/Find"}}).search(Limit="1")
    assert len(tool.calls) == 1


@pytest.mark.parametrize("operations", [{}, LIST, {"get": POST["get"]}, {"history": POST["history"]}, POST])
def test_what_is_said_to_fit_one_request_does(tool: responses.RequestsMock, operations: dict[str, Any]) -> None:
    asks = []

    def remember(request: Any) -> Any:
        asks.append(request)
        return reply(HISTORY if "History" in request.url else ONE)

    for method in ("GET", "POST"):
        tool.add_callback(method, re.compile(".*"), remember)
    site = unmeasured(operations=operations, batch_tickets=5000)
    ids = [str(number) for number in range(1_000_000, 1_005_000)]
    most = site.most_ids(ids)
    assert (most == 5000) == (operations is POST)
    assert most >= 400
    site.tickets(ids[:most], Extended="1", DynamicFields="1", AllArticles="1", Attachments="0")
    site.histories(ids[:most])
    for request in asks:
        parts = urlsplit(request.url)
        assert len(parts.path) < 4050
        assert len(f"{request.method} {parts.path}?{parts.query} HTTP/1.1") < 8190


def test_no_more_tickets_go_into_a_request_than_are_set_and_always_one() -> None:
    site = unmeasured(batch_tickets=7)
    assert site.most_ids([str(number) for number in range(100)]) == 7
    assert site.most_ids(["1", "2"]) == 2
    assert site.most_ids([]) == 0
    assert unmeasured(url=f"https://desk.acme.com/{'x' * 4000}").most_ids(["1", "2"]) == 1
