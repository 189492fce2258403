"""Real issues, served again, come as they were."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from asking_jira import Asking

from itsm_bridge_jira_sm.testing import SimulatedJira, replayed

DATA = Path(os.environ.get("ITSM_BRIDGE_TEST_DATA", Path(__file__).parents[5] / "shared" / "data"))
REAL = DATA / "jira" / "jirametrics_issues.json"
pytestmark = pytest.mark.skipif(not REAL.exists(), reason=f"the real issues are not at {REAL}")
TERMS = ("status", "issuetype", "priority", "resolution")


def plain(value: Any) -> Any:
    """Return what identifies a value: what else there is of it depends on the site that shows it."""
    if isinstance(value, dict):
        return value.get("accountId") or value.get("id") or value
    return value


def test_real_issues_come_with_their_values_and_histories() -> None:
    told = sorted(json.loads(REAL.read_text(encoding="utf-8")), key=lambda issue: issue["fields"]["updated"])
    real = {issue["id"]: issue for issue in told}.values()
    with SimulatedJira(site=replayed(real)) as jira, Asking(jira) as ask:
        found = {issue["id"]: issue for page in ask.pages("project = SP", fields=["*all"], maxResults=5)  # type: ignore[arg-type]
                 for issue in page["issues"]}  # fmt: skip
        assert set(found) == {issue["id"] for issue in real}
        for issue in real:
            shown = found[issue["id"]]["fields"]
            assert {name: plain(shown[name]) for name in issue["fields"]} == {
                name: plain(value) for name, value in issue["fields"].items()
            }
            log = ask.get(f"issue/{issue['id']}/changelog")["values"]
            assert [(one["id"], one["created"], one["author"]["accountId"], one["items"]) for one in log] == [
                (one["id"], one["created"], one["author"]["accountId"], one["items"])
                for one in sorted(issue["changelog"]["histories"], key=lambda one: one["created"])
            ]
