from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from itsm_bridge.cron import cron_trigger

BERLIN = ZoneInfo("Europe/Berlin")
SUNDAY = datetime(2026, 11, 22, 12, tzinfo=BERLIN)


def following(line: str, count: int = 3) -> list[str]:
    trigger, runs = cron_trigger(line, "Europe/Berlin"), [SUNDAY]
    while len(runs) <= count:
        runs.append(trigger.get_next_fire_time(runs[-1], runs[-1]))
    return [f"{run:%a %d %H:%M}" for run in runs[1:]]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("0 2 * * *", ["Mon 23 02:00", "Tue 24 02:00", "Wed 25 02:00"]),
        ("0 2 * * 0", ["Sun 29 02:00", "Sun 06 02:00", "Sun 13 02:00"]),
        ("0 2 * * 7", ["Sun 29 02:00", "Sun 06 02:00", "Sun 13 02:00"]),
        ("0 2 * * 1", ["Mon 23 02:00", "Mon 30 02:00", "Mon 07 02:00"]),
        ("0 2 * * 1-5", ["Mon 23 02:00", "Tue 24 02:00", "Wed 25 02:00"]),
        ("0 2 * * mon,FRI", ["Mon 23 02:00", "Fri 27 02:00", "Mon 30 02:00"]),
        ("0 2 * * fri-mon", ["Mon 23 02:00", "Fri 27 02:00", "Sat 28 02:00"]),
        ("0 2 * * */2", ["Tue 24 02:00", "Thu 26 02:00", "Sat 28 02:00"]),
        ("0 2 * * 1-5/2", ["Mon 23 02:00", "Wed 25 02:00", "Fri 27 02:00"]),
        ("*/15 13 * * *", ["Sun 22 13:00", "Sun 22 13:15", "Sun 22 13:30"]),
        ("30 6 1 * *", ["Tue 01 06:30", "Fri 01 06:30", "Mon 01 06:30"]),
    ],
)
def test_a_line_means_what_it_means_in_cron(line: str, expected: list[str]) -> None:
    assert following(line) == expected


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "five fields"),
        ("0 2 * *", "five fields"),
        ("@daily", "five fields"),
        ("0 2 1 * 1", "both the day"),
        ("0 2 * * 8", "weekdays"),
        ("0 2 * * monday", "weekdays"),
        ("0 2 * * xyz", "no weekday"),
        ("61 2 * * *", "not a cron line"),
    ],
)
def test_a_line_that_cron_would_not_read_so_is_refused(line: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cron_trigger(line, "UTC")


def test_days_of_seven_reach_over_the_end_of_the_week() -> None:
    assert following("0 2 * * 5-7") == ["Fri 27 02:00", "Sat 28 02:00", "Sun 29 02:00"]
