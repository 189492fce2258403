"""Faults that real servers show."""

from __future__ import annotations

import pytest
import requests
from asking_otrs import POSTING, Asking

from itsm_bridge_otrs.testing import KINDS, Desk, Fault, Faults, SimulatedOtrs


@pytest.fixture
def keys(desk: Desk) -> list[str]:
    return [desk.create() for _ in range(6)]


def first(otrs: SimulatedOtrs, ask: Asking, kind: str, path: str = "/Ticket", seconds: float = 0) -> requests.Response:
    """Return the answer to a request that a fault befalls."""
    otrs.faults.clear()
    otrs.faults.add(Fault(kind, nth=(1,), seconds=seconds))
    return ask.send(path)


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    ("kind", "status", "begins"),
    [
        ("server_error", 500, "<html>"), ("unavailable", 503, "<html>"), ("html", 200, "<!DOCTYPE html>"),
        ("null_body", 200, "null"), ("empty_body", 200, ""), ("empty_search", 200, "{}"),
        ("auth_fail", 200, '{"Error":{"ErrorCode":"TicketSearch.AuthFail"'), ("rate_limit_seconds", 429, "<!DOCTYPE"),
    ],
)  # fmt: skip
def test_outages_and_answers_that_are_none(
    otrs: SimulatedOtrs, ask: Asking, kind: str, status: int, begins: str
) -> None:
    answer = first(otrs, ask, kind)
    assert (answer.status_code, answer.text[: len(begins) or 1]) == (status, begins)
    assert len(ask.ids()) == 6


@pytest.mark.usefixtures("keys")
def test_connections_break_and_bodies_are_cut(otrs: SimulatedOtrs, ask: Asking) -> None:
    for kind in ("reset", "hung_up"):
        with pytest.raises(requests.ConnectionError):
            first(otrs, ask, kind)
    with pytest.raises(requests.JSONDecodeError):
        first(otrs, ask, "cut_json").json()
    assert first(otrs, ask, "rate_limit_seconds", seconds=30).headers["Retry-After"] == "30"
    assert first(otrs, ask, "rate_limit_date", seconds=30).headers["Retry-After"].endswith("GMT")


def test_answers_may_be_short_and_tickets_denied(otrs: SimulatedOtrs, ask: Asking, keys: list[str]) -> None:
    assert len(first(otrs, ask, "short_search").json()["TicketID"]) == 3
    path = f"/Ticket/{','.join(keys)}"
    assert len(first(otrs, ask, "short_get", path).json()["Ticket"]) == 3
    beside = first(otrs, ask, "error_beside", path).json()
    assert (len(beside["Ticket"]), list(beside)) == (3, ["Error", "Ticket"])
    assert first(otrs, ask, "denied", path).json()["Error"]["ErrorCode"] == "TicketGet.AccessDenied"
    assert first(otrs, ask, "denied").json()["TicketID"]  # searches are not denied


def test_sessions_may_end_in_the_middle(otrs: SimulatedOtrs, ask: Asking, keys: list[str]) -> None:
    login = {"UserLogin": "api", "Password": "apipw"}
    session = ask.get("/Session", method="POST", body=login)["SessionID"]
    body = {"SessionID": session, "TicketID": keys}
    with Asking(otrs, "") as nobody:
        asked = {"method": "POST", "service": POSTING, "body": body}
        assert nobody.get("/TicketGet", **asked)["Ticket"]
        otrs.faults.add(Fault("session_end", nth=(1,), about="TicketGet"))
        assert nobody.error("/TicketGet", **asked) == "TicketGet.AuthFail"
        assert nobody.error("/TicketGet", **asked) == "TicketGet.AuthFail"


def test_tickets_may_change_while_others_are_read(otrs: SimulatedOtrs, ask: Asking, keys: list[str]) -> None:
    seen: list[str] = []

    def disturb(about: str, _: object) -> None:
        seen.append(about)
        otrs.desk.delete(keys.pop())

    otrs.unrest = disturb
    assert [len(ask.ids()) for _ in range(3)] == [5, 4, 3]
    assert seen == ["TicketSearch"] * 3


def test_faults_have_names_and_the_patient_get_over_most() -> None:
    assert len(set(KINDS)) == len(KINDS)
    assert set(KINDS) - set(Faults.passing()) == {"short_search"}
    with pytest.raises(ValueError, match="no such fault"):
        Faults(only=["nonsense"])
