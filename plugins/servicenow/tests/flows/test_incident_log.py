"""The real incident log of a ServiceNow platform, read by the real adapter: nothing is lost, and verdicts agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from figures_by_pandas import LogFigures
from incident_log_by_pandas import Counts, IncidentLog
from process_by_hand import RULES, LogProcess, Standing
from simulated_site import DATA, SimulatedSite, counts

import itsm_bridge
from itsm_bridge.analysis import Bridge
from itsm_bridge.process import Process
from itsm_bridge.reports.view import AssessmentView
from itsm_bridge_servicenow.adapter import ServiceNow
from itsm_bridge_servicenow.scope import audited_fields
from itsm_bridge_servicenow.testing import SimulatedServiceNow, replay_incident_log

LOG = DATA / "uci_incident" / "incident_event_log.csv.gz"
NOW = datetime(2017, 2, 19, tzinfo=UTC)
PACKAGE = Path(itsm_bridge.__file__).parent

pytestmark = [
    pytest.mark.skipif(not LOG.exists(), reason=f"needs the real incident log at {LOG}"),
    pytest.mark.xdist_group("the real incident log"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedSite]:
    """The log, read into a store."""
    tables = replay_incident_log(LOG)
    fields = {row["fieldname"] for row in tables["sys_audit"]} - {*audited_fields([ServiceNow.mapping_folder()], ())}
    with SimulatedServiceNow(tables, now=NOW) as server:
        settings = {"audit_fields": sorted(fields)}
        folder = tmp_path_factory.mktemp("log")
        site = SimulatedSite(folder, {"log": server}, "2016-01-01/2017-02-28", settings, mappings=[])
        folder.joinpath("rules").mkdir()
        folder.joinpath("rules", "log.toml").write_text(RULES, encoding="utf-8")
        stated = site.file.read_text(encoding="utf-8")
        site.file.write_text(
            stated.replace("[assessment]\n", '[assessment]\nconstraints = ["rules"]\n'), encoding="utf-8"
        )
        assert site.sync().incomplete == []
        yield site


@pytest.fixture(scope="module")
def bridge(site: SimulatedSite) -> Bridge:
    return site.open()


@pytest.fixture(scope="module")
def view(site: SimulatedSite) -> AssessmentView:
    return site.check(now=NOW)


@pytest.fixture(scope="module")
def process(view: AssessmentView) -> Process:
    assert view.process is not None
    return view.process()


@pytest.fixture(scope="module")
def by_hand(log: IncidentLog) -> LogProcess:
    return LogProcess(log)


@pytest.fixture(scope="module")
def log() -> IncidentLog:
    return IncidentLog(LOG, PACKAGE / "checks", PACKAGE / "policy" / "template")


def test_every_incident_and_every_update_of_it_is_in(site: SimulatedSite, log: IncidentLog) -> None:
    updates = "SELECT count(DISTINCT (t.work_item_id, t.at, t.seq)) FROM transition AS t"
    assert site.value("SELECT count(*) FROM incident") == 24_918 == len(log.last)
    assert site.value(updates) == 141_712 - 24_918 == len(log.events) - len(log.last)


def test_every_change_of_state_is_in(bridge: Bridge, log: IncidentLog) -> None:
    stored = bridge.sql("""
        WITH named AS (SELECT value, label FROM source_log.sys_choice WHERE name = 'incident' AND element = 'state')
        SELECT i.number, t.seq, coalesce(o.label, t.source_old_value) AS old,
          coalesce(n.label, t.source_new_value) AS new
        FROM transition AS t
        JOIN incident AS i USING (work_item_id)
        LEFT JOIN named AS o ON o.value = t.source_old_value
        LEFT JOIN named AS n ON n.value = t.source_new_value
        WHERE t.field = 'state'""")
    wanted = log.steps[["number", "checkpoint", "before", "incident_state"]]
    assert len(stored) == 64_033
    assert Counter(stored.itertuples(index=False, name=None)) == Counter(wanted.itertuples(index=False, name=None))


def test_the_published_figures_come_out_of_the_store(site: SimulatedSite) -> None:
    step = "SELECT count(*) FROM transition WHERE field = 'state' AND old_value = '{}' AND new_value = '{}'"
    assert site.value("SELECT count(*) FROM source_log.incident WHERE made_sla = 'false'") == 9_115
    assert site.value("SELECT count(*) FROM incident WHERE resolved_at IS NULL") == 1_556
    assert site.value(step.format("new", "closed")) == 11
    assert site.value(step.format("closed", "in_progress")) == 12
    assert site.value(step.format("resolved", "in_progress")) == 317


def test_updates_that_are_missing_from_the_log_show(site: SimulatedSite) -> None:
    found = site.value("""
        SELECT count(*) FROM incident AS i
        JOIN (SELECT work_item_id, count(DISTINCT (e.at, e.seq)) AS updates FROM transition AS e GROUP BY 1) AS t
          USING (work_item_id)
        WHERE i.update_count > t.updates""")
    assert found == 9_254


def test_a_state_that_nobody_knows_is_reported_as_unmapped(bridge: Bridge) -> None:
    odd = "source_{0}_value = '-100' AND {0}_value = 'unknown' AND field = 'state'"
    old, new = (f"count(*) FILTER ({odd.format(side)})" for side in ("old", "new"))
    found = bridge.sql(f"SELECT {old}, {new} FROM transition")
    unmapped = bridge.sql("SELECT unmapped FROM stream_run WHERE stream = 'sys_audit'")
    states = bridge.sql("SELECT DISTINCT state FROM incident")
    assert found.to_numpy().tolist() == [[2, 2]]
    assert unmapped["unmapped"].tolist() == [4]
    assert states["state"].tolist() == ["closed"]


def test_what_is_unmapped_on_incidents_are_codes_that_the_publisher_made_up(bridge: Bridge) -> None:
    unmapped = bridge.sql("SELECT unmapped FROM stream_run WHERE stream = 'incident'")
    codes = bridge.sql("SELECT count(*) FROM source_log.incident WHERE close_code LIKE 'code %'")
    assert unmapped.iloc[0, 0] == codes.iloc[0, 0] == 24_811


def test_verdicts_agree_with_pandas_over_the_csv(view: AssessmentView, log: IncidentLog) -> None:
    found = {
        check: Counts(row["in_scope"], row["assessable"], row["failing"] + row["suppressed"])
        for check, row in counts(view).items()
    }
    wanted = log.verdicts
    assert {check: found[check] for check in wanted} == wanted
    assert view.problems == ()


def test_figures_agree_with_pandas_over_the_csv(view: AssessmentView, log: IncidentLog) -> None:
    wanted = LogFigures(log)
    found = {row["kpi_id"]: row for row in view.figures.to_pylist() if row["dimension"] == "all"}
    for name, (value, n) in wanted.all.items():
        assert (found[name]["value"], found[name]["n"]) == (pytest.approx(value), n), name
    for name, p90 in wanted.percentiles.items():
        assert found[name]["p90"] == pytest.approx(p90), name
    assert found["mtta"]["value"] is None
    assert "sys_journal_field" in found["mtta"]["reason"]


def test_figures_by_priority_agree_with_pandas_over_the_csv(view: AssessmentView, log: IncidentLog) -> None:
    rows = [row for row in view.figures.to_pylist() if (row["kpi_id"], row["dimension"]) == ("mttr", "priority")]
    found = {row["scope"]: (row["value"], row["n"]) for row in rows}
    wanted = {name: (pytest.approx(value), n) for name, (value, n) in LogFigures(log).mttr_by_priority.items()}
    assert found == wanted


def test_the_share_of_targets_kept_agrees_with_pandas_over_the_csv(bridge: Bridge, by_hand: LogProcess) -> None:
    found = bridge.sql("""
        SELECT i.priority, count(*) FILTER (s.made_sla = 'true') AS kept, count(*) AS n
        FROM incident AS i JOIN source_log.incident AS s ON s.sys_id = i.source_key GROUP BY 1 ORDER BY 1""")
    wanted = by_hand.made_sla
    assert {int(row.priority): (row.kept, row.n) for row in found.itertuples()} == wanted
    assert {name: (round(100 * kept / n, 1), n) for name, (kept, n) in wanted.items()} == {
        1: (1.9, 270), 2: (0.5, 408), 3: (64.5, 23_466), 4: (84.1, 774),
    }  # fmt: skip


def test_paths_agree_with_a_count_by_hand(process: Process, by_hand: LogProcess) -> None:
    found, wanted = process.variants.to_pandas(), by_hand.variants
    rows = {row.path: (row.records, row.median_seconds, row.p90_seconds) for row in found.itertuples()}
    assert rows == {
        path: (row["records"], pytest.approx(row["median"]), pytest.approx(row["p90"]))
        for path, row in wanted.iterrows()
    }  # fmt: skip
    assert found["records"].sum() == 24_918
    assert found["records"].is_monotonic_decreasing
    assert found["share"].sum() == pytest.approx(1) == found["cumulative_share"].iloc[-1]


def test_steps_against_the_state_model_agree_with_a_count_by_hand(
    view: AssessmentView, process: Process, by_hand: LogProcess
) -> None:
    steps = process.steps.to_pylist()
    found = {(row["from_state"], row["to_state"]): row["steps"] for row in steps if row["verdict"] == "not_allowed"}
    assert found == by_hand.forbidden
    judged, failing = (counts(view)["DQ-006"][name] for name in ("in_scope", "failing"))
    assert (sum(row["steps"] for row in steps), sum(found.values())) == (judged, failing)
    (kept,) = process.following.to_pylist()
    with_steps = sum(bool(entries) for entries in by_hand.entries.values())
    assert (kept["records"], kept["following"]) == (with_steps, by_hand.following)


@pytest.mark.parametrize(
    ("rule", "template", "names"),
    [
        ("log_response", "response", {"a": ["group_change"], "b": ["start", "resume"]}),
        ("log_precedence", "precedence", {"a": ["start"], "b": ["pend"]}),
        ("log_succession", "succession", {"a": ["resolve"], "b": ["close"]}),
        ("log_not_co_existence", "not_co_existence", {"a": ["reopen"], "b": ["group_change"]}),
        ("log_alternate", "alternate_succession", {"a": ["pend"], "b": ["resume"]}),
        ("log_once", "absence", {"a": ["group_change"], "times": 4}),
        ("resolve_before_close", "precedence", {"a": ["resolve"], "b": ["close"]}),
        ("closed_stays_closed", "not_succession", {"a": ["close"], "b": ["reopen"]}),
    ],
)
def test_rules_about_order_agree_with_their_definitions(
    process: Process, by_hand: LogProcess, rule: str, template: str, names: dict[str, Any]
) -> None:
    rows = process.constraints.to_pandas()
    (row,) = rows[(rows["constraint_id"] == rule) & (rows["source_id"] == "*")].itertuples()
    found = Standing(row.in_scope - row.not_assessable, row.vacuous, row.violated, row.activations, row.violations)
    assert found == by_hand.standing(template, **names)
    assert (row.in_scope, row.pending, row.pending_activations) == (24_918, 0, 0)
    assert row.activations > row.violations > 0


def test_each_kind_of_verdict_is_among_them(log: IncidentLog) -> None:
    wanted = log.verdicts
    assert all(each.in_scope > 0 for each in wanted.values())
    assert sum(each.failing > 0 for each in wanted.values()) >= 7
    assert wanted["DQ-002"].assessable == 24_918 - 11_495
    assert wanted["INC-004"].failing == 13


def test_what_the_log_does_not_tell_is_not_assessed(view: AssessmentView) -> None:
    status = {row["check_id"]: row["status"] for row in view.results.to_pylist() if row["source_id"] == "*"}
    for check in ("SLM-001", "INC-006"):
        assert counts(view)[check]["assessable"] == 0
        assert status[check] == "not_assessed"
