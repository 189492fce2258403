"""Histories as rows: ids before and after, owners, locks, keys that stay when tickets are merged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office import Office

from itsm_bridge_otrs.history import history
from itsm_bridge_otrs.shape import Shape
from itsm_bridge_otrs.zone import Zone

SHAPE = Shape({"ticket_history": ()})
Row = dict[str, str | None]


def rows_of(answer: list[Any], zone: str = "UTC", names: Mapping[str, Mapping[str, str]] | None = None) -> list[Row]:
    page = SHAPE.decode_histories(json.dumps({"TicketHistory": answer}).encode())
    columns, count = history(page, Zone(zone), names or {})
    assert {len(column) for column in columns.values()} <= {count}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def told(office: Office, *tickets: int, zone: str = "UTC") -> list[Row]:
    return rows_of([{"TicketID": str(key), "History": office.histories[key]} for key in tickets], zone)


def picked(rows: list[Row], *names: str) -> list[tuple[str | None, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


VALUES = ("field", "from", "from_id", "to", "to_id")


def test_ids_are_those_of_the_row_and_of_the_one_before_it(office: Office) -> None:
    office.histories[1] = []
    office.entry(1, "NewTicket", "%%2026%%Raw%%3 normal%%new%%1")
    office.entry(1, "TypeUpdate", "%%Incident%%2")
    office.entry(1, "OwnerUpdate", "%%api%%2", OwnerID=2)
    office.entry(1, "StateUpdate", "%%new%%open%%", "2026-03-01 09:00:00", StateID=4)
    office.entry(1, "OwnerUpdate", "%%bkovacs%%5", "2026-03-01 09:00:00", OwnerID=5)
    office.entry(1, "TypeUpdate", "%%Problem%%3", "2026-03-01 09:00:00", TypeID=3)
    office.entry(1, "ResponsibleUpdate", "%%bkovacs%%5", "2026-03-01 09:00:00")
    office.entry(1, "ResponsibleUpdate", "%%dsmith%%7", "2026-03-01 09:30:00")
    assert picked(told(office, 1), *VALUES) == [
        ("created", None, None, "new", "1"),
        ("type", None, None, "Incident", "2"),  # it was made with this type: the old one is not known
        ("owner", None, "1", "api", "2"),
        ("state", "new", "1", "open", "4"),
        ("owner", "api", "2", "bkovacs", "5"),
        ("type", None, "2", "Problem", "3"),
        ("responsible", None, None, "bkovacs", "5"),
        ("responsible", "bkovacs", "5", "dsmith", "7"),
    ]


def test_the_article_by_which_the_interface_made_a_ticket_is_an_article(office: Office) -> None:
    office.histories[1] = []
    office.entry(1, "NewTicket", "%%2026%%Raw%%3 normal%%open%%1", StateID=4)
    office.entry(1, "NewTicket", "%%GenericInterface Create", ArticleID=9)
    office.entry(1, "NewTicket", "New Ticket [2026] created.")
    named = [{"TicketID": "1", "History": office.histories[1]}]
    assert picked(rows_of(named, names={"state": {"4": "open"}}), "field", "to", "to_id", "is_worked") == [
        ("created", "open", "4", "false"), ("article", "GenericInterface Create", None, None),
        ("created", "open", "4", "false"),
    ]  # fmt: skip


def test_a_ticket_does_not_begin_with_what_the_one_before_it_ended_with(office: Office) -> None:
    office.histories |= {1: [], 2: []}
    office.entry(1, "StateUpdate", "%%new%%open%%", StateID=4, OwnerID=7)
    office.entry(2, "OwnerUpdate", "%%api%%2", OwnerID=2)
    office.entry(2, "Lock", "%%lock")
    assert picked(told(office, 1, 2), "ticket", "position", "from_id") == [
        ("1", "0", None),
        ("2", "0", None),
        ("2", "1", None),
    ]


def test_rows_that_came_with_articles_of_another_ticket_do_not_count_as_the_row_before(office: Office) -> None:
    office.histories[1] = []
    office.entry(1, "NewTicket", "%%2026%%Raw%%3 normal%%new%%1")
    office.entry(1, "SendAnswer", "%%", StateID=9, OwnerID=7, QueueID=6, ArticleID=77)  # merged into this one
    office.entry(1, "StateUpdate", "%%new%%open%%", StateID=4, OwnerID=1, QueueID=5)
    office.entry(1, "OwnerUpdate", "%%api%%2", OwnerID=2)
    found = told(office, 1)
    assert picked(found, "from_id") == [(None,), (None,), ("1",), ("1",)]
    assert picked(found, "article") == [(None,), ("77",), (None,), (None,)]


def test_keys_stay_when_rows_come_from_another_ticket_or_go_to_it(office: Office) -> None:
    office.histories |= {1: [], 2: []}
    for ticket in (1, 2):
        office.entry(ticket, "NewTicket", f"%%2026%%Raw%%3 normal%%new%%{ticket}")
        office.entry(ticket, "PhoneCallCustomer", "%%", ArticleID=10 + ticket)
        office.entry(ticket, "TimeAccounting", "%%5%%5", ArticleID=10 + ticket)
        office.entry(ticket, "TimeAccounting", "%%5%%5", ArticleID=10 + ticket)
        office.entry(ticket, "Lock", "%%lock", "2026-03-01 09:00:00")
    before = {row["id"]: row for row in told(office, 1, 2)}
    assert [key for key in before if key and key.startswith("1/")] == [
        "1/0", "1/PhoneCallCustomer/11", "1/TimeAccounting/11", "1/TimeAccounting/11/2", "1/1",
    ]  # fmt: skip
    moving = [row for row in office.histories[2] if row["ArticleID"]]
    office.histories[2] = [row for row in office.histories[2] if not row["ArticleID"]]
    office.histories[1][1:1] = moving
    after = {row["id"]: row for row in told(office, 1, 2)}
    assert len(after) == 10
    assert {key: after[key] for key in after if key in before} == {key: before[key] for key in before if key in after}
    assert set(before) - set(after) == {"2/PhoneCallCustomer/12", "2/TimeAccounting/12", "2/TimeAccounting/12/2"}


def test_whether_somebody_works_on_a_ticket_follows_its_lock_and_its_owner(office: Office) -> None:
    office.histories[1] = []
    office.entry(1, "NewTicket", "%%2026%%Raw%%3 normal%%new%%1")
    office.entry(1, "Lock", "%%lock")
    office.entry(1, "OwnerUpdate", "%%api%%2", OwnerID=2)
    office.entry(1, "StateUpdate", "%%new%%open%%", StateID=4)
    office.entry(1, "OwnerUpdate", "%%dsmith%%7", OwnerID=7)
    office.entry(1, "Misc", "Reset of unlock time.")
    office.entry(1, "Unlock", "%%unlock")
    office.entry(1, "StateUpdate", "%%open%%new%%", StateID=1)
    no, yes = "false", "true"
    assert picked(told(office, 1), "was_worked", "is_worked") == [
        (no, no), (None, None), (no, yes), (yes, yes), (None, None), (None, None), (yes, no), (no, no),
    ]  # fmt: skip


def test_the_first_row_about_a_lock_tells_what_was_before_it_and_none_tells_nothing(office: Office) -> None:
    office.histories |= {1: [], 2: []}
    for ticket in (1, 2):
        office.entry(ticket, "NewTicket", f"%%2026%%Raw%%3 normal%%open%%{ticket}", StateID=4, OwnerID=7)
    office.entry(1, "Unlock", "%%unlock")
    assert picked(told(office, 1, 2), "was_worked", "is_worked") == [("true", "true"), ("true", "false"), (None, None)]


def test_local_times_become_utc_also_those_within_texts(office: Office) -> None:
    office.histories[1] = []
    at = "2026-07-01 10:00:00"
    office.entry(1, "SetPendingTime", "%%2026-07-02 09:00", at)
    office.entry(
        1, "TicketDynamicFieldUpdate", f"%%FieldName%%ITSMDueDate%%Value%%{at}%%OldValue%%2026-03-29 02:30:00", at
    )
    office.entry(1, "TicketDynamicFieldUpdate", "%%FieldName%%Day%%Value%%2026-07-01%%OldValue%%", at)
    assert picked(told(office, 1, zone="Europe/Berlin"), "created", "from", "to") == [
        ("2026-07-01 08:00:00", None, "2026-07-02 07:00:00"),
        ("2026-07-01 08:00:00", "2026-03-29 02:30:00", "2026-07-01 08:00:00"),  # a time that never was stays
        ("2026-07-01 08:00:00", None, "2026-07-01"),
    ]


def test_names_of_other_rows_and_tickets_tell_how_a_text_is_read(office: Office) -> None:
    office.histories[1] = []
    office.entry(1, "Move", "%%A%%B%%9%%Raw%%2", QueueID=9)
    office.entry(1, "Move", "%%Raw%%2%%A%%9%%B%%9", QueueID=2)
    told_by_id = told(office, 1)[0]
    assert (told_by_id["to"], told_by_id["from"]) == ("A%%B", "Raw")
    office.histories[1] = []
    office.entry(1, "StateUpdate", "%%a%%b%%c%%", StateID=30)
    answer = [{"TicketID": "1", "History": office.histories[1]}]
    assert picked(rows_of(answer), "from", "to", "to_id") == [(None, "a%%b%%c%%", "30")]
    assert picked(rows_of(answer, names={"state": {"30": "b%%c"}}), "from", "to", "to_id") == [("a", "b%%c", "30")]


def test_an_answer_without_rows_is_none() -> None:
    assert rows_of([]) == []
    assert rows_of([{"TicketID": "1", "History": []}]) == []
    assert [
        row["id"]
        for row in rows_of([{"TicketID": 2, "History": [{"HistoryType": "Lock", "CreateTime": "2026-03-01 08:00:00"}]}])
    ] == ["2/0"]


KINDS = st.sampled_from(["NewTicket", "StateUpdate", "Lock", "Unlock", "OwnerUpdate", "SendAnswer", "Misc", "Neues"])
ENTRY = st.fixed_dictionaries({
    "HistoryType": KINDS, "Name": st.sampled_from(["%%", "%%a%%b%%", "%%dsmith%%7", "%%1%%2%%3%%c%%5", "%%%%%"]),
    "CreateTime": st.just("2026-03-01 08:00:00"), "CreateBy": st.integers(1, 3), "ArticleID": st.sampled_from([0, 0, 5]),
    "StateID": st.integers(1, 4), "QueueID": st.just(5), "OwnerID": st.integers(1, 3), "PriorityID": st.just(3),
    "TypeID": st.just(2), "TicketID": st.just("1"),
})  # fmt: skip


@given(st.lists(st.lists(ENTRY, max_size=6), max_size=4))
def test_a_page_of_tickets_is_read_as_each_of_them_alone(tickets: list[list[Any]]) -> None:
    answer = [{"TicketID": str(key), "History": entries} for key, entries in enumerate(tickets)]
    names = {"state": {"1": "a", "2": "b"}, "owner": {"7": "dsmith", "1": "root", "2": "api", "3": "eva"}}
    together = rows_of(answer, names=names)
    assert together == [row for one in answer for row in rows_of([one], names=names)]
    assert len({row["id"] for row in together}) == len(together) == sum(map(len, tickets))


@pytest.mark.parametrize("kind", ["StateUpdate", "Move", "Unbekannt"])
def test_a_row_without_a_text_is_a_row(office: Office, kind: str) -> None:
    office.histories[1] = []
    office.entry(1, kind, "")
    assert len(told(office, 1)) == 1
