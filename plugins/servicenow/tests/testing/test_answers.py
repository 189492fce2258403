"""The shape of answers: values, counts, links, errors."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from itsm_bridge_servicenow.testing import SimulatedServiceNow

Ask = Callable[..., requests.Response]
FIELDS = "number,state,caller_id,assigned_to,opened_at,comments"


def one(ask: Ask, **parameters: str) -> dict[str, object]:
    row: dict[str, object] = ask("incident", query="number=INC0000001", fields=FIELDS, **parameters).json()["result"][0]
    return row


def test_raw_values_are_strings_and_references_carry_a_link(ask: Ask, server: SimulatedServiceNow) -> None:
    link = f"{server.url}/api/now/table/sys_user/{'a' * 32}"
    assert one(ask) == {
        "number": "INC0000001",
        "state": "2",
        "caller_id": {"link": link, "value": "a" * 32},
        "assigned_to": "",
        "opened_at": "2026-11-20 08:00:00",
        "comments": "",
    }


def test_without_links_a_reference_is_its_bare_id(ask: Ask) -> None:
    assert one(ask, exclude_reference_link="true")["caller_id"] == "a" * 32


def test_display_values_are_labels_without_codes(ask: Ask) -> None:
    row = one(ask, display_value="true")
    assert row["state"] == "In Progress"
    assert row["assigned_to"] == ""
    assert row["caller_id"] == {"display_value": "Anna", "link": row["caller_id"]["link"]}  # type: ignore[index]


def test_all_gives_both_forms_and_empty_references_as_empty_pairs(ask: Ask) -> None:
    row = one(ask, display_value="all", exclude_reference_link="true")
    assert row["state"] == {"display_value": "In Progress", "value": "2"}
    assert row["caller_id"] == {"display_value": "Anna", "value": "a" * 32}
    assert row["assigned_to"] == {"display_value": "", "value": ""}


def test_a_duration_is_the_epoch_plus_its_length(ask: Ask) -> None:
    raw = ask("task_sla", fields="business_duration").json()["result"]
    spoken = ask("task_sla", fields="business_duration", display_value="true").json()["result"]
    assert raw == [{"business_duration": "1970-01-01 00:02:17"}]
    assert spoken == [{"business_duration": "2 Minutes"}]


def test_unknown_fields_are_left_out_without_a_word(ask: Ask) -> None:
    row = ask("incident", query="number=INC0000001", fields="number,nonsense,caller_id.name").json()["result"][0]
    assert row == {"number": "INC0000001", "caller_id.name": "Anna"}


def test_pages_are_counted_and_linked(ask: Ask) -> None:
    first = ask("incident", query="ORDERBYnumber", limit="8")
    assert first.headers["X-Total-Count"] == "20"
    assert set(first.links) == {"first", "next", "last"}
    assert "sysparm_offset=8" in first.links["next"]["url"]
    last = ask("incident", query="ORDERBYnumber", limit="8", offset="16")
    assert set(last.links) == {"first", "prev", "last"}
    assert len(last.json()["result"]) == 4


def test_one_page_has_no_links_and_no_count_means_no_count(ask: Ask) -> None:
    assert "Link" not in ask("incident").headers
    assert "X-Total-Count" not in ask("incident", no_count="true").headers
    assert "Link" not in ask("incident", limit="5", suppress_pagination_header="true").headers


def test_head_gives_the_count_without_a_body(server: SimulatedServiceNow, http: requests.Session) -> None:
    answer = http.head(f"{server.url}/api/now/table/incident", params={"sysparm_limit": "1"}, timeout=10)
    assert (answer.headers["X-Total-Count"], answer.content) == ("20", b"")


@pytest.mark.parametrize("version", ["", "v2/", "latest/"])
def test_no_rows_are_an_empty_list(ask: Ask, version: str) -> None:
    answer = ask("incident", version, query="priority=9")
    assert (answer.status_code, answer.json()) == (200, {"result": []})


def test_version_one_calls_no_rows_not_found(ask: Ask) -> None:
    assert ask("incident", "v1/", query="priority=9").status_code == 404


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_below_one_is_refused(ask: Ask, limit: str) -> None:
    answer = ask("incident", limit=limit)
    assert answer.status_code == 400
    assert "Invalid value" in answer.json()["error"]["message"]


def test_unknown_tables_and_addresses_are_bad_requests(
    ask: Ask, server: SimulatedServiceNow, http: requests.Session
) -> None:
    assert ask("no_such_table").status_code == 400
    assert http.get(f"{server.url}/api/now/nonsense/incident", timeout=10).status_code == 400


def test_a_single_record_is_an_object_and_a_missing_one_is_not_found(
    server: SimulatedServiceNow, http: requests.Session
) -> None:
    base = f"{server.url}/api/now/table/incident"
    found = http.get(f"{base}/{1:032x}", params={"sysparm_fields": "number"}, timeout=10)
    assert found.json() == {"result": {"number": "INC0000001"}}
    missing = http.get(f"{base}/{99:032x}", timeout=10)
    assert (missing.status_code, missing.json()["error"]["message"]) == (404, "No Record found")


def test_writes_are_refused_and_remembered(server: SimulatedServiceNow, http: requests.Session) -> None:
    address = f"{server.url}/api/now/table/incident"
    statuses = [
        http.request(verb, address, json={}, timeout=10).status_code for verb in ("POST", "PUT", "PATCH", "DELETE")
    ]
    assert statuses == [405] * 4
    assert server.writes_attempted[0] == "POST /api/now/table/incident"
    assert len(server.writes_attempted) == 4


def test_requests_are_logged_with_what_they_gave(ask: Ask, server: SimulatedServiceNow) -> None:
    ask("incident", limit="7")
    ask("sys_user")
    assert server.requests_about == {"incident": 1, "sys_user": 1}
    assert server.rows_about["incident"] == 7
    assert server.requests[0].parameters == {"sysparm_limit": "7"}
