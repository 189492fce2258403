"""Small lists of both APIs end where they end, and never where an answer merely looks like it."""

from __future__ import annotations

from typing import Any

import pytest
import responses
from jira_answers import URL, answers_at, asked, connected

from itsm_bridge.errors import BadAnswer
from itsm_bridge_jira_sm.discovery import Fields
from itsm_bridge_jira_sm.lists import first_of, listed
from itsm_bridge_jira_sm.session import Site
from itsm_bridge_jira_sm.tables import SmallTables

PROJECTS, DESKS, USERS = (
    f"{URL}/rest/api/2/project/search", f"{URL}/rest/servicedeskapi/servicedesk", f"{URL}/rest/api/2/users/search"
)  # fmt: skip


@pytest.fixture
def site(tool: responses.RequestsMock) -> Site:
    answers_at(tool, URL)
    return connected()


def ids(site: Site, url: str, **how: Any) -> list[Any]:
    return [row["id"] for row in listed(site, url, size=2, **how)]


def rows(*numbers: int) -> list[dict[str, int]]:
    return [{"id": number} for number in numbers]


def test_pages_of_jira_itself_are_counted_by_start_at(tool: responses.RequestsMock, site: Site) -> None:
    tool.get(PROJECTS, json={"values": rows(1), "isLast": False, "total": 3})  # shorter than asked for
    tool.get(PROJECTS, json={"values": rows(2, 3), "isLast": True, "total": 3})
    assert ids(site, PROJECTS) == [1, 2, 3]
    assert asked(tool)[-1] == f"{PROJECTS}?startAt=1&maxResults=2"


def test_pages_of_the_service_desk_are_counted_by_start(tool: responses.RequestsMock, site: Site) -> None:
    tool.get(DESKS, json={"values": rows(1, 2), "isLastPage": False, "size": 2})
    tool.get(DESKS, json={"values": rows(3), "isLastPage": True, "size": 1})
    assert ids(site, DESKS) == [1, 2, 3]
    assert asked(tool)[-1] == f"{DESKS}?start=2&limit=2"


@pytest.mark.parametrize("more", [{"total": 2}, {}])
def test_without_a_word_on_the_end_the_count_tells_it_or_an_empty_page(
    tool: responses.RequestsMock, site: Site, more: dict[str, int]
) -> None:
    tool.get(PROJECTS, json={"values": rows(1, 2), **more})
    tool.get(PROJECTS, json={"values": [], **more})
    assert ids(site, PROJECTS) == [1, 2]


@pytest.mark.parametrize("told", [{"isLast": False}, {"isLastPage": False}, {"total": 5}])
def test_an_empty_page_that_is_not_the_last_is_no_end(
    tool: responses.RequestsMock, site: Site, told: dict[str, Any]
) -> None:
    tool.get(PROJECTS, json={"values": [], **told})
    with pytest.raises(BadAnswer, match="not the last"):
        ids(site, PROJECTS)


def test_a_bare_list_is_whole_unless_it_comes_in_pages(tool: responses.RequestsMock, site: Site) -> None:
    for page in (rows(1, 2), rows(1, 2), rows(3), []):
        tool.get(USERS, json=page)
    assert ids(site, USERS) == [1, 2]
    assert ids(site, USERS, is_bare=True) == [1, 2, 3]


def test_a_site_that_ignores_the_offset_is_found_out_and_not_asked_for_ever(
    tool: responses.RequestsMock, site: Site
) -> None:
    tool.get(PROJECTS, json={"values": rows(1, 2), "isLast": False})
    tool.get(USERS, json=[{"accountId": "a"}, {"accountId": "b"}])
    for read in (
        lambda: ids(site, PROJECTS),
        lambda: list(tables(site).read("project")),
        lambda: list(tables(site).read("person")),
    ):
        with pytest.raises(BadAnswer, match="the same page came twice"):
            read()
    assert [address.partition("?")[0] for address in asked(tool)][-6:] == [PROJECTS] * 4 + [USERS] * 2


def tables(site: Site) -> SmallTables:
    return SmallTables(site, Fields({}, {}), {"project": ("id",), "person": ("id",)}, ())


@pytest.mark.parametrize("told", [{"errorMessages": []}, {"values": None}])
def test_what_is_no_list_is_an_error(tool: responses.RequestsMock, site: Site, told: dict[str, Any]) -> None:
    tool.get(PROJECTS, json=told)
    with pytest.raises(BadAnswer, match="no list"):
        ids(site, PROJECTS)


def test_one_member_is_asked_for_alone(tool: responses.RequestsMock, site: Site) -> None:
    tool.get(PROJECTS, json={"values": rows(1), "isLast": False})
    assert first_of(site, PROJECTS) == {"id": 1}
    assert asked(tool)[-1] == f"{PROJECTS}?startAt=0&maxResults=1"
