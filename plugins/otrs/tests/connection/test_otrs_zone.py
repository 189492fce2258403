"""Local times of the tool become UTC, and no moment is lost where its clock is set back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from itsm_bridge.errors import BadAnswer, ConfigurationError
from itsm_bridge_otrs.zone import FORMAT, Unmeasured, Zone

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
# Clocks of today, and some that were set by other amounts than an hour, or for other reasons than summer.
ODD = ("Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "Asia/Kathmandu", "America/Caracas")

zones = st.sampled_from(ODD) | st.sampled_from(ZONES)
instants = st.datetimes(datetime(1995, 1, 1), datetime(2035, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)


def shown(instant: datetime, zone: str) -> str:
    return instant.astimezone(ZoneInfo(zone)).strftime(FORMAT)


def text(instant: datetime) -> str:
    return instant.strftime(FORMAT)


@given(zones, instants)
@example("Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
@example("Australia/Lord_Howe", datetime(2026, 4, 4, 14, 45, tzinfo=UTC))
@example("Asia/Kathmandu", datetime(2026, 1, 1, tzinfo=UTC))
def test_a_local_time_becomes_the_instant_that_showed_it_or_the_first_of_the_two(name: str, instant: datetime) -> None:
    zone = Zone(name)
    (told,) = zone.to_utc([shown(instant, name)])
    assert told is not None
    assert told <= text(instant)
    found = datetime.fromisoformat(told).replace(tzinfo=UTC)
    assert shown(found, name) == shown(instant, name)
    assert (told == text(instant)) or zone.ambiguous == 1


@given(zones, instants, st.timedeltas(timedelta(0), timedelta(days=2)))
@example("Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), timedelta(minutes=30))
@example("Europe/Berlin", datetime(2026, 10, 24, 23, 59, 59, tzinfo=UTC), timedelta(hours=1, seconds=1))
@example("Australia/Lord_Howe", datetime(2026, 4, 4, 14, 45, tzinfo=UTC), timedelta(minutes=15))
def test_nothing_that_happens_later_lies_before_the_wall(name: str, instant: datetime, later: timedelta) -> None:
    wall = Zone(name).wall(instant + timedelta(microseconds=7))
    assert wall <= shown(instant + timedelta(seconds=1) + later, name)
    assert wall <= shown(instant, name)


@given(zones, instants)
def test_the_wall_is_what_the_clock_shows_unless_it_is_set_back_soon(name: str, instant: datetime) -> None:
    offsets = {(instant + timedelta(hours=hours)).astimezone(ZoneInfo(name)).utcoffset() for hours in range(27)}
    if len(offsets) == 1:
        assert Zone(name).wall(instant) == shown(instant, name)


@given(st.lists(st.tuples(instants, st.booleans()), max_size=20), zones)
def test_a_column_is_read_as_its_values_are(values: list[tuple[datetime, bool]], name: str) -> None:
    column = [shown(instant, name) if is_there else None for instant, is_there in values]
    zone = Zone(name)
    singly = [Zone(name).to_utc([value])[0] for value in column]
    assert zone.to_utc(column) == singly
    assert zone.to_utc(column) == singly  # from what it remembers


def test_the_hour_that_comes_twice_is_the_first_one_and_counted() -> None:
    zone = Zone("Europe/Berlin")
    assert zone.to_utc(["2026-10-25 02:30:00", None, "2026-10-25 03:00:00", "2026-10-25 02:59:59", ""]) == [
        "2026-10-25 00:30:00", None, "2026-10-25 02:00:00", "2026-10-25 00:59:59", None
    ]  # fmt: skip
    assert zone.ambiguous == 2


@pytest.mark.parametrize(
    ("zone", "skipped", "good"),
    [
        ("Europe/Berlin", "2026-03-29 02:30:00", "2026-03-29 03:00:00"),
        ("Australia/Lord_Howe", "2026-10-04 02:15:00", "2026-10-04 02:30:00"),
        ("Pacific/Apia", "2011-12-30 12:00:00", "2011-12-31 00:00:00"),
    ],
)
def test_a_time_that_never_was_is_an_error_that_names_it(zone: str, skipped: str, good: str) -> None:
    assert Zone(zone).to_utc([good]) != [None]
    with pytest.raises(BadAnswer, match=f"{skipped} never was in {zone}") as caught:
        Zone(zone).to_utc([good, skipped])
    assert "OTRSTimeZone" in str(caught.value.hint)


@pytest.mark.parametrize(
    "garbage",
    [
        "0000-00-00 00:00:00", "2026-11-22", "2026-11-22T05:06:27", "2026-11-22 05:06", "2026-11-22 05:06:27Z",
        "2026-11-22 05:06:60", "2026-11-22 24:00:00", "2026-11-31 05:06:27", "2026-11-22  5:06:27", "yesterday",
        "2026-11-22 05:06:27 ", "٢٠٢٦-١١-٢٢ 05:06:27", "2026-W47-7 05:06:27", " ", "9999-12-31 23:59:59",
    ],
)  # fmt: skip
def test_what_is_no_time_is_an_error_that_names_it(garbage: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        Zone("America/New_York").to_utc(["2026-11-22 05:06:27", garbage])
    assert repr(garbage) in caught.value.message


def test_a_zone_of_which_nothing_is_known_tells_no_time_and_loses_none() -> None:
    zone = Unmeasured()
    assert zone.to_utc([None, ""]) == [None, None]
    with pytest.raises(ConfigurationError, match="there was no ticket"):
        zone.to_utc([None, "2026-11-22 05:06:27"])
    instant = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert all(zone.wall(instant) < shown(instant, name) for name in ZONES)
