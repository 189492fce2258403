from __future__ import annotations

import gzip
import logging
import socket
import threading
from http.server import BaseHTTPRequestHandler

import pytest
import requests
import responses
from asking import ADDRESS, asking
from serving import send, served

from itsm_bridge.errors import AuthenticationFailed, BadAnswer, RateLimited, Unreachable
from itsm_bridge.transport import Patience, SignedIn


def test_a_body_that_is_cut_is_asked_again() -> None:
    replies = iter([(b'{"result": []', 400), (b'{"result": []}', None)])

    def reply(handler: BaseHTTPRequestHandler) -> None:
        send(handler, *next(replies))
        handler.close_connection = True

    with served(reply) as address:
        asked = asking()
        assert asked.transport.get(address).json() == {"result": []}
        assert asked.traffic.retries == 1


def test_a_body_that_is_always_cut_is_never_believed() -> None:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        send(handler, b'{"result": []}', 400)
        handler.close_connection = True

    with served(reply) as address, pytest.raises(BadAnswer, match="broke off"):
        asking(patience=Patience(attempts=2, first_attempts=2)).transport.get(address)


def test_compressed_bodies_arrive_whole() -> None:
    with served(lambda handler: send(handler, gzip.compress(b'{"a": 1}'), Content_Encoding="gzip")) as address:
        assert asking().transport.get(address).body == b'{"a": 1}'


def test_a_damaged_compression_is_told_as_a_broken_answer() -> None:
    with (
        served(lambda handler: send(handler, b"not gzip", Content_Encoding="gzip")) as address,
        pytest.raises(BadAnswer, match="broke off"),
    ):
        asking().transport.get(address)


def test_an_answer_that_does_not_come_in_time_is_told_as_unreachable() -> None:
    release = threading.Event()

    def reply(handler: BaseHTTPRequestHandler) -> None:
        release.wait(10)
        handler.close_connection = True

    with served(reply) as address:
        with pytest.raises(Unreachable, match="in time"):
            asking(timeouts=(1.0, 0.05), patience=Patience(first_attempts=1)).transport.get(address)
        release.set()


def test_a_closed_port_is_told_with_its_reason() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unreachable, match="refused"):
        asking().transport.get(f"http://127.0.0.1:{port}/api")


def test_no_more_requests_are_under_way_than_allowed() -> None:
    under_way, most, lock = 0, 0, threading.Lock()
    both = threading.Barrier(2, timeout=10)

    def reply(handler: BaseHTTPRequestHandler) -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        both.wait()
        with lock:
            under_way -= 1
        send(handler, b"{}")

    with served(reply) as address:
        transport = asking(connections=2).transport
        threads = [threading.Thread(target=transport.get, args=(address,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert most == 2


def test_one_refusal_for_the_rate_lets_the_next_request_wait_too() -> None:
    with responses.RequestsMock() as tool:
        tool.get(ADDRESS, status=429, headers={"Retry-After": "20"})
        tool.get(ADDRESS, json={})
        asked = asking(patience=Patience(attempts=1))
        with pytest.raises(RateLimited):
            asked.transport.get(ADDRESS)
        asked.transport.get(ADDRESS)
    assert asked.waits == [20]


class Renewing:
    """Credentials of which the first are stale."""

    def __init__(self, names: list[str]) -> None:
        self._sessions = []
        for name in names:
            session = requests.Session()
            session.auth = (name, "x")
            self._sessions.append(session)

    def session(self) -> requests.Session:
        return self._sessions[0]

    def renew(self, refused: requests.Session) -> bool:
        if len(self._sessions) == 1:
            return False
        self._sessions.pop(0)
        return True


def test_a_refused_session_is_renewed_once() -> None:
    with responses.RequestsMock() as tool:
        tool.get(ADDRESS, status=401)
        tool.get(ADDRESS, json={})
        assert asking(Renewing(["stale", "fresh"])).transport.get(ADDRESS).status == 200
        tool.get(ADDRESS, status=401)
        tool.get(ADDRESS, status=401)
        with pytest.raises(AuthenticationFailed):
            asking(Renewing(["stale", "refused too", "never tried"])).transport.get(ADDRESS)


def test_log_lines_hold_no_secrets(caplog: pytest.LogCaptureFixture) -> None:
    with responses.RequestsMock() as tool, caplog.at_level(logging.DEBUG, logger="itsm_bridge"):
        tool.get(ADDRESS, json={})
        asking().transport.get(
            "https://tool.example/api/things?password=hunter2&token=hunter3&SessionID=hunter4&limit=5"
        )
    assert "limit=5" in caplog.text
    assert "hunter" not in caplog.text


def test_we_say_who_we_are_whatever_the_session_says() -> None:
    session = requests.Session()
    session.headers["User-Agent"] = "pysnow"
    with responses.RequestsMock() as tool:
        tool.get(ADDRESS, json={})
        asking(SignedIn(session)).transport.get(ADDRESS)
        assert tool.calls[0].request.headers["User-Agent"].startswith("itsm-bridge")
