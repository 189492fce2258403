"""Signing in by a session: opened once, opened anew by all threads together when it has ended."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock

import pytest
import responses
from otrs_answers import BASE, Reply, asked, error, reply, unmeasured
from requests import PreparedRequest

from itsm_bridge import redaction
from itsm_bridge.errors import AuthenticationFailed, BadAnswer, ConfigurationError
from itsm_bridge_otrs.session import Site

THREADS = 4
SESSION = "X-OTRS-Header-SessionID"


class Sessions:
    """Opens sessions, and answers searches of those that live; `at_once` holds back answers until so many came."""

    def __init__(self, tool: responses.RequestsMock, at_once: int = 1) -> None:
        self.opened: list[str] = []
        self.ended: set[str] = set()
        self._lock = Lock()
        self._wait = Barrier(at_once)
        tool.add_callback("POST", f"{BASE}/Session", self.open)
        tool.add_callback("GET", f"{BASE}/Ticket", self.search)

    def open(self, request: PreparedRequest) -> Reply:
        given = json.loads(request.body or "{}")
        if given != {"UserLogin": "bridge", "Password": "pass-word-4711"}:
            return reply(error("SessionCreate", "AuthFail"))
        with self._lock:
            self.opened.append(f"{len(self.opened):032}")
            return reply({"SessionID": self.opened[-1]})

    def search(self, request: PreparedRequest) -> Reply:
        lives = request.headers.get(SESSION) in set(self.opened) - self.ended
        if not lives and not self._wait.broken:
            self._wait.wait(10)  # all meet the end of the session before one opens another
        return reply({"TicketID": ["5"]} if lives else error("TicketSearch", "AuthFail"))


def signed_in() -> Site:
    return unmeasured(sign_in="session")


def test_a_session_is_opened_once_and_carries_all_requests(tool: responses.RequestsMock) -> None:
    sessions = Sessions(tool)
    site = signed_in()
    assert [site.search(Limit="1") for _ in range(3)] == [["5"]] * 3
    assert len(sessions.opened) == 1
    assert asked(tool)[0] == "/Session"
    for call in tool.calls[1:]:
        assert call.request.headers[SESSION] == sessions.opened[0]
        assert not {"X-OTRS-Header-UserLogin", "X-OTRS-Header-Password", "Authorization"} & set(call.request.headers)
        assert sessions.opened[0] not in str(call.request.url)
    assert sessions.opened[0] in redaction._concealed


def test_a_session_that_has_ended_is_opened_anew(tool: responses.RequestsMock) -> None:
    sessions = Sessions(tool)
    site = signed_in()
    site.search(Limit="1")
    sessions.ended |= set(sessions.opened)
    assert site.search(Limit="1") == ["5"]
    assert len(sessions.opened) == 2
    assert len(tool.calls) == 5


def test_all_threads_together_open_one_session(tool: responses.RequestsMock) -> None:
    sessions = Sessions(tool, THREADS)
    site = signed_in()
    site.search(Limit="1")
    sessions.ended |= set(sessions.opened)
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda _: site.search(Limit="1"), range(THREADS)))
    assert found == [["5"]] * THREADS
    assert len(sessions.opened) == 2


def test_a_session_that_is_refused_as_soon_as_it_is_opened_ends_it(tool: responses.RequestsMock) -> None:
    sessions = Sessions(tool)
    tool.replace("GET", f"{BASE}/Ticket", json=error("TicketSearch", "AuthFail"))
    with pytest.raises(AuthenticationFailed) as caught:
        signed_in().search(Limit="1")
    assert "`username`" in str(caught.value.hint)
    assert len(sessions.opened) == 2


def test_a_password_that_is_refused_is_tried_once(
    tool: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRIDGE_PASSWORD", "wrong-one-4712")
    sessions = Sessions(tool)
    with pytest.raises(AuthenticationFailed, match=r"SessionCreate\.AuthFail") as caught:
        signed_in().search(Limit="1")
    assert "`username` and `password`" in str(caught.value.hint)
    assert "wrong-one" not in str(caught.value)
    assert sessions.opened == []
    assert len(tool.calls) == 1


@pytest.mark.parametrize("body", [{}, {"SessionID": None}, {"SessionID": "a\nb"}, []])
def test_what_is_no_session_is_not_sent_on(tool: responses.RequestsMock, body: object) -> None:
    tool.post(f"{BASE}/Session", json=body)
    with pytest.raises(BadAnswer):
        signed_in().search(Limit="1")
    assert set(asked(tool)) == {"/Session"}


def test_a_password_of_any_alphabet_goes_through_a_session_and_headers_say_so(tool: responses.RequestsMock) -> None:
    tool.post(f"{BASE}/Session", json={"SessionID": "a" * 32})
    tool.get(f"{BASE}/Ticket", json={})
    given = {"username": "anna.müller", "password": {"env": "BRIDGE_UMLAUT"}}
    with pytest.raises(ConfigurationError, match="letters that a header cannot carry") as caught:
        unmeasured(**given)
    assert 'sign_in = "session"' in str(caught.value.hint)
    assert "Grüße" not in str(caught.value)
    unmeasured(sign_in="session", **given).search(Limit="1")
    assert json.loads(tool.calls[0].request.body or "") == {"UserLogin": "anna.müller", "Password": "Grüße-日本"}


def test_where_operations_are_posts_any_password_and_any_session_go_in_the_body(tool: responses.RequestsMock) -> None:
    posts = {name: {"method": "POST", "route": f"/{name}"} for name in ("search", "get", "history")}
    tool.post(f"{BASE}/Session", json={"SessionID": "a" * 32})
    tool.post(f"{BASE}/search", json={})
    unmeasured(operations=posts, password={"env": "BRIDGE_UMLAUT"}).search(Limit="1")
    unmeasured(operations=posts, sign_in="session").search(Limit="1")
    bodies = [json.loads(call.request.body or "") for call in tool.calls]
    assert [body.get("Password") for body in bodies] == ["Grüße-日本", "pass-word-4711", None]
    assert bodies[2]["SessionID"] == "a" * 32
