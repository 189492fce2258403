"""All faults at once: what is held in the end is what can be seen, whatever went wrong on the way."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jira_site import SECRET, JiraSite, about

from itsm_bridge.errors import SourceError
from itsm_bridge_jira_sm.testing import Fault, Faults, SimulatedJira


def live(server: SimulatedJira, chance: random.Random, count: int) -> None:
    """Issues of two months with histories, comments and links, some hidden, some moved."""
    start = datetime.now(UTC) - timedelta(days=60)
    ids: list[str] = []
    for _ in range(count):
        at = start + timedelta(hours=chance.randrange(24 * 55))
        key = server.insert("IT", chance.choice(["Incident", "Problem"]), at=at, status="Open")
        for step in chance.sample(["In Progress", "Pending", "Resolved", "Closed"], chance.randrange(4)):
            at += timedelta(minutes=chance.randrange(1, 900))
            server.update(key, {"status": step}, at=at)
        if chance.random() < 0.3:
            server.comment(key, "words", at=at)
        if ids and chance.random() < 0.2:
            server.link(key, chance.choice(ids), "Relates", at=at)
        ids.append(key)
    server.hide(chance.sample(ids, 5))
    for key in chance.sample(ids, 3):
        server.move(key, "OPS")


@pytest.mark.parametrize("deployment", ["cloud", "data_center"])
def test_what_is_held_is_what_can_be_seen(deployment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(f"{deployment} 0")
    faults = Faults(
        seed=0, only=[kind for kind in Faults.passing() if kind not in ("slow", "oauth_expiry")], probability=0.2
    )
    with SimulatedJira(deployment, projects=("IT", "OPS"), faults=faults) as server:  # type: ignore[arg-type]
        monkeypatch.setenv(SECRET, server.api_token if deployment == "cloud" else server.token)
        live(server, chance, 60)
        site = JiraSite(tmp_path, server, page_size=8, window_rows=100)
        site.sync()
        held_as_seen(site, server)
        for issue in chance.sample(server.visible(), 6):
            server.update(issue.id, {"summary": "changed since"})
        server.delete(chance.choice(server.visible()).id)
        site.sync()
        held_as_seen(site, server)
        assert sum(faults.struck.values()) > 4


def held_as_seen(site: JiraSite, server: SimulatedJira) -> None:
    """Compare issues, histories, comments and links with what the account can see."""
    visible = server.visible()
    assert site.keys("issue") == sorted(str(issue.id) for issue in visible)
    held = {
        key: round(datetime.fromisoformat(at or "").timestamp() * 1000) for key, at in site.held("issue", "updated")
    }
    assert held == {str(issue.id): issue.updated for issue in visible}
    ids = {str(issue.id) for issue in visible}
    steps = {f"{entry.id}/{place}" for issue in visible for entry in issue.history for place in range(len(entry.items))}
    assert {key for key, issue in site.held("issue_history", "issue") if issue in ids} == steps
    said = {comment.id for issue in visible for comment in issue.comments}
    assert set(site.keys("issue_comment")) == said


def test_a_repeated_page_token_is_an_error_and_no_endless_loop(cloud_site: JiraSite, cloud: SimulatedJira) -> None:
    for _ in range(70):
        cloud.insert("IT", status="Closed")
    cloud.faults.add(Fault("repeated_token", every=2, about="*search/jql"))
    cloud_site.settings["streams"] = ["issue"]
    with pytest.raises(SourceError, match="page token came twice"):
        cloud_site.sync()
    assert len(cloud.requests) < 60


def test_the_removed_search_is_never_asked(cloud_site: JiraSite, cloud: SimulatedJira) -> None:
    cloud.insert("IT")
    assert about(cloud_site.sync())["status"] == "complete"
    assert "/rest/api/2/search" not in cloud.requests_about
