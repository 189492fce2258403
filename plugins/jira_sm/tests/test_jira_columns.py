"""What is done with whole columns and joined pages is what would be done value by value, page by page."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from itsm_bridge.nested import NestedDecoder, NestedPage
from itsm_bridge.transport import Answer
from itsm_bridge_jira_sm.instants import all_in_utc, in_utc
from itsm_bridge_jira_sm.paging import many_at_once

_DECODE = NestedDecoder("issues", {"issue": {"id@0": ("id",), "state": ("state",)}}, ("nextPageToken",))
_ANSWERS = [Answer(200, {}, b"", f"https://jira/{number}") for number in range(3)]
_MILLISECONDS = st.integers(0, 4_102_444_800_000).map(str)
_ISO = st.sampled_from(
    ["2026-03-29T01:30:00.123+0000", "2026-03-29T01:30:00.123-0700", "2026-03-29T01:30:00+00:00", "soon", "2026-03-29"]
)


def page(*issues: tuple[str | None, str]) -> NestedPage:
    return _DECODE(json.dumps({"issues": [{"id": key, "state": state} for key, state in issues]}).encode())


def shown(found: NestedPage) -> list[tuple[str | None, str | None]]:
    table = found.tables["issue"]
    return list(zip(table.columns["id@0"], table.columns["state"], strict=True)) if table.count else []


@given(st.lists(st.none() | st.just("") | _MILLISECONDS) | st.lists(st.none() | _MILLISECONDS | _ISO))
def test_a_column_of_instants_is_written_as_each_of_them(texts: list[str | None]) -> None:
    assert all_in_utc(texts) == list(map(in_utc, texts))


def test_an_instant_beyond_all_years_stays_as_it_is() -> None:
    assert all_in_utc(["9" * 20, None, "9" * 5000]) == ["9" * 20, None, "9" * 5000]


def test_pages_are_joined_until_there_are_enough_issues() -> None:
    pages = [page(("1", "a"), ("2", "a")), page(), page(("3", "a"))]
    found = list(many_at_once(zip(pages, _ANSWERS, strict=True), 2))
    assert [shown(joined) for joined, _ in found] == [[("1", "a"), ("2", "a")], [("3", "a")]]
    assert [answer for _, answer in found] == _ANSWERS[:2]


def test_an_issue_that_comes_twice_in_joined_pages_is_there_as_it_came_last() -> None:
    pages = [page(("1", "old"), (None, "x"), ("2", "a")), page((None, "y"), ("1", "new"))]
    [(joined, _)] = many_at_once(zip(pages, _ANSWERS, strict=False), 100)
    assert shown(joined) == [(None, "x"), ("2", "a"), (None, "y"), ("1", "new")]
