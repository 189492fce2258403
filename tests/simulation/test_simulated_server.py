"""A simulated server listens, goes wrong when it is told to, and notes what it was asked."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest
import requests

from itsm_bridge.simulation import EVERYWHERE, Answer, Call, Fault, Faults, Refusal, SimulatedServer, retry_after


class AcmeFaults(Faults):
    kinds = (*EVERYWHERE, "rate_limit_seconds", "endless")
    not_passing = ("endless",)


class SimulatedAcme(SimulatedServer):
    software = "Acme/4.2"

    def __init__(self) -> None:
        super().__init__(AcmeFaults(), base_path="/desk")
        self.tickets = {"1": "printer", "2": "mail"}

    def answer(self, call: Call) -> Answer:
        match call.method, call.path:
            case "GET", "/tickets":
                return Answer.of({"tickets": self.tickets}, len(self.tickets))
            case "GET", "/bare":
                return Answer(200, b"<p>no status line</p>", wire="bare")
            case "GET", "/silent":
                return Answer.none()
            case "POST", "/search":
                wanted = call.body.get("ids") or [value for name, value in call.pairs if name == "id"]
                return Answer.of([self.tickets[key] for key in wanted], len(wanted))
        self.writes_attempted.append(f"{call.method} {call.target}")
        raise Refusal(Answer.of({"error": "no such place"}, status=404))

    def aside(self, call: Call) -> Answer | None:
        return Answer.of({"token": "t"}) if call.path == "/token" else None

    def befall(self, fault: Fault, call: Call) -> Answer:
        return Answer.page(429, "wait", retry_after(fault, self.told_time()))


@pytest.fixture
def acme() -> Iterator[SimulatedAcme]:
    with SimulatedAcme() as server:
        yield server


def get(acme: SimulatedAcme, path: str = "/tickets") -> requests.Response:
    return requests.get(f"{acme.url}{path}", timeout=10)


def test_it_answers_refuses_and_notes_both(acme: SimulatedAcme) -> None:
    found = get(acme)
    assert found.json() == {"tickets": acme.tickets}
    assert (found.headers["Server"], "Date" in found.headers) == ("Acme/4.2", True)
    assert requests.delete(f"{acme.url}/tickets/1", timeout=10).status_code == 404
    assert requests.get(f"{acme.root}/tickets", timeout=10).status_code == 404, "outside of the base path"
    asked = [(request.method, request.path, request.about, request.status) for request in acme.requests]
    assert asked == [
        ("GET", "/desk/tickets", "/tickets", 200), ("DELETE", "/desk/tickets/1", "/tickets/1", 404),
        ("GET", "/tickets", "", 404),
    ]  # fmt: skip
    assert (acme.requests_about["/tickets"], acme.rows_about["/tickets"]) == (1, 2)
    assert acme.writes_attempted[0] == "DELETE /desk/tickets/1"
    acme.forget()
    assert (acme.requests, acme.writes_attempted) == ([], [])


def test_a_question_is_in_the_body_or_in_the_address(acme: SimulatedAcme) -> None:
    seen: list[Mapping[str, Any]] = []
    acme.unrest = lambda about, asked: seen.append({about: asked})
    assert requests.post(f"{acme.url}/search", json={"ids": ["2"]}, timeout=10).json() == ["mail"]
    assert requests.post(f"{acme.url}/search?id=1&id=2", timeout=10).json() == ["printer", "mail"]
    assert seen == [{"/search": {"ids": ["2"]}}, {"/search": {"id": "2"}}]


def test_a_server_may_break_off_without_a_word_and_speak_without_http(acme: SimulatedAcme) -> None:
    with pytest.raises(requests.ConnectionError):
        get(acme, "/silent")
    with socket.create_connection(("127.0.0.1", int(acme.root.rpartition(":")[2])), timeout=10) as line:
        line.sendall(b"GET /desk/bare HTTP/1.1\r\nHost: acme\r\n\r\n")
        assert line.makefile("rb").read() == b"<p>no status line</p>"


def test_faults_befall_what_they_are_about(acme: SimulatedAcme) -> None:
    acme.faults.add(
        Fault("rate_limit_seconds", about="/t*", nth=(1,), seconds=7), Fault("unavailable", about="/search")
    )
    assert get(acme, "/token").json() == {"token": "t"}, "faults leave it alone"
    assert get(acme, "/elsewhere").status_code == 404
    struck = get(acme)
    assert (struck.status_code, struck.headers["Retry-After"]) == (429, "7")
    assert get(acme).status_code == 200
    assert [request.fault for request in acme.requests] == ["", "", "rate_limit_seconds", ""]


@pytest.mark.parametrize("kind", [kind for kind in EVERYWHERE if kind != "slow"])
def test_what_befalls_every_server_is_no_good_answer(acme: SimulatedAcme, kind: str) -> None:
    acme.faults.add(Fault(kind, nth=(1,)))
    with suppress(requests.RequestException):
        assert get(acme).json() in (None, [])
    assert get(acme).json() == {"tickets": acme.tickets}


def test_the_clock_that_shows_can_be_apart(acme: SimulatedAcme) -> None:
    now = get(acme).headers["Date"]
    acme.clock_skew_seconds = 86_400
    assert get(acme).headers["Date"][:3] != now[:3]


def test_chance_is_seeded_and_lets_a_patient_client_through() -> None:
    def course() -> list[str]:
        faults = AcmeFaults(seed=3, probability=0.9)
        return [struck.kind if (struck := faults.strike("/x", "/x")) else "" for _ in range(60)]

    assert course() == course()
    assert "endless" not in course()
    assert all(any(not kind for kind in course()[at : at + 4]) for at in range(56))


def test_a_kind_that_a_server_does_not_show_is_named() -> None:
    for wrong in (lambda: AcmeFaults(only=["nonsense"]), lambda: AcmeFaults().add(Fault("nonsense"))):
        with pytest.raises(ValueError, match="no such fault: nonsense"):
            wrong()
