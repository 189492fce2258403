"""The packaged mapping is whole: streams that there are, people hidden, keys of its maps as they are compared."""

from __future__ import annotations

import pytest
from board import FOLDER

from itsm_bridge.mapping.decoder import stream_fields
from itsm_bridge.mapping.rules import read_mapping
from itsm_bridge.schema.lifecycles import TRANSITION_FIELDS
from itsm_bridge_jira_sm.field_names import PLAIN, TYPED
from itsm_bridge_jira_sm.streams import STREAMS

MAPPING = read_mapping([FOLDER])
KINDS = {name: stream_fields(rule, MAPPING, more=("id",)) for name, rule in MAPPING.streams.items()}
BY_NAME = {stream.name: stream for stream in STREAMS}


def test_every_stream_is_one_that_the_adapter_reads() -> None:
    assert set(MAPPING.streams) <= set(BY_NAME)


def test_labels_are_written_in_the_case_in_which_they_are_compared() -> None:
    for values in MAPPING.values.values():
        assert [label for label in values.labels if label != label.strip().lower()] == []


def test_maps_of_the_site_are_empty_and_say_that_they_tell_nothing() -> None:
    own = {name: values for name, values in MAPPING.values.items() if name.startswith("own_")}
    assert len(own) == 7
    for values in own.values():
        assert (values.labels, values.codes) == ({}, {"*": ""})


@pytest.mark.parametrize("stream", sorted(MAPPING.streams))
def test_accounts_are_pseudonyms_wherever_they_stand(stream: str) -> None:
    for name, kind in KINDS[stream].items():
        if name.endswith("accountId") or (stream == "person" and name == "id"):
            assert kind == "person", f"{stream}.{name}"


def test_keys_that_hold_an_account_are_pseudonyms_too() -> None:
    assert KINDS["issue_vote"]["id"] == KINDS["group_member"]["id"] == "person"


def test_keys_of_issues_stay_as_they_are_though_people_are_looked_up_by_them() -> None:
    assert {KINDS["issue"][name] for name in ("id", "status.id")} == {"open"}
    assert {KINDS["issue_history"][name] for name in ("issue", "fieldId", "created")} == {"open"}


def test_words_of_the_history_are_kept_by_what_their_field_holds() -> None:
    for name in ("from", "to", "fromString", "toString"):
        assert KINDS["issue_history"][name] == "switch:history"
    switch = MAPPING.switches["history"]
    assert switch.case(None, "assignee") == switch.case(None, "reporter") == "id:person"
    assert {switch.case(None, field) for field in ("summary", "description", "comment", "customfield_1")} == {"text"}


def test_history_names_fields_of_the_event_log() -> None:
    cases = MAPPING.switches["history_field"].cases.values()
    assert {case.removeprefix("=") for case in cases} <= set(TRANSITION_FIELDS)


def test_custom_fields_go_by_the_names_that_discovery_gives_them() -> None:
    known = {*TYPED, *PLAIN}
    jiras_own = {"id", "key", "project", "issuetype", "status", "summary", "description", "reporter", "creator",
                 "assignee", "created", "updated", "duedate", "parent", "priority", "resolution", "resolutiondate"}  # fmt: skip
    assert {name.partition(".")[0] for name in KINDS["issue"]} <= known | jiras_own
