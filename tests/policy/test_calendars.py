from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from itsm_bridge.errors import ConfigurationError
from itsm_bridge.policy import Policy, policy_from_contents

Load = Callable[..., Policy]

OFFICE = """
[calendars.office]
hours = { mon-thu = ["08:00-12:00", "13:00-17:00"], fri = "08:00-14:00" }
holidays = { country = "DE", subdivision = "BE" }
closed_on = [2026-06-01]
open_on = [2026-05-01]

[[bindings]]
schedule = ""
calendar = "office"
"""


def open_seconds(policy: Policy, calendar: str, day: date) -> int:
    """Open seconds of one UTC day."""
    start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) // 900
    return sum(
        row["open_to"] - row["open_from"]
        for row in policy.tables["calendar_bucket"].to_pylist()
        if row["calendar_id"] == calendar and start <= row["bucket"] < start + 96
    )


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (date(2026, 6, 2), 8),  # a Tuesday
        (date(2026, 6, 5), 6),  # a Friday
        (date(2026, 6, 6), 0),  # a Saturday
        (date(2026, 4, 3), 0),  # Good Friday
        (date(2026, 5, 1), 6),  # a holiday that is worked
        (date(2026, 6, 1), 0),  # an own closed day
        (date(2026, 1, 6), 8),  # a holiday of another subdivision
    ],
)
def test_a_calendar_knows_weekly_hours_holidays_and_own_days(load: Load, day: date, hours: int) -> None:
    assert open_seconds(load(calendars_toml=OFFICE), "office", day) == hours * 3600


def test_a_calendar_covers_a_year_more_than_is_needed_on_either_side(load: Load) -> None:
    numbers = load(calendars_toml=OFFICE).tables["calendar_bucket"]["bucket"].to_pylist()
    assert datetime.fromtimestamp(min(numbers) * 900, UTC).date() <= date(2025, 1, 1)
    assert datetime.fromtimestamp(max(numbers) * 900, UTC).date() >= date(2027, 6, 30)
    assert len(set(numbers)) == len(numbers)


def test_a_binding_for_all_sources_stands_for_each_and_one_for_a_source_wins(load: Load) -> None:
    policy = load(
        calendars_toml=OFFICE
        + '[calendars.always]\nhours = { mon-sun = ["00:00-24:00"] }\n'
        + '[[bindings]]\nsource = "desk"\nschedule = ""\ncalendar = "always"\n'
        + '[[bindings]]\nsource = "desk"\nschedule = "8-5"\ncalendar = "office"\n'
    )
    bound = {
        (r["source_id"], r["source_schedule"]): r["calendar_id"] for r in policy.tables["calendar_binding"].to_pylist()
    }
    assert bound == {("prod", ""): "office", ("desk", ""): "always", ("desk", "8-5"): "office"}


def test_the_holidays_that_were_used_are_kept_and_used_again(load: Load) -> None:
    policy = load(calendars_toml=OFFICE)
    kept = json.loads(policy.contents["holidays.json"])
    assert "2026-04-03" in kept["office"]["2026"]
    kept["office"]["2026"].remove("2026-04-03")
    contents = {**policy.contents, "holidays.json": json.dumps(kept)}
    span = (date(2026, 1, 1), date(2026, 6, 30))
    again = policy_from_contents(contents, ["prod", "desk"], "Europe/Berlin", span)
    assert open_seconds(again, "office", date(2026, 4, 3)) == 6 * 3600


def test_without_holidays_nothing_is_kept(load: Load) -> None:
    assert "holidays.json" not in load().contents


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("[calendars.x]\n", "calendars.x.hours is missing", "weekdays with hours"),
        ('[calendars.x]\nhours = { mon = "8-17" }\n', "are no hours", "weekdays"),
        ('[calendars.x]\nhours = { mon = "22:00-06:00" }\n', "over midnight", "weekdays"),
        ('[calendars.x]\nhours = { mon = "08:00-25:00" }\n', "are no hours", "weekdays"),
        ('[calendars.x]\nhours = { mon = "08:00-24:30" }\n', "beyond 24:00", "weekdays"),
        ('[calendars.x]\nhours = { mon = ["08:00-12:00", "11:00-13:00"] }\n', "overlap", "weekdays"),
        ('[calendars.x]\nhours = { monday = "08:00-12:00" }\n', "is no weekday", "weekdays"),
        ('[calendars.x]\nhours = { mon-fri = "08:00-12:00", fri = "08:00-10:00" }\n', "fri is given twice", "weekdays"),
        ("[calendars.x]\nhours = 8\n", "days with hours", "weekdays"),
        ('[calendars.x]\nhours = {}\ntimezone = "Berlin"\n', "not a time zone", "zone"),
        ('[calendars.x]\nhours = {}\nholiday = "DE"\n', "is not a setting", "Did you mean 'holidays'?"),
        (
            '[calendars.x]\nhours = {}\nholidays = { country = "GERMANY" }\n',
            "no holidays are known for country",
            "ISO 3166",
        ),
        ('[calendars.x]\nhours = {}\nholidays = { country = "DE", subdivision = "Berlin" }\n', "no subdivision", "BE"),
        (
            '[[bindings]]\nschedule = ""\ncalendar = "ofice"\n[calendars.office]\nhours = {}\n',
            "did you mean 'office'?",
            "Calendars are",
        ),
        (
            '[[bindings]]\nsource = "prd"\nschedule = ""\ncalendar = "x"\n[calendars.x]\nhours = {}\n',
            "did you mean 'prod'?",
            "Sources are",
        ),
        (
            '[[bindings]]\nsource = ""\nschedule = ""\ncalendar = "x"\n[calendars.x]\nhours = {}\n',
            "name a source",
            "for all",
        ),
        (OFFICE + '[[bindings]]\nschedule = ""\ncalendar = "office"\n', "bound twice", "keep one"),
        ("[calendars.x\n", "this is not TOML", "brackets"),
    ],
)
def test_a_mistake_in_the_calendars_is_told_with_its_place(load: Load, text: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(calendars_toml=text)
    assert message in caught.value.message
    assert "calendars.toml:" in (caught.value.where or "")
    assert hint in (caught.value.hint or "")
