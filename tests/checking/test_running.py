"""A run of checks: findings with their sentence, suppression, problems, parameters, verdicts that are asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from itsm_bridge.checking import Check, columns_read
from itsm_bridge.checking.case_rows import NOW, OPENED, PERIOD_FROM
from itsm_bridge.errors import ConfigurationError
from itsm_bridge.schema import TABLES

from .conftest import World, built_in

CheckOf = Callable[..., Check]


def hour(n: float) -> datetime:
    return OPENED + timedelta(hours=n)


def late_change(world: World, name: str, approved: float | None) -> None:
    world.record(name, "change", state="implement", url=f"https://tool.example/{name}", requester_id="p1")
    world.add("change_detail", work_item_id=name)
    world.moves(name, (hour(5), "scheduled", "implement"))
    if approved is not None:
        world.add("approval", work_item_id=name, decided_at=hour(approved))
        world.add("approval", work_item_id=name, decided_at=hour(approved), level="vote", approver_id="p1")


def findings(world: World, *checks: str, **frame: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = world.judge(checks, **frame).findings.to_pylist()
    return rows


def test_a_finding_says_in_a_sentence_what_is_wrong_and_proves_it(world: World) -> None:
    late_change(world, "C1", approved=30)
    (found,) = findings(world, "CHG-003")
    assert found["message"] == (
        "C1 was implemented from 2026-03-02 14:00 UTC, but approved only on 2026-03-03 15:00 UTC, 1 d 1 h later."
    )
    assert json.loads(found["evidence"]) == {
        "implemented_at": "2026-03-02T14:00:00Z", "authorised_at": "2026-03-03T15:00:00Z", "late_by": 90000,
    }  # fmt: skip
    assert (found["number"], found["url"], found["subject"]) == ("C1", "https://tool.example/C1", "C1")
    assert (found["source_id"], found["is_waived"], found["suppressed_by"]) == ("prod", False, None)


def test_a_value_that_is_missing_is_said_to_be_missing(world: World) -> None:
    world.record("P1", "problem", state="resolved", resolved_at=hour(9))
    (found,) = findings(world, "PRB-004")
    assert found["message"] == (
        "P1 was resolved 2026-03-02 18:00 UTC with outcome not recorded and a root cause of 0 characters."
    )


def test_one_root_cause_is_one_finding(world: World) -> None:
    late_change(world, "C1", approved=30)
    late_change(world, "C2", approved=None)
    found = findings(world, "CHG-002", "CHG-003", "CHG-006")
    assert {(row["check_id"], row["number"], row["suppressed_by"]) for row in found} == {
        ("CHG-002", "C2", None), ("CHG-003", "C1", None), ("CHG-006", "C1", None),
    }  # fmt: skip


def test_a_suppressed_finding_stays_visible_and_is_counted_apart(world: World, check_of: CheckOf) -> None:
    cause = check_of(id='"TST-001"')
    effect = check_of(id='"TST-002"', suppressed_by='["TST-009", "TST-001"]', violation='"w.priority > 1"')
    world.record("R1", priority=3)
    world.record("R2", priority=2)
    run = world.judge([effect, cause])
    marked = {(row["check_id"], row["number"]): row["suppressed_by"] for row in run.findings.to_pylist()}
    assert marked == {("TST-001", "R1"): None, ("TST-002", "R1"): "TST-001", ("TST-002", "R2"): None}
    row = next(row for row in run.counts.to_pylist() if (row["check_id"], row["source_id"]) == ("TST-002", "*"))
    assert (row["assessable"], row["failing"], row["suppressed"]) == (2, 1, 1)


def test_a_check_that_cannot_be_carried_out_is_a_problem_and_the_others_go_on(world: World, check_of: CheckOf) -> None:
    broken = check_of(id='"TST-002"', violation='"CAST(w.record_type AS INTEGER) > 1"')
    world.record("R1", priority=3)
    run = world.judge([broken, check_of()])
    ((check, message),) = run.problems
    assert check == "TST-002"
    assert "Conversion Error" in message
    assert {row["check_id"] for row in run.counts.to_pylist()} == {"TST-001"}
    assert [row["check_id"] for row in run.findings.to_pylist()] == ["TST-001"]


def test_values_of_the_policy_take_the_place_of_defaults(world: World) -> None:
    late_change(world, "C1", approved=5.1)
    assert len(findings(world, "CHG-003")) == 1
    assert findings(world, "CHG-003", parameters={"skew": "10min"}) == []
    assert findings(world, "CHG-003", parameters={"CHG-003.skew": "10min", "skew": "1min"}) == []


def test_a_value_that_is_looser_than_its_bound_is_told(world: World) -> None:
    run = world.judge(["CHG-003", "INC-001"], parameters={"skew": "1h"})
    ((check, name),) = [(each.check_id, each.name) for each in run.loosened]
    assert (check, name) == ("CHG-003", "skew")
    assert run.loosened[0].sentence == "parameter skew = 1h is looser than its bound, at most 15min"


def test_a_value_that_does_not_fit_is_refused(world: World) -> None:
    with pytest.raises(ConfigurationError, match="'soon' is not a length of time"):
        world.judge(["CHG-003"], parameters={"skew": "soon"})


def test_only_what_falls_due_in_the_period_counts(world: World) -> None:
    for n, at in enumerate((PERIOD_FROM - timedelta(seconds=1), PERIOD_FROM, NOW - timedelta(days=2), NOW)):
        world.record(f"R{n}", opened_at=at, requester_id="p1")
    assert [row["number"] for row in findings(world, "INC-001")] == ["R1", "R2"]


def test_verdicts_of_earlier_findings_are_told_whatever_they_are(world: World) -> None:
    late_change(world, "C1", approved=30)
    late_change(world, "C2", approved=1)
    late_change(world, "C3", approved=None)
    run = world.judge(["CHG-003"], watched={"CHG-003": ["C1", "C2", "C3", "gone"], "INC-001": ["C1"]})
    assert run.verdicts == {("CHG-003", "C1"): "fail", ("CHG-003", "C2"): "pass"}


def test_a_second_run_on_the_same_connection_gives_the_same(world: World) -> None:
    late_change(world, "C1", approved=30)
    checks = list(built_in().values())
    first, second = world.judge(checks), world.judge(checks)
    assert first.counts.equals(second.counts)
    assert first.findings.equals(second.findings)


def test_columns_that_are_not_named_as_read_may_stay_empty(world: World) -> None:
    late_change(world, "C1", approved=30)
    world.record("R1", requester_id="p1")
    checks = list(built_in().values())
    whole = world.judge(checks)
    read = columns_read(checks)
    for table in TABLES.values():
        if table.origin == "tool":
            for name in set(table.names) - read.get(table.name, frozenset()):
                world.connection.execute(f'UPDATE {table.name} SET "{name}" = NULL').fetchall()
    lean = world.judge(checks)
    assert lean.findings.equals(whole.findings)
    assert lean.counts.equals(whole.counts)


def test_a_table_that_is_only_asked_for_rows_is_read_too(check_of: CheckOf) -> None:
    check = check_of(violation='"EXISTS (SELECT 1 FROM outage AS o)"')
    assert columns_read([check])["outage"] == {"outage_id"}


def test_files_that_cannot_be_read_are_no_problem_of_a_check(world: World, check_of: CheckOf, tmp_path: Path) -> None:
    world.record("R1")
    world.write()
    path = tmp_path / "outage.parquet"
    world.connection.execute(f"COPY (SELECT * FROM outage) TO '{path}'").fetchall()
    world.connection.execute("DROP TABLE outage").fetchall()
    world.connection.execute(f"CREATE VIEW outage AS SELECT * FROM read_parquet('{path}')").fetchall()
    check = check_of(violation='"EXISTS (SELECT 1 FROM outage AS o)"')
    assert world.judge([check]).problems == ()
    path.unlink()
    with pytest.raises(duckdb.IOException):
        world.judge([check])


def test_ticket_text_is_a_value_and_never_sql(world: World, check_of: CheckOf) -> None:
    nasty = "'; DROP TABLE work_item; -- {number} $now"
    world.add("capability", source_id="o'brien", capability="field.urgency", reason=nasty)
    world.add("source", source_id="o'brien")
    world.record(nasty, source_id="o'brien", priority=3, category=nasty)
    check = check_of(more='[evidence]\ncategory = "w.category"\n', message='"{number}: {category}."')
    run = world.judge([check, built_in()["INC-003"]])
    (found,) = run.findings.to_pylist()
    assert found["message"] == f"{nasty}: {nasty}."
    assert world.connection.execute("SELECT COUNT(*) FROM work_item").fetchall() == [(1,)]


def test_thousands_of_records_are_judged_in_one_go(world: World) -> None:
    world.write()
    world.connection.execute(
        "INSERT INTO work_item "
        "(work_item_id, source_id, record_type, source_key, number, state, opened_at, updated_at) "
        "SELECT 'R' || n, 'prod', 'incident', n, n, 'new', t.at, t.at "
        "FROM (SELECT n, TIMESTAMP '2026-03-02 09:00:00' AS at FROM range(20000) AS r(n)) AS t"
    ).fetchall()
    run = world.judge(list(built_in().values()))
    by_check = {row["check_id"]: row for row in run.counts.to_pylist() if row["source_id"] == "*"}
    assert by_check["INC-001"]["failing"] == 20000
    assert run.problems == ()
