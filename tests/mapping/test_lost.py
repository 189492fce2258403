"""Fields that do not show take with them the columns that they would have filled, of their record type only."""

from __future__ import annotations

from pathlib import Path

import pytest
from site_of_desk import write_mapping

from itsm_bridge.mapping.lost import emptied_columns, lost_columns
from itsm_bridge.mapping.rules import SourceMapping, read_mapping


@pytest.fixture
def mapping(tmp_path: Path) -> SourceMapping:
    return read_mapping([write_mapping(tmp_path / "mapping")])


def test_a_field_takes_its_column_and_the_tools_own_words_beside_it(mapping: SourceMapping) -> None:
    assert {"incident:work_item.state", "incident:work_item.source_state"} <= set(
        lost_columns(mapping, "incident", ["state"])
    )


def test_one_of_several_fields_is_enough_to_make_a_value_doubtful(mapping: SourceMapping) -> None:
    for field in ("resolved", "closed"):
        assert "incident:work_item.resolved_at" in lost_columns(mapping, "incident", [field])


def test_a_text_loses_all_its_measures(mapping: SourceMapping) -> None:
    lost = lost_columns(mapping, "incident", ["title"])
    assert {"incident:work_item.title_length", "incident:work_item.title_hash"} <= set(lost)


def test_a_column_that_is_looked_up_is_lost_with_what_it_is_looked_up_by(mapping: SourceMapping) -> None:
    lost = lost_columns(mapping, "user", ["login"])
    assert "incident:work_item.resolved_by_id" in lost


def test_nothing_is_lost_by_a_field_that_only_another_stream_has(mapping: SourceMapping) -> None:
    assert not [name for name in lost_columns(mapping, "change", ["state"]) if name.startswith("incident:")]


def test_what_the_tool_does_not_have_empties_only_columns_that_nothing_else_can_fill(mapping: SourceMapping) -> None:
    assert "incident:work_item.resolved_at" not in emptied_columns(mapping, "incident", ["resolved"])
    assert "incident:work_item.resolved_at" in emptied_columns(mapping, "incident", ["resolved", "closed"])
    assert "incident:work_item.state" in emptied_columns(mapping, "incident", ["state"])
    assert "incident:work_item.resolved_by_id" in emptied_columns(mapping, "user", ["login"])
    assert emptied_columns(mapping, "incident", []) == []


EITHER = """\
stream = "issue"

[fields.kind]
either = [{ field = "category", values = "kind" }, { field = "type", values = "kind" }]

[work_item]
work_item_id = "id"
record_type = "kind"
source_key = "id"
number = { join = ["project", "id"] }
category = { field = "words", when = { category = "not empty" } }
due_at = { field = "due", when = { category = { not = "x" } } }

[change_detail]
where = { category = "change" }
work_item_id = "id"
risk = "risk"
"""


@pytest.mark.parametrize(
    ("absent", "emptied"),
    [
        (["category"], {"change:change_detail", "*:work_item.category"}),
        (["type"], set()),
        (["category", "type"], {"change:change_detail", "*:work_item.category", "*:work_item.record_type"}),
        (["project"], {"*:work_item.number"}),
        (["risk"], {"change:change_detail.risk"}),
    ],
)
def test_alternatives_conditions_and_joined_fields_are_told_apart(
    tmp_path: Path, absent: list[str], emptied: set[str]
) -> None:
    (tmp_path / "issue.toml").write_text(EITHER, encoding="utf-8")
    (tmp_path / "values.toml").write_text('[kind]\nlabels = { change = "change" }\n', encoding="utf-8")
    found = emptied_columns(read_mapping([tmp_path]), "issue", absent)
    columns = {"*:work_item.category", "*:work_item.record_type", "*:work_item.number", "*:work_item.due_at",
               "change:change_detail", "change:change_detail.risk"}  # fmt: skip
    assert set(found) & columns == emptied
