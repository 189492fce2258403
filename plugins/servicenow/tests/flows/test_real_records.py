"""Real stock records of a developer instance, contradictions in their times included, as the Table API returns them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pandas as pd
import pytest
from simulated_site import DATA, SimulatedSite, counts, failing

from itsm_bridge.reports.view import AssessmentView
from itsm_bridge_servicenow.testing import SimulatedServiceNow

RECORDS = DATA / "servicenow" / "ibm_incidents_REST.csv"
NOW = datetime(2023, 6, 1, tzinfo=UTC)
TIMES = ["opened_at", "sys_created_on", "resolved_at", "closed_at"]
SKEW = pd.Timedelta("2min")

pytestmark = [
    pytest.mark.skipif(not RECORDS.exists(), reason=f"needs the real records at {RECORDS}"),
    pytest.mark.xdist_group("the seeded company"),
]


@pytest.fixture(scope="module")
def records() -> pd.DataFrame:
    """The records; the publisher left `state` out, which an instance keeps equal to `incident_state`."""
    found = pd.read_csv(RECORDS, dtype=str, keep_default_na=False)
    return found.assign(state=found["incident_state"])


@pytest.fixture(scope="module")
def site(records: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedSite]:
    with SimulatedServiceNow({"incident": records.to_dict("records")}, now=NOW) as server:
        site = SimulatedSite(tmp_path_factory.mktemp("stock"), {"stock": server}, "2015-01-01/2023-12-31", mappings=[])
        site.sync()
        yield site


@pytest.fixture(scope="module")
def view(site: SimulatedSite) -> AssessmentView:
    return site.check(now=NOW)


def test_the_known_contradictions_come_out_of_the_store(site: SimulatedSite) -> None:
    counted = "SELECT count(*) FROM incident WHERE "
    is_open = "state NOT IN ('closed', 'cancelled')"
    assert site.value("SELECT count(*) FROM incident") == 67
    assert site.value(f"{counted} state = 'closed'") == 27
    assert site.value(f"{counted} state = 'closed' AND resolved_at > closed_at") == 20
    assert site.value(f"{counted} {is_open} AND closed_at IS NOT NULL") == 8
    assert site.value(f"{counted} opened_at > created_at") == 11


def test_every_time_is_stored_as_the_tool_said_it(site: SimulatedSite, records: pd.DataFrame) -> None:
    stored = site.open().load("incident").set_index("source_key").rename(columns={"created_at": "sys_created_on"})
    for name in TIMES:
        said = pd.to_datetime(records.set_index("sys_id")[name].replace("", None), utc=True)
        assert stored[name].reindex(said.index).equals(said.astype(stored[name].dtype)), name


def test_impossible_orders_of_times_are_found_and_nothing_else(view: AssessmentView, records: pd.DataFrame) -> None:
    at = {name: pd.to_datetime(records[name].replace("", None)) for name in TIMES}
    wrong = (at["closed_at"] < at["resolved_at"] - SKEW) | (at["resolved_at"] < at["opened_at"] - SKEW)
    found = counts(view)["DQ-001"]
    assert failing(view)["DQ-001"] == set(records["sys_id"][wrong])
    assert (found["in_scope"], found["assessable"], found["failing"]) == (67, 67, int(wrong.sum()))


def test_without_history_nothing_is_said_about_it(view: AssessmentView) -> None:
    assert counts(view)["INC-004"]["assessable"] == 0
    assert counts(view)["DQ-006"]["assessable"] == 0
