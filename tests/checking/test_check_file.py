"""A check file that is wrong says where, what, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from itsm_bridge.checking import load_checks
from itsm_bridge.checking.check_file import parse_check
from itsm_bridge.errors import CheckError

Text = Callable[..., str]
FILE = Path("checks/TST-001.toml")


def told(text: str) -> CheckError:
    with pytest.raises(CheckError) as caught:
        parse_check(text, FILE)
    return caught.value


def test_a_good_file_becomes_a_check(check_text: Text) -> None:
    check = parse_check(check_text(), FILE)
    assert (check.id, check.version, check.clauses[0]) == ("TST-001", 1, ("8.6.1", "partial"))
    assert (check.population, check.subject.view, check.is_anchored) == ("TRUE", "w", True)


def test_broken_toml_names_the_line(check_text: Text) -> None:
    error = told(check_text(title='"not closed'))
    assert error.where == f"{FILE}:3"
    assert "TOML" in error.message


def test_an_unknown_key_is_answered_with_the_nearest_known_one(check_text: Text) -> None:
    error = told(check_text(more='severety = "minor"\n'))
    assert "unknown key 'severety'; did you mean 'severity'?" in error.message
    assert error.where == f"{FILE}:17: severety"


def test_a_missing_key_is_named(check_text: Text) -> None:
    assert told(check_text(remedy="")).where == f"{FILE}: remedy"


def test_a_value_that_is_not_in_the_list_is_answered_with_the_list(check_text: Text) -> None:
    error = told(check_text(severity='"mayor"'))
    assert "did you mean 'major'?" in error.message
    assert error.hint is not None
    assert "major, minor, ofi" in error.hint


def test_sql_that_does_not_parse_names_its_line(check_text: Text) -> None:
    error = told(check_text(violation='"w.priority >"'))
    assert error.where == f"{FILE}:11: violation"
    assert "is not SQL" in error.message


def test_a_whole_query_is_no_expression(check_text: Text) -> None:
    assert "not a whole query" in told(check_text(violation='"1 FROM w"')).message


def test_a_second_statement_is_refused(check_text: Text) -> None:
    assert "one SQL expression" in told(check_text(violation='"TRUE; DROP TABLE w"')).message


def test_a_column_that_does_not_exist_is_answered_with_the_nearest_one(check_text: Text) -> None:
    error = told(check_text(violation='"w.priorty > 2"'))
    assert error.message == "w has no column 'priorty'; did you mean 'priority'?"
    assert error.where == f"{FILE}:11: violation"


def test_a_column_without_an_alias_is_refused(check_text: Text) -> None:
    assert "has no alias" in told(check_text(violation='"priority > 2"')).message


def test_a_table_that_does_not_exist_is_answered_with_the_nearest_one(check_text: Text) -> None:
    error = told(check_text(violation='"w.work_item_id IN (SELECT c.work_item_id FROM coment AS c)"'))
    assert "unknown table 'coment'; did you mean 'comment'?" in error.message


def test_parameters_are_declared_when_used_and_used_when_declared(check_text: Text) -> None:
    assert "$limit is used, but not declared" in told(check_text(violation='"w.priority > $limit"')).message
    more = '[parameters.limit]\ndefault = 3\nkind = "count"\nmeaning = "Limit"\n'
    error = told(check_text(more=more))
    assert error.message == "is declared, but no SQL uses it"
    assert error.where == f"{FILE}:17: parameters.limit"
    assert parse_check(check_text(violation='"w.priority > $limit"', more=more), FILE).parameters["limit"].default == 3


def test_a_default_that_does_not_fit_its_kind_is_refused(check_text: Text) -> None:
    more = '[parameters.limit]\ndefault = "soon"\nkind = "duration"\nmeaning = "Limit"\n'
    error = told(check_text(violation='"w.opened_at > $now - $limit"', more=more))
    assert "'soon' is not a length of time" in error.message
    assert error.where == f"{FILE}:18: parameters.limit.default"


def test_the_engine_binds_now_itself(check_text: Text) -> None:
    more = '[parameters.now]\ndefault = 3\nkind = "count"\nmeaning = "x"\n'
    assert "bound by the engine" in told(check_text(violation='"w.opened_at > $now"', more=more)).message


def test_a_message_names_only_evidence_and_parameters(check_text: Text) -> None:
    assert "{priority} is neither evidence nor a parameter" in told(check_text(message='"{priority}"')).message


def test_a_taint_names_a_column_of_the_schema(check_text: Text) -> None:
    more = '[[taints]]\nwhen = "TRUE"\ncolumns = ["work_item.closed"]\n'
    assert "there is no column 'work_item.closed'" in told(check_text(more=more)).message


def test_all_problems_of_a_file_are_told_at_once(check_text: Text) -> None:
    error = told(check_text(kind='"x"', severity='"y"', violation='"w.priority >"'))
    assert error.message.startswith("3 problems:")
    assert ":5: kind" in error.message
    assert ":6: severity" in error.message
    assert ":11: violation" in error.message


def test_an_id_that_comes_twice_is_refused(check_text: Text, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(check_text(), encoding="utf-8")
    (tmp_path / "b.toml").write_text(check_text(), encoding="utf-8")
    with pytest.raises(CheckError, match=r"TST-001 exists already in .*a\.toml") as caught:
        load_checks([tmp_path])
    assert caught.value.where == str(tmp_path / "b.toml")


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckError, match="no such folder"):
        load_checks([tmp_path / "missing"])


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CheckError, match="cannot be read"):
        load_checks([tmp_path])


def test_the_id_of_a_check_has_a_form(check_text: Text) -> None:
    assert "is not an id" in told(check_text(id='"inc 1"')).message
