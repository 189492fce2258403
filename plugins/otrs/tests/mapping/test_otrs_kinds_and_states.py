"""Which record a ticket makes, and in which state: by type of state, by lock and owner, and by what a site says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from office import Office

OWN = """
[own_type.labels]
"unclassified" = "task"
"service desk::2nd level/incident" = "problem"
[own_queue.labels]
"service desk::2nd level" = "service_request"
[own_state.labels]
"in bearbeitung" = "in_progress"
"rfc/pending reminder" = "authorize"
[own_state_reason.labels]
"wartet auf lieferant" = "supplier"
[own_resolution.labels]
"closed with workaround" = "user_error"
[own_outcome.labels]
"closed unsuccessful" = "failed"
[own_priority.labels]
"dringend" = 1
"""
STATES, REMOVED, KINDS, RANKS, ENDS, PEOPLE = (range(start, start + 100) for start in range(100, 700, 100))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A tool with the tickets of all tests, each in a hundred of their own, read once."""
    office = Office(tmp_path_factory.mktemp("desk"))
    for make in (_states, _removed, _kinds, _ranks, _ends, _people):
        make(office)
    office.sync()
    return office


def _states(office: Office) -> None:
    for key, state in enumerate(("new", "pending reminder", "pending auto close+", "pending auto close-", "merged",
                                 "closed successful", "Wartet auf Lieferant", "open", "in Bearbeitung"), 101):  # fmt: skip
        office.ticket(key, state)
    office.ticket(120, "open", Lock="lock", OwnerID=7)
    office.ticket(121, "open", Lock="lock", OwnerID=1)
    office.ticket(122, "in Bearbeitung", Lock="tmp_lock", OwnerID=7)
    office.ticket(123, "new", Lock="lock", OwnerID=7)
    taken = {"Lock": "lock", "OwnerID": 7}
    for key, kind in ((130, "Problem"), (140, "RfC")):
        for number, (state, more) in enumerate(
            (("new", {}), ("new", taken), ("open", {}), ("open", taken), ("in Bearbeitung", taken),
             ("pending reminder", taken), ("pending auto close+", taken), ("closed successful", taken)),
        ):  # fmt: skip
            office.ticket(key + number, state, kind, **more)


def test_every_state_by_its_type_and_an_open_one_by_its_lock(desk: Office) -> None:
    assert desk.of(range(100, 124), "source_key, state") == [
        ("101", "new"), ("102", "pending"), ("103", "resolved"), ("104", "pending"), ("105", "cancelled"),
        ("106", "closed"), ("107", "pending"), ("108", "assigned"), ("109", "assigned"), ("120", "in_progress"),
        ("121", "assigned"), ("122", "in_progress"), ("123", "new"),
    ]  # fmt: skip
    reasons = desk.of(range(100, 124), "source_state_reason, state_reason, mapping_confidence")
    assert [row for row in reasons if row[0]] == [
        ("pending reminder", "requester", 1.0), ("pending auto close-", "confirmation", 1.0),
        ("Wartet auf Lieferant", "requester", 0.5),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "states"),
    [
        (130, ["new", "new", "assess", "assess", "assess", "pending", "resolved", "closed"]),
        (140, ["draft", "draft", "draft", "draft", "draft", "pending", "pending", "closed"]),
    ],
)
def test_problems_and_changes_have_states_of_their_own_and_nothing_is_said_to_be_implemented(
    desk: Office, first: int, states: list[str]
) -> None:
    assert [state for (state,) in desk.of(range(first, first + 8), "state")] == states


def _removed(office: Office) -> None:
    office.ticket(200, "removed", "RfC", dynamic={"ITSMDecisionResult": "Approved"})


@pytest.mark.parametrize("table", ["work_item", "change_detail", "approval"])
def test_a_removed_ticket_is_no_record(desk: Office, table: str) -> None:
    assert desk.of(REMOVED, "*", table) == []


def _kinds(office: Office) -> None:
    for key, kind in enumerate(
        ("Incident", "Incident::Major", "ServiceRequest", "Problem", "RfC", "Unclassified"), 300
    ):
        office.ticket(key, "new", kind, ResponsibleID=7)
        office.life(key, "new")
    office.entry(301, "TypeUpdate", "%%Incident::Major%%6%%Incident%%2", "2026-03-02 10:00:00")
    office.entry(301, "TypeUpdate", "%%Incident::Major%%6%%Incident%%2", "2026-03-03 10:00:00")
    office.ticket(306, "new", "Incident::Major")


def test_kinds_by_type_and_major_incidents_among_them(desk: Office) -> None:
    assert desk.of(KINDS, "record_type, is_major, major_manager_id, strftime(major_declared_at, '%d %H')") == [
        ("incident", False, None, None), ("incident", True, "otrs:person:7", "02 10"),
        ("service_request", False, None, None), ("problem", False, None, None), ("change", False, None, None),
        ("unknown", False, None, None), ("incident", True, None, "01 08"),
    ]  # fmt: skip
    assert desk.of(KINDS, "is_known_error", "problem_detail") == [(None,)]
    assert desk.of(KINDS, "source_outcome", "change_detail") == [("new",)]


def _ranks(office: Office) -> None:
    for key, (priority, impact) in enumerate(
        (
            ("1 very low", "5 very high"),
            ("5 very high", "1 very low"),
            ("High", None),
            ("4", "2 low"),
            ("wichtig", "?"),
        ),
        400,
    ):
        office.ticket(key, Priority=priority, dynamic={"ITSMImpact": impact})


def test_priority_and_impact_begin_with_the_highest(desk: Office) -> None:
    assert desk.of(RANKS, "priority, impact, source_priority") == [
        (5, 1, "1 very low"), (1, 5, "5 very high"), (2, None, "High"), (2, 4, "4"), (None, None, "wichtig"),
    ]  # fmt: skip


def test_what_no_map_knows_is_counted(desk: Office) -> None:
    # A type that tells nothing, a priority and an impact without a number.
    assert desk.sql("SELECT unmapped FROM stream_run WHERE stream = 'ticket'") == [(3,)]


def _ends(office: Office) -> None:
    office.ticket(500, "closed successful", Closed="2026-03-01 10:00:00")
    office.life(500, "new", "open", "closed successful")
    office.ticket(501, "open", Closed="2026-03-01 09:00:00")
    office.life(501, "new", "closed successful", "open")
    office.ticket(502, "pending auto close+", "ServiceRequest")
    office.life(502, "new", "pending auto close+")
    office.ticket(503, "merged", Closed="2026-03-01 10:00:00")
    office.life(503, "new", "open", "merged")


def test_when_and_by_whom_it_ended_is_told_only_while_it_is_ended(desk: Office) -> None:
    columns = "strftime(resolved_at, '%H'), resolved_by_id, strftime(closed_at, '%H'), closed_by_id, resolution_code"
    by = "otrs:person:5"
    assert desk.of(ENDS, columns) == [
        ("10", by, "10", by, "fixed"), (None, None, None, None, None), ("09", by, None, None, "fulfilled"),
        (None, None, "10", by, "duplicate"),
    ]  # fmt: skip


def _people(office: Office) -> None:
    office.ticket(600, "open", OwnerID=5, CustomerUserID="5", CreateBy=2)
    office.ticket(601, "new")
    office.article(600, 11, "customer", CommunicationChannelID=3, Body="<p>Help!</p>")


def test_the_people_of_a_ticket_are_told_apart_and_nobody_is_nobody(desk: Office) -> None:
    columns = "requester_id, opened_by_id, assignee_id, support_group_id, channel, description_length"
    assert desk.of(PEOPLE, columns) == [
        ("otrs:person:5/customer", "otrs:person:2", "otrs:person:5", "otrs:support_group:5", "portal", 5),
        ("otrs:person:jane/customer", "otrs:person:1", None, "otrs:support_group:5", None, None),
    ]  # fmt: skip
    assert set(desk.sql("SELECT person_id, login, kind FROM person")) == {
        ("otrs:person:5", "bkovacs", "agent"), ("otrs:person:1", "root@localhost", "system"),
        ("otrs:person:7", "dsmith", "agent"), ("otrs:person:5/customer", "5", "customer"),
        ("otrs:person:jane/customer", "jane", "customer"),
    }  # fmt: skip
    assert desk.sql("SELECT name, kind FROM support_group") == [("Service Desk", "team")]


def test_what_a_site_says_comes_first_and_holds_for_its_history_too(made: Callable[..., Office]) -> None:
    office = made(values=OWN)
    office.ticket(1, "in Bearbeitung", "Unclassified")
    office.ticket(2, "pending reminder", "RfC")
    office.ticket(3, "Wartet auf Lieferant", QueueID=6)
    office.ticket(4, "closed with workaround", "Firlefanz", QueueID=6)
    office.ticket(5, "closed unsuccessful", "RfC", Priority="dringend")
    office.life(1, "new", "in Bearbeitung")
    office.life(2, "new", "open", "pending reminder")
    office.life(3, "new", "Wartet auf Lieferant")
    office.sync()
    everyone: Any = range(1, 10)
    assert office.of(everyone, "record_type, state, state_reason, resolution_code, priority") == [
        ("task", "in_progress", None, None, 3), ("change", "authorize", None, None, 3),
        ("problem", "pending", "supplier", None, 3), ("service_request", "closed", None, "user_error", 3),
        ("change", "closed", None, "not_fulfilled", 1),
    ]  # fmt: skip
    assert office.of(everyone, "outcome, source_outcome", "change_detail") == [
        (None, "pending reminder"), ("failed", "closed unsuccessful"),
    ]  # fmt: skip
    assert office.of(everyone, "old_value, new_value, reason", "transition", "seq") == [
        (None, "new", None), ("new", "in_progress", None), (None, "draft", None), ("draft", "draft", None),
        ("draft", "authorize", None), (None, "new", None), ("new", "pending", "supplier"),
    ]  # fmt: skip


def test_accounts_are_pseudonyms_everywhere_but_the_system_is_the_system(made: Callable[..., Office]) -> None:
    office = made(people="pseudonym", zone="Europe/Berlin")
    office.ticket(
        1, "open", Lock="lock", OwnerID=5, Created="2026-07-01 10:00:00", dynamic={"ITSMDueDate": "2026-07-03 10:00:00"}
    )
    office.article(1, 11, "customer", CreateTime="2026-07-01 11:00:00")
    office.life(1, "new", "open")
    office.entry(1, "OwnerUpdate", "%%bkovacs%%5", "2026-07-01 12:00:00", OwnerID=5, CreateBy=1)
    office.entry(1, "CustomerUpdate", "%%CustomerID=jane@acme.com;CustomerUser=jane;")
    office.sync()
    [(assignee, requester)] = office.sql("SELECT assignee_id, requester_id FROM work_item")
    assert office.sql("SELECT old_value, new_value FROM transition WHERE field = 'assignee'") == [(None, assignee)]
    assert office.sql("SELECT new_value FROM transition WHERE source_field = 'CustomerUpdate'") == [(requester,)]
    assert office.sql("SELECT author_id FROM comment") == [(requester,)]
    assert set(office.sql("SELECT person_id, kind FROM person")) == {
        (assignee, "agent"), (requester, "customer"), ("otrs:person:1", "system"),
    }  # fmt: skip
    kept = [str(value) for table in ("work_item", "transition", "person", "comment")
            for row in office.sql(f"SELECT * FROM {table}") for value in row]  # fmt: skip
    assert not [value for value in kept if "jane" in value or "bkovacs" in value]
    # Its zone is another one, too: all times are in UTC.
    assert office.sql("SELECT strftime(opened_at, '%H'), strftime(due_at, '%d %H') FROM work_item") == [("08", "03 08")]
    times = "SELECT strftime(\"at\", '%H') FROM comment UNION ALL SELECT strftime(\"at\", '%H') FROM transition"
    assert {("09",), ("10",)} <= set(office.sql(times))
