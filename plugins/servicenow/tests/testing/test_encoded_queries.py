"""Encoded queries mean what they mean to the vendor."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from itsm_bridge_servicenow.testing import SimulatedServiceNow

Ask = Callable[..., requests.Response]


def numbers(answer: requests.Response) -> list[int]:
    return [int(row["number"][3:]) for row in answer.json()["result"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("priority=1", [0, 5, 10, 15]),
        ("priority=1^ORpriority=2^number<INC0000006", [0, 1, 5]),
        ("priority=1^number=INC0000005^NQpriority=2^number=INC0000001", [1, 5]),
        ("numberININC0000001,INC0000003", [1, 3]),
        ("number>=INC0000018", [18, 19]),
        ("priority>4^number<INC0000010", [4, 9]),
        ("priorityNOT IN1,2,3,4", [4, 9, 14, 19]),
        ("short_descriptionLIKEtitle 1^ORDERBYDESCnumber", [19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 1]),
        ("short_descriptionSTARTSWITHTitle 1^short_descriptionENDSWITH9", [19]),
        ("assigned_toISEMPTY^numberBETWEENINC0000003@INC0000004", [3, 4]),
        ("assigned_toISNOTEMPTY", []),
        ("numberLIKE%", []),
        ("caller_id.name=Anna^number<INC0000004", [1, 3]),
        ("caller_id.user_nameSTARTSWITHb^number<INC0000003", [0, 2]),
        ("priority!=1^number<INC0000003", [1, 2]),
    ],
)
def test_a_query_selects_the_rows_that_it_names(ask: Ask, query: str, expected: list[int]) -> None:
    order = "" if "ORDERBY" in query else "^ORDERBYnumber"
    assert numbers(ask("incident", query=query + order)) == expected


def test_a_condition_on_a_field_that_does_not_exist_is_ignored(ask: Ask) -> None:
    assert len(numbers(ask("incident", query="prioritty=1"))) == 20
    assert len(numbers(ask("incident", query="prioritty=1^priority=1"))) == 4


def test_an_invalid_query_gives_no_rows_where_the_property_says_so() -> None:
    rows = [{"sys_id": "1" * 32, "number": "INC1"}]
    with SimulatedServiceNow({"incident": rows}, invalid_query_returns_no_rows=True) as server:
        answer = requests.get(
            f"{server.url}/api/now/table/incident",
            params={"sysparm_query": "prioritty=1"},
            auth=(server.username, server.password),
            timeout=10,
        )
    assert answer.json() == {"result": []}


def test_keyset_pages_over_ties_reach_every_row_once(ask: Ask) -> None:
    at, key, seen = "2000-01-01 00:00:00", "", []
    while True:
        query = f"active=true^sys_updated_on>{at}^NQactive=true^sys_updated_on={at}^sys_id>{key}"
        rows = ask("incident", query=f"{query}^ORDERBYsys_updated_on^ORDERBYsys_id", limit="3").json()["result"]
        if not rows:
            break
        seen += [row["sys_id"] for row in rows]
        at, key = rows[-1]["sys_updated_on"], rows[-1]["sys_id"]
    assert len(seen) == len(set(seen)) == 20


def test_a_caret_in_a_value_starts_a_clause_unless_doubled(ask: Ask, server: SimulatedServiceNow) -> None:
    server.insert("incident", {"number": "INC0000099", "short_description": "a^b"})
    assert numbers(ask("incident", query="short_description=a^^b")) == [99]
    assert numbers(ask("incident", query="short_description=a^b")) == []


def test_the_account_can_ask_who_it_is(ask: Ask) -> None:
    rows = ask("sys_user", query="sys_id=javascript:gs.getUserID()", fields="user_name,time_zone").json()["result"]
    assert rows == [{"user_name": "svc_bridge", "time_zone": "GMT"}]


def test_a_base_table_answers_for_all_its_children_with_base_columns_only(ask: Ask) -> None:
    rows = ask("task", query="numberININC0000001,CHG0000100^ORDERBYnumber").json()["result"]
    assert [row["sys_class_name"] for row in rows] == ["change_request", "incident"]
    assert all("caller_id" not in row and "risk" not in row for row in rows)


def test_dot_walking_reaches_the_fields_of_a_reference(ask: Ask) -> None:
    rows = ask("task_sla", fields="task.number,task.sys_class_name,task.nonsense", query="task.number=INC0000003")
    assert rows.json()["result"] == [{"task.number": "INC0000003", "task.sys_class_name": "incident"}]


def test_field_value_parameters_match_what_a_person_reads(server: SimulatedServiceNow, http: requests.Session) -> None:
    answer = http.get(f"{server.url}/api/now/table/incident", params={"state": "In Progress"}, timeout=10)
    assert answer.headers["X-Total-Count"] == "20"
