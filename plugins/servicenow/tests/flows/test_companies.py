"""A company without flaws gives no finding, and two sources in one store keep their records apart."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from figures_by_pandas import StoreFigures
from simulated_site import SimulatedSite, counts, failing
from two_sweeps import NOW

from itsm_bridge.reports.view import AssessmentView
from itsm_bridge_servicenow.testing import Company, SimulatedServiceNow, seeded_company

pytestmark = pytest.mark.xdist_group("other companies")

BEYOND = {
    "SRQ-007",                                                          # histories do not say for which record
    "BRM-002", "BRM-003",                                               # nor ratings
    "BRM-001", *(f"RPT-{number:03}" for number in range(1, 6)),         # registers and plans that it does not keep
    *(f"IMP-{number:03}" for number in range(1, 4)),
    "DQ-010", "IMP-004", "SLM-010",                                     # they compare several sweeps or assessments
    "KPI-001", "KPI-005",                                               # there is no year before to compare with
}  # fmt: skip
"""Checks that nothing in the company can feed."""
SMALL = {"PRB-001", "PRB-006", "PRB-007"}
"""Checks of what a small company without flaws happens not to have: recurring incidents, open known errors."""
STREAMS = ["incident", "sys_audit", "sys_journal_field", "sys_user", "sys_user_group", "sys_choice"]


@pytest.fixture(scope="module")
def clean_site(tmp_path_factory: pytest.TempPathFactory) -> SimulatedSite:
    """A company in which nothing is wrong on purpose."""
    company = seeded_company(now=NOW, size=500, flawed=False)
    assert company.planted == {}
    with SimulatedServiceNow(company.tables, now=NOW) as server:
        site = SimulatedSite(tmp_path_factory.mktemp("clean") / "site", {"prod": server}, agreed=company.policy("prod"))
        site.sync()
        return site


@pytest.fixture(scope="module")
def clean(clean_site: SimulatedSite) -> AssessmentView:
    """The verdicts on it."""
    return clean_site.check(now=NOW)


@pytest.fixture(scope="module")
def company() -> Company:
    return seeded_company(now=NOW, size=150)


@pytest.fixture(scope="module")
def twice(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedSite]:
    """One company, read as two sources into one store."""
    with SimulatedServiceNow(company.tables, now=NOW) as server:
        folder = tmp_path_factory.mktemp("twice") / "site"
        site = SimulatedSite(
            folder, {"north": server, "south": server}, settings={"streams": STREAMS},
            agreed=company.policy("north", "south"),
        )  # fmt: skip
        assert site.sync().incomplete == []
        yield site


@pytest.fixture(scope="module")
def view(twice: SimulatedSite) -> AssessmentView:
    return twice.check(now=NOW)


def test_a_company_without_flaws_gives_no_finding(clean: AssessmentView) -> None:
    assert clean.findings.to_pylist() == []
    assert (clean.problems, clean.gaps, clean.exit_code) == ((), (), 0)


def test_every_check_had_something_to_judge_that_this_company_can_feed(clean: AssessmentView) -> None:
    unfed = {check for check, found in counts(clean).items() if not found["assessable"]}
    assert unfed == BEYOND | SMALL


def test_figures_agree_with_pandas_over_the_tables(clean: AssessmentView, clean_site: SimulatedSite) -> None:
    found = {row["kpi_id"]: row for row in clean.figures.to_pylist() if row["dimension"] == "all"}
    wanted = StoreFigures(clean_site.open(), clean.period_from, clean.period_to).all
    assert sum(n > 5 for _, n in wanted.values()) >= 7
    for name, (value, n) in wanted.items():
        assert (found[name]["value"], found[name]["n"]) == (pytest.approx(value), n), name
        assert found[name]["not_assessable"] == 0, name


def test_two_sources_keep_their_records_apart(twice: SimulatedSite, company: Company) -> None:
    keys = {row["sys_id"] for row in company.tables["incident"]}
    stored = twice.open().load("incident")
    for source in ("north", "south"):
        own = stored[stored["source_id"] == source]
        assert set(own["source_key"]) == keys
        assert set(own["work_item_id"]) == {f"{source}:work_item:{key}" for key in keys}
    references = "SELECT count(*) FROM transition WHERE split_part(work_item_id, ':', 1) <> source_id"
    assert twice.value(references) == 0
    assert twice.value("SELECT count(*) FROM transition") == 2 * twice.value(
        "SELECT count(*) FROM transition WHERE source_id = 'north'"
    )


def test_the_same_record_has_other_pseudonyms_in_no_source(twice: SimulatedSite) -> None:
    pairs = twice.open().sql("""
        SELECT count(DISTINCT split_part(n.requester_id, ':', 3)) AS people,
          count(*) FILTER (split_part(n.requester_id, ':', 3) <> split_part(s.requester_id, ':', 3)) AS differing
        FROM incident n JOIN incident s USING (source_key)
        WHERE n.source_id = 'north' AND s.source_id = 'south'""")
    assert pairs["people"].item() > 10
    assert pairs["differing"].item() == 0


def test_figures_of_sources_add_up(view: AssessmentView, company: Company) -> None:
    north, south, both = (counts(view, source) for source in ("north", "south", "*"))
    assert north == south
    of_no_source = {"BRM-001", "IMP-001", "IMP-002", "IMP-003", "SUP-003"} | {
        f"RPT-{number:03}" for number in range(1, 6)
    }
    assert both.keys() - north.keys() == of_no_source
    for check, total in both.items():
        if check in of_no_source:
            continue
        assert total == {name: north[check][name] + south[check][name] for name in total}, check
    assert failing(view, "north") == failing(view, "south")
    assert failing(view, "north")["INC-003"] == company.planted["INC-003"]


def test_a_finding_has_an_identity_of_its_own_in_each_source(view: AssessmentView) -> None:
    rows = view.findings.to_pylist()
    assert len({row["finding_id"] for row in rows}) == len(rows) > 0
    assert len({(row["check_id"], row["source_id"], row["subject"]) for row in rows}) == len(rows)
