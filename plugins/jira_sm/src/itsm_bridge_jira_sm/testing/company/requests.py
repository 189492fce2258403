"""Service requests, with approval where their type asks for it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from itsm_bridge.simulation.company import Plan, words
from itsm_bridge_jira_sm.testing.company.story import NotYet, Story
from itsm_bridge_jira_sm.testing.company.world import RESOLUTION, RESPONSE, World
from itsm_bridge_jira_sm.testing.instants import DAY, HOUR, MINUTE, SECOND


def tell(world: World, plan: Plan) -> Story:
    """Write one service request."""
    name = (
        "Request access"
        if plan.flaw in ("SRQ-002", "SRQ-003", "SRQ-004")
        else world.random.choice(list(words.REQUESTS))
    )
    needs_approval = name == "Request access"
    kind = "Service request with approvals" if needs_approval else "Service request"
    fields: dict[str, Any] = {
        "summary": world.title(words.REQUESTS[name]), "description": words.JUSTIFICATION, "request_type": name,
        "status": "Waiting for approval" if needs_approval else "Waiting for support", "priority": "Medium",
        "organizations": [world.random.choice(("Northwind", "Contoso"))], "request_language": "en",
        "work_category": "service_requests", "affected_services": None if plan.flaw == "SRQ-001" else world.service(),
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
    manager = story.issue.values["reporter"] if plan.flaw == "SRQ-004" else world.random.choice(words.BOARD)
    story.at += SECOND
    approval = world.desk.ask_approval(story.id, [manager], at=story.at)
    if plan.flaw == "SRQ-002":
        return True
    story.at += world.draw(HOUR, 20 * HOUR)
    if story.at > world.now:
        raise NotYet
    if plan.flaw == "SRQ-003":
        world.desk.approve(story.id, approval, manager, "declined", at=story.at)
        return True
    if not plan.flaw and world.random.random() < 0.05:
        story.say(story.at, manager, "Declined: there is no budget for this in your department.")
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
    if plan.flaw == "BRM-002" or world.random.random() < 0.3:
        at = story.at + HOUR
        rating = 1 if plan.flaw == "BRM-002" else world.random.randint(1, 5)
        story.do(at, "automation", satisfaction=rating, satisfaction_date=at)
        if rating < 3 and plan.flaw != "BRM-002":
            story.say(at + world.draw(2 * HOUR, 2 * DAY), agent, "We called and asked what we can do better.")
    if plan.flaw == "SRQ-005":
        story.part("Collect the old device", agent)
    story.do(story.at + world.draw(3 * DAY, 5 * DAY), "automation", status="Closed")
