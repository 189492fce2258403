"""Problems: review, investigation, cause, resolution; bent where one is to be wrong on purpose."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from itsm_bridge.simulation.company import Plan, words
from itsm_bridge_jira_sm.testing.company.story import NotYet, Story
from itsm_bridge_jira_sm.testing.company.world import IMPACTS, PROJECT, World
from itsm_bridge_jira_sm.testing.instants import DAY, HOUR, MINUTE


def tell(world: World, plan: Plan, incident: str = "") -> Story:
    """Write one problem, linked to the incident that it explains."""
    leader, flaw = world.member(world.team()), plan.flaw
    fields: dict[str, Any] = {
        "summary": world.title(words.PROBLEMS), "description": words.JUSTIFICATION, "priority": "Medium",
        "impact": IMPACTS[1], "urgency": "High", "request_type": "Investigate a problem", "assignee": leader,
        "work_category": "problems", "affected_services": None if flaw == "PRB-003" else world.service(),
    }  # fmt: skip
    if flaw == "PRB-009":
        fields["category"] = world.random.choice(list(words.INCIDENTS))
    story = Story(world, "Problem", plan.at, leader, **fields)
    with suppress(NotYet):
        if incident:
            story.at += 10 * MINUTE
            world.desk.link(story.id, incident, "Problem/Incident", by=leader, at=story.at)
        story.do(story.at + world.draw(HOUR, DAY), leader, status="Under review")
        story.do(story.at + world.draw(HOUR, DAY), leader, status="Under investigation")
        story.wait(story.at + (33 * DAY if flaw == "PRB-008" else world.draw(3 * DAY, 9 * DAY)), leader)
        _find_out(story, leader, flaw)
        if flaw == "PRB-007":
            _mend(world, story, leader)
        story.do(story.at + 2 * HOUR, leader, status="Completed", resolution="Done")
        story.do(story.at + world.draw(3 * DAY, 6 * DAY), leader, status="Closed")
        if flaw == "PRB-009":
            _come_back(world, story, leader)
    if flaw:
        world.plant(flaw, story.id)
    return story


def _find_out(story: Story, leader: str, flaw: str) -> None:
    """Write down the cause and how to live with it, as far as anybody cares."""
    found = {} if flaw == "PRB-004" else {"root_cause": words.CAUSE, "workaround": words.WORKAROUND}
    if flaw in ("PRB-005", "PRB-006"):
        del found["workaround"]
    story.do(story.at, leader, **found, assignee=leader)
    if flaw == "PRB-006":
        story.do(story.at + HOUR, leader, status="Known error")
        story.wait(story.world.now, leader)
        raise NotYet
    if flaw == "PRB-005":
        story.wait(story.at + 9 * DAY, leader)


def _mend(world: World, story: Story, leader: str) -> None:
    """Ask for the change that mends it, and do not wait for it."""
    fields = {
        "summary": "Replace the faulty part", "description": words.JUSTIFICATION, "status": "Open",
        "priority": "Medium", "reporter": leader, "request_type": "Request a change", "work_category": "changes",
    }  # fmt: skip
    change = world.desk.insert(PROJECT, "Change", world.known(fields), by=leader, at=story.at)
    world.desk.link(change, story.id, "Resolves", by=leader, at=story.at)


def _come_back(world: World, story: Story, leader: str) -> None:
    """Have three incidents that came in afterwards turn out to be the same."""
    at = story.at
    for _ in range(3):
        incident = world.incident_after(at, 20 * DAY, worst_rank=5)
        if incident is not None:
            world.desk.link(story.id, incident.id, "Problem/Incident", by=leader, at=incident.at + HOUR)
            at = incident.at
