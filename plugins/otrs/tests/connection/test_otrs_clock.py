"""Whose clock it is: the time zone is measured, or what is configured is held against the measurement."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
import responses
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from otrs_answers import BASE, Desk, asked, connected, every, reply

from itsm_bridge.errors import BadAnswer, ConfigurationError, PermissionDenied
from itsm_bridge_otrs.session import Site

TWO_YEARS = every(7, 104)
ZONES = sorted(available_timezones() - {"localtime", "Factory"})


def year_of(zone: str, **more: Any) -> Desk:
    return Desk(TWO_YEARS, zone, **more)


@pytest.mark.parametrize(
    "zone", ["UTC", "Europe/Berlin", "Europe/London", "Asia/Kolkata", "Asia/Kathmandu", "America/Los_Angeles"]
)
def test_the_zone_is_measured(tool: responses.RequestsMock, zone: str) -> None:
    year_of(zone).serve(tool)
    site = connected()
    now = datetime.now(UTC)
    assert site.timezone == zone
    assert site.zone.to_utc([now.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")]) == [
        now.strftime("%Y-%m-%d %H:%M:%S")
    ]
    assert "measured on 5" in site.timezone_note
    assert abs(site.clock_difference_seconds) <= 2
    assert len(asked(tool)) == 3


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(ZONES))
@example("Europe/Berlin")
@example("America/Havana")
def test_in_whatever_zone_times_are_told_right_or_not_at_all(zone: str) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as tool:
        desk = year_of(zone)
        desk.serve(tool)
        found = connected_or_refused()
        if isinstance(found, ConfigurationError):
            assert "not clear" in found.message
            assert "OTRSTimeZone" in str(found.hint)
            return
        moments = [TWO_YEARS[0] + timedelta(hours=17) * place for place in range(1000)]
        told = found.zone.to_utc([desk.wall(moment) for moment in moments])
        wrong = [moment for moment, text in zip(moments, told, strict=True) if text != f"{moment:%Y-%m-%d %H:%M:%S}"]
        assert len(wrong) <= found.zone.ambiguous <= 4


def connected_or_refused() -> Site | ConfigurationError:
    try:
        return connected()
    except ConfigurationError as error:
        return error


def test_tickets_of_one_winter_leave_open_what_was_in_summer_and_nothing_is_said_of_it(
    tool: responses.RequestsMock,
) -> None:
    # UTC and London are the same as far back as there are tickets.
    winter = [datetime(2026, 1, 10, 9, tzinfo=UTC) + timedelta(days=day) for day in range(30)]
    Desk(winter, "Europe/London").serve(tool)
    with pytest.raises(ConfigurationError, match=r"not clear.*UTC, Europe/London"):
        connected()


def test_tickets_that_settle_it_are_looked_for(tool: responses.RequestsMock) -> None:
    # New York and Havana differ for two hours on two days of a year; there is one ticket from these.
    between = datetime(2026, 3, 8, 5, 30, tzinfo=UTC)
    days = [day.replace(hour=12) for day in every(1, 1000)]  # at no time of day at which they may differ
    desk = Desk([days[0], between, *days[1:]], "America/New_York")
    desk.serve(tool)
    assert connected().timezone == "America/New_York"
    assert any("TicketCreateTimeNewerDate=2026-03-08" in address for address in asked(tool))
    desk.gone.add("2")
    with pytest.raises(ConfigurationError, match="America/New_York, America/Havana"):
        connected()


def test_a_zone_that_is_configured_is_held_against_the_measurement(tool: responses.RequestsMock) -> None:
    year_of("America/New_York").serve(tool)
    site = connected(timezone="America/New_York")
    assert site.timezone == "America/New_York"
    assert "`timezone` of this source; it fits" in site.timezone_note
    for wrong in ("UTC", "Europe/Berlin", "America/Jamaica"):  # the last one is right in winter
        with pytest.raises(ConfigurationError, match=f"not that of {wrong}: it was measured at UTC-0[45]:00") as caught:
            connected(timezone=wrong)
        assert "UTC-05:00" in caught.value.message
        assert "take it out" in str(caught.value.hint)


@pytest.mark.parametrize("ahead", [-3600, -400, 90, 3600, 20_000])
def test_a_clock_that_is_wrong_is_no_other_zone_where_a_ticket_tells_its_time(
    tool: responses.RequestsMock, ahead: float
) -> None:
    year_of("Europe/Berlin", ahead=ahead, pending=(7,)).serve(tool)
    site = connected()
    assert site.timezone == "Europe/Berlin"
    assert abs(site.clock_difference_seconds - ahead) <= 2


def test_a_clock_that_is_a_little_wrong_is_noticed_by_the_age_of_tickets_alone(tool: responses.RequestsMock) -> None:
    year_of("Europe/Berlin", ahead=300).serve(tool)
    site = connected()
    assert site.timezone == "Europe/Berlin"
    assert abs(site.clock_difference_seconds - 300) <= 2


def test_a_clock_that_is_quite_wrong_fits_nothing(tool: responses.RequestsMock) -> None:
    year_of("UTC", ahead=1500).serve(tool)
    with pytest.raises(ConfigurationError, match="fits no time zone") as caught:
        connected()
    assert "time server" in str(caught.value.hint)


def test_tickets_that_do_not_agree_on_what_time_it_is_fit_nothing(tool: responses.RequestsMock) -> None:
    desk = year_of("UTC")
    plain = desk.ticket
    desk.ticket = lambda key: plain(key) | {"Age": plain(key)["Age"] + 120 * (int(key) % 3)}  # type: ignore[method-assign]
    desk.serve(tool)
    with pytest.raises(ConfigurationError, match="fits no time zone"):
        connected()


def test_due_times_that_are_told_in_both_ways_count(tool: responses.RequestsMock) -> None:
    desk = year_of("Europe/Berlin")
    plain = desk.ticket

    def with_due(key: str) -> dict[str, Any]:
        return plain(key) | {"EscalationDestinationDate": "2026-07-01 12:00:00", "EscalationDestinationTime": due}

    desk.ticket = with_due  # type: ignore[method-assign]  # one more thing that tickets tell
    desk.serve(tool)
    due = int(datetime(2026, 7, 1, 10, tzinfo=UTC).timestamp())
    assert connected().timezone == "Europe/Berlin"
    due += 3600
    with pytest.raises(ConfigurationError, match="fits no time zone"):
        connected()


def test_where_no_ticket_shows_the_zone_is_not_made_up(tool: responses.RequestsMock) -> None:
    Desk([]).serve(tool)
    site = connected()
    assert (site.visible, site.timezone) == (0, "unknown")
    assert len(asked(tool)) == 2  # the empty answer was not believed at once
    with pytest.raises(ConfigurationError, match="there was no ticket"):
        site.zone.to_utc(["2026-11-22 05:06:27"])
    assert connected(timezone="Asia/Tokyo").timezone == "Asia/Tokyo"


def test_an_empty_answer_to_a_search_in_order_is_not_believed_while_there_are_tickets(
    tool: responses.RequestsMock,
) -> None:
    desk = year_of("UTC")
    tool.add_callback(
        "GET", f"{BASE}/Ticket", lambda asks: desk.search(asks) if "SortBy" not in str(asks.url) else reply({})
    )
    with pytest.raises(BadAnswer, match="none when it is asked for them in order"):
        connected()


def test_tickets_that_go_meanwhile_are_left_out_and_all_of_them_cannot(tool: responses.RequestsMock) -> None:
    desk = year_of("Europe/Berlin")
    desk.serve(tool)
    tool.replace("GET", f"{BASE}/Ticket", json={"TicketID": [*map(str, range(104, 0, -1))]})
    desk.gone |= {"104", "50", "1"}
    site = connected()
    assert site.timezone == "Europe/Berlin"
    assert len(asked(tool)) < 40
    desk.gone |= set(desk.created)
    with pytest.raises(PermissionDenied, match="finds tickets, and none of"):
        connected()


def test_more_tickets_than_a_search_may_bring_are_looked_at_from_both_ends(tool: responses.RequestsMock) -> None:
    year_of("Europe/Berlin").serve(tool)
    site = connected(search_limit=100)
    assert site.visible is None
    assert any("OrderBy=Up" in address for address in asked(tool))
    assert f"since {TWO_YEARS[0].astimezone(ZoneInfo('Europe/Berlin')):%Y-%m-%d}" in site.timezone_note


def test_tickets_without_age_are_refused(tool: responses.RequestsMock) -> None:
    tool.get(f"{BASE}/Ticket", json={"TicketID": ["1"]})
    tool.get(f"{BASE}/Ticket/1", json={"Ticket": [{"TicketID": 1, "Created": "2026-11-22 05:06:27"}]})
    with pytest.raises(BadAnswer, match="without `Created` or `Age`"):
        connected()
