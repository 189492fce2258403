"""Incidents: reply, hand-offs, pauses, solution, closure; bent where one is to be wrong on purpose."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from itsm_bridge.simulation.company import Plan, words
from itsm_bridge_jira_sm.testing.company.story import NotYet, Story
from itsm_bridge_jira_sm.testing.company.world import (
    IMPACTS,
    MATRIX,
    PARKED,
    PRIORITIES,
    PROJECT,
    RESOLUTION,
    RESPONSE,
    URGENCIES,
    World,
)  # fmt: skip
from itsm_bridge_jira_sm.testing.instants import DAY, HOUR, MINUTE

_QUICK = {"Highest": (1, 3), "High": (2, 6), "Medium": (2, 30), "Low": (4, 60), "Lowest": (10, 100)}
_CELLS, _WEIGHTS = zip(
    *{(1, 2): 4, (2, 1): 4, (2, 2): 30, (2, 3): 25, (3, 2): 25, (3, 1): 8, (3, 3): 4}.items(), strict=True
)
_WITHOUT = {"SLM-001": (RESPONSE,), "INC-006": (RESOLUTION,)}


def tell(world: World, plan: Plan, *, is_major: bool = False) -> Story:
    """Write one incident with all that belongs to it."""
    flaw, variant = plan.flaw, plan.variant
    category = world.random.choice(list(words.INCIDENTS))
    title = world.title(words.INCIDENTS[category])
    impact, urgency = (1, 1) if is_major or flaw == "PRB-002" else world.random.choices(_CELLS, _WEIGHTS)[0]
    if flaw == "INC-006":
        impact, urgency = 3, 3
    if flaw == "SLM-007":
        impact, urgency = 2, 1
    if flaw and flaw not in ("PRB-002", "SLM-007", "INC-006"):
        impact, urgency = world.random.choice(((2, 2), (2, 3), (3, 2)))
    fields: dict[str, Any] = {
        "summary": title, "description": words.DESCRIPTION.format(title=title), "category": category,
        "priority": PRIORITIES[MATRIX[impact, urgency] - 1], "impact": IMPACTS[impact - 1],
        "urgency": URGENCIES[urgency - 1], "request_type": "Report a system problem", "work_category": "incidents",
        "affected_services": world.service(), "organizations": [world.random.choice(("Northwind", "Contoso"))],
        "components": [world.random.choice(("Web shop", "Finance", "Intranet"))],
    }  # fmt: skip
    if is_major or flaw == "PRB-002":
        fields["major_incident"] = "MAJOR_INCIDENT"
    fields |= _bent(flaw, variant, str(fields["priority"]))
    clocks = _WITHOUT.get(flaw, (RESPONSE, RESOLUTION))
    story = Story(world, "Incident", plan.at, world.random.choice(words.CUSTOMERS), clocks=clocks, **fields)
    with suppress(NotYet):
        _live(world, story, plan)
    if flaw == "SLM-004":
        _misreport(story, variant)
    if flaw:
        world.plant(flaw, story.id)
    if flaw == "INC-004":
        world.plant("DQ-006", story.id)
    return story


def _bent(flaw: str, variant: int, priority: str) -> dict[str, Any]:
    """Return the fields that are wrong from the beginning."""
    match flaw:
        case "INC-001":
            return ({"description": "broken"}, {"reporter": None}, {"affected_services": None})[variant % 3]
        case "INC-002":
            return ({"category": "Other"}, {"urgency": None})[variant % 2]
        case "INC-003":
            return {"priority": "Low" if priority == "Medium" else "Medium"}
    return {}


def _live(world: World, story: Story, plan: Plan) -> None:
    flaw, agent = plan.flaw, world.random.choice(words.AGENTS)
    late = flaw == "INC-006"
    replied = story.at + (world.draw(30 * HOUR, 50 * HOUR) if late else world.draw(MINUTE, 10 * MINUTE))
    story.do(replied - MINUTE // 2, agent, status="Work in progress", assignee=agent)
    is_curt = flaw == "INC-005" and plan.variant % 2 == 1
    story.say(replied, agent, "On it." if is_curt else world.random.choice(words.REPLIES))
    owner = _hand_over(world, story, flaw, agent)
    if flaw == "DQ-006":
        story.do(story.at + 5 * MINUTE, owner, status="Open")
        story.do(story.at + 10 * MINUTE, owner, status="Work in progress")
    if flaw in ("INC-009", "DQ-007"):
        _leave(story, plan, owner)
        return
    if not flaw and world.random.random() < 0.03:
        story.do(story.at + HOUR, agent, status="Canceled", resolution="Canceled")
        return
    if (not flaw and world.random.random() < 0.3) or flaw == "DQ-004":
        _ask_back(world, story, owner)
    _solve(world, story, plan, owner)
    for _ in range(2 + plan.variant % 2 if flaw == "INC-007" else int(not flaw and world.random.random() < 0.02)):
        _reopen(world, story, plan, owner)
    if flaw != "INC-004" and not (flaw == "INC-005" and plan.variant % 2 == 0):
        story.do(story.at + world.draw(3 * DAY, 5 * DAY), "automation", status="Closed")
    if flaw == "DQ-004":
        story.forget("Waiting for customer")


def _hand_over(world: World, story: Story, flaw: str, agent: str) -> str:
    owner, team = agent, ""
    for turn in range(6 if flaw == "INC-008" else 0):  # projects are Jira's groups
        story.at += world.draw(2 * MINUTE, 20 * MINUTE)
        world.desk.move(story.id, PROJECT if turn % 2 else "OPS", by=owner, at=story.at)
    for _ in range(world.random.choice((0, 0, 0, 1, 1, 2))):
        team = world.team(but=team)
        taker = world.member(team)
        story.do(story.at + world.draw(2 * MINUTE, 20 * MINUTE), owner, assignee=taker)
        owner = taker
    return owner


def _leave(story: Story, plan: Plan, owner: str) -> None:
    """Play the endings in which nobody goes on."""
    if plan.flaw == "DQ-007":
        story.do(story.at + 5 * HOUR, owner, status=PARKED)
        story.wait(story.world.now, owner)
    elif plan.variant % 2:
        story.do(story.at + 2 * HOUR, owner, status="Pending", pending_reason="More info required")
    else:
        story.say(story.at + 2 * HOUR, owner, words.NOTES[0], is_public=False)


def _ask_back(world: World, story: Story, owner: str) -> None:
    story.say(story.at + world.draw(5 * MINUTE, 40 * MINUTE), owner, world.random.choice(words.QUESTIONS))
    story.do(story.at + MINUTE // 2, owner, status="Waiting for customer")
    story.wait(story.at + world.draw(2 * HOUR, 2 * DAY), owner)
    story.do(story.at, owner, status="Work in progress")


def _solve(world: World, story: Story, plan: Plan, owner: str) -> None:
    flaw = plan.flaw
    priority = world.desk.site.terms["priority"][story.issue.values["priority"]].name
    low, high = _QUICK[priority]
    if flaw == "SLM-007":
        story.do(story.issue.created + 7 * HOUR, owner, priority="Medium", impact=IMPACTS[1], urgency=URGENCIES[1])
    work = world.draw(low * HOUR, high * HOUR) * (3 if not flaw and world.random.random() < 0.06 else 1)
    story.wait(story.at + work, owner, 365 * DAY if flaw == "INC-005" else 60 * HOUR)
    is_curt = flaw == "INC-005"
    if not is_curt:
        story.say(story.at, owner, world.random.choice(words.SOLUTIONS))
    resolution = None if is_curt and plan.variant % 2 == 0 else "Done"
    left = {"assignee": None} if flaw == "INC-001" and plan.variant % 4 == 3 else {}
    story.do(
        story.at + MINUTE, owner, status="Closed" if flaw == "INC-004" else "Resolved", resolution=resolution, **left
    )


def _reopen(world: World, story: Story, plan: Plan, owner: str) -> None:
    customer = story.issue.values["reporter"] or "automation"
    at = story.at + world.draw(3 * HOUR, 12 * HOUR)
    story.do(at, customer, status="Work in progress", resolution=None)
    story.say(at + 20 * MINUTE, owner, world.random.choice(words.NOTES), is_public=False)
    _solve(world, story, plan, owner)


def _misreport(story: Story, variant: int) -> None:
    """Make the clock of the solution claim what did not happen."""
    cycles = story.issue.values.get(story.desk.field_id(RESOLUTION)) or []
    for cycle in cycles[-1:]:
        if variant % 2:
            cycle.is_breached = not cycle.is_breached
        else:
            cycle.elapsed += 9 * HOUR
