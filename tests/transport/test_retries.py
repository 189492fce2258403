from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests
import responses
from asking import ADDRESS, asking

from itsm_bridge.errors import (
    AuthenticationFailed,
    BadAnswer,
    ConfigurationError,
    ItsmBridgeError,
    PermissionDenied,
    RateLimited,
    Unreachable,
)
from itsm_bridge.transport import Answer, Patience

NOW = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)
GOOD = {"result": []}


@pytest.fixture
def tool() -> responses.RequestsMock:
    with responses.RequestsMock() as mock:
        yield mock


def test_an_answer_brings_status_headers_body_and_the_tools_clock(tool: responses.RequestsMock) -> None:
    tool.get(ADDRESS, json=GOOD, headers={"X-Total-Count": "0", "Date": format_datetime(NOW, usegmt=True)})
    asked = asking()
    answer = asked.transport.get(ADDRESS, {"limit": "1"})
    assert (answer.status, answer.json(), answer.headers["x-total-count"]) == (200, GOOD, "0")
    assert answer.date == NOW
    assert (asked.traffic.requests, asked.traffic.retries, asked.traffic.bytes) == (1, 0, len(answer.body))


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_passing_troubles_are_asked_again(tool: responses.RequestsMock, status: int) -> None:
    tool.get(ADDRESS, status=status)
    tool.get(ADDRESS, json=GOOD)
    asked = asking()
    assert asked.transport.get(ADDRESS).attempts == 2
    assert (asked.traffic.requests, asked.traffic.retries, len(asked.waits)) == (2, 1, 1)


@pytest.mark.parametrize(
    ("status", "error"), [(400, BadAnswer), (401, AuthenticationFailed), (403, PermissionDenied), (404, BadAnswer)]
)
def test_refusals_are_not_asked_again(tool: responses.RequestsMock, status: int, error: type[ItsmBridgeError]) -> None:
    tool.get(ADDRESS, status=status, json={"error": {"message": "no"}})
    asked = asking()
    with pytest.raises(error) as caught:
        asked.transport.get(ADDRESS)
    assert asked.waits == []
    assert caught.value.where == f"GET {ADDRESS}"


def test_a_status_that_is_kept_is_returned(tool: responses.RequestsMock) -> None:
    tool.get(ADDRESS, status=403, json={"error": {}})
    assert asking().transport.get(ADDRESS, keep=(403,)).status == 403


@pytest.mark.parametrize(
    "retry_after", ["30", format_datetime(NOW + timedelta(seconds=30), usegmt=True)], ids=["seconds", "date"]
)
def test_retry_after_is_obeyed(tool: responses.RequestsMock, retry_after: str) -> None:
    tool.get(ADDRESS, status=429, headers={"Retry-After": retry_after, "Date": format_datetime(NOW, usegmt=True)})
    tool.get(ADDRESS, json=GOOD)
    asked = asking()
    asked.transport.get(ADDRESS)
    assert 30 <= sum(asked.waits) <= 31


def test_the_reset_of_a_rate_limit_is_waited_for_by_the_tools_own_clock(tool: responses.RequestsMock) -> None:
    reset = str(int(NOW.timestamp()) + 45)
    tool.get(ADDRESS, status=429, headers={"X-RateLimit-Reset": reset, "Date": format_datetime(NOW, usegmt=True)})
    tool.get(ADDRESS, json=GOOD)
    asked = asking()
    asked.transport.get(ADDRESS)
    assert 45 <= sum(asked.waits) <= 46


@pytest.mark.parametrize(
    "reset", ["2026-11-22T10:00:45Z", "2026-11-22T10:00:45+00:00", "2026-11-22T11:00:45.0+0100", "2026-11-22T10:00Z"]
)
def test_the_reset_of_a_rate_limit_may_be_written_as_an_instant(tool: responses.RequestsMock, reset: str) -> None:
    """Jira Cloud names the instant; its gateway may leave out Retry-After altogether."""
    tool.get(ADDRESS, status=429, headers={"X-RateLimit-Reset": reset, "Date": format_datetime(NOW, usegmt=True)})
    tool.get(ADDRESS, json=GOOD)
    asked = asking()
    asked.transport.get(ADDRESS)
    assert (45 if ":45" in reset else 0) <= sum(asked.waits) <= 46


def test_a_quota_that_is_used_up_says_in_its_policy_when_it_is_full_again(tool: responses.RequestsMock) -> None:
    tool.get(ADDRESS, status=429, headers={"Beta-RateLimit": '"global-app-quota";r=0;t=1847'})
    tool.get(ADDRESS, json=GOOD)
    asked = asking()
    asked.transport.get(ADDRESS)
    assert 1847 <= sum(asked.waits) <= 1848


def test_headers_of_a_rate_limit_that_still_has_tokens_are_no_throttling(tool: responses.RequestsMock) -> None:
    """Jira Data Center sends them with every answer, `retry-after: 0` among them."""
    left = {"X-RateLimit-Remaining": "7", "X-RateLimit-Interval-Seconds": "60", "retry-after": "0"}
    tool.get(ADDRESS, json=GOOD, headers=left)
    tool.get(ADDRESS, json=GOOD, headers=left)
    asked = asking()
    asked.transport.get(ADDRESS)
    asked.transport.get(ADDRESS)
    assert (asked.waits, asked.traffic.retries) == ([], 0)


def test_a_limit_that_says_nothing_of_its_end_is_waited_out_ever_longer(tool: responses.RequestsMock) -> None:
    for unclear in ({}, {"Retry-After": "soon"}, {"X-RateLimit-Reset": "later"}, {"RateLimit": '"burst";r=3'}):
        tool.get(ADDRESS, status=429, headers=unclear)
    tool.get(ADDRESS, json=GOOD)
    asked = asking()
    asked.transport.get(ADDRESS)
    assert len(asked.waits) == 4
    assert asked.waits == sorted(asked.waits)


def test_what_was_removed_from_the_tool_is_a_matter_of_configuration(tool: responses.RequestsMock) -> None:
    tool.get(ADDRESS, status=410, json={"errorMessages": ["The requested API has been removed."]})
    asked = asking(words=lambda answer: answer.json()["errorMessages"][0])
    with pytest.raises(ConfigurationError, match="has been removed") as caught:
        asked.transport.get(ADDRESS)
    assert asked.waits == []
    assert caught.value.hint


def test_a_wait_beyond_our_patience_ends_at_once_and_says_how_long_the_tool_wants(tool: responses.RequestsMock) -> None:
    tool.get(ADDRESS, status=429, headers={"Retry-After": "7200"})
    asked = asking()
    with pytest.raises(RateLimited, match=r"72\d\d more seconds"):
        asked.transport.get(ADDRESS)
    assert asked.waits == []


def test_waits_grow_and_end(tool: responses.RequestsMock) -> None:
    tool.get(ADDRESS, status=503)
    asked = asking(patience=Patience(attempts=6))
    with pytest.raises(Unreachable, match="503"):
        asked.transport.get(ADDRESS)
    assert asked.traffic.requests == 6
    assert all(0.25 * 2**n <= wait <= 0.5 * 2**n for n, wait in enumerate(asked.waits))


def test_a_tool_that_never_answered_is_given_up_early() -> None:
    with responses.RequestsMock() as tool:
        tool.get(ADDRESS, body=requests.ConnectionError("refused"))
        asked = asking(patience=Patience(attempts=8, first_attempts=2))
        with pytest.raises(Unreachable):
            asked.transport.get(ADDRESS)
    assert asked.traffic.requests == 2


@pytest.mark.parametrize(
    "body", ["", "null", "<html>asleep</html>", '{"result": [{"a": "b"', '"text"'],
    ids=["empty", "null", "web page", "cut", "no object"],
)  # fmt: skip
def test_bodies_that_are_no_data_are_asked_again_and_never_believed(tool: responses.RequestsMock, body: str) -> None:
    tool.get(ADDRESS, body=body, content_type="application/json")
    tool.get(ADDRESS, json=GOOD)
    assert asking().transport.get(ADDRESS).json() == GOOD
    tool.get(ADDRESS, body=body, content_type="application/json")
    with pytest.raises(BadAnswer):
        asking(patience=Patience(attempts=2)).transport.get(ADDRESS)


def test_the_caller_may_look_closer_and_have_an_answer_asked_again(tool: responses.RequestsMock) -> None:
    tool.get(ADDRESS, json={"result": "half"})
    tool.get(ADDRESS, json={"result": "whole"})

    def accept(answer: Answer) -> None:
        if answer.json()["result"] != "whole":
            raise BadAnswer("half an answer")

    assert asking().transport.get(ADDRESS, accept=accept).attempts == 2


def test_other_errors_of_the_caller_pass_at_once(tool: responses.RequestsMock) -> None:
    tool.get(ADDRESS, json=GOOD)

    def accept(answer: Answer) -> None:
        raise LookupError("mine")

    asked = asking()
    with pytest.raises(LookupError, match="mine"):
        asked.transport.get(ADDRESS, accept=accept)
    assert asked.waits == []


def test_a_redirect_is_not_followed_but_named(tool: responses.RequestsMock) -> None:
    tool.get(ADDRESS, status=302, headers={"Location": "https://login.example/saml?RelayState=abc"})
    with pytest.raises(BadAnswer, match=r"redirects to https://login\.example/saml$"):
        asking().transport.get(ADDRESS)


def test_reading_posts_and_heads_work_the_same(tool: responses.RequestsMock) -> None:
    tool.post(ADDRESS, status=503)
    tool.post(ADDRESS, json=GOOD)
    tool.head(ADDRESS, headers={"X-Total-Count": "7"})
    transport = asking().transport
    assert transport.post(ADDRESS, json={"jql": "x"}).json() == GOOD
    assert transport.head(ADDRESS).headers["X-Total-Count"] == "7"
    assert not {"put", "patch", "delete", "request"} & set(dir(transport))


def test_a_session_is_taken_after_the_wait_so_that_its_token_has_not_ended(tool: responses.RequestsMock) -> None:
    taken = []

    class Noting:
        def session(self) -> requests.Session:
            taken.append(sum(asked.waits))
            return requests.Session()

        def renew(self, refused: requests.Session) -> bool:
            return False

    tool.get(ADDRESS, status=429, headers={"Retry-After": "2000"})
    tool.get(ADDRESS, json=GOOD)
    asked = asking(Noting(), patience=Patience(attempts=1))
    with pytest.raises(RateLimited):
        asked.transport.get(ADDRESS)
    asked.transport.get(ADDRESS)
    assert taken == [0, 2000]
