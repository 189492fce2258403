"""Working time of clocks against a count second by second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from itsm_bridge.checking.case_rows import calendar_rows

from .conftest import make_world

DAYS = 6
FIRST = datetime(2026, 3, 5)  # a Thursday: the weekend lies within
SECONDS = DAYS * 86400
moments = st.integers(0, SECONDS - 1)
stretches = st.tuples(moments, moments).map(lambda pair: (min(pair), max(pair)))


def clock_text(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def open_seconds(opens: int, closes: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Open seconds before each second of the six days, counted one by one."""
    second = np.arange(SECONDS)
    day = second // 86400
    works = np.isin((FIRST.weekday() + day) % 7, range(5))
    is_open = works & (second % 86400 >= opens) & (second % 86400 < closes)
    return np.concatenate(([0], np.cumsum(is_open)))


@settings(max_examples=15, deadline=None)
@given(
    opens=st.integers(0, 86399), length=st.integers(1800, 86400),
    clocks=st.lists(st.tuples(stretches, st.lists(stretches, max_size=2)), min_size=1, max_size=16),
)  # fmt: skip
def test_working_time_less_pauses_is_what_counting_gives(
    opens: int, length: int, clocks: list[tuple[tuple[int, int], list[tuple[int, int]]]]
) -> None:
    closes = min(opens + length, 86400)
    world = make_world()
    for row in calendar_rows("office", FIRST.date(), DAYS, clock_text(opens), clock_text(closes)):
        world.add("calendar_bucket", **row)
    world.add("calendar_binding", source_schedule="8-5", calendar_id="office")
    world.add("sla_pause_rule", source_id=None, state="pending")
    world.add("sla_definition", sla_definition_id="d", metric="response", source_schedule="8-5", goal_seconds=3600)
    before = open_seconds(opens, closes)
    expected = []
    for n, ((start, stop), waits) in enumerate(clocks):
        name = f"R{n}"
        world.record(name, opened_at=FIRST)
        paused = np.zeros(SECONDS, dtype=bool)
        last, steps = 0, []
        for begins, ends in sorted(waits):
            if begins >= last and ends > begins:
                steps += [(moment(begins), "in_progress", "pending"), (moment(ends), "pending", "in_progress")]
                paused[begins:ends] = True
                last = ends + 1
        world.moves(name, *steps)
        world.add(
            "sla_instance", sla_instance_id=name, work_item_id=name, sla_definition_id="d", started_at=moment(start),
            stopped_at=moment(stop),
        )  # fmt: skip
        counted = np.diff(before).astype(bool)[start:stop]
        gross, pause = int(counted.sum()), int((counted & paused[start:stop]).sum())
        expected.append((name, gross, pause, gross - pause, gross - pause > 3600))
    columns = ("gross_seconds", "pause_seconds", "elapsed_seconds", "breached")
    measured = world.view("sla_clock", "sla_instance_id", *(f"recomputed_{name}" for name in columns))
    assert measured == sorted(expected)
    world.connection.close()


def moment(second: int) -> datetime:
    # Parts of a second are left out of both ends alike.
    return FIRST + timedelta(seconds=second, milliseconds=second % 1000)


def test_the_buckets_of_the_policy_measure_the_same(world: object) -> None:
    from itsm_bridge.policy.working_time import Calendar, buckets

    calendar = Calendar("office", "UTC", {day: [(9 * 3600, 17 * 3600)] for day in range(5)})
    theirs = buckets(calendar, FIRST.date(), (FIRST + timedelta(days=DAYS - 1)).date(), "test").to_pylist()
    ours = calendar_rows("office", FIRST.date(), DAYS, "09:00", "17:00")
    for mine, their in zip(ours, theirs, strict=True):
        assert (mine["bucket"], mine["open_before"], mine["open_to"] - mine["open_from"]) == (
            their["bucket"], their["open_before"], their["open_to"] - their["open_from"],
        )  # fmt: skip


def test_a_clock_without_a_schedule_runs_round_the_clock() -> None:
    world = make_world()
    world.record("R1")
    for name, schedule in (("none", None), ("empty", "")):
        world.add("sla_definition", sla_definition_id=name, source_schedule=schedule, goal_seconds=60)
        world.add(
            "sla_instance", sla_instance_id=name, work_item_id="R1", sla_definition_id=name, started_at=FIRST,
            stopped_at=FIRST + timedelta(days=3),
        )  # fmt: skip
    assert world.view("sla_clock", "sla_instance_id", "recomputed_elapsed_seconds") == [
        ("empty", 3 * 86400), ("none", 3 * 86400),
    ]  # fmt: skip
    world.connection.close()


def test_beyond_the_calendar_nothing_is_measured() -> None:
    world = make_world()
    for row in calendar_rows("office", FIRST.date(), DAYS, "09:00", "17:00"):
        world.add("calendar_bucket", **row)
    world.add("calendar_binding", source_schedule="8-5", calendar_id="office")
    world.add("sla_definition", sla_definition_id="d", source_schedule="8-5", goal_seconds=60)
    world.add("sla_definition", sla_definition_id="other", source_schedule="unbound", goal_seconds=60)
    world.record("R1")
    clocks = (("before", "d", -1), ("within", "d", 1), ("beyond", "d", 9), ("unbound", "other", 1))
    for name, definition, days in clocks:
        world.add(
            "sla_instance", sla_instance_id=name, work_item_id="R1", sla_definition_id=definition, started_at=FIRST,
            stopped_at=FIRST + timedelta(days=days),
        )  # fmt: skip
    columns = ("sla_instance_id", "recomputed_elapsed_seconds", "recomputed_breached")
    assert world.view("sla_clock", *columns) == [
        ("before", None, None), ("beyond", None, None), ("unbound", None, None), ("within", 8 * 3600, True),
    ]  # fmt: skip
    assert FIRST.replace(tzinfo=UTC).weekday() == 3
    world.connection.close()
