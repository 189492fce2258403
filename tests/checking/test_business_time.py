"""Working time of clocks against counts second by second, and minute by minute in any zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from itsm_bridge.checking.case_rows import calendar_rows
from itsm_bridge.policy.working_time import Calendar, buckets

from .conftest import World, make_world

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


# -- any zone, over the days on which clocks change ---------------------------------------------------

LENGTH = 8
MINUTES = LENGTH * 1440
CHANGES = {
    "Europe/Berlin": (date(2026, 3, 29), date(2025, 10, 26)), "America/New_York": (date(2026, 3, 8), date(2025, 11, 2)),
    "Australia/Lord_Howe": (date(2025, 10, 5), date(2025, 4, 6)), "Asia/Kathmandu": (date(2026, 1, 4), date(2026, 2, 1)),
}  # fmt: skip
"""Zones with days on which their clocks change, by an hour or by half of one; one whose clocks never do."""
RULES = (("pending", None), ("pending", "supplier"), ("resolved", None))
minutes = st.integers(0, MINUTES - 1)


class Step(NamedTuple):
    """A record goes into a state, for a reason, and back into work later."""

    leaves: int
    state: str
    reason: str | None
    returns: int


class Clock(NamedTuple):
    """A clock of a record: minutes of start and stop (None still runs), and the number of its definition."""

    starts: int
    stops: int | None
    definition: int


class Definition(NamedTuple):
    """A metric, the calendar's number (None is round the clock) and the pause rules that hold."""

    metric: str
    calendar: int | None
    pauses: tuple[tuple[str, str | None], ...]


@st.composite
def drawn_calendars(draw: st.DrawFn, zone: str, first: date) -> Calendar:
    shift = draw(st.integers(0, 14)) * 60
    hours = {}
    for weekday in range(7):
        edges = sorted(draw(st.lists(st.integers(0, 95), max_size=4, unique=True)))
        pairs = zip(edges[::2], edges[1::2], strict=False)
        hours[weekday] = [(opens * 900 + shift, closes * 900 + shift) for opens, closes in pairs]
    closed = draw(st.frozensets(st.integers(0, LENGTH - 1), max_size=2))
    return Calendar(f"{zone} {shift}", zone, hours, frozenset(first + timedelta(days=day) for day in closed))


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    edges = sorted(draw(st.lists(minutes, max_size=6, unique=True)))
    kinds = st.sampled_from([("pending", "supplier"), ("pending", "requester"), ("resolved", None)])
    return [Step(out, *draw(kinds), back) for out, back in zip(edges[::2], edges[1::2], strict=False)]


clocks = st.builds(
    lambda pair, is_running, definition: Clock(pair[0], None if is_running else pair[1], definition),
    st.tuples(minutes, minutes).map(sorted), st.booleans(), st.integers(0, 3),
)  # fmt: skip
definitions = st.builds(
    Definition, st.sampled_from(["response", "resolution"]), st.none() | st.integers(0, 1),
    st.lists(st.sampled_from(RULES), max_size=3, unique=True).map(tuple),
)  # fmt: skip


def open_minutes(calendar: Calendar | None, first: datetime) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell of each minute whether a clock on the wall shows working time."""
    if calendar is None:
        return np.ones(MINUTES, dtype=bool)
    zone, found = ZoneInfo(calendar.timezone), []
    for minute in range(MINUTES):
        local = (first.replace(tzinfo=UTC) + timedelta(minutes=minute)).astimezone(zone)
        second = local.hour * 3600 + local.minute * 60
        pieces = calendar.hours.get(local.weekday(), ()) if local.date() not in calendar.closed else ()
        found.append(any(opens <= second < closes for opens, closes in pieces))
    return np.array(found)


def paused_minutes(
    steps: Sequence[Step], rules: Sequence[tuple[str, str | None]]
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell of each minute whether the record was in a state in which the clock stands still."""
    paused = np.zeros(MINUTES, dtype=bool)
    for step in steps:
        if any(step.state == state and reason in (None, step.reason) for state, reason in rules):
            paused[step.leaves : step.returns] = True
    return paused


@settings(max_examples=12, deadline=None)
@given(st.data(), st.sampled_from(sorted(CHANGES)), st.integers(0, 1), st.integers(1, LENGTH - 2))
def test_clocks_in_any_zone_are_what_a_count_minute_by_minute_gives(
    data: st.DataObject, zone: str, change: int, before: int
) -> None:
    first = datetime.combine(CHANGES[zone][change] - timedelta(days=before), datetime.min.time())
    calendars = [data.draw(drawn_calendars(zone, first.date())) for _ in range(2)]
    kinds = data.draw(st.lists(definitions, min_size=4, max_size=4))
    records = data.draw(st.lists(st.tuples(histories(), clocks), min_size=1, max_size=12))
    world = clocked_world(first, calendars, kinds, records)
    opened = {None: open_minutes(None, first)} | {n: open_minutes(each, first) for n, each in enumerate(calendars)}
    expected = []
    for n, (steps, clock) in enumerate(records):
        kind = kinds[clock.definition]
        stops = stop_of(clock, kind, steps)
        if stops < clock.starts:
            expected.append((f"R{n:02}", None, None, None))
            continue
        counted = opened[kind.calendar][clock.starts : stops]
        paused = paused_minutes(steps, kind.pauses)[clock.starts : stops]
        gross, pause = (int(each.sum()) * 60 for each in (counted, counted & paused))
        expected.append((f"R{n:02}", gross, pause, gross - pause))
    columns = ("gross_seconds", "pause_seconds", "elapsed_seconds")
    measured = world.view("sla_clock", "sla_instance_id", *(f"recomputed_{name}" for name in columns))
    world.connection.close()
    assert measured == expected


def stop_of(clock: Clock, kind: Definition, steps: Sequence[Step]) -> int:
    """Return when a clock stops: of a resolution clock the history decides; one that runs is measured until now."""
    settled = [step.leaves for step in steps if step.state == "resolved"]
    if clock.stops is None:
        return MINUTES - 1
    return settled[-1] if kind.metric == "resolution" and settled else clock.stops


def clocked_world(
    first: datetime, calendars: Sequence[Calendar], kinds: Sequence[Definition],
    records: Sequence[tuple[list[Step], Clock]],
) -> World:  # fmt: skip
    def at(minute: int) -> datetime:
        return first + timedelta(minutes=minute)

    world = make_world()
    world.now = at(MINUTES - 1)
    last = first.date() + timedelta(days=LENGTH - 1)
    for n, calendar in enumerate(calendars):
        for row in buckets(calendar, first.date(), last, "calendars.toml").to_pylist():
            world.add("calendar_bucket", **{**row, "calendar_id": f"c{n}"})
        world.add("calendar_binding", source_schedule=f"s{n}", calendar_id=f"c{n}")
    for n, kind in enumerate(kinds):
        schedule = "" if kind.calendar is None else f"s{kind.calendar}"
        about = {"metric": kind.metric, "source_schedule": schedule, "goal_seconds": 3600}
        world.add("sla_definition", sla_definition_id=f"d{n}", name=f"d{n}", **about)
        for state, reason in kind.pauses:
            world.add("sla_pause_rule", sla_name=f"d{n}", state=state, reason=reason)
    for n, (steps, clock) in enumerate(records):
        name = f"R{n:02}"
        world.record(name, opened_at=first, state="in_progress")
        for seq, step in enumerate(steps):
            moves = ((step.leaves, "in_progress", step.state), (step.returns, step.state, "in_progress"))
            for place, (minute, old, new) in enumerate(moves):
                reason = step.reason if new == step.state else None
                times = {"at": at(minute), "seq": 2 * seq + place + 1}
                world.add("transition", work_item_id=name, old_value=old, new_value=new, reason=reason, **times)
        stopped, stage = (None, "in_progress") if clock.stops is None else (at(clock.stops), "completed")
        world.add(
            "sla_instance", sla_instance_id=name, work_item_id=name, sla_definition_id=f"d{clock.definition}",
            started_at=at(clock.starts), stopped_at=stopped, stage=stage,
        )  # fmt: skip
    return world


def test_the_buckets_of_the_policy_measure_the_same(world: object) -> None:
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
