"""What happens to tickets leaves the rows that the real server writes, and moves `Changed` when it does there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from asking_otrs import NOW, Asking, ago
from captured import history, ticket

from itsm_bridge_otrs.testing import Desk

Touch = Callable[[Desk, str], object]
UNTIL = datetime.fromisoformat("2026-11-30 09:00+00:00")
UPDATES: dict[str, tuple[Touch, list[str]]] = {
    "title": (lambda desk, key: desk.update(key, title="neu"), ["%%alt%%neu"]),
    "state": (lambda desk, key: desk.update(key, state="open"), ["%%new%%open%%", "%%00-00-00 00:00"]),
    "pending": (
        lambda desk, key: desk.update(key, state="pending reminder", pending_until=UNTIL),
        ["%%2026-11-30 09:00", "%%new%%pending reminder%%"],
    ),
    "queue": (lambda desk, key: desk.update(key, queue="Raw"), ["%%Raw%%2%%Service Desk%%5"]),
    "priority": (lambda desk, key: desk.update(key, priority="4 high"), ["%%3 normal%%3%%4 high%%4"]),
    "owner": (lambda desk, key: desk.update(key, owner="dsmith"), ["%%dsmith%%7", "%%dsmith%%7"]),
    "responsible": (lambda desk, key: desk.update(key, responsible="dsmith"), ["%%dsmith%%7"]),
    "type": (lambda desk, key: desk.update(key, type="Problem"), ["%%Problem%%3%%Incident%%2"]),
    "service": (lambda desk, key: desk.update(key, service="VPN"), ["%%VPN%%2%%E-Mail%%1"]),
    "agreement": (lambda desk, key: desk.update(key, sla="Silver"), ["%%Silver%%2%%Bronze%%3"]),
    "no agreement": (lambda desk, key: desk.update(key, sla=""), ["%%NULL%%%%Bronze%%3"]),
    "lock": (lambda desk, key: desk.update(key, is_locked=True), ["%%lock", "Reset of unlock time."]),
    "customer": (lambda desk, key: desk.update(key, customer="zoe"), ["%%CustomerID=GLOBEX;CustomerUser=zoe;"]),
    "field": (
        lambda desk, key: desk.update(key, dynamic={"AffectedSystems": ["a", "b"]}),
        ["%%FieldName%%AffectedSystems%%Value%%a, b%%OldValue%%"],
    ),
    "date": (
        lambda desk, key: desk.update(key, dynamic={"PlannedDate": "2026-12-01 00:00:00"}),
        ["%%FieldName%%PlannedDate%%Value%%2026-12-01%%OldValue%%"],
    ),
    "note": (lambda desk, key: desk.note(key), ["%%", "Reset of unlock time."]),
    "time": (lambda desk, key: desk.note(key, minutes=15), ["%%", "Reset of unlock time.", "%%15%%15"]),
    "answer": (lambda desk, key: desk.answer(key), ["%%", "Reset of unlock time."]),
    "follow-up": (lambda desk, key: desk.follow_up(key), ["%%"]),
    "close": (lambda desk, key: desk.close(key), ["%%new%%closed successful%%", "%%00-00-00 00:00"]),
    "archive": (lambda desk, key: desk.archive([key]), ["%%y"]),
}


@pytest.fixture
def key(desk: Desk) -> str:
    return desk.create("alt", service="E-Mail", sla="Bronze", at=ago(hours=1))


@pytest.mark.parametrize("update", UPDATES)
def test_every_update_writes_its_rows_and_moves_changed(desk: Desk, ask: Asking, key: str, update: str) -> None:
    before = len(ask.rows(key))
    touch, names = UPDATES[update]
    touch(desk, key)
    assert [row["Name"] for row in ask.rows(key)[before:]] == names
    assert ask.ticket(key)["Changed"] == "2026-11-22 12:00:00"


def test_an_update_to_the_same_value_changes_nothing(desk: Desk, ask: Asking, key: str) -> None:
    desk.update(key, dynamic={"ExternalRef": "X"}, at=ago(minutes=30))
    before = ask.rows(key)
    desk.update(key, state="new", queue="Service Desk", priority="3 normal", dynamic={"ExternalRef": "X"}, title="alt",
                owner="root@localhost", sla="Bronze", type="Incident", is_locked=False)  # fmt: skip
    assert ask.rows(key) == before
    assert ask.ticket(key)["Changed"] == "2026-11-22 11:30:00"


def test_a_row_holds_the_ids_after_it_and_setup_rows_lie_in_the_first_second(desk: Desk, ask: Asking, key: str) -> None:
    desk.update(key, state="open", queue="Netzwerk & VPN", priority="5 very high", type="Problem", owner="bkovacs")
    first, after = (rows := ask.rows(key))[:6], rows[6:]
    assert [row["HistoryType"] for row in first] == [
        "NewTicket", "ServiceUpdate", "SLAUpdate", "TypeUpdate", "CustomerUpdate", "EmailCustomer",
    ]  # fmt: skip
    assert {row["CreateTime"] for row in first} == {"2026-11-22 11:00:00"}
    told = [(row["HistoryType"], row["QueueID"], row["StateID"], row["PriorityID"], row["TypeID"], row["OwnerID"])
            for row in after]  # fmt: skip
    assert told == [
        ("Move", 7, 1, 3, 2, 1), ("TypeUpdate", 7, 1, 3, 3, 1), ("StateUpdate", 7, 4, 3, 3, 1),
        ("SetPendingTime", 7, 4, 3, 3, 1), ("PriorityUpdate", 7, 4, 5, 3, 1), ("OwnerUpdate", 7, 4, 5, 3, 5),
        ("ResponsibleUpdate", 7, 4, 5, 3, 5),
    ]  # fmt: skip
    assert "HistoryID" not in rows[0]
    assert {row["TicketID"] for row in rows} == {key}


def test_without_service_and_agreement_their_rows_say_null(desk: Desk, ask: Asking) -> None:
    key = desk.create()
    assert [row["Name"] for row in ask.rows(key)[1:3]] == ["%%NULL%%%%NULL%%"] * 2


def test_long_titles_and_values_are_cut_in_rows(desk: Desk, ask: Asking, key: str) -> None:
    desk.update(key, title="x" * 60, dynamic={"ExternalRef": "n" * 200})
    desk.update(key, dynamic={"ExternalRef": "m" * 200}, title="y" * 240)
    desk.update(key, title="neu")
    *names, last = (row["Name"] for row in ask.rows(key)[-5:])
    assert last == f"%%{'y' * 198}"
    assert names[0] == f"%%alt%%{'x' * 50}..."
    assert all(len(name) <= 200 for name in names)
    assert names[3] == f"%%FieldName%%ExternalRef%%Value%%{'m' * 95}[...]%%OldValue%%{'n' * 50}[...]"


def test_moving_a_locked_ticket_unlocks_it_in_the_name_of_the_system(desk: Desk, ask: Asking, key: str) -> None:
    desk.take(key, "bkovacs", ago(minutes=30))
    desk.update(key, queue="Raw", by="bkovacs")
    told = [(row["HistoryType"], row["CreateBy"]) for row in ask.rows(key)[-2:]]
    assert told == [("Move", 5), ("Unlock", 1)]


def test_a_merge_writes_what_the_real_one_wrote_and_moves_articles_with_their_rows(desk: Desk, ask: Asking) -> None:
    gone, main = desk.create(at=ago(days=2)), desk.create(queue="Raw", at=ago(days=1))
    desk.note(gone, at=ago(hours=30))
    desk.close(gone, by="dsmith", at=ago(hours=2))
    before = ask.rows(main)
    desk.merge(gone, main, by="dsmith")
    real = [row["HistoryType"] for row in history("history_merged")[-6:]]
    rows, kept = ask.rows(gone), ask.rows(main)
    assert [row["HistoryType"] for row in rows[-6:]] == real
    numbers = [desk.ticket(key).number for key in (gone, main)]
    assert rows[-4]["Name"] == f"%%{numbers[0]}%%{gone}%%{numbers[1]}%%{main}" == kept[-2]["Name"]
    assert (rows[-3]["Name"], kept[-1]["Name"]) == (
        f"%%{numbers[1]}%%{main}%%{gone}", f"%%{numbers[0]}%%{gone}%%{main}",
    )  # fmt: skip
    moved = [row for row in kept if row not in before and row["ArticleID"]]
    assert [(row["HistoryType"], row["QueueID"], row["TicketID"]) for row in moved] == [
        ("EmailCustomer", 5, main), ("AddNote", 5, main),
    ]  # fmt: skip
    assert kept.index(moved[0]) < kept.index(before[0])
    shown = ask.ticket(gone, Extended=1, AllArticles=1)
    same = ("State", "StateType", "Lock", "EscalationTime")
    assert {name: shown[name] for name in same} == {name: ticket("ticketget_merged")[name] for name in same}
    assert (shown["Closed"], len(shown["Article"])) == ("2026-11-22 10:00:00", 1)
    assert ask.ticket(main)["Changed"] == "2026-11-22 12:00:00"


def test_the_job_of_escalations_adds_rows_and_leaves_changed_alone(desk: Desk, ask: Asking) -> None:
    late = desk.create(sla="Gold 24x7", at=ago(hours=30))
    desk.escalate(at=ago(hours=1), told=["eivanov"])
    desk.escalate(at=ago(minutes=50), told=["eivanov"])
    assert ask.kinds(late)[-4:] == [
        "EscalationResponseTimeStart", "EscalationUpdateTimeStart", "EscalationSolutionTimeStart",
        "SendAgentNotification",
    ]  # fmt: skip
    row = ask.rows(late)[-2]
    assert (row["Name"], row["CreateBy"]) == ("%%EscalationSolutionTimeStart%%triggered", 1)
    assert ask.ticket(late)["Changed"] == "2026-11-21 06:00:00"


def test_the_job_keeps_still_outside_of_working_hours_and_warns_before(desk: Desk, ask: Asking) -> None:
    key = desk.create(sla="Silver", at=datetime.fromisoformat("2026-11-20 08:00+00:00"))
    desk.escalate(at=datetime.fromisoformat("2026-11-20 11:30+00:00"))
    assert ask.kinds(key)[-1] == "EscalationResponseTimeNotifyBefore"
    desk.escalate(at=datetime.fromisoformat("2026-11-21 11:30+00:00"))  # a Saturday
    assert ask.kinds(key)[-1] == "EscalationResponseTimeNotifyBefore"


def test_closing_what_is_overdue_stops_its_clocks_in_the_history(desk: Desk, ask: Asking) -> None:
    key = desk.create(sla="Gold 24x7", at=ago(hours=3))
    desk.close(key)
    assert [kind for kind in ask.kinds(key) if kind.endswith("Stop")] == [
        "EscalationResponseTimeStop", "EscalationUpdateTimeStop",
    ]  # fmt: skip


def test_the_job_that_rebuilds_the_index_moves_changed_of_all_that_is_open_at_one_second(
    desk: Desk, ask: Asking
) -> None:
    open_ones = [desk.create(at=ago(days=day)) for day in (1, 2, 3)]
    closed = desk.create(at=ago(days=4))
    desk.close(closed, at=ago(days=3))
    before = {key: len(ask.rows(key)) for key in open_ones}
    desk.rebuild_index(at=ago(minutes=5))
    assert {(ask.ticket(key)["Changed"], ask.ticket(key)["ChangeBy"]) for key in open_ones} == {
        ("2026-11-22 11:55:00", 1)
    }
    assert ask.ticket(closed)["Changed"] == "2026-11-19 12:00:00"
    assert {key: len(ask.rows(key)) for key in open_ones} == before


def test_rows_come_in_the_order_of_their_times_whatever_the_order_of_writing(desk: Desk, ask: Asking, key: str) -> None:
    desk.update(key, priority="4 high", at=NOW)
    desk.update(key, title="before", at=NOW - timedelta(minutes=1))
    assert ask.kinds(key)[-2:] == ["TitleUpdate", "PriorityUpdate"]
