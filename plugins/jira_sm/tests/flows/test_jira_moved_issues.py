"""An issue that moves to another project is the same issue under another key."""

from __future__ import annotations

from jira_site import JiraSite

from itsm_bridge_jira_sm.testing import SimulatedJira


def test_a_moved_issue_keeps_its_identity(site: JiraSite, server: SimulatedJira) -> None:
    moved, *others = [server.insert("IT", summary=f"issue {number}") for number in range(5)]
    server.add_project("OPS")
    site.sync()
    server.move(moved, "OPS")
    site.sync()
    assert dict(site.held("issue", "project.key"))[moved] == "OPS"
    items = site.load("work_item")
    assert set(items["source_key"]) == {moved, *others}
    assert items["work_item_id"].is_unique
