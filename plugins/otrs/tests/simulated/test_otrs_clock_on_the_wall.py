"""Times are texts of the server's zone, with its doubled and its missing hours; working time is counted by calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from asking_otrs import NOW, Asking, ago

from itsm_bridge_otrs.testing import Desk, SimulatedOtrs
from itsm_bridge_otrs.testing.wall import Wall
from itsm_bridge_otrs.testing.working_time import ALWAYS, BUSINESS, WorkingTime

BERLIN = Wall("Europe/Berlin")
FIRST_230 = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
SECOND_230 = FIRST_230 + timedelta(hours=1)


def moment(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+00:00").timestamp())


@pytest.mark.parametrize(("zone", "created"), [("UTC", "11:00:00"), ("Europe/Berlin", "12:00:00"),
                                               ("Asia/Kathmandu", "16:45:00"), ("America/St_Johns", "07:30:00")])  # fmt: skip
def test_times_are_those_of_the_server_and_moments_are_true(zone: str, created: str) -> None:
    with SimulatedOtrs(zone, now=NOW) as server, Asking(server) as ask:
        key = server.desk.create(sla="Gold 24x7", at=ago(hours=1))
        shown = ask.ticket(key)
        assert shown["Created"][11:] == ask.rows(key)[0]["CreateTime"][11:] == created
        assert shown["Age"] == 3600
        due = shown["SolutionTimeDestinationTime"]
        assert (due, server.desk.wall.text(due)) == (
            moment("2026-11-22 15:00:00"),
            shown["SolutionTimeDestinationDate"],
        )
        assert ask.ids(TicketLastChangeTimeNewerDate=shown["Changed"]) == [key]


def test_the_doubled_hour_shows_the_same_text_twice_and_is_read_as_the_second_one() -> None:
    now = SECOND_230 + timedelta(hours=1)
    with SimulatedOtrs("Europe/Berlin", now=now) as server, Asking(server) as ask:
        keys = [server.desk.create(at=at) for at in (FIRST_230, SECOND_230)]
        shown = [ask.ticket(key) for key in keys]
        assert {one["Created"] for one in shown} == {"2026-10-25 02:30:00"}
        assert [one["Age"] for one in shown] == [3600, 3600]  # the first one is two hours old
        assert set(ask.ids(TicketCreateTimeNewerDate="2026-10-25 02:30:00")) == set(keys)


def test_what_changed_before_the_clock_was_set_back_may_lie_behind_what_changed_after() -> None:
    with SimulatedOtrs("Europe/Berlin", now=SECOND_230 + timedelta(hours=1)) as server, Asking(server) as ask:
        before = server.desk.create(at=FIRST_230 + timedelta(minutes=20))
        after = server.desk.create(at=SECOND_230)
        assert ask.ids(SortBy="Changed", OrderBy="Up") == [after, before]
        assert ask.ids(TicketLastChangeTimeNewerDate="2026-10-25 02:45:00") == [before]


def test_an_hour_that_never_was_is_no_date_of_a_search() -> None:
    with SimulatedOtrs("Europe/Berlin", now=NOW) as server, Asking(server) as ask:
        server.desk.create()
        assert ask.get("/Ticket", TicketCreateTimeNewerDate="2026-03-29 02:30:00") == {}
        assert ask.get("/Ticket", TicketCreateTimeNewerDate="2026-03-29 03:30:00") == {"TicketID": ["1"]}


def test_a_clock_that_is_ahead_shows_in_ages(desk: Desk, ask: Asking) -> None:
    key = desk.create(at=ago(hours=1))
    desk.ahead_seconds = 600
    assert ask.ticket(key)["Age"] == 4200


def test_the_clock_runs_where_nobody_fixes_it() -> None:
    with SimulatedOtrs() as server, Asking(server) as ask:
        assert ask.ticket(server.desk.create())["Age"] < 5
        assert server.now is None


def test_working_time_is_that_of_the_calendar() -> None:
    utc = Wall("UTC")
    friday, monday = moment("2026-11-20 20:00:00"), moment("2026-11-23 09:30:00")
    assert BUSINESS.between(friday, monday, utc) == 3600 + 5400
    assert BUSINESS.after(friday, 2 * 3600, utc) == moment("2026-11-23 09:00:00")
    assert BUSINESS.between(moment("2026-11-21 04:00:00"), moment("2026-11-22 23:00:00"), utc) == 0
    assert ALWAYS.between(friday, monday, utc) == monday - friday
    assert BUSINESS.between(monday, friday, utc) == ALWAYS.between(monday, friday, utc) == 0
    shifts = WorkingTime(hours=(8, 9, 10, 14, 15))
    assert shifts.between(moment("2026-11-20 09:30:00"), moment("2026-11-20 15:00:00"), utc) == 5400 + 3600
    closed = WorkingTime(holidays=frozenset({date(2026, 11, 23)}))
    assert closed.after(friday, 2 * 3600, utc) == moment("2026-11-24 09:00:00")


def test_working_hours_follow_the_wall_over_a_change_of_the_clocks() -> None:
    friday, monday = moment("2026-10-23 18:00:00"), moment("2026-10-26 08:00:00")  # 20:00 and 09:00 in Berlin
    assert BUSINESS.between(friday, monday, BERLIN) == 2 * 3600
    assert ALWAYS.between(friday, monday, BERLIN) == monday - friday


@pytest.mark.parametrize("text", ["", "2026-11-22", "2026-11-22T00:00:00Z", "2026-02-30 00:00:00", "garbage"])
def test_what_is_no_time_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|day|match"):
        BERLIN.asked(text)
