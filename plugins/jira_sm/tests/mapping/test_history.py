"""History through the same maps as what issues hold now; texts measured, people as people, nothing by a translated word."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from board import Board

REAL = Path(__file__).parents[5] / "shared" / "data" / "jira" / "jirametrics_issues.json"
VALUES = "SELECT old_value, new_value, source_old_value, source_new_value FROM transition ORDER BY transition_id"


def test_a_status_is_told_by_its_id_whatever_word_stands_beside_it(board: Board) -> None:
    board.status("50", "In Bearbeitung", "indeterminate", untranslatedName="Implementing")
    board.issue("1", "50", "4")
    board.issue("2", "50", "3")
    board.event("1/0", "1", "status", ("12", "Wird überprüft"), ("50", "In Bearbeitung"))
    board.event("2/0", "2", "status", ("12", "Wird überprüft"), ("50", "In Bearbeitung"))
    board.event("3/0", "1", "status", ("999", "Planning"), ("998", "Weg"))
    board.sync()
    assert board.sql(VALUES) == [
        ("review", "implement", "Wird überprüft", "In Bearbeitung"),
        ("assess", "in_progress", "Wird überprüft", "In Bearbeitung"),
        ("assess", "unknown", "Planning", "Weg"),
    ]
    assert board.sql("SELECT unmapped FROM stream_run WHERE stream = 'issue_history'") == [(1,)]


def test_the_other_fields_by_what_they_hold(board: Board) -> None:
    board.put("issue_type", "77", name="Änderung", untranslatedName="Change")
    board.issue("1", "10", "4")
    for number, (field, old, new) in enumerate((
        ("assignee", ("557:a", "Ann Other"), (None, None)),
        ("summary", (None, "Old words"), (None, "New")),
        ("planned_start", (None, None), ("2026-03-05T09:00:00.000+0100", "05/Mar/26 9:00 AM")),
        ("duedate", ("2026-03-05", "2026-03-05 00:00:00.0"), (None, None)),
        ("change_type", ("11", "Normal"), ("12", "Emergency")),
        ("issuetype", ("2", "Service Request"), ("77", "Änderung")),
        ("project", ("7", "Operations"), ("8", "Network")),
        ("resolution", (None, None), ("5", "Won't do")),
        ("fixVersions", (None, None), ("10020", "v2")),
        ("customfield_12", ("1", "secret"), ("2", "words")),
    )):  # fmt: skip
        board.event(f"{number}/0", "1", field, old, new)
    board.sync()
    found = board.sql(VALUES)
    fields = [row[0] for row in board.sql("SELECT field FROM transition ORDER BY transition_id")]
    assert fields == ["assignee", "other", "planned_start", "other", "change_type", "record_type", "group",
                      "resolution_code", "link", "other"]  # fmt: skip
    assert found[0] == ("jira:person:557:a", None, "557:a", None)
    assert (found[1][0][:7], found[1][2:]) == ("text:9:", (None, None))
    assert found[2] == (None, "2026-03-05T08:00:00Z", None, "05/Mar/26 9:00 AM")
    assert found[3] == ("2026-03-05T00:00:00Z", None, "2026-03-05 00:00:00.0", None)
    assert found[4] == ("normal", "emergency", "Normal", "Emergency")
    assert found[5] == ("service_request", "change", "Service Request", "Änderung")
    assert found[6] == ("jira:support_group:7/project", "jira:support_group:8/project", "Operations", "Network")
    assert found[7] == (None, "not_fulfilled", None, "Won't do")
    assert found[8] == (None, "jira:work_item:10020/version", None, "v2")
    assert found[9][0].startswith("text:6:")
    assert not [row for row in found if "Ann Other" in row or "secret" in row]


def test_a_kind_or_a_status_told_otherwise_later_changes_the_history_too(board: Board) -> None:
    board.put("request_type", "77", name="x", practice="problem_management")
    board.issue("1", "12", "2", request_type__requestType__id="77")
    board.issue("2", "12", "4")
    board.event("1/0", "1", "status", ("10", "Open"), ("12", "Under review"))
    board.event("2/0", "2", "status", ("10", "Open"), ("12", "Under review"))
    board.sync()
    assert [row[1] for row in board.sql(VALUES)] == ["assess", "review"]
    board.issue("2", "12", "3")
    board.sync()
    assert [row[1] for row in board.sql(VALUES)] == ["assess", "assess"]
    board.put("request_type", "77", practice="change_management")  # looked up by an issue that is looked up itself
    board.sync()
    assert [row[1] for row in board.sql(VALUES)] == ["review", "assess"]
    board.status("12", "Under investigation", "indeterminate")
    board.sync()
    assert [row[1] for row in board.sql(VALUES)] == ["in_progress", "rca"]


@pytest.mark.skipif(not REAL.exists(), reason="needs the real issues, which are not part of the project")
def test_every_status_change_of_the_real_issues_is_told_with_author_and_instant(tmp_path: Path) -> None:
    issues = json.loads(REAL.read_text(encoding="utf-8"))
    board = Board(tmp_path)
    meant = {"10000": "new", "10001": "new", "3": "in_progress", "10011": "in_progress", "10002": "resolved"}
    expected = {}
    for place, issue in enumerate(issues):
        key, fields = f"{issue['id']}-{place}", issue["fields"]  # the samples are of several sites: ids repeat
        status = fields["status"]
        board.status(status["id"], status["name"], status["statusCategory"]["key"])
        board.issue(key, status["id"], created=fields["created"], project__key=fields["project"]["key"],
                    issuetype__name=fields["issuetype"]["name"], issuetype__id=fields["issuetype"]["id"])  # fmt: skip
        for history in issue["changelog"]["histories"]:
            for position, item in enumerate(history["items"]):
                _put(board, key, history, position, item)
                if item["field"] == "status":
                    expected[f"jira:transition:{key}/{history['id']}/{position}"] = (
                        datetime.fromisoformat(history["created"]), f"jira:person:{history['author']['accountId']}",
                        meant[item["from"]], meant[item["to"]], item["fromString"], item["toString"],
                    )  # fmt: skip
    for number, name, category in (("10000", "Backlog", "new"), ("10001", "Selected for Development", "new")):
        board.status(number, name, category)
    board.sync()
    columns = 'transition_id, "at", actor_id, old_value, new_value, source_old_value, source_new_value'
    found = board.sql(f"SELECT {columns} FROM transition WHERE field = 'state'")
    assert len(expected) == 29
    assert {row[0]: (row[1].to_pydatetime(), *row[2:]) for row in found} == expected
    assert board.one("count(*)", "transition") == (57,)
    words = ["Story Points", "Impediment", "Ranked higher", "Scrum Sprint 3"]
    kept = {value for row in board.sql("SELECT old_value, new_value FROM transition") for value in row}
    assert not [value for value in kept if value and any(word in value for word in words)]


def _put(board: Board, key: str, history: dict[str, Any], position: int, item: dict[str, Any]) -> None:
    field = item.get("fieldId") or item["field"]
    old, new = (item["from"], item["fromString"]), (item["to"], item["toString"])
    board.event(f"{key}/{history['id']}/{position}", key, field, old, new, history["created"],
                history["author"]["accountId"])  # fmt: skip
    board.put("issue_history", f"{key}/{history['id']}/{position}", field=item["field"], position=str(position))
