"""The packaged mapping is whole: streams that there are, people hidden, keys of its maps as they are compared."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from office import FOLDER

from itsm_bridge.mapping.decoder import stream_fields
from itsm_bridge.mapping.rules import read_mapping
from itsm_bridge.schema.lifecycles import TRANSITION_FIELDS
from itsm_bridge_otrs.streams import STREAMS

MAPPING = read_mapping([FOLDER])
KINDS = {name: stream_fields(rule, MAPPING) for name, rule in MAPPING.streams.items()}
PEOPLE = {"ticket": ("CustomerUserID", "CreateBy", "OwnerID", "ResponsibleID"), "ticket_history": ("author",),
          "ticket_article": ("author",), "agent": ("id", "name"), "customer": ("id",)}  # fmt: skip


def test_the_maps_of_the_site_are_on_the_page_with_examples_that_they_can_hold(tmp_path: Path) -> None:
    page = (FOLDER.parents[1] / "docs" / "otrs.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(own_\w+)` \|[^|]*\| (.*) \|$", page, re.MULTILINE)
    overlay = "\n".join(f"[{name}.labels]\n" + shown.replace("`, `", "\n").strip("`") for name, shown in rows)
    (tmp_path / "values.toml").write_text(overlay, encoding="utf-8")
    filled = {name for name, values in read_mapping([FOLDER, tmp_path]).values.items()
              if name.startswith("own_") and values.labels}  # fmt: skip
    assert filled == {name for name in MAPPING.values if name.startswith("own_")}


def test_every_stream_is_one_that_the_adapter_reads() -> None:
    assert set(MAPPING.streams) == {stream.name for stream in STREAMS}


def test_labels_are_written_in_the_case_in_which_they_are_compared() -> None:
    for values in MAPPING.values.values():
        assert [label for label in values.labels if label != label.strip().lower()] == []


def test_maps_of_the_site_are_empty_and_say_that_they_tell_nothing() -> None:
    own = {name: values for name, values in MAPPING.values.items() if name.startswith("own_")}
    assert len(own) == 7
    for values in own.values():
        assert (values.labels, values.codes) == ({}, {"*": ""})


@pytest.mark.parametrize("stream", sorted(PEOPLE))
def test_accounts_are_pseudonyms_wherever_they_stand(stream: str) -> None:
    assert {name: kind for name, kind in KINDS[stream].items() if kind == "person"} == dict.fromkeys(
        PEOPLE[stream], "person"
    )


def test_words_of_people_are_measured() -> None:
    for stream, names in {
        "ticket": ("Title", "first_article.body", "last_answer.body"),
        "ticket_article": ("body",),
    }.items():
        assert [KINDS[stream][name] for name in names] == ["text"] * len(names)


def test_words_of_the_history_are_kept_by_what_their_field_holds() -> None:
    for name in ("from", "from_id", "to", "to_id"):
        assert KINDS["ticket_history"][name] == "switch:history"
    switch = MAPPING.switches["history"]
    assert {switch.case(field) for field in ("owner", "responsible", "customer")} == {"id:person"}
    assert {switch.case(field) for field in ("title", "article", "other", "dynamic.RootCause")} == {"text"}


def test_history_names_fields_of_the_event_log() -> None:
    cases = MAPPING.switches["history_field"].cases.values()
    assert {case.removeprefix("=") for case in cases} <= set(TRANSITION_FIELDS)
