"""An organisation without a flaw has no finding in any check; each single flaw is found by its check and no other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime
from importlib import import_module
from pathlib import Path

import pytest
from organisation import NOW, PERIOD_FROM, World

import itsm_bridge
from itsm_bridge.checking import Check, CheckRun, Frame, load_checks, load_kpis, run_checks
from itsm_bridge.policy import load_policy
from itsm_bridge.settings.period import period_before
from itsm_bridge.trace import fill_policy

HERE = Path(__file__).parent
GROUPS = [
    import_module(file.stem)
    for file in sorted(HERE.glob("*.py"))
    if file.stem not in ("conftest", "test_worlds", "organisation")
]
PACKAGE = Path(itsm_bridge.__file__).parent
BEFORE: datetime = period_before(PERIOD_FROM, NOW, "UTC")


def _world() -> World:
    world = World()
    for group in GROUPS:
        group.compliant(world)
    return world


def _violations() -> Mapping[str, Callable[[World], str]]:
    return {check: add for group in GROUPS for check, add in group.VIOLATIONS.items()}


def _judged(world: World) -> CheckRun:
    connection = world.connection()
    sources = [row["source_id"] for row in world.rows["source"]]
    policy = load_policy(None, sources, "UTC", (date(2025, 1, 1), NOW.date()))
    for name, rows in policy.tables.items():
        if name != "policy_list" and len(rows):
            fill_policy(connection, name, rows)
    frame = Frame(NOW, PERIOD_FROM, NOW, {}, previous_from=BEFORE)
    return run_checks(connection, _checks(), frame, load_kpis([PACKAGE / "kpis"]))


def _checks() -> list[Check]:
    return load_checks([PACKAGE / "checks"])


@pytest.fixture(scope="module")
def sound() -> CheckRun:
    return _judged(_world())


@pytest.fixture(scope="module")
def flawed() -> tuple[dict[str, str], CheckRun]:
    world = _world()
    named = {check: add(world) for check, add in _violations().items()}
    return named, _judged(world)


def test_all_120_checks_take_part() -> None:
    assert len(_checks()) == 120
    assert sorted(_violations()) == [check.id for check in _checks()]


def test_a_sound_organisation_has_no_finding(sound: CheckRun) -> None:
    assert sound.problems == ()
    assert [(row["check_id"], row["subject"], row["message"]) for row in sound.findings.to_pylist()] == []


def test_every_check_has_something_to_judge_in_it(sound: CheckRun) -> None:
    passing = Counter[str]()
    for row in sound.counts.to_pylist():
        if row["source_id"] != "*":
            passing[row["check_id"]] += row["assessable"] - row["failing"]
    assert [check.id for check in _checks() if not passing[check.id]] == []


def test_each_flaw_is_found_by_its_own_check_alone(flawed: tuple[dict[str, str], CheckRun]) -> None:
    named, run = flawed
    assert run.problems == ()
    found = [(row["check_id"], row["subject"]) for row in run.findings.to_pylist() if row["suppressed_by"] is None]
    assert sorted(found) == sorted(named.items())


def test_no_message_tells_a_share_of_more_than_all(flawed: tuple[dict[str, str], CheckRun]) -> None:
    shares = [(row["check_id"], share) for row in flawed[1].findings.to_pylist()
              for share in re.findall(r"(\d+)\s?%", row["message"])]  # fmt: skip
    assert shares
    assert [(check, share) for check, share in shares if int(share) > 100] == []
