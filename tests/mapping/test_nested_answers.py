"""Nested JSON becomes tables: compared with a walk that takes each record by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itsm_bridge.columns import as_text
from itsm_bridge.errors import BadAnswer
from itsm_bridge.nested import Columns, NestedDecoder

TABLES: dict[str, dict[str, tuple[str, ...]]] = {
    "ticket": {"id": ("id",), "state": ("fields", "state", "id")},
    "comment": {"ticket": ("id",), "id": ("fields", "comments", "*", "id"), "at": ("fields", "comments", "*", "#")},
    "vote": {
        "ticket": ("id",), "round": ("fields", "rounds", "*", "id"), "place": ("fields", "rounds", "*", "votes", "*", "#"),
        "who": ("fields", "rounds", "*", "votes", "*", "person", "id"),
    },
}  # fmt: skip
DECODE = NestedDecoder("tickets", TABLES, ("token",))


def rows(found: Columns, names: tuple[str, ...]) -> list[tuple[str | None, ...]]:
    return list(zip(*(found.columns[name] for name in names), strict=True)) if found.count else []


def in_objects(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def in_lists(value: Any, *names: str) -> Iterator[tuple[int, Any]]:
    found = in_objects(value, *names)
    yield from enumerate(found) if isinstance(found, list) else ()


def by_hand(tickets: list[Any]) -> dict[str, list[tuple[str | None, ...]]]:
    found: dict[str, list[tuple[str | None, ...]]] = {"ticket": [], "comment": [], "vote": []}
    for ticket in (ticket for ticket in tickets if isinstance(ticket, dict)):
        key = as_text(ticket.get("id"))
        found["ticket"].append((key, as_text(in_objects(ticket, "fields", "state", "id"))))
        for place, comment in in_lists(ticket, "fields", "comments"):
            found["comment"].append((key, as_text(in_objects(comment, "id")), str(place)))
        for _, one in in_lists(ticket, "fields", "rounds"):
            for place, vote in in_lists(one, "votes"):
                who = as_text(in_objects(vote, "person", "id"))
                found["vote"].append((key, as_text(in_objects(one, "id")), str(place), who))
    return found


PLAIN = st.none() | st.text(max_size=3) | st.integers(-5, 5) | st.integers(4090, 4100) | st.booleans()
VALUE = PLAIN | st.lists(PLAIN, max_size=2) | st.dictionaries(st.sampled_from(["value", "x"]), PLAIN, max_size=2)
ODD = st.sampled_from([None, "word", 5, [], {}, {"errorMessage": "no metric"}])


def record(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.fixed_dictionaries({}, optional=fields), ODD)


VOTES = st.lists(record(person=record(id=VALUE)), max_size=3) | ODD
TICKET = record(
    id=VALUE,
    fields=record(
        state=record(id=VALUE, name=VALUE), comments=st.lists(record(id=VALUE), max_size=3) | ODD,
        rounds=st.lists(record(id=VALUE, votes=VOTES), max_size=3) | ODD,
    ),
)  # fmt: skip


@given(st.lists(TICKET, max_size=4))
def test_tables_are_what_a_walk_through_each_record_finds(tickets: list[Any]) -> None:
    page = DECODE(json.dumps({"tickets": tickets, "token": 7, "more": [1]}).encode())
    assert {name: rows(page.tables[name], tuple(TABLES[name])) for name in TABLES} == by_hand(tickets)
    assert page.quarantined == sum(not isinstance(ticket, dict) for ticket in tickets)
    assert page.envelope == {"token": 7}
    assert page.has_records


@given(st.lists(st.lists(TICKET, max_size=3), min_size=1, max_size=3))
def test_joined_answers_are_one_answer_with_all_records(parts: list[list[Any]]) -> None:
    first, *others = [DECODE(json.dumps({"tickets": tickets}).encode()) for tickets in parts]
    joined, together = first.joined(others), [ticket for tickets in parts for ticket in tickets]
    assert {name: rows(joined.tables[name], tuple(TABLES[name])) for name in TABLES} == by_hand(together)
    assert joined.count + joined.quarantined == len(together)


def test_only_some_records_come_with_what_lies_in_them() -> None:
    page = DECODE(b'{"tickets": [{"id": "1", "fields": {"comments": [{"id": "a"}]}}, {"id": "2"}, {"id": "3"}]}')
    assert rows(page.only([0, 2]).tables["ticket"], ("id",)) == [("1",), ("3",)]
    assert page.only([1]).tables["comment"].count == 0


def test_an_answer_that_is_a_list_itself() -> None:
    decode = NestedDecoder("", {"status": {"id": ("id",), "is_done": ("category", "done")}})
    page = decode(b'[{"id": 3, "category": {"done": true}}, {"id": "4"}]')
    assert rows(page.tables["status"], ("id", "is_done")) == [("3", "true"), ("4", None)]
    with pytest.raises(BadAnswer, match="JSON dict"):
        decode(b'{"errorMessages": ["no"]}')


def test_what_is_of_another_kind_than_the_paths_say_is_counted() -> None:
    page = DECODE(
        b'{"tickets": [{"id": "1", "fields": {"comments": {"errorMessage": "no"}, "rounds": [7]}}, {"id": "2"}]}'
    )
    assert (page.misfits, page.quarantined) == (2, 0)
    assert rows(page.tables["ticket"], ("id",)) == [("1",), ("2",)]


def test_a_value_may_be_any_json_and_is_kept_as_text() -> None:
    bodies = b'{"id": ["a", 1, null]}', b'{"id": {"x": "\xc3\xbc"}}', b'{"id": 1.5}', b'{"id": false}', b'{"id": "b"}'
    page = DECODE(b'{"tickets": [' + b", ".join(bodies) + b"]}")
    assert page.misfits == 0
    found = ['["a",1,null]', '{"x":"ü"}', "1.5", "false", "b"]
    assert rows(page.tables["ticket"], ("id",)) == [(text,) for text in found]


def test_a_missing_list_is_no_empty_list() -> None:
    assert not DECODE(b'{"token": "t"}').has_records
    assert DECODE(b'{"tickets": []}').has_records
    assert not DECODE(b'{"tickets": {"errorMessage": "no"}}').has_records


def test_halves_of_surrogate_pairs_are_taken() -> None:
    page = DECODE(b'{"tickets": [{"id": "a\\ud83d"}]}')
    assert rows(page.tables["ticket"], ("id",)) == [("a?",)]


@pytest.mark.parametrize("body", [b'{"tickets": [{"id": "1"', b"<html>", b"", b"[]", b"null"])
def test_what_is_no_answer_is_refused(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        DECODE(body)
