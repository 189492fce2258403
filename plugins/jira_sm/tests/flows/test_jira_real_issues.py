"""Real issues of a Cloud site: every status change is in the event log, with its author and its instant."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from jira_site import DATA, SECRET, JiraSite

from itsm_bridge_jira_sm.testing import SimulatedJira, replayed

FILE = DATA / "jira" / "jirametrics_issues.json"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason=f"the real issues are not there: {FILE}")


def by_hand() -> list[tuple[str, str, pd.Timestamp, str, str]]:
    """Issue, author, instant, and the words of both states of each status change."""
    latest = {
        issue["id"]: issue for issue in sorted(json.loads(FILE.read_text()), key=lambda i: i["fields"]["updated"])
    }
    found = []
    for issue in latest.values():
        for entry in issue["changelog"]["histories"]:
            at = pd.Timestamp(datetime.fromisoformat(entry["created"]))
            for item in entry["items"]:
                if item.get("fieldId") == "status":
                    who = entry.get("author", {}).get("accountId", "")
                    found.append((issue["id"], who, at, item["fromString"], item["toString"]))
    return sorted(found)


def test_every_status_change_is_in_the_event_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = replayed(json.loads(FILE.read_text()))
    with SimulatedJira("cloud", site=site) as server:
        monkeypatch.setenv(SECRET, server.api_token)
        here = JiraSite(tmp_path, server)
        here.sync()
    log = here.load("transition")
    changes = log[log["field"] == "state"]
    told = sorted(
        (item.rpartition(":")[2], who.rpartition(":work_item:")[2].partition("person:")[2] or who, at, before, after)
        for item, who, at, before, after in zip(
            changes["work_item_id"], changes["actor_id"], changes["at"], changes["source_old_value"],
            changes["source_new_value"], strict=True,
        )
    )  # fmt: skip
    expected = by_hand()
    assert len(expected) > 20
    assert [(item, at, before, after) for item, _, at, before, after in told] == [
        (item, at, before, after) for item, _, at, before, after in expected
    ]
    assert all(shown.endswith(who) for (_, shown, *_), (_, who, *_) in zip(told, expected, strict=True))
