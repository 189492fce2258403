"""What is different on Data Center."""

from __future__ import annotations

from datetime import timedelta

import requests
from asking_jira import NOW, Asking

from itsm_bridge_jira_sm.testing import SimulatedJira


def test_pages_go_by_offset_and_tell_the_total(data_center: SimulatedJira, ask_data_center: Asking) -> None:
    ids = [data_center.insert(at=NOW - timedelta(minutes=9 - n)) for n in range(5)]
    asked = {"jql": "project = IT ORDER BY updated", "maxResults": 2}
    first = ask_data_center.post("search", **asked)
    last = ask_data_center.post("search", **asked, startAt=4)
    assert [(page["startAt"], page["maxResults"], page["total"]) for page in (first, last)] == [(0, 2, 5), (4, 2, 5)]
    assert [issue["id"] for issue in first["issues"] + last["issues"]] == [*ids[:2], ids[4]]
    assert "summary" in first["issues"][0]["fields"]
    assert ask_data_center.get("search", jql="", maxResults="0")["total"] == 5


def test_no_page_is_longer_than_the_site_allows(data_center: SimulatedJira, ask_data_center: Asking) -> None:
    for _ in range(4):
        data_center.insert()
    data_center.routes.search.issues_per_page = 3
    page = ask_data_center.post("search", jql="project = IT", maxResults=1000)
    assert (page["maxResults"], len(page["issues"]), page["total"]) == (3, 3, 4)


def test_histories_come_whole_and_without_field_ids(data_center: SimulatedJira, ask_data_center: Asking) -> None:
    key = data_center.insert()
    for number in range(130):
        data_center.update(key, summary=f"now {number}")
    found = ask_data_center.post("search", jql="project = IT", fields=["summary"], expand=["changelog"])
    log = found["issues"][0]["changelog"]
    assert (log["total"], len(log["histories"])) == (130, 130)
    assert "fieldId" not in log["histories"][0]["items"][0]
    assert ask_data_center.refused(f"issue/{key}/changelog")[0] == 404


def test_what_only_cloud_has_is_not_there(ask_data_center: Asking) -> None:
    for path in ("search/jql", "changelog/bulkfetch", "issue/bulkfetch", "search/approximate-count"):
        assert ask_data_center.refused(path, {"jql": "project = IT", "issueIdsOrKeys": ["1"]})[0] in (404, 405), path
    assert ask_data_center.request("project/search").status_code == 404
    assert ask_data_center.request("myself", version="3").status_code == 404


def test_people_have_a_name_and_a_key_and_no_account_id(data_center: SimulatedJira, ask_data_center: Asking) -> None:
    key = data_center.insert(reporter="admin")
    reporter = ask_data_center.get(f"issue/{key}")["fields"]["reporter"]
    assert (reporter["name"], reporter["key"]) == ("admin", data_center.person("admin"))
    assert "accountId" not in reporter
    assert ask_data_center.get("serverInfo")["deploymentType"] == "Server"
    assert {one["name"] for one in ask_data_center.get("user/search", username=".")} == {"admin", "svc-bridge"}
    assert ask_data_center.refused("user/search")[0] == 400


def test_experimental_apis_want_a_header(data_center: SimulatedJira, ask_data_center: Asking) -> None:
    assert ask_data_center.request("rest/servicedeskapi/organization").status_code == 412
    ask_data_center.session.headers["X-ExperimentalApi"] = "opt-in"
    assert ask_data_center.desk("organization")["values"] == []


def test_every_answer_tells_of_limits_and_asks_for_no_wait(ask_data_center: Asking) -> None:
    headers = ask_data_center.request("myself").headers
    assert headers["retry-after"] == "0"
    assert {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Interval-Seconds"} <= set(headers)


def test_the_context_path_belongs_to_every_address(data_center: SimulatedJira, ask_data_center: Asking) -> None:
    assert ask_data_center.get("myself")["self"].startswith(f"{data_center.url}/rest/api/2/user")
    assert data_center.url.endswith("/jira")
    assert requests.get(f"{data_center.root}/rest/api/2/myself", timeout=10).status_code == 404
    page = requests.get(f"{data_center.url}/login.jsp", timeout=10)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html;charset=UTF-8")


def test_ties_may_come_in_another_order_each_time(data_center: SimulatedJira, ask_data_center: Asking) -> None:
    for _ in range(20):
        data_center.insert()
    data_center.routes.search.breaks_ties = False
    orders = {tuple(ask_data_center.ids("project = IT ORDER BY updated")) for _ in range(3)}
    assert len(orders) == 3
    assert len({tuple(ask_data_center.ids("project = IT ORDER BY updated, key")) for _ in range(3)}) == 1


def test_some_things_of_cloud_are_no_fields_there(ask_data_center: Asking) -> None:
    types = {field["schema"].get("custom", "").rpartition(":")[2] for field in ask_data_center.get("field")}
    assert "rlabs-customfield-default-object" in types
    assert not {"cmdb-object-cftype", "work-category-field-cftype"} & types
