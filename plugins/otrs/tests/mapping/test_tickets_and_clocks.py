"""What TicketGet says, as columns: fields of any kind, first and last articles, clocks, names that are met."""

from __future__ import annotations

import json
from typing import Any

import pytest
from office import Office

from itsm_bridge.nested import NestedPage
from itsm_bridge_otrs.articles import articles
from itsm_bridge_otrs.clocks import clocks, targets
from itsm_bridge_otrs.met import Met
from itsm_bridge_otrs.shape import Rows, Shape
from itsm_bridge_otrs.tickets import tickets
from itsm_bridge_otrs.zone import Zone

WANTED = {
    "ticket": ("TicketID", "Created", "Closed", "pending_until", "SLAID", "dynamic.Systems", "dynamic.Major",
               "dynamic.Due", "first_article.body", "last_answer.body"),
    "ticket_article": (), "ticket_clock": (),
}  # fmt: skip
SHAPE = Shape(WANTED)
UTC = Zone("UTC")
DUE = 1_795_331_289  # 2026-11-22 07:08:09


def page_of(*told: Any) -> NestedPage:
    return SHAPE.decode_tickets(json.dumps({"Ticket": told}).encode())


def rows(found: Rows) -> list[dict[str, Any]]:
    columns, count = found
    made = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    assert len(made) == count
    return made


@pytest.mark.parametrize(("wanted", "flags"), [
    ({"ticket": ("Title", "Queue")}, {}),
    ({"ticket": ("Closed",)}, {"Extended": "1"}),
    ({"ticket": ("dynamic.X",)}, {"DynamicFields": "1"}),
    ({"ticket": (), "ticket_target": ()}, {"Extended": "1"}),
    ({"ticket": ("first_article.body",)}, {"AllArticles": "1"}),
    (WANTED, {"Extended": "1", "DynamicFields": "1", "AllArticles": "1"}),
])  # fmt: skip
def test_the_server_is_asked_for_no_more_than_is_wanted(
    wanted: dict[str, tuple[str, ...]], flags: dict[str, str]
) -> None:  # fmt: skip
    assert Shape(wanted).flags == {"Attachments": "0"} | flags


def test_what_is_not_wanted_is_not_there() -> None:
    page = Shape({"ticket": ("Title",)}).decode_tickets(b'{"Ticket": [{"TicketID": 1, "Article": [{"ArticleID": 1}]}]}')
    assert articles(page, UTC) == clocks(page, UTC) == targets(clocks(page, UTC)) == ({}, 0)


def test_fields_of_a_site_are_texts_whatever_they_hold(office: Office) -> None:
    office.ticket(1, dynamic={"Systems": ["mail01", "vpn"], "Major": 1, "Due": "2026-07-01 10:00:00", "Other": "x"})
    office.ticket(2, dynamic={"Systems": None, "Major": None, "Due": "", "Other": None})
    page = page_of(*office.tickets.values())
    assert page.misfits == 0
    found, _ = tickets(SHAPE, page, Zone("Europe/Berlin"))
    assert list(found["dynamic.Systems"]) == ['["mail01","vpn"]', None]
    assert list(found["dynamic.Major"]) == ["1", None]
    assert list(found["dynamic.Due"]) == ["2026-07-01 08:00:00", None]
    assert "dynamic.Other" not in found


def test_fields_that_not_all_tickets_list_alike_find_their_tickets(office: Office) -> None:
    office.ticket(1, dynamic={"Major": 1, "Due": "soon"})
    office.ticket(2, dynamic={"Due": "later", "Major": 0})
    shown = [(["1", "0"], ["soon", "later"]), (["1", "0", None], ["soon", "later", None])]
    for major, due in shown:
        found, _ = tickets(SHAPE, page_of(*office.tickets.values()), UTC)
        assert (list(found["dynamic.Major"]), list(found["dynamic.Due"])) == (major, due)
        office.ticket(3, dynamic={})


def test_none_is_missing_in_whatever_way_it_is_said(office: Office) -> None:
    office.ticket(1, "pending reminder", RealTillTimeNotUsed=DUE, Closed="2026-03-02 08:00:00", SLAID=3)
    office.ticket(2)
    found, _ = tickets(SHAPE, page_of(*office.tickets.values()), UTC)
    assert list(found["pending_until"]) == ["2026-11-22 07:08:09", None]
    assert list(found["SLAID"]) == ["3", None]
    assert list(found["Closed"]) == ["2026-03-02 08:00:00", None]


def test_the_first_article_describes_a_ticket_and_the_last_by_an_agent_how_it_ended(office: Office) -> None:
    for key, state in ((1, "closed successful"), (2, "open"), (3, "merged")):
        office.ticket(key, state)
    for key in (1, 2):
        for number, sender in enumerate(("customer", "agent", "agent", "customer")):
            office.article(key, key * 10 + number, sender, Body=f"{sender} {number}")
    found, _ = tickets(SHAPE, page_of(*office.tickets.values()), UTC)
    assert list(found["first_article.body"]) == ["customer 0", "customer 0", None]
    assert list(found["last_answer.body"]) == ["agent 2", None, None]


def test_articles_are_rows_of_the_ticket_that_they_lie_in(office: Office) -> None:
    office.ticket(1)
    office.article(1, 7, "agent", IsVisibleForCustomer=0, CommunicationChannelID=3, Subject="", Body="")
    office.ticket(2)
    assert rows(articles(page_of(*office.tickets.values()), UTC)) == [{
        "ticket": "1", "article": "7", "id": "1/7", "created": "2026-03-01 09:00:00", "sender": "agent", "author": "5",
        "is_visible": "0", "channel": "3", "subject": None, "body": None,
    }]  # fmt: skip


def test_a_clock_runs_until_it_is_stopped_and_is_overdue_by_what_the_tool_says(office: Office) -> None:
    office.ticket(
        1, SLAID=1, EscalationResponseTime=DUE, FirstResponseTimeEscalation=1, EscalationSolutionTime=str(DUE)
    )
    office.ticket(2, SLAID=1, FirstResponse="2026-03-01 08:30:00", FirstResponseInMin=30, FirstResponseDiffInMin="30")
    office.ticket(3, "closed successful", Closed="2026-03-01 16:00:00", SolutionInMin=480, SolutionDiffInMin=-240)
    office.ticket(4, EscalationUpdateTime=DUE)
    office.ticket(5, "closed successful", Closed="2026-03-01 16:00:00", SolutionInMin=480)  # it had no target
    shown = [
        (row["id"], row["agreement"], row["started"], row["stopped"], row["due"], row["is_overdue"],
         row["target_minutes"], row["in_seconds"], row["target_seconds"])
        for row in rows(clocks(page_of(*office.tickets.values()), UTC))
    ]  # fmt: skip
    start, due = "2026-03-01 08:00:00", "2026-11-22 07:08:09"
    assert shown == [
        ("1/response", "sla/1", start, None, due, "true", None, None, None),
        ("2/response", "sla/1", start, "2026-03-01 08:30:00", None, "false", "60", "1800", "3600"),
        ("4/update", "queue/5", None, None, due, "false", None, None, None),
        ("1/solution", "sla/1", start, None, due, "false", None, None, None),
        ("3/solution", "queue/5", start, "2026-03-01 16:00:00", None, "true", "240", "28800", "14400"),
    ]


def test_only_targets_of_running_clocks_are_kept(office: Office) -> None:
    office.ticket(1, SLAID=1, EscalationResponseTime=DUE)
    office.ticket(2, FirstResponse="2026-03-01 08:30:00", FirstResponseInMin=30, FirstResponseDiffInMin=30)
    assert rows(targets(clocks(page_of(*office.tickets.values()), UTC))) == [{
        "id": "1/response/sla/1", "ticket": "1", "kind": "response", "agreement": "sla/1", "due": "2026-11-22 07:08:09",
    }]  # fmt: skip
    assert targets(clocks(page_of(office.tickets[2]), UTC)) == ({}, 0)


def test_an_answered_ticket_has_no_running_response_though_the_index_still_says_so(office: Office) -> None:
    office.ticket(1, EscalationResponseTime=DUE, FirstResponseTimeEscalation=1, FirstResponse="2026-03-01 08:30:00",
                  FirstResponseInMin=30, FirstResponseDiffInMin=30)  # fmt: skip
    [row] = rows(clocks(page_of(office.tickets[1]), UTC))
    assert (row["stopped"], row["due"], row["is_overdue"]) == ("2026-03-01 08:30:00", None, "false")


def test_a_solution_runs_again_only_where_the_tool_has_a_new_due_time(office: Office) -> None:
    office.ticket(1, Closed="2026-03-01 16:00:00", SolutionInMin=60, SolutionDiffInMin=180)  # reopened: it is forgotten
    office.ticket(2, Closed="2026-03-01 16:00:00", SolutionInMin=60, SolutionDiffInMin=180, EscalationSolutionTime=DUE)
    stops = [(row["stopped"], row["due"]) for row in rows(clocks(page_of(*office.tickets.values()), UTC))]
    assert stops == [("2026-03-01 16:00:00", None), (None, "2026-11-22 07:08:09")]


@pytest.mark.parametrize(("spent", "spare", "target"), [(780, 1620, 2400), (0, 239, 240), (412, -172, 240), (5, 1, 6)])
def test_a_minute_lost_by_cutting_is_given_back(office: Office, spent: int, spare: int, target: int) -> None:
    office.ticket(1, "closed successful", Closed="2026-03-01 16:00:00", SolutionInMin=spent, SolutionDiffInMin=spare)
    [row] = rows(clocks(page_of(office.tickets[1]), UTC))
    assert row["target_minutes"] == str(target)


def test_names_are_told_once_in_a_run_and_again_when_they_change(office: Office) -> None:
    met = Met()
    office.ticket(1, OwnerID=5, SLAID=1, SLA="Gold", ServiceID=2, Service="VPN")
    office.ticket(2, "new", CustomerUserID=None, CustomerID=None)
    first = met.of(page_of(*office.tickets.values()), ({}, 0))
    assert rows(first["queue"]) == [{"id": "5", "name": "Service Desk"}]
    assert rows(first["sla"]) == [{"id": "1", "name": "Gold"}]
    assert rows(first["service"]) == [{"id": "2", "name": "VPN"}]
    assert rows(first["state"]) == [
        {"id": "4", "name": "open", "state_type": "open"}, {"id": "1", "name": "new", "state_type": "new"},
    ]  # fmt: skip
    assert rows(first["customer"]) == [{"id": "jane", "company": "ACME"}]
    assert {row["name"] for row in rows(first["agent"])} == {"bkovacs", "root@localhost"}
    assert met.of(page_of(*office.tickets.values()), ({}, 0)) == {}
    office.tickets[2]["Queue"] = "Service Desk (old)"
    again = met.of(page_of(*office.tickets.values()), ({}, 0))
    assert {stream: rows(found) for stream, found in again.items()} == {
        "queue": [{"id": "5", "name": "Service Desk (old)"}]
    }


def test_agents_of_the_past_are_met_in_histories_but_todays_logins_win(office: Office) -> None:
    met = Met()
    office.ticket(1, OwnerID=5)
    old: Rows = (
        {"field": ["owner", "responsible", "queue"], "to_id": ["5", "8", "9"], "to": ["kovacs", "eva", "Raw"]},
        3,
    )
    first = met.of(page_of(office.tickets[1]), old)
    assert {(row["id"], row["name"]) for row in rows(first["agent"])} == {
        ("5", "bkovacs"), ("8", "eva"), ("1", "root@localhost"),
    }  # fmt: skip
    assert met.of(page_of(office.tickets[1]), old) == {}


def test_names_of_a_page_are_known_before_its_histories_are_read(office: Office) -> None:
    met = Met()
    office.ticket(1, "in Bearbeitung", OwnerID=7)
    names = met.names_with(page_of(office.tickets[1]))
    assert names["state"] == {"12": "in Bearbeitung"}
    assert names["owner"] == {"7": "dsmith", "1": "root@localhost"}
    assert met.names == names


def test_a_page_without_tickets_gives_nothing() -> None:
    page = page_of()
    assert (
        tickets(SHAPE, page, UTC) == articles(page, UTC) == clocks(page, UTC) == targets(clocks(page, UTC)) == ({}, 0)
    )
    assert Met().of(page, ({}, 0)) == {}
