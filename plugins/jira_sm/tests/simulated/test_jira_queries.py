"""JQL, as far as adapters use it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from asking_jira import NOW, Asking

from itsm_bridge_jira_sm.testing import SimulatedJira


@pytest.fixture(scope="module")
def asking() -> Iterator[Asking]:
    """Four issues: two incidents, a change with a plan, and one of another project."""
    with SimulatedJira(now=NOW, projects=("IT", "OPS")) as jira, Asking(jira) as asking:
        jira.add_person("ben")
        at = NOW - timedelta(days=3)
        jira.insert(at=at, status="Resolved", resolution="Done", priority="High", labels=["vip"])
        jira.insert(at=at + timedelta(days=1), status="Pending", assignee="ben", category="Network")
        jira.insert(issue_type="Change", at=at + timedelta(days=2), planned_start=NOW + timedelta(days=1))
        jira.insert("OPS", at=at + timedelta(days=3) - timedelta(seconds=30), summary="The printer burns")
        yield asking


CASES = {
    "project = IT": "123",
    "project in (IT, OPS)": "1234",
    "project in (10000)": "123",
    "project != IT": "4",
    "project not in (OPS)": "123",
    'issuetype = "[System] Incident"': "124",
    "type in ('[System] Change')": "3",
    "project = IT AND NOT issuetype = '[System] Change'": "12",
    "status = Pending OR status = Resolved": "12",
    "statusCategory = Done": "1",
    "statusCategory != Done": "234",
    'statusCategory in (new, "In Progress")': "234",
    "resolution is EMPTY": "234",
    "resolution = Unresolved AND project = IT": "23",
    "resolution is not EMPTY": "1",
    "assignee = currentUser()": "",
    "assignee is EMPTY": "134",
    "assignee in (ben)": "2",
    "assignee != ben": "",
    "priority = High": "1",
    "priority = 3": "234",
    "labels = vip": "1",
    "category = Network": "2",
    "id in (10001, 10003)": "13",
    "key = IT-2": "2",
    "issue = 10004": "4",
    "key != IT-1": "234",
    "id not in (10001, 10002)": "34",
    "key >= IT-2": "23",
    "id > 10001": "23",
    "created >= -2d": "234",
    "updated < -2d": "1",
    "resolved <= now()": "1",
    "resolved is EMPTY": "234",
    "'Planned start' > now()": "3",
    "cf[10024] is not EMPTY": "3",
    "summary ~ printer": "4",
    "(project = IT OR project = OPS) AND (labels = vip OR key = OPS-1)": "14",
    "project = IT && !(status = Pending)": "13",
}


@pytest.mark.parametrize(("jql", "found"), CASES.items(), ids=CASES)
def test_a_query_finds_what_it_says(asking: Asking, jql: str, found: str) -> None:
    if "cf[" in jql:
        jql = jql.replace("10024", asking.served.field_id("planned_start").partition("_")[2])
    assert sorted(number[-1] for number in asking.ids(jql)) == list(found)


def test_epoch_milliseconds_are_absolute_and_exact(asking: Asking) -> None:
    at = int((NOW - timedelta(days=2)).timestamp() * 1000)
    assert asking.ids(f"project = IT AND updated >= {at} ORDER BY id") == ["10002", "10003"]
    assert asking.ids(f"project = IT AND updated >= {at + 1}") == ["10003"]


def test_quoted_dates_are_minutes_in_the_asker_s_own_timezone(asking: Asking) -> None:
    asked = 'project = OPS AND updated >= "2026-11-22 08:59"'
    assert asking.ids(asked) == ["10004"]
    asking.served.site.people["svc-bridge"].zone = "America/Los_Angeles"
    try:
        assert asking.ids(asked) == []
        assert asking.ids('project = OPS AND updated >= "2026-11-22 00:59"') == ["10004"]
        assert asking.get("myself")["timeZone"] == "America/Los_Angeles"
        shown = asking.get("issue/OPS-1")["fields"]["updated"]
        assert shown == "2026-11-22T00:59:30.000-0800"
        assert datetime.fromisoformat(shown) == datetime(2026, 11, 22, 8, 59, 30, tzinfo=UTC)
    finally:
        asking.served.site.people["svc-bridge"].zone = "UTC"


def test_orders_take_several_keys_in_both_directions(asking: Asking) -> None:
    assert asking.ids("project in (IT, OPS) ORDER BY updated DESC") == ["10004", "10003", "10002", "10001"]
    assert asking.ids("project in (IT, OPS) ORDER BY project ASC, priority ASC, key DESC") == [
        "10001",
        "10003",
        "10002",
        "10004",
    ]


REFUSED = {
    "issuetype = Incident": "The value 'Incident' does not exist for the field 'issuetype'.",
    "nonsense = 1": "Field 'nonsense' does not exist or you do not have permission to view it.",
    "project = NOPE": "The value 'NOPE' does not exist for the field 'project'.",
    "status = Nonsense": "The value 'Nonsense' does not exist for the field 'status'.",
    "key = IT-99": "An issue with key 'IT-99' does not exist for field 'key'.",
    "id in (10001, 99999)": "A value with ID '99999' does not exist for the field 'id'.",
    "project = IT AND": "Error in the JQL Query: Expecting a field name before the end of the query.",
    "project IT": "Error in the JQL Query: Expecting operator but got 'IT'.",
    "project = IT status = Open": "Error in the JQL Query: Expecting either 'OR' or 'AND' but got 'status'.",
    "(project = IT": "Error in the JQL Query: Expecting ')' before the end of the query.",
    'updated >= "2026-11-22T08:59:00Z"': "Date value '2026-11-22T08:59:00Z' for field 'updated' is invalid.",
    "priority > High": "The operator '>' is not supported by the 'priority' field.",
    "assignee in membersOf(x, y) AND created > someday()": "Unable to find JQL function 'someday'.",
}  # fmt: skip


@pytest.mark.parametrize(("jql", "words"), REFUSED.items(), ids=REFUSED)
def test_what_is_wrong_is_refused_in_the_vendor_s_words(asking: Asking, jql: str, words: str) -> None:
    status, told = asking.refused("search/jql", {"jql": jql})
    assert (status, told[: len(words)]) == (400, words)


def test_seven_keys_of_order_are_the_most(asking: Asking) -> None:
    keys = ", ".join(["key", "created", "updated", "status", "priority", "project", "summary"])
    assert len(asking.ids(f"project = IT ORDER BY {keys}")) == 3
    assert asking.refused("search/jql", {"jql": f"project = IT ORDER BY {keys}, labels"})[0] == 400
