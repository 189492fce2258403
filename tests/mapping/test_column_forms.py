"""What each form of a column makes of raw values, through a sync of one small stream."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from site_of_desk import Site, overlay

HEAD = """
stream = "incident"
[work_item]
work_item_id = "id"
record_type = { constant = "incident" }
source_key = "id"
"""


def project(
    folder: Path, rules: str, records: list[dict[str, Any]], columns: str, **files: str
) -> list[tuple[Any, ...]]:
    """Return columns of the work items that `rules` make of raw records, by key."""
    site = Site(folder)
    overlay(site.mapping, incident=HEAD + rules, **files)
    for name in ("change", "history", "user"):
        (site.mapping / f"{name}.toml").unlink()
    for number, record in enumerate(records):
        site.desk.put("incident", f"k{number}", **record)
    site.sync()
    return site.sql(f"SELECT {columns} FROM work_item ORDER BY source_key")


def test_the_first_value_that_is_not_empty(tmp_path: Path) -> None:
    rules = 'resolved_at = { first = ["a", "b"] }\ncategory = { first = ["x", "y", "z"] }'
    records = [
        {"a": "", "b": "2026-01-02 03:04:05", "x": None, "z": "third"},
        {"a": "2026-02-02 00:00:00", "b": "x"},
        {},
    ]
    assert project(tmp_path, rules, records, "resolved_at::VARCHAR, category") == [
        ("2026-01-02 03:04:05+00", "third"),
        ("2026-02-02 00:00:00+00", None),
        (None, None),
    ]


def test_typed_values_and_what_does_not_fit_is_null_and_counted(tmp_path: Path) -> None:
    rules = (
        'opened_at = "at"\nimpact = "n"\nsatisfaction_score = "r"\nis_major = "f"\nchannel = "c"\nhistory_level = "h"'
    )
    good = {"at": "2026-01-01 00:00:00", "n": "3", "r": "4.5", "f": "true", "c": "email", "h": "full"}
    bad = {"at": "soon", "n": "three", "r": "much", "f": "maybe", "c": "pigeon", "h": "some"}
    found = project(
        tmp_path,
        rules,
        [good, bad, {}],
        "opened_at IS NOT NULL, impact, satisfaction_score, is_major, channel, history_level",
    )
    assert found == [
        (True, 3, 4.5, True, "email", "full"),
        (False, None, None, None, "unknown", None),
        (False, *[None] * 5),
    ]
    site = Site(tmp_path)
    assert site.sql("SELECT unmapped FROM stream_run WHERE stream = 'incident'") == [(6,)]


def test_presence_measure_constant_suffix_and_pattern(tmp_path: Path) -> None:
    rules = (
        'is_security = { field = "flagged", present = true }\nreopen_claimed = { field = "note", measure = "length" }\n'
        'reassignment_claimed = { field = "note", measure = "raw_length" }\n'
        'subcategory = { field = "note", measure = "hash" }\n'
        "has_priority_override = { constant = true }\nupdate_count = { constant = 7 }\n"
        'parent_id = { field = "parent", suffix = "/x" }\n'
        'supplier_reference = { field = "ref", pattern = "no=([0-9]+)" }'
    )
    records = [
        {"flagged": "x", "note": " <b>ab</b> ", "parent": "p", "ref": "a no=12 b"},
        {"flagged": "", "note": "", "ref": "none"},
    ]
    columns = (
        "is_security, reopen_claimed, reassignment_claimed, length(subcategory), has_priority_override, update_count, "
        "parent_id, supplier_reference"
    )
    assert project(tmp_path, rules, records, columns) == [
        (True, 2, 11, 24, True, 7, "desk:work_item:p/x", "12"),
        (False, 0, 0, None, True, 7, None, None),
    ]


def test_alternatives_are_tried_one_after_the_other(tmp_path: Path) -> None:
    rules = 'state_reason = { either = [{ field = "hold", values = "hold" }, { field = "state", values = "waits" }] }'
    values = '[hold.codes]\n"1" = "supplier"\n"9" = ""\n[waits.codes]\n"5" = "change"\n"*" = ""\n'
    records = [{"hold": "1", "state": "5"}, {"hold": "", "state": "5"}, {"hold": "9", "state": "2"}, {"state": "2"}]
    found = project(tmp_path, rules, records, "state_reason", values=values)
    assert found == [("supplier",), ("change",), (None,), (None,)]


def test_texts_with_a_measure_and_words_only_where_kept(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        'title = "t"\ndescription = { first = ["d", "e"] }',
        [{"t": " Hi ", "d": "", "e": "fall back"}, {"t": ""}, {}],
        "title_raw_length, title_length, length(title_hash), title_text, description_length",
    )
    assert found == [(4, 2, 24, None, 9), (0, 0, None, None, None), (None, None, None, None, None)]


@pytest.mark.parametrize(
    ("where", "keys"),
    [
        ('{ type = "a" }', ["k0", "k2"]),
        ('{ type = ["a", "b"] }', ["k0", "k1", "k2"]),
        ('{ note = "not empty" }', ["k0"]),
        ('{ type = "a", note = "not empty" }', ["k0"]),
        ('{ type = { not = ["a"] } }', ["k1", "k3"]),
        ('{ note = { not = "not empty" } }', ["k1", "k2", "k3"]),
        ('{ type = "it\'s {}" }', []),
    ],
)
def test_only_records_that_fit_the_condition_come(tmp_path: Path, where: str, keys: list[str]) -> None:
    records = [{"type": "a", "note": "x"}, {"type": "b", "note": ""}, {"type": "a"}, {}]
    assert project(tmp_path, f"where = {where}", records, "source_key") == [(key,) for key in keys]


def test_a_row_without_a_required_value_does_not_come(tmp_path: Path) -> None:
    rules = (
        '[[relation]]\nrelation_id = { field = "id", suffix = "/p" }\nfrom_id = "id"\nto_id = "problem"\n'
        'relation_type = { constant = "caused_by" }\n'
    )
    assert len(project(tmp_path, rules, [{"problem": "p1"}, {"problem": ""}, {}], "1")) == 3
    assert Site(tmp_path).sql("SELECT relation_id, to_id FROM relation") == [
        ("desk:relation:k0/p", "desk:work_item:p1")
    ]


def test_history_values_take_their_kind_from_other_fields(synced: Site) -> None:
    rows = [
        ("incident", "state", "1", "7"),
        ("incident", "group", "", "g1"),
        ("incident", "due", "2026-01-01 10:00:00", "later"),
        ("incident", "weight", "4", "5"),
        ("incident", "remark", "some words", ""),
        ("change", "state", "1", "2"),
        ("incident", "state", "99", None),
    ]
    for number, (table, field, old, new) in enumerate(rows, start=100):
        synced.desk.put(
            "history",
            f"s{number}",
            table=table,
            field=field,
            field_kind="other",
            document="i1",
            old=old,
            new=new,
            seq=str(number),
            by="system",
        )
    synced.sync()
    found = synced.sql(
        "SELECT old_value, new_value, source_old_value, source_new_value FROM transition WHERE seq >= 100 ORDER BY seq"
    )
    assert found[0] == ("new", "closed", "1", "7")
    assert found[1] == (None, "desk:support_group:g1", None, "g1")
    assert found[2] == ("2026-01-01T10:00:00Z", None, "2026-01-01 10:00:00", "later")
    assert found[3] == ("4", "5", "4", "5")
    assert found[4][0].startswith("text:10:")
    assert (found[4][1], found[4][2]) == (None, None)
    assert found[5][0].startswith("text:1:"), "the state of a change has no case of its own"
    assert found[6] == ("unknown", None, "99", None)
    assert synced.sql("SELECT DISTINCT actor_id FROM transition WHERE seq >= 100") == [("desk:person:system",)]
