"""Service requests: an order (sc_request), what was ordered (sc_req_item), and who does it (sc_task)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from itsm_bridge_servicenow.testing.company import approvals, clocks, people, words
from itsm_bridge_servicenow.testing.company.story import NotYet, Story
from itsm_bridge_servicenow.testing.company.world import World
from itsm_bridge_servicenow.testing.records import DAY, HOUR, MINUTE, stamp

_NOTE_EVERY = 60 * HOUR
_DONE = ("3", "7")
_ASKED = ("SRQ-003", "SRQ-004")
"""Flaws in which somebody is asked although the item needs no approval."""


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """When something is ordered, and what is to be wrong with it."""

    opened: int
    flaw: str = ""
    variant: int = 0


def tell(world: World, number: str, plan: RequestPlan) -> Story | None:
    """Write one order with one item and its task; None where it lies ahead of the present."""
    who = world.random.choice(world.customers)
    try:
        order = Story(world, "sc_request", f"REQ{number}", plan.opened, who)
        story = Story(world, "sc_req_item", f"RITM{number}", plan.opened, who, created=min(plan.opened + 4, world.now))
    except NotYet:
        return None
    needs_approval = plan.flaw == "SRQ-002" or (plan.flaw not in _ASKED and world.random.random() < 0.5)
    item = world.random.choice([key for key, needed in world.catalogue.items() if needed == needs_approval])
    shared = {
        "requested_for": who, "priority": "4", "impact": "3", "urgency": "2", "business_service": world.services[0],
        "description": f"Ordered in the catalogue: {world.catalogue_names[item]}.", "contact_type": "self-service",
        "short_description": world.title((world.catalogue_names[item],)),
    }  # fmt: skip
    order.begin(state="1", request_state="requested" if needs_approval else "in_process", stage="requested", **shared)
    story.begin(
        state="1", request=order.key, parent=order.key, cat_item=item, quantity="1",
        stage="waiting_for_approval" if needs_approval else "fulfillment",
        assignment_group=world.group(people.SERVICE_DESK),
        **(shared | {"business_service": ""} if plan.flaw == "SRQ-001" else shared),
    )  # fmt: skip
    task: list[Story] = []
    with suppress(NotYet):
        _live(world, story, plan, who, needs_approval, task)
    for finished in task:
        finished.finish()
    clocks.attach(story)
    story.finish()
    _close_order(order, story)
    if plan.flaw:
        world.plant(plan.flaw, story.key)
    return story


def _live(world: World, story: Story, plan: RequestPlan, who: str, needs_approval: bool, task: list[Story]) -> None:
    agent = world.member(world.group(people.SERVICE_DESK))
    story.update(story.at + world.draw(5 * MINUTE, 3 * HOUR), agent, assigned_to=agent)
    if (needs_approval or plan.flaw in _ASKED) and not _is_approved(world, story, plan, who, agent):
        return
    story.update(story.at + world.draw(10 * MINUTE, 4 * HOUR), agent, state="2", stage="fulfillment")
    work = _task(world, story, agent)
    task.append(work)
    if plan.flaw == "INC-009":
        return
    if not plan.flaw and world.random.random() < 0.2:
        _pause(world, story, agent)
    target = world.calendar.after(story.at, world.draw(2 * HOUR, 40 * HOUR))
    story.wait(target, agent, _NOTE_EVERY)
    at = story.at
    if plan.flaw != "SRQ-005":
        work.update(at - MINUTE, agent, state="3", active="false", closed_at=stamp(at - MINUTE), closed_by=agent,
                    close_notes="Done.")  # fmt: skip
    note = world.random.choice(words.FULFILMENTS)
    if plan.flaw != "INC-011":
        story.say(at, agent, note)
    story.update(
        at, agent, state="3", stage="complete", active="false", closed_at=stamp(at), closed_by=agent, close_notes=note
    )


def _is_approved(world: World, story: Story, plan: RequestPlan, who: str, agent: str) -> bool:
    """Have the line manager decide; a flawed request goes on without waiting."""
    story.update(story.at + MINUTE, world.system, approval="requested")
    (vote,) = approvals.ask(story, [who if plan.flaw == "SRQ-004" else world.managers[who]], "", story.at)
    if plan.flaw == "SRQ-002":
        return True
    at = story.at + world.draw(HOUR, 2 * DAY)
    decision = "approved" if plan.flaw or world.random.random() < 0.95 else "rejected"
    decision = "rejected" if plan.flaw == "SRQ-003" else decision
    if at <= world.now:
        approvals.decide(world, vote, decision, at)
    story.update(at + 1, vote["approver"], approval=decision)
    if decision == "rejected" and not plan.flaw:
        closed = {
            "closed_at": stamp(story.at + HOUR),
            "closed_by": agent,
            "close_notes": "The manager did not approve.",
        }
        story.update(story.at + HOUR, agent, state="7", stage="request_cancelled", active="false", **closed)
    return decision == "approved" or bool(plan.flaw)


def _pause(world: World, story: Story, agent: str) -> None:
    story.update(story.at + HOUR, agent, state="-5")
    story.wait(story.at + world.draw(4 * HOUR, 3 * DAY), agent, _NOTE_EVERY)
    story.update(story.at, agent, state="2")


def _task(world: World, story: Story, agent: str) -> Story:
    task = Story(world, "sc_task", story.row["number"].replace("RITM", "SCTASK"), story.at, agent)
    task.begin(
        state="1", request_item=story.key, request=story.row["request"], parent=story.key, priority="4", impact="3",
        urgency="2", short_description=f"Fulfil: {story.row['short_description']}", cat_item=story.row["cat_item"],
        assignment_group=story.row["assignment_group"], description="Fulfil the requested item as instructed.",
        business_service=story.row["business_service"],
    )  # fmt: skip
    with suppress(NotYet):
        task.update(task.at + 5 * MINUTE, agent, assigned_to=agent, state="2")
    return task


def _close_order(order: Story, story: Story) -> None:
    """Let the order follow its item."""
    world = order.world
    with suppress(NotYet):
        if story.row["approval"] == "approved" or story.row["stage"] == "fulfillment":
            order.update(story.at, world.system, request_state="in_process", approval="approved")
        if story.row["state"] in _DONE:
            state, word = ("3", "closed_complete") if story.row["state"] == "3" else ("7", "closed_skipped")
            at = story.touched + MINUTE
            order.update(
                at, world.system, state=state, request_state=word, stage=word, active="false", closed_at=stamp(at),
                closed_by=world.system, close_notes="Closed with its item by the catalogue.",
            )  # fmt: skip
    order.finish()
