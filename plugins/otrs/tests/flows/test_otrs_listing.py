"""Searches know no pages, no counts and no mistakes: nothing is lost between them, and nothing is believed blindly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from otrs_site import SECRET, OtrsSite, about

from itsm_bridge.errors import SourceError
from itsm_bridge_otrs.testing import Fault, SimulatedOtrs
from itsm_bridge_otrs.windows import plan, question, room

pytestmark = pytest.mark.usefixtures("reading_only")

AGO = datetime.now(UTC).replace(microsecond=0) - timedelta(days=9)
Asked = Mapping[str, Any]


def filled(server: SimulatedOtrs, count: int, step: timedelta = timedelta(0)) -> list[str]:
    """Tickets of a queue without targets: those that escalate are read again and again."""
    return [server.desk.create(f"ticket {number}", queue="Raw", at=AGO + number * step) for number in range(count)]


def test_more_tickets_of_one_second_than_a_search_may_bring_all_come(site: OtrsSite, server: SimulatedOtrs) -> None:
    filled(server, 30, timedelta(minutes=1))
    filled(server, 230)
    site.settings |= {"batch_tickets": 100}
    site.sync()
    assert site.keys() == site.visible()
    assert len(server.requests) < 30
    server.desk.rebuild_index()  # `Changed` of all of them moves to one second
    site.sync()
    assert {changed for _, changed in site.held("ticket", "Changed")} == {server_time(server)}


def server_time(server: SimulatedOtrs) -> str:
    moments = {ticket.changed for ticket in server.visible()}
    assert len(moments) == 1
    return datetime.fromtimestamp(moments.pop(), UTC).strftime("%Y-%m-%d %H:%M:%S")


def test_tickets_that_move_while_they_are_listed_and_read_are_not_lost(site: OtrsSite, server: SimulatedOtrs) -> None:
    ids = filled(server, 250, timedelta(minutes=1))

    def unrest(subject: str, _: Asked) -> None:
        for key in ids[::9] if subject == "TicketSearch" else ids[1::40]:
            server.desk.update(key, title=f"moved {len(server.requests)}")

    server.unrest = unrest
    site.sync()
    server.unrest = None
    assert site.keys() == site.visible()
    report = site.sync()
    assert report.incomplete == []
    told = {str(ticket.id): ticket.changed for ticket in server.visible()}
    held = {key: datetime.fromisoformat(f"{at}+00:00").timestamp() for key, at in site.held("ticket", "Changed")}
    assert held == told


def test_a_search_that_suddenly_finds_nothing_is_not_believed(site: OtrsSite, server: SimulatedOtrs) -> None:
    filled(server, 30, timedelta(minutes=1))
    site.sync()

    def nothing_by_date(subject: str, asked: Asked) -> None:
        if subject == "TicketSearch" and "TicketLastChangeTimeNewerDate" in asked:
            server.faults.add(Fault("empty_search", nth=(1,), times=1))

    server.unrest = nothing_by_date
    with pytest.raises(SourceError, match="none when it is asked by date"):
        site.sync()
    assert len(site.keys()) == 30


def test_one_ticket_that_is_refused_costs_only_itself(site: OtrsSite, server: SimulatedOtrs) -> None:
    ids = filled(server, 50, timedelta(minutes=1))
    server.deny([ids[17], ids[18], ids[40]])
    report = site.sync()
    assert about(report)["status"] == "partial"
    assert "3 rows exist" in about(report)["reason"]
    assert site.keys() == set(ids) - {ids[17], ids[18], ids[40]}


@pytest.mark.parametrize(("tickets", "windows"), [(900, 1), (3_900, 7), (8_000, 7), (100_000, 25)])
def test_many_tickets_make_few_windows_but_work_for_all_connections(tickets: int, windows: int) -> None:
    ids = [str(id_) for id_ in range(tickets)]
    *planned, tail = plan(ids, None, "2026-11-22 06:08:09", room(tickets, connections=4, most=5_000))
    assert len(planned) == windows
    assert [one for window in planned for one in question(window).of(ids)] == ids
    assert tail.is_tail


def test_a_second_sync_asks_only_for_what_changed(site: OtrsSite, server: SimulatedOtrs) -> None:
    ids = filled(server, 120, timedelta(hours=1))
    site.sync()
    server.desk.answer(ids[3])
    report = site.sync()
    assert about(report)["appended"] == 1
    assert about(report)["received"] < 10  # those of the last hour come again
    assert about(report, "ticket_article")["appended"] == 1


def test_no_ticket_is_missed_in_the_night_that_clocks_are_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = datetime(2026, 10, 24, 20, 10, tzinfo=UTC)
    with SimulatedOtrs("Europe/Berlin", now=begin) as server:
        monkeypatch.setenv(SECRET, server.password)
        site = OtrsSite(tmp_path, server, streams=["ticket", "ticket_history"])
        ids = [server.desk.create(at=begin - timedelta(days=9, minutes=n)) for n in range(30)]
        site.sync()
        for step in range(1, 29):
            server.now = begin + step * timedelta(minutes=30)
            ids.append(server.desk.create())
            server.desk.update(ids[step], title=f"changed at {step}")
            if not step % 7:
                site.sync()
        titles = {str(ticket.id): ticket.title for ticket in server.visible()}
        held = dict(site.held("ticket", "Title"))
    assert held.keys() == titles.keys()
    assert len(set(held.values())) == len(set(titles.values()))  # texts are kept as hashes
