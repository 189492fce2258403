"""What an account may no longer read is not assessable, in every report, with exit code 3; it never passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from world import NOW, SIZE, Document, World

import itsm_bridge
from itsm_bridge.checking import load_checks, needs_of
from itsm_bridge.plugins import build_plugin_manager
from itsm_bridge_servicenow.testing import SimulatedServiceNow, seeded_company

pytestmark = pytest.mark.xdist_group("lost rights")

CHECKS = {check.id: check for check in load_checks(build_plugin_manager().check_folders)}
NEEDS = needs_of(CHECKS.values())
COMPLETENESS = "DQ-009"


@dataclass(frozen=True)
class Swept:
    """A world whose account lost something, the report of its sweep, and the report of the time before."""

    world: World
    before: Document
    now: Document

    def result(self, check: str) -> Mapping[str, Any]:
        return results(self.now)[check]

    def gaps(self) -> dict[str, Mapping[str, Any]]:
        return {gap["name"]: gap for gap in self.now["gaps"]}


def results(document: Document) -> dict[str, Mapping[str, Any]]:
    return {check["id"]: check["overall"] for check in document["checks"]}


def stream(document: Document, name: str) -> Mapping[str, Any]:
    return next(line for line in document["sources"][0]["streams"] if line["stream"] == name)


def reading(*things: str, of: str = "") -> set[str]:
    """Return the checks (of a record type) that need one of these: capabilities, or `table.column`."""
    found = {name for name, need in NEEDS.items() if need.readings & set(things)} - {COMPLETENESS}
    return {name for name in found if not of or of in (CHECKS[name].record_types or (of,))}


HISTORY = reading("history.state", "history.priority", "history.group", "history.fields", "approval.rollup")
VOTES, CLOCKS = reading("approval.vote"), reading("sla.claim")
RESOLVED = reading("work_item.resolved_at", of="incident")
FIELDS = RESOLVED | reading("change_detail.risk")


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The company, read with all rights."""
    with SimulatedServiceNow(seeded_company(now=NOW, size=SIZE).tables, now=NOW) as server:
        world = World(tmp_path_factory.mktemp("healthy"), server)
        world.configure()
        assert world.run("sync").exit_code == 0
        yield world


@pytest.fixture(scope="module")
def another(healthy: World, before: Document, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], World]:
    """Return a maker of copies of the healthy world, judged once; the account has all rights again."""
    numbers = count()

    def made() -> World:
        healthy.server.allow()
        return healthy.copied_to(tmp_path_factory.mktemp("copies") / str(next(numbers)))

    return made


@pytest.fixture(scope="module")
def before(healthy: World) -> Document:
    return healthy.check(1)


@pytest.fixture(scope="module")
def without_history(another: Callable[[], World], before: Document) -> Swept:
    world = another()
    world.server.deny_table("sys_audit")
    return Swept(world, before, world.sweep(3))


@pytest.fixture(scope="module")
def with_holes(another: Callable[[], World], before: Document) -> Swept:
    """Votes and clocks closed, two fields closed, thirty incidents hidden, and some of the others changed since."""
    world = another()
    server = world.server
    server.deny_table("sysapproval_approver")
    server.deny_table("task_sla")
    server.deny_field("incident", "resolved_at")
    server.deny_field("change_request", "risk")
    incidents = server.rows("incident")
    server.hide("incident", {row["sys_id"] for row in incidents[:30]})
    for row in [row for row in incidents[30:] if row["resolved_at"]][:20]:
        server.update("incident", row["sys_id"], {"short_description": f"{row['short_description']}, once more"})
    return Swept(world, before, world.sweep(3))


def test_the_company_is_assessable_as_long_as_the_account_has_its_rights(before: Document) -> None:
    assert before["gaps"] == []
    needed = HISTORY | VOTES | CLOCKS | FIELDS
    assert len(needed) > 15
    assert {results(before)[check]["status"] for check in needed} > {"pass", "deviation"}


@pytest.mark.parametrize("form", ["console", "json", "html"])
def test_a_lost_history_is_told_with_reason_and_remedy_in_every_report(without_history: Swept, form: str) -> None:
    world = without_history.world
    shown = world.run("report", "--format", "console").stdout if form == "console" else world.report(form)
    told = " ".join(shown.split())
    assert "the account may not read this (status 403" in told
    assert "Ask for a read ACL on sys_audit for a role of this account" in told
    assert "not assessable" in told.replace("not_assessable", "not assessable")
    assert "prod:sys_audit" in told
    assert "CHG-002" in told


def test_one_lost_table_is_one_gap_however_much_rests_on_it(without_history: Swept) -> None:
    assert list(without_history.gaps()) == ["prod:sys_audit"]
    assert not without_history.gaps()["prod:sys_audit"]["is_accepted"]


def test_nothing_that_reads_the_lost_history_passes(without_history: Swept) -> None:
    for check in HISTORY:
        result = without_history.result(check)
        assert (result["assessable"], result["failing"]) == (0, 0) or "sys_audit" in str(result["reasons"]), check
        assert result["status"] == "not_assessed", (check, result)
    assert any("sys_audit could not be read" in str(without_history.result(check)["reasons"]) for check in HISTORY)


def test_checks_that_need_nothing_of_it_work_as_before(without_history: Swept) -> None:
    figures = {check for check in CHECKS if check.startswith("KPI-")}  # which rest on what their figures read
    free = {check for check in results(without_history.before) if check not in HISTORY | figures | {COMPLETENESS}}
    assert {"INC-001", "INC-002", "CHG-001", "DQ-001"} <= free
    for check in free:
        was, is_now = results(without_history.before)[check], without_history.result(check)
        assert is_now["in_scope"] == was["in_scope"], check
        assert is_now["failing"] >= was["failing"], check
        assert is_now["status"] != "not_assessed" or was["status"] == "not_assessed", check


def test_findings_that_cannot_be_looked_at_again_are_unverified_and_not_resolved(without_history: Swept) -> None:
    stood = [f["check_id"] for f in without_history.before["findings"] if f["is_open"]]
    by_status = without_history.now["verdict"]["findings"]["by_status"]
    assert by_status["unverified"] == sum(check in HISTORY for check in stood) > 0
    assert (by_status["resolved"], by_status["gone"]) == (0, 0)


def test_looking_again_makes_nothing_well(without_history: Swept) -> None:
    again = without_history.world.check(3)
    assert [gap["name"] for gap in again["gaps"]] == ["prod:sys_audit"]


def test_a_gap_that_is_accepted_no_longer_decides_the_exit_code_but_stays_in_sight(without_history: Swept) -> None:
    world = without_history.world.copied_to(without_history.world.folder.parent / "accepted")
    world.configure(assessment='accepted_gaps = ["prod:sys_audit"]')
    accepted = world.check(1)
    assert [gap["is_accepted"] for gap in accepted["gaps"]] == [True]
    assert {results(accepted)[check]["status"] for check in HISTORY} == {"not_assessed"}
    assert "accepted gap prod:sys_audit" in " ".join(world.run("report").stdout.split())


def test_every_hole_is_a_gap_of_its_own_and_names_the_right_to_ask_for(with_holes: Swept) -> None:
    gaps = with_holes.gaps()
    assert set(gaps) == {
        "prod:sysapproval_approver", "prod:task_sla", "prod:incident", "prod:incident.resolved_at",
        "prod:change_request.risk",
    }  # fmt: skip
    assert "Ask for read ACLs on incident.resolved_at." in gaps["prod:incident.resolved_at"]["remedy"]
    assert "30 rows" in gaps["prod:incident"]["reason"]
    assert all(gap["remedy"] for gap in gaps.values())


def test_hidden_rows_are_counted_to_the_last_one(with_holes: Swept) -> None:
    was, is_now = stream(with_holes.before, "incident"), stream(with_holes.now, "incident")
    assert (was["status"], was["hidden"]) == ("complete", 0)
    assert (is_now["status"], is_now["hidden"], is_now["held"]) == ("partial", 30, was["held"])
    told = " ".join(with_holes.world.run("report").stdout.split())
    assert "30 rows that were read before still exist" in told
    assert "30 hidden from the account" in with_holes.world.report("html")


def test_nothing_that_reads_a_hole_passes(with_holes: Swept) -> None:
    for check in VOTES | CLOCKS | FIELDS:
        result = with_holes.result(check)
        assert result["status"] == "not_assessed" or result["failing"], (check, result)
        assert result["not_assessable"] or not result["in_scope"], check
    reasons = str([with_holes.result(check)["reasons"] for check in FIELDS])
    assert "incident.resolved_at does not show to the account" in reasons
    assert "change_request.risk does not show" in reasons


def test_records_do_not_slip_out_of_scope_with_the_field_that_put_them_there(with_holes: Swept) -> None:
    for check in FIELDS:
        was = results(with_holes.before)[check]["in_scope"]
        assert with_holes.result(check)["in_scope"] >= was, check
    assert with_holes.now["verdict"]["findings"]["by_status"]["gone"] == 0


def test_a_source_whose_gaps_are_all_accepted_ends_with_the_verdict(with_holes: Swept) -> None:
    world = with_holes.world.copied_to(with_holes.world.folder.parent / "all accepted")
    world.configure(assessment='accepted_gaps = ["prod"]')
    assert [gap["is_accepted"] for gap in world.check(1)["gaps"]] == [True] * 5


def test_what_was_closed_meanwhile_is_read_again_when_it_opens(with_holes: Swept, another: Callable[[], World]) -> None:
    another()
    world = with_holes.world.copied_to(with_holes.world.folder.parent / "open again")
    assert world.run("sync").exit_code == 0
    resolved = {row["sys_id"] for row in world.server.rows("incident") if row["resolved_at"]}
    held = itsm_bridge.open(world.store).sql(
        "SELECT source_key FROM work_item WHERE record_type = 'incident' AND resolved_at IS NOT NULL"
    )
    assert set(held["source_key"]) == resolved


def test_a_first_run_without_its_rights_is_incomplete_and_no_limit_of_the_tool(
    healthy: World, another: Callable[[], World], tmp_path: Path
) -> None:
    another()
    world = World(tmp_path, healthy.server)
    world.configure()
    world.server.deny_table("sys_audit")
    world.server.deny_field("incident", "resolved_at")
    now = world.sweep(3)
    assert {gap["name"] for gap in now["gaps"]} == {"prod:sys_audit", "prod:incident.resolved_at"}
    for check in HISTORY | RESOLVED:
        assert results(now)[check]["status"] == "not_assessed", check
