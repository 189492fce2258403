"""Fields that do not show take with them the columns that they would have filled, of their record type only."""

from __future__ import annotations

from pathlib import Path

import pytest
from site_of_desk import write_mapping

from itsm_bridge.mapping.lost import lost_columns
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
