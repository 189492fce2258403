"""Requests as the interface takes them: routes, methods, query strings, bodies, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from asking_otrs import NOW, POSTING, Asking, ago
from captured import CAPTURED, named

from itsm_bridge_otrs.testing import Desk, Route, SimulatedOtrs, WebService

BROKEN_OFF = ("webservice_unknown", "webservice_no_name", "post_toplevel_array")
REFUSED = [
    name for name in named("history_", "ticketget_", "ticketlist_", "get_with", "route_", "post_", "session_", "search_")
    if name not in BROKEN_OFF and (CAPTURED[name]["status"] == 500 or "Error" in CAPTURED[name]["answer"])
]  # fmt: skip


def again(ask: Asking, name: str) -> requests.Response:
    """Send a captured request, with a session that is good."""
    told = CAPTURED[name]
    login = ("CustomerUserLogin", "jane", "custpw") if "customer" in name else ("UserLogin", "api", "apipw")
    with Asking(ask.server, "") as nobody:
        session = nobody.get("/Session", method="POST", body={login[0]: login[1], "Password": login[2]})["SessionID"]
    path = told["path"] if "invalid" in name else told["path"].replace("SessionID=S", f"SessionID={session}")
    _, service, path = path.split("/", 2) if path.count("/") > 1 else ("", path.strip("/"), "")
    body = told["body"]
    if body is not None and not isinstance(body, str):
        body = json.dumps(body)
    if isinstance(body, str):
        body = body.replace('"S"', f'"{session}"')
        # A scalar was sent as JSON.
        body = json.dumps(body) if name == "post_scalar_body" else body
    headers = {"X-OTRS-Header-UserLogin": None, "X-OTRS-Header-Password": None, **told["headers"]}
    return ask.send(f"/{path}", method=told["method"], service=service, body=body, headers=headers)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [*REFUSED, "head_request"])
def test_what_the_real_server_refused_is_refused_in_the_same_words(ask: Asking, desk: Desk, name: str) -> None:
    desk.create(key="2")
    told, came = CAPTURED[name], again(ask, name)
    assert (came.status_code, came.headers["Content-Type"]) == (told["status"], told["type"])
    assert (came.json() if came.text.startswith("{") else came.text) == told["answer"]
    kept_alive = POSTING in told["path"]
    assert came.headers["Connection"] == ("Keep-Alive" if kept_alive else "close")
    assert set(came.headers) == {"Content-Type", "Content-Length", "Connection"}


def test_there_are_refusals_of_all_kinds() -> None:
    codes = {CAPTURED[name]["answer"]["Error"]["ErrorCode"].partition(".")[2]
             for name in REFUSED if CAPTURED[name]["status"] == 200}  # fmt: skip
    assert {"AuthFail", "MissingParameter", "AccessDenied", "WrongStructure"} <= codes
    assert len(REFUSED) > 30


@pytest.mark.parametrize("name", BROKEN_OFF)
def test_some_requests_get_no_answer_in_http(ask: Asking, name: str) -> None:
    with pytest.raises(requests.ConnectionError):
        again(ask, name)


def test_what_was_asked_for_too_long_gets_a_page_of_the_web_server(ask: Asking, desk: Desk) -> None:
    desk.create(key="1000")
    pages = {count: ask.send(f"/Ticket/{','.join(['1000'] * count)}") for count in (780, 800, 810, 1700)}
    assert {count: page.status_code for count, page in pages.items()} == {780: 200, 800: 404, 810: 403, 1700: 414}
    assert all(page.headers["Content-Type"].startswith("text/html") for count, page in pages.items() if count > 780)
    assert {count: "Date" in page.headers for count, page in pages.items()} == {
        780: False, 800: True, 810: True, 1700: True,
    }  # fmt: skip
    listed = [ask.send("/TicketList", TicketID=",".join(["1000"] * count)).status_code for count in (1000, 1700)]
    assert listed == [200, 414]
    assert ask.send("/TicketGet", method="POST", service=POSTING, body={"TicketID": ["1000"] * 5000}).status_code == 200
    wrong = requests.get(f"{ask.server.url}/nonsense.pl/Webservice/x", timeout=10)
    assert (wrong.status_code, wrong.text[:15]) == (404, "<!DOCTYPE html>")


def test_answers_have_sorted_keys_and_letters_as_they_are(ask: Asking, desk: Desk) -> None:
    key = desk.create("Zażółć <b>ü</b> 🔥 =HYPERLINK(1)", at=ago(days=1))
    answer = ask.send(f"/Ticket/{key}", Extended=1, DynamicFields=1, AllArticles=1, headers={"Accept-Encoding": "gzip"})
    assert "Zażółć <b>ü</b> 🔥 =HYPERLINK(1)".encode() in answer.content
    ticket: dict[str, Any] = answer.json()["Ticket"][0]
    assert list(ticket) == sorted(ticket)
    assert list(ticket["Article"][0]) == sorted(ticket["Article"][0])
    assert "Content-Encoding" not in answer.headers


def test_query_strings_are_read_in_the_interfaces_own_way(ask: Asking, desk: Desk) -> None:
    keys = [desk.create(f"ticket {number}", type=kind) for number, kind in enumerate(("Problem", "RfC", "Incident"))]
    assert set(ask.ids(Types=["Problem", "RfC"])) == set(keys[:2])
    assert ask.ids(Types="Problem,RfC") == []
    assert ask.ids(Title="ticket 1") == [keys[1]]
    assert ask.ids(Title="ticket+1") == []  # a plus that is sent as %2B is a plus
    assert ask.get("/Ticket?Title=*t+1*").get("TicketID") == ask.ids(Title="*t 1*") == [keys[1]]
    assert ask.get("/Ticket?Limit=0&Title=*1=zzz")["TicketID"] == [keys[1]]  # "0" is nothing; a second "=" cuts
    got = ask.get("/TicketList", TicketID=[keys[2], keys[0]])["Ticket"]
    assert [str(one["TicketID"]) for one in got] == [keys[2], keys[0]]
    assert len(ask.get(f"/Ticket/{keys[0]}%2C {keys[1]}")["Ticket"]) == 2


def test_the_body_of_a_get_is_ignored_and_the_address_goes_before_the_body_of_a_post(ask: Asking, desk: Desk) -> None:
    keys = [desk.create() for _ in range(3)]
    assert len(ask.get("/Ticket", body={"Limit": 1})["TicketID"]) == 3
    asked = {"Limit": 1, "TicketID": keys}
    assert len(ask.get("/TicketSearch", method="POST", service=POSTING, body=asked)["TicketID"]) == 1
    assert len(ask.get("/TicketSearch?Limit=2", method="POST", service=POSTING, body=asked)["TicketID"]) == 2


def test_a_site_may_map_operations_elsewhere(ask: Asking, desk: Desk) -> None:
    key = desk.create()
    for path, body in (("/TicketGet", {"TicketID": int(key)}), ("/TicketGet", {"TicketID": [key, int(key)]}),
                       (f"/TicketGetList/{key}", None), ("/TicketHistoryGet", {"TicketID": key})):  # fmt: skip
        assert len(ask.get(path, method="POST", service=POSTING, body=body)) == 1
    assert ask.get("/TicketGet", method="PATCH", service=POSTING, body={"TicketID": key})["Ticket"]
    assert ask.send("/TicketGet", service=POSTING, TicketID=key).status_code == 500
    own = WebService(
        "Own", (Route("TicketSearch", "/find/them", ("GET", "POST")), Route("TicketGet", "/get/:TicketID"))
    )
    with SimulatedOtrs(desk=desk, services=[own], base_path="/znuny") as server, Asking(server) as elsewhere:
        assert elsewhere.get("/find/them", service="Own") == {"TicketID": [key]}
        assert elsewhere.get(f"/get/{key}", method="PUT", service="Own", body={"x": 1})["Ticket"][0]["Age"] == 0
        with pytest.raises(requests.ConnectionError):
            elsewhere.get("/find/them")


def test_requests_are_logged_by_operation_and_writes_are_noted(ask: Asking, otrs: SimulatedOtrs) -> None:
    key = otrs.desk.create(at=NOW)
    ask.ids(Limit=5)
    ask.ticket(key)
    ask.rows(key)
    assert otrs.requests_about == {"TicketSearch": 1, "TicketGet": 1, "TicketHistoryGet": 1}
    assert otrs.rows_about == {"TicketSearch": 1, "TicketGet": 1, "TicketHistoryGet": 1}
    refused = ask.error("/TicketUpdate", method="POST", body={"TicketID": key, "Ticket": {"State": "open"}})
    assert (refused, len(otrs.writes_attempted)) == ("TicketUpdate.AccessDenied", 1)
