"""Alternatives give way when they do not know their value; conditions, joined fields, and how sure a mapping is."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_mapping import TICKET, mapping, projected

STATE = """
[work_item.state]
either = [
  { field = "word", values = "usual" },
  { field = "category", values = "category", confidence = 0.5 },
]
"""


def test_an_alternative_that_does_not_know_its_value_gives_way(tmp_path: Path) -> None:
    read = mapping(tmp_path, ticket=TICKET + STATE)
    rows = [
        {"id": "1", "word": "Waiting", "category": "new"}, {"id": "2", "word": "Gelöst", "category": "done"},
        {"id": "3", "word": "Gelöst", "category": "other"}, {"id": "4", "word": "", "category": None},
        {"id": "5", "word": "Gelöst", "category": ""},
    ]  # fmt: skip
    assert projected(read, "ticket", "state, source_state, mapping_confidence, _unmapped", ticket=rows) == [
        ("pending", "Waiting", 1.0, 0), ("closed", "Gelöst", 0.5, 0), ("unknown", "Gelöst", None, 1),
        (None, None, None, 0), ("unknown", "Gelöst", None, 1),
    ]  # fmt: skip


def test_a_number_is_empty_and_counted_only_where_no_alternative_knows_it(tmp_path: Path) -> None:
    rules = 'impact = { either = [{ field = "a", values = "own_rank" }, { field = "b", values = "rank" }, { field = "c" }] }'
    read = mapping(tmp_path, ticket=TICKET + rules)
    rows = [
        {"id": "1", "a": "High", "b": "9"}, {"id": "2", "a": "x", "b": "2"}, {"id": "3", "a": "x", "b": "9"},
        {"id": "4", "b": "9", "c": "7"}, {"id": "5", "a": "x"}, {"id": "6"},
    ]  # fmt: skip
    assert projected(read, "ticket", "impact, _unmapped", ticket=rows) == [
        (1, 0), (2, 0), (None, 1), (7, 0), (None, 0), (None, 0),
    ]  # fmt: skip


def test_a_map_whose_other_values_tell_nothing_leaves_a_number_empty(tmp_path: Path) -> None:
    read = mapping(tmp_path, ticket=TICKET + 'impact = { field = "a", values = "own_rank" }\n')
    rows = [{"id": "1", "a": "high"}, {"id": "2", "a": "x"}, {"id": "3"}]
    assert projected(read, "ticket", "impact, _unmapped", ticket=rows) == [(1, 0), (None, 0), (None, 0)]


def test_a_rule_gives_a_value_only_where_its_conditions_hold(tmp_path: Path) -> None:
    rules = (
        'closed_at = { field = "end", when = { state = ["done", "gone"], note = "not empty" } }\n'
        'is_security = { constant = true, when = { state = { not = ["open"] } } }\n'
        'category = { either = [{ field = "a", when = { state = "done" } }, { field = "b", when = { state = "open" } }] }\n'
    )
    read = mapping(tmp_path, ticket=TICKET + rules)
    row = {"end": "2026-01-01T10:00:00+01:00", "a": "A", "b": "B"}
    rows = [
        {"id": "1", "state": "done", "note": "x", **row}, {"id": "2", "state": "done", "note": "", **row},
        {"id": "3", "state": "open", "note": "x", **row}, {"id": "4", "note": "x", **row},
    ]  # fmt: skip
    assert projected(read, "ticket", "closed_at::VARCHAR, is_security, category", ticket=rows) == [
        ("2026-01-01 09:00:00", True, "A"), (None, True, "A"), (None, None, "B"), (None, True, None),
    ]  # fmt: skip


def test_joined_fields_are_one_value_or_none(tmp_path: Path) -> None:
    read = mapping(
        tmp_path, ticket=TICKET + 'category = { join = ["a", "b"] }\nsubcategory = { join = ["a", "gone"] }\n'
    )
    rows = [{"id": "1", "a": "x", "b": "y"}, {"id": "2", "a": "x", "b": ""}, {"id": "3", "b": "y"}]
    found = projected(read, "ticket", "category, subcategory", ticket=rows)
    assert found == [("x/y", None), (None, None), (None, None)]


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-03-01T08:00:00.250+0000", "2026-03-01 08:00:00.25"), ("2026-03-01T08:00:00-0730", "2026-03-01 15:30:00"),
        ("2026-03-01T08:00:00+02:00", "2026-03-01 06:00:00"), ("2026-03-01T08:00:00Z", "2026-03-01 08:00:00"),
        ("2026-03-01", "2026-03-01 00:00:00"), ("soon", None),
    ],
)  # fmt: skip
def test_instants_with_an_offset_are_told_in_utc_in_columns_and_in_history(
    tmp_path: Path, written: str, instant: str | None
) -> None:
    read = mapping(tmp_path, ticket=TICKET + 'opened_at = "at"\ncategory = { field = "at", switch = "history" }\n')
    [found] = projected(
        read, "ticket", "opened_at::VARCHAR, category", ticket=[{"id": "1", "at": written, "field": "due"}]
    )
    assert found == (instant, instant and instant[:19].replace(" ", "T") + "Z")


def test_a_switch_by_one_field_gives_way_too_and_hides_texts_among_the_tools_own_words(tmp_path: Path) -> None:
    event = (
        '[transition]\ntransition_id = "id"\nwork_item_id = "id"\nat = "at"\nseq = { constant = 0 }\n'
        'field = { constant = "other" }\norigin = { constant = "native" }\n'
        'new_value = { either = [{ field = "to", switch = "history" }, { field = "category", values = "category" }] }\n'
        'source_new_value = { field = "to", switch = "history" }\n'
    )
    read = mapping(tmp_path, event=event)
    rows = [
        {"id": "1", "field": "status", "to": "Ready"}, {"id": "2", "field": "status", "to": "Huh", "category": "busy"},
        {"id": "3", "field": "status", "to": "Huh"}, {"id": "4", "field": "person", "to": "p"},
        {"id": "5", "field": "title", "to": "000000004:000000004:abcdefabcdefabcdefabcdef"},
    ]  # fmt: skip
    found = projected(
        read, "event", "new_value, source_new_value, _unmapped", event=[{**row, "at": "2026-01-01"} for row in rows]
    )
    assert found == [
        ("resolved", "Ready", 0), ("in_progress", "Huh", 0), ("unknown", "Huh", 1), ("src:person:p", "p", 0),
        ("text:4:abcdefabcdefabcdefabcdef", None, 0),
    ]  # fmt: skip
