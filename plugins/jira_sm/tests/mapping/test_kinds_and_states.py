"""Which record an issue is, and in which state: by category, practice, type; by status, in any language; by overlay."""

from __future__ import annotations

from collections.abc import Callable

from board import Board

ALL = "SELECT source_key, record_type, state, mapping_confidence FROM work_item ORDER BY source_key::INTEGER"


def test_an_issue_is_what_category_practice_or_type_say(board: Board) -> None:
    board.put("request_type", "77", name="Ask for access", practice="service_request")
    board.put("request_type", "78", name="Make something", practice="development")
    board.put("issue_type", "9", name="Störung", untranslatedName="[System] Incident")
    board.issue("1", "10", "4", work_category="incidents", request_type__requestType__id="77")
    board.issue("2", "10", "1", request_type__requestType__id="77")
    board.issue("3", "10", "3", request_type__requestType__id="78")
    board.issue("4", "10", "9", issuetype__name="Störung")
    board.issue("5", "10", "5", work_category="incidents")
    board.issue("6", "10", "2", issuetype__id="12345", issuetype__name="Firlefanz")
    board.issue("7", "10", "4", request_type__requestType__id="999")
    board.sync()
    assert [row[1] for row in board.sql(ALL)] == [
        "incident", "service_request", "problem", "incident", "task", "unknown", "change",
    ]  # fmt: skip
    said = board.sql("SELECT source_record_type FROM work_item WHERE record_type = 'unknown'")
    assert said == [("Firlefanz",)]


TEMPLATE = (
    ("1", "Waiting for support", "new"), ("1", "Work in progress", "in_progress"), ("1", "Resolved", "resolved"),
    ("1", "Closed", "closed"), ("1", "Canceled", "cancelled"), ("2", "Waiting for approval", "approval"),
    ("2", "Declined", "rejected"), ("3", "Under review", "assess"), ("3", "Under investigation", "rca"),
    ("3", "Completed", "resolved"), ("4", "Under review", "review"), ("4", "Planning", "assess"),
    ("4", "Awaiting CAB approval", "authorize"), ("4", "Awaiting implementation", "scheduled"),
    ("4", "Implementing", "implement"), ("4", "Failed", "closed"), ("4", "Declined", "rejected"),
)  # fmt: skip
"""Kind, status, state: the company-managed template."""


def test_statuses_of_the_template_mean_what_the_record_is(board: Board) -> None:
    for number, (kind, status, _) in enumerate(TEMPLATE, start=50):
        board.status(str(number), status, "indeterminate")
        board.issue(str(number), str(number), kind)
    board.sync()
    found = board.sql("SELECT source_state, state, mapping_confidence FROM work_item ORDER BY source_key")
    assert found == [(status, state, 1.0) for _, status, state in TEMPLATE]


def test_a_translated_status_goes_by_its_id_and_what_jira_ships(board: Board) -> None:
    board.status("50", "Warten auf Kunden", "indeterminate", untranslatedName="Waiting for customer")
    board.issue("1", "50")
    board.sync()
    assert board.one("state, source_state, state_reason, mapping_confidence") == (
        "pending", "Warten auf Kunden", "requester", 1.0,
    )  # fmt: skip


def test_a_status_of_the_sites_own_goes_by_its_category_and_is_a_guess(board: Board) -> None:
    for key, category in (("50", "new"), ("51", "indeterminate"), ("52", "done")):
        board.status(key, f"Eigenes {key}", category)
        board.issue(key, key)
    board.sync()
    assert [row[2:] for row in board.sql(ALL)] == [("new", 0.5), ("in_progress", 0.5), ("closed", 0.5)]


def test_a_site_says_what_its_own_statuses_and_types_mean(overlaid: Callable[..., Board]) -> None:
    board = overlaid(
        values='[own_status.labels]\n"50" = "pending"\n"ops/eigenes 51" = "review"\n"change/eigenes 52" = "scheduled"\n'
        '"eigenes 53" = "fix"\n[own_issue_type.labels]\n"ops/firlefanz" = "release"\n"störung" = "incident"\n'
    )
    for key, kind in (("50", "1"), ("51", "1"), ("52", "4"), ("53", "9")):
        board.status(key, f"Eigenes {key}", "indeterminate")
        board.issue(key, key, kind)
    board.issue("54", "51", "9", project__key="DEV", issuetype__name="Störung")
    board.event("1/0", "50", "status", ("53", "Eigenes 53"), ("50", "Eigenes 50"))
    board.event("2/0", "52", "status", ("51", "Eigenes 51"), ("52", "Eigenes 52"))
    board.event("3/0", "52", "issuetype", ("1", "Incident"), ("9", "Störung"))
    board.sync()
    assert board.sql(ALL) == [
        ("50", "incident", "pending", 1.0), ("51", "incident", "review", 1.0), ("52", "change", "scheduled", 1.0),
        ("53", "release", "fix", 1.0), ("54", "incident", "in_progress", 0.5),
    ]  # fmt: skip
    moves = board.sql("SELECT old_value, new_value FROM transition ORDER BY transition_id")
    assert moves == [("fix", "pending"), ("review", "scheduled"), ("incident", "incident")]


def test_a_reopened_issue_has_neither_end_nor_outcome(board: Board) -> None:
    row = board.issue("1", "13", resolutiondate="2026-03-02T09:00:00.000+0100", resolution__name="Done")
    board.event("1/0", "1", "resolution", (None, None), ("5", "Done"), by="eve")
    board.event("1/1", "1", "status", ("11", "Work in progress"), ("13", "Resolved"), by="eve")
    ends = "state, resolved_at::VARCHAR, resolved_by_id, resolution_code, closed_at"
    board.sync()
    assert board.one(ends) == ("resolved", "2026-03-02 08:00:00+00", "jira:person:eve", "fixed", None)
    row |= {"status.id": "11", "status.name": "Work in progress", "resolutiondate": None, "resolution.name": None}
    board.event("2/0", "1", "status", ("13", "Resolved"), ("11", "Work in progress"), "2026-03-03T08:00:00.000Z")
    board.sync()
    assert board.one(ends) == ("in_progress", None, None, None, None)


def test_who_closed_it_and_when_is_told_by_the_last_step_into_the_status(board: Board) -> None:
    board.issue("1", "14", resolutiondate="2026-03-02T08:00:00.000+0000")
    board.event("1/0", "1", "status", ("13", "Resolved"), ("14", "Closed"), "2026-03-03T08:00:00.000Z", "eve")
    board.event("2/0", "1", "status", ("14", "Closed"), ("11", "x"), "2026-03-04T08:00:00.000Z", "bob")
    board.event("3/0", "1", "status", ("11", "x"), ("14", "Closed"), "2026-03-05T08:00:00.000Z", "zoe")
    board.issue("2", "14", resolutiondate="2026-03-02T08:00:00.000+0000")
    board.sync()
    found = board.sql("SELECT closed_at::VARCHAR, closed_by_id FROM work_item ORDER BY source_key")
    assert found == [("2026-03-05 08:00:00+00", "jira:person:zoe"), ("2026-03-02 08:00:00+00", None)]


def test_priorities_go_by_name_else_by_their_place_in_the_sites_order(board: Board) -> None:
    names = ["Sofort", "High", "Mittel", "Low", "Später", "Nie"]
    for place, name in enumerate(names, start=1):
        board.put("priority", f"{100 + place}", name=name, place=str(place))
        board.issue(str(place), priority__id=f"{100 + place}", priority__name=name)
    board.issue("7", priority__id="999", priority__name="Medium")
    board.issue("8", priority__id="999", priority__name="Weg")
    board.event("1/0", "1", "priority", ("102", "High"), ("101", "Sofort"))
    board.sync()
    found = board.sql("SELECT priority, source_priority FROM work_item ORDER BY source_key")
    assert found == [*zip([1, 2, 3, 4, 5, 5], names, strict=True), (3, "Medium"), (None, "Weg")]
    columns = "field, old_value, new_value, source_old_value, source_new_value"
    assert board.one(columns, "transition") == ("priority", "2", "1", "High", "Sofort")
    assert board.sql("SELECT unmapped FROM stream_run WHERE stream = 'issue'") == [(1,)]
