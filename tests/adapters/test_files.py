"""Adapter `files`: good files come whole; each kind of bad input is one error with its place, and changes nothing."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from handed_over import PEOPLE, WORK_ITEMS, Handed

from itsm_bridge.errors import InputError


@pytest.fixture
def handed(tmp_path: Path) -> Handed:
    made = Handed(tmp_path)
    made.put(work_item=WORK_ITEMS, person=PEOPLE)
    return made


@pytest.fixture(scope="session")
def taken_once(tmp_path_factory: pytest.TempPathFactory) -> Handed:
    made = Handed(tmp_path_factory.mktemp("taken"))
    made.put(work_item=WORK_ITEMS, person=PEOPLE)
    made.sync()
    return made


@pytest.fixture
def taken(taken_once: Handed, tmp_path: Path) -> Handed:
    """A copy of an installation that has taken the files once."""
    shutil.copytree(taken_once.path, tmp_path / "store")
    made = Handed(tmp_path)
    made.put(work_item=WORK_ITEMS, person=PEOPLE)
    return made


def test_good_files_come_with_every_row_and_value(handed: Handed) -> None:
    report = handed.sync()
    assert report.streams["hand"]["work_item"]["received"] == 3
    columns = "work_item_id, record_type, number, title_length, state, priority, opened_at::VARCHAR, is_major"
    assert handed.sql(f"SELECT {columns} FROM work_item ORDER BY 1") == [
        ("hand:work_item:1", "incident", "INC1", 15, "new", 2, "2026-01-05 08:00:00+00", False),
        ("hand:work_item:2", "change", "CHG2", 0, "closed", 3, "2026-01-06 07:30:00+00", True),
        ("hand:work_item:3", "incident", "INC3", 19, "in_progress", None, "2026-01-07 00:00:00+00", None),
    ]
    known = {row[0] for row in handed.sql("SELECT person_id FROM person")}
    assert {row[0] for row in handed.sql("SELECT requester_id FROM work_item")} == known
    assert handed.sql("SELECT status FROM stream_run WHERE stream = 'transition'") == [("skipped",)]
    assert handed.verify().problems == []


def test_parquet_says_the_same_as_csv(handed: Handed, tmp_path: Path) -> None:
    handed.sync()
    other = Handed(tmp_path / "other")
    (other.path / "state").mkdir(parents=True)
    key = Path("state", "privacy.key")
    (other.path / key).write_text((handed.path / key).read_text())
    moments = [
        datetime(2026, 1, 5, 8, tzinfo=UTC),
        datetime(2026, 1, 6, 7, 30, tzinfo=UTC),
        datetime(2026, 1, 7, tzinfo=UTC),
    ]
    table = pa.table(
        {
            "work_item_id": pa.array([1, 2, 3]),
            "record_type": pa.array(["incident", "change", "incident"]).dictionary_encode(),
            "source_key": ["1", "2", "3"],
            "number": ["INC1", "CHG2", "INC3"],
            "title": pa.array(["Printer on fire", "", "Two\nlines, one cell"], pa.large_string()),
            "state": ["new", "closed", "in_progress"],
            "priority": pa.array([2.0, 3.0, None]),
            "opened_at": pa.array(moments, pa.timestamp("ms", tz="Europe/Berlin")),
            "is_major": [False, True, None],
            "requester_id": ["abel", "berta", "abel"],
        }
    )
    parquet.write_table(table, other.files / "work_item.parquet")
    other.put(person=PEOPLE)
    other.sync()
    for name in ("work_item", "person"):
        assert other.sql(f"SELECT * FROM {name} ORDER BY 1") == handed.sql(f"SELECT * FROM {name} ORDER BY 1")


def test_a_changed_file_appends_what_changed_and_takes_back_what_is_gone(taken: Handed) -> None:
    taken.put(work_item=WORK_ITEMS.replace(",new,2,", ",closed,2,").replace("2,change,2", "4,change,4"))
    taken.sync()
    assert taken.log_rows("canonical/work_item") == {1: 3, 2: 3}
    assert taken.item_keys() == ["1", "3", "4"]
    assert taken.item_keys(as_of=1) == ["1", "2", "3"]


def test_words_are_measured_even_where_the_column_for_words_holds_them(handed: Handed) -> None:
    handed.put(work_item="work_item_id,record_type,source_key,title_text,title_length\n1,incident,1,secret words,12\n")
    handed.sync()
    assert handed.sql("SELECT title_text, title_length FROM work_item") == [(None, 12)]
    assert not any(b"secret words" in file.read_bytes() for file in handed.path.rglob("*.parquet"))
    handed.settings = {"text": "keep"}
    handed.sync()
    assert handed.sql("SELECT title_text, title_length FROM work_item") == [("secret words", 12)]


@pytest.mark.parametrize("start", ["\ufeff", ""])
def test_a_byte_order_mark_empty_lines_and_an_unknown_order_of_columns_do_no_harm(handed: Handed, start: str) -> None:
    handed.put(work_item=f"{start}record_type,source_key,work_item_id\n\nincident,1,1\n\nincident,2,2\n\n")
    handed.sync()
    assert handed.item_keys() == ["1", "2"]


HEAD = "work_item_id,record_type,source_key"


@pytest.mark.parametrize(
    ("name", "text", "says", "line"),
    [
        ("work_item.csv", "", "cannot be read", None),
        ("work_item.csv", f"{HEAD}\n1,incident\n", "cannot be read", 2),
        ("work_item.csv", f'{HEAD}\n1,incident,"1\n1"\n2,incident,2,more\n', "cannot be read", 4),
        ("work_item.csv", "\xff\xfe\x00", "is not text in UTF-8", None),
        ("work_item.csv", "work_item_id;record_type;source_key\n1;incident;1\n", "has no column", None),
        ("work_item.csv", "work_item_id,record_type,source_key,stat\n1,incident,1,new\n", "no column `stat`", None),
        ("work_item.csv", f"{HEAD},state,state\n1,incident,1,new,new\n", "two columns `state`", None),
        ("work_item.csv", "work_item_id,record_type\n1,incident\n", "required column `source_key` is missing", None),
        ("work_item.csv", f"{HEAD}\n1,incident,1\n,incident,2\n", "`work_item_id` is empty", 3),
        ("work_item.csv", f"{HEAD}\n1,incident,1\n\n1,change,2\n", "'1' is the key of an earlier row", 4),
        ("work_item.csv", f"{HEAD}\n1,incident,\n", "`source_key` is empty", 2),
        ("work_item.csv", f"{HEAD}\n1,incydent,1\n", "`record_type` holds 'incydent', which is not one of incident", 2),
        (
            "work_item.csv",
            f'{HEAD},title,opened_at\n1,incident,1,"a\nb\nc",\n2,incident,2,x,yesterday\n',
            "`opened_at` holds 'yesterday', which is not an instant such as",
            5,
        ),
        ("work_item.csv", f"{HEAD},opened_at\n1,incident,1,2026-02-30T00:00:00Z\n", "which is not an instant", 2),
        (
            "work_item.csv",
            f"{HEAD},priority\n1,incident,1,high\n",
            "`priority` holds 'high', which is not a whole number",
            2,
        ),
        ("work_item.csv", f"{HEAD},priority\n1,incident,1,1_0\n", "which is not a whole number", 2),
        ("work_item.csv", f"{HEAD},priority\n1,incident,1,{'9' * 30}\n", "which is not a whole number", 2),
        ("work_item.csv", f"{HEAD},satisfaction_score\n1,incident,1,nan\n", "which is not a number", 2),
        ("work_item.csv", f"{HEAD},satisfaction_score\n1,incident,1,1e999\n", "which is not a number", 2),
        ("work_item.csv", f"{HEAD},is_major\n1,incident,1,perhaps\n", "which is not true or false", 2),
        ("work_items.csv", f"{HEAD}\n1,incident,1\n", "named after no canonical table", None),
        ("work_item.parquet", "not parquet", "both work_item.csv and work_item.parquet", None),
        ("person.parquet", "not parquet", "both person.csv and person.parquet", None),
        ("transition.parquet", "not parquet", "cannot be read", None),
        (
            "transition.csv",
            "transition_id,work_item_id,at,seq,field,origin\nt1,1,,1,state,native\n",
            "`at` is empty",
            2,
        ),
    ],
)
def test_bad_input_is_one_error_with_its_place_and_leaves_the_store_as_it_was(
    taken: Handed, name: str, text: str, says: str, line: int | None
) -> None:
    (taken.files / name).write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError) as caught:
        taken.sync()
    assert says in caught.value.message
    where = str(caught.value.where)
    assert where.startswith(str(taken.files))
    assert caught.value.hint
    if line is not None:
        assert where == f"{taken.files / name}, line {line}"
    assert taken.store.snapshot().number == 1
    report = taken.verify()
    assert (report.problems, report.unpublished) == ([], 0)
    assert taken.item_keys() == ["1", "2", "3"]


def test_a_bad_value_in_parquet_is_named_by_its_row(handed: Handed) -> None:
    rows = pa.table({"work_item_id": ["1", "2"], "record_type": ["incident", "x"], "source_key": ["1", "2"]})
    (handed.files / "work_item.csv").unlink()
    parquet.write_table(rows, handed.files / "work_item.parquet")
    with pytest.raises(InputError) as caught:
        handed.sync()
    assert str(caught.value.where).endswith("work_item.parquet, row 2")


def test_a_list_in_parquet_is_refused(handed: Handed) -> None:
    (handed.files / "work_item.csv").unlink()
    rows = pa.table({"work_item_id": ["1"], "record_type": ["incident"], "source_key": [["1", "2"]]})
    parquet.write_table(rows, handed.files / "work_item.parquet")
    with pytest.raises(InputError, match=r"cannot be read|source_key"):
        handed.sync()


def test_a_folder_that_is_not_there_or_holds_no_work_items_is_named(tmp_path: Path) -> None:
    handed = Handed(tmp_path)
    with pytest.raises(InputError, match=r"holds no work_item\.csv"):
        handed.sync()
    handed.files.rmdir()
    with pytest.raises(InputError, match="no such folder"):
        handed.sync()
    assert handed.store.snapshots() == []


def test_what_the_files_do_not_hold_is_not_known(handed: Handed) -> None:
    handed.sync()
    levels = dict(handed.sql("SELECT capability, level FROM capability"))
    assert levels["history.state"] == "none"
    assert levels["sla.claim"] == "none"
    assert levels["delete.detect"] == "full"
