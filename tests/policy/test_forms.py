"""What `init` writes to be filled in: it says nothing until somebody takes the # away, and then it loads."""

from __future__ import annotations

import pytest

from itsm_bridge.policy import forms, policy_from_contents, template
from itsm_bridge.policy.tables import FILES, Reading, numbered, read_table
from itsm_bridge.schema import TABLES

READING = Reading("x.csv", ("prod",), "UTC")


def test_every_csv_file_of_the_policy_is_written_as_default_or_as_form() -> None:
    assert {*template(), *forms()} >= set(FILES)
    assert not set(template()) & set(forms())


@pytest.mark.parametrize("file", sorted(forms()))
def test_an_untouched_form_says_nothing_and_its_examples_are_right(file: str) -> None:
    text, table = forms()[file], TABLES[FILES[file]]
    assert read_table(text, table, READING).num_rows == 0

    lines = text.splitlines()
    head = next(n for n, line in enumerate(lines) if not line.startswith("#"))
    examples = [line.removeprefix("# ") for line in lines[head + 1 :] if len(line) > 1]
    assert read_table("\n".join([lines[head], *examples]), table, READING).num_rows == len(examples) > 0


def test_forms_change_nothing_that_the_policy_says() -> None:
    from datetime import date

    span = date(2026, 1, 1), date(2026, 1, 2)
    bare, formed = (policy_from_contents(texts, ["prod"], "UTC", span) for texts in ({}, forms()))
    assert formed.tables == bare.tables
    assert formed.defaults == bare.defaults


def test_lines_are_numbered_as_an_editor_does() -> None:
    assert numbered("# note\nclause,point\n\n# x\n4.4,1\n") == [(5, {"clause": "4.4", "point": "1"})]
