"""Rights: the limit comes before the row rules, counts before both, and nothing says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import requests

from itsm_bridge_servicenow.testing import SimulatedServiceNow

Ask = Callable[..., requests.Response]


def test_hidden_rows_shorten_the_page_and_stay_in_the_count(ask: Ask, server: SimulatedServiceNow) -> None:
    server.hide("incident", lambda row: int(row["number"][3:]) < 8)
    first = ask("incident", query="ORDERBYnumber", limit="6")
    second = ask("incident", query="ORDERBYnumber", limit="6", offset="6")
    assert first.json()["result"] == []
    assert len(second.json()["result"]) == 4
    assert first.headers["X-Total-Count"] == "20"
    assert "next" in first.links


def test_what_is_visible_is_the_truth_that_all_pages_add_up_to(ask: Ask, server: SimulatedServiceNow) -> None:
    server.hide("incident", [f"{number:032x}" for number in (2, 3, 11)])
    seen = []
    for offset in range(0, 20, 6):
        seen += ask("incident", query="ORDERBYnumber", limit="6", offset=str(offset)).json()["result"]
    assert [row["sys_id"] for row in seen] == [row["sys_id"] for row in server.visible("incident")]
    assert len(seen) == 17


def test_a_hidden_record_is_not_found_and_hidden_in_its_base_table_too(
    ask: Ask, server: SimulatedServiceNow, http: requests.Session
) -> None:
    server.hide("incident", [f"{1:032x}"])
    assert http.get(f"{server.url}/api/now/table/incident/{1:032x}", timeout=10).status_code == 404
    assert ask("task", query="number=INC0000001").json() == {"result": []}


def test_a_rule_holds_for_rows_that_come_later(ask: Ask, server: SimulatedServiceNow) -> None:
    server.hide("incident", lambda row: row["priority"] == "5")
    server.insert("incident", {"number": "INC0000050", "priority": "5"})
    assert ask("incident", query="number=INC0000050").json() == {"result": []}
    server.allow()
    assert len(ask("incident", query="number=INC0000050").json()["result"]) == 1


def test_a_forbidden_field_is_missing_from_rows_and_useless_in_queries(ask: Ask, server: SimulatedServiceNow) -> None:
    server.deny_field("incident", "priority")
    rows = ask("incident", query="priority=1", fields="number,priority").json()["result"]
    assert len(rows) == 20
    assert all(set(row) == {"number"} for row in rows)
    assert "priority" not in server.visible("incident")[0]


def test_a_field_forbidden_on_the_parent_is_missing_from_its_children(ask: Ask, server: SimulatedServiceNow) -> None:
    server.deny_field("task", "priority")
    assert "priority" not in ask("incident", limit="1").json()["result"][0]


def test_a_field_without_ranges_still_shows_but_neither_compares_nor_sorts(
    ask: Ask, server: SimulatedServiceNow
) -> None:
    server.deny_range("task", "number")
    rows = ask("incident", query="number>INC0000015^ORDERBYDESCnumber", fields="number").json()["result"]
    assert [row["number"] for row in rows] == [f"INC{number:07}" for number in range(20)]
    assert len(ask("incident", query="number=INC0000015").json()["result"]) == 1
    server.table_api = replace(server.table_api, strict=True)
    assert ask("incident", query="number>INC0000015").json()["result"] == []
    server.allow()
    assert len(ask("incident", query="number>INC0000015").json()["result"]) == 4


def test_a_forbidden_table_answers_403_with_the_vendors_words(
    ask: Ask, server: SimulatedServiceNow, http: requests.Session
) -> None:
    server.deny_table("incident")
    answer = ask("incident")
    assert answer.status_code == 403
    assert answer.json()["status"] == "failure"
    assert answer.json()["error"]["message"] == "User Not Authorized"
    assert http.get(f"{server.url}/api/now/stats/incident?sysparm_count=true", timeout=10).status_code == 403


def test_statistics_count_hidden_rows_and_speak_in_strings(server: SimulatedServiceNow, http: requests.Session) -> None:
    server.hide("incident", [f"{1:032x}"])
    address = f"{server.url}/api/now/stats/incident"
    total = http.get(address, params={"sysparm_count": "true", "sysparm_query": "priority<=2"}, timeout=10).json()
    assert total == {"result": {"stats": {"count": "8"}}}
    grouped = http.get(address, params={"sysparm_count": "true", "sysparm_group_by": "priority"}, timeout=10).json()
    assert grouped["result"][0] == {"stats": {"count": "4"}, "groupby_fields": [{"field": "priority", "value": "1"}]}
    params = {"sysparm_min_fields": "sys_updated_on", "sysparm_max_fields": "number", "sysparm_avg_fields": "priority"}
    values = http.get(address, params=params, timeout=10).json()["result"]["stats"]
    assert values["min"] == {"sys_updated_on": "2026-11-20 08:00:00"}
    assert values["max"] == {"number": "INC0000019"}
    assert float(values["avg"]["priority"]) == 3


def test_the_schema_can_be_walked(ask: Ask) -> None:
    tables = {row["sys_id"]: row for row in ask("sys_db_object", exclude_reference_link="true").json()["result"]}
    incident = next(row for row in tables.values() if row["name"] == "incident")
    assert tables[incident["super_class"]]["name"] == "task"
    own = ask("sys_dictionary", query="name=incident", fields="element,internal_type,reference,audit").json()["result"]
    by_name = {row["element"]: row for row in own}
    assert by_name["caller_id"]["reference"] == "sys_user"
    assert by_name[""]["audit"] == "true"
    assert "priority" not in by_name
