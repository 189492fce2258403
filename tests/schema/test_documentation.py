from __future__ import annotations

from pathlib import Path

from itsm_bridge.schema import RECORD_VIEWS, TABLES
from itsm_bridge.schema.documentation import as_markdown

DOCUMENT = Path(__file__).parents[2] / "docs" / "schema.md"


def test_the_document_is_what_make_docs_writes() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == as_markdown(), "run `make docs`"


def test_the_document_names_every_table_column_and_view() -> None:
    text = as_markdown()
    for table in TABLES.values():
        assert f"### `{table.name}`" in text
        for column in table.columns:
            assert f"| `{column.name}` |" in text
    for view in RECORD_VIEWS:
        assert f"| `{view}` |" in text


def test_one_table_can_be_written_alone() -> None:
    text = as_markdown([TABLES["source"]])
    assert text.startswith("# `source`")
    assert "work_item" not in text
