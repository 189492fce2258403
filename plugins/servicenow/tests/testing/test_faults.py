"""Faults strike when they are told to, and look as they do in life."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

import pytest
import requests

from itsm_bridge_servicenow.testing import KINDS, Fault, Faults, SimulatedServiceNow

Ask = Callable[..., requests.Response]


def test_the_nth_request_is_struck_and_no_other(ask: Ask, server: SimulatedServiceNow) -> None:
    server.faults.add(Fault("unavailable", nth=(2,)))
    assert [ask("incident").status_code for _ in range(3)] == [200, 503, 200]
    assert server.faults.struck == {"unavailable": 1}
    assert server.requests[1].fault == "unavailable"


def test_a_fault_can_be_kept_to_one_table_and_a_number_of_times(ask: Ask, server: SimulatedServiceNow) -> None:
    server.faults.add(Fault("server_error", every=1, times=2, about="incident"))
    assert [ask("incident").status_code for _ in range(3)] == [500, 500, 200]
    assert ask("sys_user").status_code == 200


@pytest.mark.parametrize("kind", ["rate_limit_seconds", "rate_limit_date", "rate_limit_reset"])
def test_a_rate_limit_says_how_long_to_wait(ask: Ask, server: SimulatedServiceNow, kind: str) -> None:
    server.faults.add(Fault(kind, every=1, seconds=30))
    answer = ask("incident")
    assert (answer.status_code, answer.json()["error"]["message"]) == (429, "Rate limit exceeded")
    headers = answer.headers
    if kind == "rate_limit_seconds":
        assert headers["Retry-After"] == "30"
    elif kind == "rate_limit_date":
        assert parsedate_to_datetime(headers["Retry-After"]).tzinfo is not None
    else:
        assert int(headers["X-RateLimit-Reset"]) > 1_500_000_000


def test_answers_that_lie_with_a_200(ask: Ask, server: SimulatedServiceNow) -> None:
    server.faults.add(
        *(
            Fault(kind, nth=(1,))
            for kind in ("cut_json", "html", "null_body", "partial_result", "error_only", "short_page")
        )
    )
    answers = [ask("incident") for _ in range(6)]
    assert {answer.status_code for answer in answers} == {200}
    cut, html, null, partial, error, short = answers
    with pytest.raises(requests.exceptions.JSONDecodeError):
        cut.json()
    assert html.headers["Content-Type"].startswith("text/html")
    assert null.json() is None
    assert len(partial.json()["result"]) == 10
    assert "maximum execution time" in partial.json()["error"]["message"]
    assert set(error.json()) == {"error", "status"}
    assert len(short.json()["result"]) == 10
    assert short.headers["X-Total-Count"] == "20"


def test_bodies_that_are_no_object(ask: Ask, server: SimulatedServiceNow) -> None:
    server.faults.add(*(Fault(kind, nth=(1,)) for kind in ("null_body", "list_body", "empty_body")))
    assert [ask("incident").content for _ in range(3)] == [b"null", b"[]", b""]


def test_an_address_that_is_too_long_is_refused(ask: Ask, server: SimulatedServiceNow) -> None:
    server.longest_address = 300
    assert ask("incident", query="numberINC1").status_code == 200
    assert ask("incident", query="numberIN" + "INC1," * 60).status_code == 414


def test_records_can_change_between_requests(ask: Ask, server: SimulatedServiceNow) -> None:
    def close(table: str, parameters: Mapping[str, str]) -> None:
        server.update(table, f"{1:032x}", {"state": parameters["sysparm_limit"]}, audit=False)

    server.unrest = close
    assert ask("incident", query="number=INC0000001", limit="7").json()["result"][0]["state"] == "7"


def test_a_reset_breaks_the_connection(ask: Ask, server: SimulatedServiceNow) -> None:
    server.faults.add(Fault("reset", nth=(1,)))
    with pytest.raises(requests.exceptions.ConnectionError):
        ask("incident")
    assert ask("incident").status_code == 200


def test_an_expired_token_is_refused(server: SimulatedServiceNow) -> None:
    form = {"grant_type": "client_credentials", "client_id": server.client_id, "client_secret": server.client_secret}
    bearer = requests.post(f"{server.url}/oauth_token.do", data=form, timeout=10).json()["access_token"]
    server.faults.add(Fault("token_expiry", nth=(2,)))
    statuses = [
        requests.get(f"{server.url}/api/now/table/incident", headers={"Authorization": f"Bearer {bearer}"}, timeout=10)
        for _ in range(2)
    ]
    assert [answer.status_code for answer in statuses] == [200, 401]


def test_a_slow_answer_is_still_whole(ask: Ask, server: SimulatedServiceNow) -> None:
    server.faults.add(Fault("slow", nth=(1,), seconds=0.05))
    answer = ask("incident")
    assert answer.elapsed.total_seconds() >= 0.05
    assert len(answer.json()["result"]) == 20


def test_chance_is_the_same_for_the_same_seed_and_requests() -> None:
    def struck(seed: int) -> list[str | None]:
        faults = Faults(seed=seed, probability=0.3)
        found = [faults.strike(f"/request/{number}", "incident") for number in range(200)]
        return [fault.kind if fault else None for fault in found]

    assert struck(1) == struck(1)
    assert struck(1) != struck(2)
    assert 30 < sum(kind is not None for kind in struck(1)) < 90


def test_a_patient_client_gets_through_any_storm() -> None:
    faults = Faults(probability=1.0, most_in_a_row=3)
    hits = [faults.strike("/same", "incident") for _ in range(8)]
    assert [fault is not None for fault in hits].count(False) >= 2


def test_kinds_can_be_chosen_and_must_exist() -> None:
    faults = Faults(only=["html"], probability=1.0)
    fault = faults.strike("/x", "incident")
    assert fault is not None
    assert fault.kind == "html"
    assert len(KINDS) == 17
    with pytest.raises(ValueError, match="no such fault"):
        Faults(only=["earthquake"])  # type: ignore[list-item]
