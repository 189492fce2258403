"""Figures: by which records, in which period, for which scope, and what stands where nothing can be told."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import itsm_bridge
from itsm_bridge.checking import Check, Frame, Kpi, load_kpis, run_checks
from itsm_bridge.checking.case_rows import NOW, OPENED, PERIOD_FROM
from itsm_bridge.checking.check_file import parse_check
from itsm_bridge.checking.measuring.measure import FAILED
from itsm_bridge.checking.measuring.trend import trend
from itsm_bridge.schema import TABLES

from .conftest import World, built_in
from .test_counts import build, losses, worlds

KPIS = {kpi.id: kpi for kpi in load_kpis([Path(itsm_bridge.__file__).parent / "kpis"])}
Row = dict[str, Any]
Scope = tuple[str, str, str]


def measure(
    world: World, *names: str, checks: tuple[Check | str, ...] = (), **frame: Any
) -> dict[str, dict[Scope, Row]]:
    """Return figures by KPI and scope."""
    world.write()
    chosen = [built_in()[each] if isinstance(each, str) else each for each in checks]
    light = Frame(**{"now": NOW, "period_from": PERIOD_FROM, "period_to": NOW, **frame})
    run = run_checks(world.connection, chosen, light, [KPIS[name] for name in names or KPIS])
    assert run.problems == ()
    found: dict[str, dict[Scope, Row]] = {}
    for row in run.figures.to_pylist():
        found.setdefault(row["kpi_id"], {})[row["dimension"], row["source_id"], row["scope"]] = row
    return found


def settled(world: World, name: str, hours: float, **row: Any) -> None:
    """Add an incident that was resolved so many hours after it was opened."""
    opened = row.setdefault("opened_at", OPENED)
    world.record(name, state="resolved", resolved_at=opened + timedelta(hours=hours), **row)


def test_a_figure_is_told_for_every_scope_with_its_n_median_and_percentile(world: World) -> None:
    world.rows["source"] = [{"source_id": "prod"}, {"source_id": "lab"}]
    world.add("service", service_id="mail", name="E-mail")
    world.add("support_group", support_group_id="desk", name="Service desk")
    for n, hours in enumerate((1, 2, 3, 14), 1):
        place = {"service_id": "mail"} if n < 3 else {}
        settled(world, f"R{n}", hours, priority=n % 2 + 1, support_group_id="desk", **place)
    found = measure(world, "mttr_p1p2")["mttr_p1p2"]
    shown = {key: (row["value"] / 3600, row["n"], row["scope_name"]) for key, row in found.items() if row["n"]}
    assert shown == {
        ("all", "*", "*"): (2.5, 4, None), ("source", "prod", "prod"): (2.5, 4, None),
        ("service", "prod", "mail"): (1.5, 2, "E-mail"), ("service", "prod", ""): (8.5, 2, None),
        ("team", "prod", "desk"): (2.5, 4, "Service desk"), ("priority", "*", "1"): (8.0, 2, None),
        ("priority", "*", "2"): (2.0, 2, None),
    }  # fmt: skip
    assert found["all", "*", "*"]["p90"] == pytest.approx((3 + 0.7 * 11) * 3600)
    assert (found["source", "lab", "lab"]["value"], found["source", "lab", "lab"]["n"]) == (None, 0)


def test_the_period_before_stands_beside_and_its_ends_belong_to_one_period_each(world: World) -> None:
    for name, opened in {"A": PERIOD_FROM, "B": PERIOD_FROM - timedelta(seconds=1), "C": NOW,
                         "D": datetime(2026, 2, 1), "E": datetime(2026, 1, 31, 23)}.items():  # fmt: skip
        world.record(name, opened_at=opened)
    found = measure(world, "incident_volume", previous_from=datetime(2026, 2, 1))["incident_volume"]["all", "*", "*"]
    assert (found["value"], found["previous_value"]) == (1, 2)
    as_long = measure(world, "incident_volume")["incident_volume"]["all", "*", "*"]  # 31 days
    assert (as_long["value"], as_long["previous_value"]) == (1, 3)


def test_what_a_source_cannot_tell_is_said_and_the_others_are_measured(world: World) -> None:
    world.rows["source"] = [{"source_id": "prod"}, {"source_id": "old"}]
    world.add("capability", source_id="old", capability="history.state", reason="no audit")
    settled(world, "A", 2)
    settled(world, "B", 90, source_id="old")
    found = measure(world, "mttr")["mttr"]
    assert [found["all", "*", "*"][name] for name in ("value", "n", "not_assessable")] == [7200, 1, 1]
    old = found["source", "old", "old"]
    assert [old[name] for name in ("value", "n", "not_assessable", "median", "trend")] == [None, 0, 1, None, None]
    assert old["reason"] == "history.state: no audit"
    assert json.loads(old["reasons"]) == {"history.state: no audit": 1}


def test_no_right_to_read_a_table_is_no_figure_and_says_why(world: World) -> None:
    feeds = ",".join(set(TABLES) - {"configuration_item"})
    world.add("stream_run", stream="all", feeds=feeds, held=5)
    world.add("stream_run", stream="items", feeds="configuration_item", status="denied", reason="403")
    found = measure(world, "ci_completeness")["ci_completeness"]
    for key in (("all", "*", "*"), ("source", "prod", "prod")):
        assert (found[key]["value"], found[key]["n"]) == (None, 0)
        assert "403" in found[key]["reason"]


def test_nothing_in_the_period_is_no_zero(world: World) -> None:
    world.record("A", "problem")
    for name, scopes in measure(world).items():
        row = scopes["all", "*", "*"]
        if row["n"] == 0:
            assert row["value"] is None, name
            assert row["reason"], name
    assert measure(world, "incident_volume")["incident_volume"]["all", "*", "*"]["reason"].startswith("nothing")


def test_a_record_that_data_quality_distrusts_is_in_no_figure_that_reads_it(world: World) -> None:
    settled(world, "A", 2)
    settled(world, "B", -2)
    for checks, told in (((), (0, 2, 0)), (("DQ-001",), (7200, 1, 1))):
        row = measure(world, "mttr_p1p2", "srq_lead", "mttr", checks=checks)["mttr"]["all", "*", "*"]
        assert (row["value"], row["n"], row["not_assessable"]) == told
    assert "DQ-001" in row["reasons"]


def test_a_check_may_judge_a_figure(world: World) -> None:
    text = """
    id = "TST-001"
    version = 1
    title = "Too many reopened"
    process = "kpi"
    kind = "process"
    severity = "ofi"
    basis = "practice"
    clauses = [{ clause = "9.1", relation = "supporting" }]
    subject = { view = "kpi_result", alias = "k", key = "k.kpi_id || '/' || k.scope" }
    anchor = "now"
    population = "k.kpi_id = 'mttr' AND k.dimension = 'source' AND k.n >= 1"
    violation = "k.value > 3600.0"
    message = "{number}: {value}"
    why = "x"
    remedy = "x"
    limits = "x"
    procedure = "x"
    evidence = { value = "k.value" }
    """
    check = parse_check(text, Path("TST-001.toml"))
    settled(world, "A", 2)
    world.write()
    run = run_checks(world.connection, [check], Frame(NOW, PERIOD_FROM, NOW), [KPIS["mttr"]])
    assert [row["subject"] for row in run.findings.to_pylist()] == ["mttr/prod"]
    assert {row["source_id"]: row["failing"] for row in run.counts.to_pylist()} == {"*": 1, "prod": 1}


def test_a_kpi_that_breaks_off_is_a_problem_and_the_others_go_on(world: World) -> None:
    settled(world, "A", 2, category="not a number")
    world.write()
    broken = replace(KPIS["mttr_p1p2"], id="broken", population="TRUE", value="CAST(w.category AS DOUBLE)")
    run = run_checks(world.connection, [], Frame(NOW, PERIOD_FROM, NOW), [broken, KPIS["mttr"]])
    assert [name for name, _ in run.problems] == ["broken"]
    rows = {row["kpi_id"]: row for row in run.figures.to_pylist() if row["dimension"] == "all"}
    assert (rows["broken"]["value"], rows["broken"]["reason"]) == (None, FAILED)
    assert rows["mttr"]["value"] == 7200


def test_a_parameter_of_the_policy_is_used(world: World) -> None:
    settled(world, "A", 2, channel="phone")
    shares = [
        measure(world, "fcr", parameters=parameters)["fcr"]["all", "*", "*"]["value"]
        for parameters in ({}, {"first_contact_within": "3h"}, {"fcr.first_contact_within": "3h"})
    ]
    assert shares == [0, 1, 1]


@pytest.mark.parametrize(
    ("name", "now", "before", "told"),
    [
        ("reopen_rate", (0.10, 40), (0.05, 40), "worse"), ("reopen_rate", (0.05, 40), (0.10, 40), "better"),
        ("fcr", (0.6, 20), (0.5, 20), "better"), ("fcr", (0.6, 19), (0.5, 200), "too_few"),
        ("fcr", (0.6, 200), (0.5, 19), "too_few"), ("fcr", (0.6, 40), (None, 0), None),
        ("fcr", (None, 0), (0.5, 40), None), ("incident_volume", (120.0, 120), (100.0, 100), "higher"),
        ("incident_volume", (90.0, 90), (100.0, 100), "lower"), ("mttr", (104.0, 40), (100.0, 40), "unchanged"),
        ("availability", (0.98, 30), (0.99, 30), "worse"), ("availability", (0.9901, 30), (0.99, 30), "unchanged"),
        ("reopen_rate", (0.0, 40), (0.0, 40), "unchanged"), ("reopen_rate", (0.01, 40), (0.0, 40), "worse"),
    ],
)  # fmt: skip
def test_a_trend_is_told_where_enough_stands_behind_both_figures(
    name: str, now: tuple[float | None, int], before: tuple[float | None, int], told: str | None
) -> None:
    assert trend(KPIS[name], now, before) == told


def of_records(kpi: Kpi) -> bool:
    return kpi.subject.view not in ("configuration_item", "register_item")


# What costs is the judging, not the records: few worlds with many of them.
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds, losses)
def test_the_n_of_every_dimension_add_up_to_the_whole(rows: list[Any], lost: list[tuple[str, str]]) -> None:
    world = build(rows, lost, is_denied=True)
    found = measure(world, checks=("DQ-001", "DQ-004", "DQ-007"))
    assert set(found) == set(KPIS)
    for name, scopes in found.items():
        whole = scopes["all", "*", "*"]
        totals: dict[str, Counter[str]] = {"source": Counter()}
        for (dimension, _, _), row in scopes.items():
            numbers = {"n": row["n"], "not_assessable": row["not_assessable"], "numerator": row["numerator"] or 0}
            totals.setdefault(dimension, Counter()).update(numbers)
            assert (row["value"] is None) == (row["n"] == 0) == (row["reason"] is not None), name
            assert sum(json.loads(row["reasons"]).values()) == row["not_assessable"], name
        del totals["all"]
        if of_records(KPIS[name]) and whole["n"] + whole["not_assessable"]:
            assert set(totals) >= {"source", "service"}, name
        for dimension, total in totals.items() if name not in ("nc_on_time", "improvement_rate") else ():
            assert (total["n"], total["not_assessable"]) == (whole["n"], whole["not_assessable"]), (name, dimension)
            assert total["numerator"] == pytest.approx(whole["numerator"] or 0), (name, dimension)
    world.connection.close()
