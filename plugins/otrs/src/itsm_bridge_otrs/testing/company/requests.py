"""Service requests, with approval where they need it, and problems."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from itsm_bridge.simulation.company import Plan, words
from itsm_bridge_otrs.testing.company.story import NotYet, Story
from itsm_bridge_otrs.testing.company.world import DESK, PROBLEMS, World, customers, urgent
from itsm_bridge_otrs.testing.wall import DAY, HOUR, MINUTE

_DECISION = "ITSMDecisionResult"


def tell(world: World, plan: Plan) -> Story:
    """Write one service request."""
    name = "Request access" if plan.flaw in ("SRQ-002", "SRQ-003") else world.random.choice(list(words.REQUESTS))
    needs_approval = name == "Request access"
    fields: dict[str, Any] = {
        "title": world.title(words.REQUESTS[name]), "text": words.JUSTIFICATION, "type": "ServiceRequest",
        "queue": DESK, "service": world.service(), "sla": "Bronze", "customer": world.random.choice(customers()),
        **urgent(2, 3),
    }  # fmt: skip
    if needs_approval:
        fields["dynamic"] |= {_DECISION: "Pending"}
    if plan.flaw == "SRQ-001":
        fields["service"] = ""
    story = Story(world, plan.at, **fields)
    with suppress(NotYet):
        if not needs_approval or _is_approved(world, story, plan):
            _fulfil(world, story, plan)
    if plan.flaw:
        world.plant(plan.flaw, story.id)
    return story


def _is_approved(world: World, story: Story, plan: Plan) -> bool:
    agent, manager = world.random.choice(words.AGENTS), world.random.choice(words.BOARD)
    story.do(story.at + 5 * MINUTE, agent, state="awaiting approval")
    if plan.flaw == "SRQ-002":
        return True
    decided = story.at + world.draw(HOUR, 20 * HOUR)
    if plan.flaw == "SRQ-003":
        story.do(decided, manager, dynamic={_DECISION: "Rejected"})
        return True
    if world.random.random() < 0.05:
        story.do(decided, manager, dynamic={_DECISION: "Rejected"})
        story.answer(story.at + MINUTE, manager, "Not approved: the role does not need this access.")
        story.close(story.at + MINUTE, manager, "closed unsuccessful")
        return False
    story.do(decided, manager, dynamic={_DECISION: "Approved"})
    return True


def _fulfil(world: World, story: Story, plan: Plan) -> None:
    agent = world.random.choice(words.AGENTS)
    story.take(story.at + world.draw(MINUTE, 90 * MINUTE), agent, state="open")
    story.answer(story.at + MINUTE, agent, world.random.choice(words.REPLIES))
    if plan.flaw == "INC-009":
        return
    story.wait(story.at + world.draw(4 * HOUR, 60 * HOUR), agent)
    story.answer(story.at, agent, "Delivered to the desk and handed over in person.")
    story.close(story.at + MINUTE, agent)


def tell_problem(world: World, plan: Plan, incident: Story | None = None) -> Story:
    """Write one problem, linked to the incident that it explains."""
    leader = world.member(world.team())
    story = Story(
        world, plan.at, title=world.title(words.PROBLEMS), text=words.JUSTIFICATION, type="Problem", queue=PROBLEMS,
        way="interface", by=leader, customer="", service="" if plan.flaw == "PRB-003" else world.service(),
        **urgent(2, 2),
    )  # fmt: skip
    with suppress(NotYet):
        if incident is not None:
            story.link(story.at + 10 * MINUTE, leader, incident)
        story.take(story.at + world.draw(HOUR, DAY), leader, state="in assessment")
        story.do(story.at + world.draw(HOUR, DAY), leader, state="cause analysis")
        story.wait(story.at + (50 * DAY if plan.flaw == "PRB-008" else world.draw(3 * DAY, 9 * DAY)), leader)
        found = {} if plan.flaw == "PRB-004" else {"RootCause": words.CAUSE}
        story.do(story.at, leader, dynamic=found)
        if plan.flaw == "PRB-005":
            story.wait(story.at + 9 * DAY, leader)
        story.do(story.at + 2 * HOUR, leader, state="fix under way")
        story.note(story.at + world.draw(5 * HOUR, 2 * DAY), leader, words.WORKAROUND)
        story.close(story.at + world.draw(HOUR, 2 * DAY), leader)
    if plan.flaw:
        world.plant(plan.flaw, story.id)
    return story
