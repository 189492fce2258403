"""Fields worked out of others: used by rules, conditions and switches, looked up from other streams, kept private."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_mapping import TICKET, mapping, projected

from itsm_bridge.errors import MappingError
from itsm_bridge.mapping.decoder import stream_fields
from itsm_bridge.mapping.explanation import in_words, rule_lines
from itsm_bridge.mapping.lost import lost_columns
from itsm_bridge.mapping.rules import ColumnRule

FIELDS = """
[fields]
word = { either = [{ field = "status", lookup = { stream = "status", match = "id", value = "english" } }, { field = "name" }] }
came = { join = ["id", "status"] }
[fields.kind]
either = [{ field = "level", values = "kind" }, { field = "type", values = "kind" }]
[work_item]
work_item_id = "id"
record_type = { either = [{ field = "kind" }, { constant = "unknown" }] }
source_record_type = "type"
source_key = "id"
state = { field = "word", switch = "state" }
source_state = "name"
closed_at = { field = "came", lookup = { stream = "event", match = "landing", value = "at", last_by = "at" } }
opened_at = { field = "came", lookup = { stream = "event", match = "landing", value = "at", first_by = "at" } }
closed_by_id = { field = "came", lookup = { stream = "event", match = "landing", value = "who", last_by = "at" } }
"""
EVENT = """
[fields]
kind = { field = "ticket", lookup = { stream = "ticket", match = "id", value = "kind" } }
landing = { join = ["ticket", "to"], when = { field = "status" } }
[transition]
where = { kind = { not = ["task"] } }
transition_id = "id"
work_item_id = "ticket"
at = "at"
seq = { constant = 0 }
field = { constant = "state" }
origin = { constant = "native" }
new_value = { field = "word", switch = "state" }
"""
FILES = {"ticket": FIELDS, "event": EVENT, "status": 'keep = ["english"]\n'}
STATUS = [{"id": "7", "english": "ready"}, {"id": "8", "english": ""}]
TICKETS = [
    {"id": "1", "type": "Incident", "level": "any", "status": "7", "name": "Fertig"},
    {"id": "2", "type": "Change", "level": None, "status": "7", "name": "Fertig"},
    {"id": "3", "type": "Change", "level": "sub", "status": "8", "name": "Waiting"},
    {"id": "4", "type": "Odd", "level": "", "status": "9", "name": "Waiting"},
]
EVENTS = [
    {"id": "a", "ticket": "1", "field": "status", "to": "7", "at": "2026-01-03T00:00:00Z", "who": "ann", "word": "ready"},
    {"id": "b", "ticket": "1", "field": "status", "to": "7", "at": "2026-01-05T00:00:00Z", "who": "bob", "word": "ready"},
    {"id": "c", "ticket": "2", "field": "other", "to": "7", "at": "2026-01-04T00:00:00Z", "who": "eve", "word": "ready"},
    {"id": "d", "ticket": "3", "field": "status", "to": "7", "at": "2026-01-04T00:00:00Z", "who": "eve", "word": "ready"},
    {"id": "e", "ticket": "9", "field": "status", "to": "7", "at": "2026-01-04T00:00:00Z", "who": "eve", "word": "ready"},
]  # fmt: skip


def test_rules_conditions_and_switches_take_them_like_fields_of_the_tool(tmp_path: Path) -> None:
    read = mapping(tmp_path, **FILES)
    found = projected(read, "ticket", "record_type, state, _unmapped", ticket=TICKETS, status=STATUS, event=EVENTS)
    assert found == [
        ("incident", "resolved", 0),
        ("change", "closed", 0),
        ("task", "pending", 0),
        ("unknown", "pending", 1),
    ]


def test_other_streams_look_them_up_although_they_were_looked_up_themselves(tmp_path: Path) -> None:
    read = mapping(tmp_path, **FILES)
    found = projected(read, "event", "_origin, new_value", ticket=TICKETS, status=STATUS, event=EVENTS)
    assert found == [("a", "resolved"), ("b", "resolved"), ("c", "closed"), ("e", "resolved")]


def test_of_several_rows_the_first_or_the_last_counts_and_none_gives_nothing(tmp_path: Path) -> None:
    read = mapping(tmp_path, **FILES)
    columns = "opened_at::DATE::VARCHAR, closed_at::DATE::VARCHAR, closed_by_id"
    found = projected(read, "ticket", columns, ticket=TICKETS, status=STATUS, event=EVENTS)
    assert found == [("2026-01-03", "2026-01-05", "src:person:bob"), *[(None, None, None)] * 2, (None, None, None)]


def test_what_a_source_has_not_is_left_out(tmp_path: Path) -> None:
    read = mapping(tmp_path, **FILES)
    bare = [{"id": "1", "type": "Incident", "name": "Ready"}]
    assert projected(read, "ticket", "record_type, state, closed_by_id", ticket=bare) == [
        ("incident", "resolved", None)
    ]


def test_rows_that_several_make_come_once(tmp_path: Path) -> None:
    service = '[service]\ndistinct = true\nservice_id = "value"\nname = "value"\n'
    read = mapping(tmp_path, link=service)
    rows = [{"id": "2", "value": "x"}, {"id": "1", "value": "x"}, {"id": "3", "value": "y"}]
    assert projected(read, "link", "_origin, name", link=rows) == [("1", "x"), ("3", "y")]


def test_people_and_texts_stay_hidden_behind_them(tmp_path: Path) -> None:
    history = (
        '[fields]\nold = { either = [{ field = "from", when = { field = "person" } }, { field = "words" }] }\n'
        '[transition]\ntransition_id = "id"\nwork_item_id = "ticket"\nat = "at"\nseq = { constant = 0 }\n'
        'field = { constant = "other" }\norigin = { constant = "native" }\nold_value = { field = "old", switch = "history" }\n'
    )
    read = mapping(tmp_path, **FILES, history=history, vote='people = ["id"]\nkeep = ["id"]\n')
    kinds = stream_fields(read.streams["history"], read)
    assert {name: kinds[name] for name in ("from", "words", "field", "id")} == {
        "from": "switch:history", "words": "switch:history", "field": "open", "id": "open",
    }  # fmt: skip
    ticket, event = (stream_fields(read.streams[name], read) for name in ("ticket", "event"))
    assert (ticket["id"], ticket["status"], event["ticket"], event["to"], event["who"]) == (*["open"] * 4, "person")
    assert stream_fields(read.streams["vote"], read, more=("id",)) == {"id": "person"}


def test_they_are_lost_with_what_they_are_made_of(tmp_path: Path) -> None:
    read = mapping(tmp_path, **FILES)
    assert {"*:work_item.record_type", "*:work_item.state"} <= {
        *lost_columns(read, "ticket", ["type"]), *lost_columns(read, "status", ["english"]),
    }  # fmt: skip
    assert "*:transition" in lost_columns(read, "ticket", ["level"])
    assert "*:work_item.closed_by_id" in lost_columns(read, "event", ["to"])
    assert lost_columns(read, "event", ["nothing"]) == []


def test_they_are_shown_with_the_rules(tmp_path: Path) -> None:
    lines = {(line.table, line.column): line.rule for line in rule_lines(mapping(tmp_path, **FILES), "event")}
    assert lines["fields", "landing"] == "ticket / to together, where field is status"
    assert lines["fields", "kind"] == "field ticket, looked up in ticket (id → kind)"
    sure = ColumnRule(field="x", values="v", confidence=0.5, when={"a": {"not": ["b", "c"]}, "d": "not empty"})
    assert in_words(sure) == "field x by the values of [v], where a is not b or c and d is not empty (50% sure)"


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"x": '[fields]\na = "b"\nb = "a"\n'}, "worked out of itself"),
        ({"x": '[fields]\na = { field = "b", switch = "state" }\n'}, "are for columns, not for fields"),
        ({"x": '[fields]\na = { field = "b", valuess = "kind" }\n'}, "no key `valuess`"),
        ({"x": '[fields]\na = { field = "b", values = "knd" }\n'}, "no value map `knd`; did you mean"),
        ({"x": '[fields]\na = { join = ["b"], field = "c" }\n'}, "needs exactly one of"),
        ({"x": TICKET + 'state = { either = [{ field = "a" }], confidence = 0.5 }'}, "stand in the alternatives"),
        ({"x": TICKET + 'state = { field = "a", confidence = 50 }'}, "goes from 0 to 1"),
        ({"x": TICKET + 'state = { field = "a", when = { b = 5 } }'}, "should be a list, and not a whole number"),
        ({"x": '[fields]\na = "b"\n' + TICKET + 'title = "a"\n'}, "a text cannot be taken"),
        ({"x": TICKET + 'title = { field = "t", when = { a = "b" } }\n'}, "a text has no conditions"),
        (
            {"x": '[fields]\na = { field = "b", lookup = { stream = "x", match = "id", value = "c" } }\n' + TICKET
             + 'assignee_id = "a"\n'},
            "a person cannot be taken from a field that is looked up",
        ),
        (
            {"x": '[fields]\na = { field = "b", lookup = { stream = "x", match = "id", value = "c" } }\n'
             'd = { field = "a", lookup = { stream = "x", match = "id", value = "c" } }\n'},
            "nothing can be looked up by it",
        ),
        (
            {"x": '[fields]\na = { field = "b", lookup = { stream = "x", match = "id", value = "c", first_by = "d", last_by = "d" } }\n'},
            "not both",
        ),
        (
            {"x": '[fields]\nk = "b"\n' + TICKET + 'category = { field = "c", switch = "mixed" }\n',
             "values": '[switch.mixed]\nby = ["k", "field"]\n"change.title" = "raw"\n"*.*" = "text"\n'},
            '"change.title" is kept in another way than "*.title"',
        ),
        ({"x": '[fields]\nk = { field = "b", values = "kind" }\n' + TICKET + 'channel = "k"\n'},
         "is nothing that `channel` can hold"),
        ({"values": '[switch.s]\nby = ["a"]\nb = "raw"\n'}, "a case for all else"),
    ],
)  # fmt: skip
def test_a_mistake_is_told(tmp_path: Path, files: dict[str, str], says: str) -> None:
    with pytest.raises(MappingError) as caught:
        mapping(tmp_path, **files)
    assert says in str(caught.value)


def test_a_rule_of_another_form_is_laid_over_a_rule_as_a_whole(tmp_path: Path) -> None:
    from itsm_bridge.mapping.rules import read_mapping

    mapping(tmp_path / "usual", x=TICKET + 'state = { either = [{ field = "a", values = "usual" }] }\n')
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "x.toml").write_text('[work_item]\nstate = { field = "b", values = "usual" }\n')
    read = read_mapping([tmp_path / "usual", tmp_path / "own"])
    assert read.streams["x"].tables[0].columns["state"] == ColumnRule(field="b", values="usual")
