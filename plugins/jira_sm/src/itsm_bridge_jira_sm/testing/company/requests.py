"""Service requests, with approval where their type asks for it, and problems."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from itsm_bridge.simulation.company import Plan, words
from itsm_bridge_jira_sm.testing.company.story import NotYet, Story
from itsm_bridge_jira_sm.testing.company.world import IMPACTS, RESOLUTION, RESPONSE, World
from itsm_bridge_jira_sm.testing.instants import DAY, HOUR, MINUTE, SECOND


def tell(world: World, plan: Plan) -> Story:
    """Write one service request."""
    name = "Request access" if plan.flaw == "SRQ-002" else world.random.choice(list(words.REQUESTS))
    needs_approval = name == "Request access"
    kind = "Service request with approvals" if needs_approval else "Service request"
    fields: dict[str, Any] = {
        "summary": world.title(words.REQUESTS[name]), "description": words.JUSTIFICATION, "request_type": name,
        "status": "Waiting for approval" if needs_approval else "Waiting for support", "priority": "Medium",
        "organizations": [world.random.choice(("Northwind", "Contoso"))], "request_language": "en",
        "work_category": "service_requests", "affected_services": world.service(),
    }  # fmt: skip
    customer = world.random.choice(words.CUSTOMERS)
    story = Story(world, kind, plan.at, customer, clocks=(RESPONSE, RESOLUTION), **fields)
    with suppress(NotYet):
        if needs_approval and not _is_approved(world, story, plan):
            return story
        _fulfil(world, story, plan)
    if plan.flaw:
        world.plant(plan.flaw, story.id)
    return story


def _is_approved(world: World, story: Story, plan: Plan) -> bool:
    manager = world.random.choice(words.BOARD)
    story.at += SECOND
    approval = world.desk.ask_approval(story.id, [manager], at=story.at)
    if plan.flaw == "SRQ-002":
        return True
    story.at += world.draw(HOUR, 20 * HOUR)
    if story.at > world.now:
        raise NotYet
    if world.random.random() < 0.05:
        story.do(story.at, manager, status="Declined", resolution="Declined")
        world.desk.approve(story.id, approval, manager, "declined", at=story.at)
        return False
    world.desk.approve(story.id, approval, manager, at=story.at, then={"status": "Waiting for support"})
    return True


def _fulfil(world: World, story: Story, plan: Plan) -> None:
    agent = world.random.choice(words.AGENTS)
    story.do(story.at + world.draw(MINUTE, 90 * MINUTE), agent, status="In Progress", assignee=agent)
    story.say(story.at + MINUTE, agent, world.random.choice(words.REPLIES))
    if plan.flaw == "INC-009":
        return
    story.wait(story.at + world.draw(4 * HOUR, 60 * HOUR), agent)
    story.say(story.at, agent, "Delivered to the desk and handed over in person.")
    story.do(story.at + MINUTE, agent, status="Resolved", resolution="Done")
    if world.random.random() < 0.3:
        at = story.at + HOUR
        story.do(at, "automation", satisfaction=world.random.randint(1, 5), satisfaction_date=at)
    story.do(story.at + world.draw(3 * DAY, 5 * DAY), "automation", status="Closed")


def tell_problem(world: World, plan: Plan, incident: Story | None = None) -> Story:
    """Write one problem, linked to the incident that it explains."""
    leader = world.member(world.team())
    fields: dict[str, Any] = {
        "summary": world.title(words.PROBLEMS), "description": words.JUSTIFICATION, "priority": "Medium",
        "impact": IMPACTS[1], "urgency": "High", "request_type": "Investigate a problem", "assignee": leader,
        "work_category": "problems", "affected_services": world.service(),
    }  # fmt: skip
    story = Story(world, "Problem", plan.at, leader, **fields)
    with suppress(NotYet):
        if incident is not None:
            story.at += 10 * MINUTE
            world.desk.link(story.id, incident.id, "Problem/Incident", by=leader, at=story.at)
        story.do(story.at + world.draw(HOUR, DAY), leader, status="Under review")
        story.do(story.at + world.draw(HOUR, DAY), leader, status="Under investigation")
        story.wait(story.at + world.draw(3 * DAY, 9 * DAY), leader)
        found = {} if plan.flaw == "PRB-004" else {"root_cause": words.CAUSE, "workaround": words.WORKAROUND}
        story.do(story.at, leader, **found, assignee=leader)
        story.do(story.at + 2 * HOUR, leader, status="Completed", resolution="Done")
        story.do(story.at + world.draw(3 * DAY, 6 * DAY), leader, status="Closed")
    if plan.flaw:
        world.plant(plan.flaw, story.id)
    return story
