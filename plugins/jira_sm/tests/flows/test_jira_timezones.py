"""Instants mean the same whatever the account's timezone is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jira_site import SECRET, JiraSite

from itsm_bridge_jira_sm.testing import SimulatedJira

pytestmark = pytest.mark.usefixtures("reading_only")


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Europe/Berlin"])
def test_no_issue_is_missed_over_a_day_of_changes(
    zone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    begin = datetime(2026, 10, 24, 20, tzinfo=UTC)  # Berlin's clocks go back in this night
    with SimulatedJira("cloud", now=begin, zone=zone) as server:
        monkeypatch.setenv(SECRET, server.api_token)
        site = JiraSite(tmp_path, server, overlap_hours=1, streams=["issue", "issue_history"])
        ids = [server.insert("IT", status="Closed", at=begin - timedelta(days=9)) for _ in range(30)]
        site.sync()
        for hour in range(1, 25):
            server.now = begin + timedelta(hours=hour)
            ids.append(server.insert("IT", status="Closed"))
            server.update(ids[hour], {"summary": f"changed in hour {hour}"})
            if not hour % 8:
                site.sync()
        truth = {str(issue.id): issue.updated for issue in server.visible()}
        held = {
            key: round(datetime.fromisoformat(at or "").timestamp() * 1000) for key, at in site.held("issue", "updated")
        }
    assert held == truth
    assert len(site.keys("issue_history")) == 24
