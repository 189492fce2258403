"""Incidents: reply, hand-offs, pauses, solution, closure; bent where one is to be wrong on purpose."""

from __future__ import annotations

from bisect import insort
from contextlib import suppress
from typing import Any

from itsm_bridge.simulation.company import Plan, words
from itsm_bridge_jira_sm.testing.company.story import NotYet, Story
from itsm_bridge_jira_sm.testing.company.world import (
    COMPONENTS,
    IMPACTS,
    MATRIX,
    PARKED,
    PRIORITIES,
    PROJECT,
    RESOLUTION,
    RESOLUTION_GOALS,
    RESPONSE,
    SHARED,
    URGENCIES,
    Told,
    World,
)  # fmt: skip
from itsm_bridge_jira_sm.testing.instants import DAY, HOUR, MINUTE

_QUICK = {"Highest": (1, 3), "High": (2, 6), "Medium": (2, 30), "Low": (4, 60), "Lowest": (10, 100)}
_CELLS, _WEIGHTS = zip(
    *{(1, 2): 4, (2, 1): 4, (2, 2): 30, (2, 3): 25, (3, 2): 25, (3, 1): 8, (3, 3): 4}.items(), strict=True
)
_MAJOR = frozenset({"PRB-002", "INC-015", "INC-016"})
_OWN_IMPACT = _MAJOR | {"INC-006", "INC-013", "SLM-007"}
_UNEXPLAINED = frozenset({"INC-001", "INC-002", "DQ-005", "PRB-001", "PRB-002", "PRB-010"})
"""Flaws that are no longer there, or are about something else, once a problem looks into the incident."""
_WITHOUT = {"SLM-001": (RESPONSE,), "INC-006": (RESOLUTION,)}


RECURRING = "network"
"""The category of incidents that come again and again while nobody asks why."""


def tell(world: World, plan: Plan, *, is_major: bool = False) -> Story:
    """Write one incident with all that belongs to it."""
    flaw, variant = plan.flaw, plan.variant
    category = world.random.choice(list(words.INCIDENTS))
    title = world.title(words.INCIDENTS[category])
    is_major |= flaw in _MAJOR
    impact, urgency = world.random.choices(_CELLS, _WEIGHTS)[0]
    if is_major or flaw == "INC-013":
        impact, urgency = 1, 1
    if flaw == "INC-006":
        impact, urgency = 3, 3
    if flaw == "SLM-007":
        impact, urgency = 2, 1
    if flaw == "CFG-001":
        impact, urgency = 2, 2
    elif flaw == "INC-010":  # the priority that most have
        impact, urgency = 2, 3
    elif flaw and flaw not in _OWN_IMPACT:
        impact, urgency = world.random.choice(((2, 2), (2, 3), (3, 2)))
    service = [world.critical()] if flaw == "INC-013" else world.service()
    if flaw == "PRB-001":
        category, service = RECURRING, [world.services[-1]]
    fields: dict[str, Any] = {
        "summary": title, "description": words.DESCRIPTION.format(title=title), "category": category,
        "priority": PRIORITIES[MATRIX[impact, urgency] - 1], "impact": IMPACTS[impact - 1],
        "urgency": URGENCIES[urgency - 1], "request_type": "Report a system problem", "work_category": "incidents",
        "affected_services": service, "organizations": [world.random.choice(("Northwind", "Contoso"))],
        "components": [world.random.choice(COMPONENTS)],
    }  # fmt: skip
    if is_major:
        fields["major_incident"] = "MAJOR_INCIDENT"
    fields |= _bent(flaw, variant, str(fields["priority"]))
    clocks = _WITHOUT.get(flaw, (RESPONSE, RESOLUTION))
    story = Story(world, "Incident", plan.at, world.random.choice(words.CUSTOMERS), clocks=clocks, **fields)
    with suppress(NotYet):
        _live(world, story, plan)
    if flaw == "SLM-004":
        _misreport(story, variant)
    if is_major:
        _inform(world, story, flaw)
    rank = PRIORITIES.index(str(fields["priority"])) + 1
    is_event = story.status != "Canceled"
    is_plain = is_event and not flaw and not is_major
    is_explicable = is_event and flaw not in _UNEXPLAINED
    told = Told(story.id, plan.at, rank, service[0], category, is_plain, is_explicable)
    insort(world.incidents, told, key=lambda one: one.at)
    if flaw == "PRB-001":
        world.plant(flaw, topic(service[0], category))
        world.kept.add(story.id)
    elif flaw:
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
        case "CFG-001":
            return {"components": []}
    return {}


def topic(service: str, category: str) -> str:
    """Return what incidents about the same are called in findings, after the last colon."""
    return f"{service}|{category}|".rpartition(":")[2]


def _inform(world: World, story: Story, flaw: str) -> None:
    """Enter in the register that top management was told of a major incident, and that it was reviewed."""
    issue = story.issue
    if flaw != "INC-015":
        world.note("mgmt_notice", issue.key, "8.6.1", issue.created)
    if flaw != "INC-016" and story.status in ("Resolved", "Closed"):
        world.note("mi_review", issue.key, "8.6.1", story.at + 2 * DAY)


def _live(world: World, story: Story, plan: Plan) -> None:
    flaw, agent = plan.flaw, world.random.choice(words.AGENTS)
    late = flaw == "INC-006"
    replied = story.at + (world.draw(30 * HOUR, 50 * HOUR) if late else world.draw(MINUTE, 10 * MINUTE))
    story.do(replied - MINUTE // 2, agent, status="Work in progress", assignee=agent)
    is_curt = flaw == "SLM-012" or (flaw == "INC-005" and plan.variant % 2 == 1)
    reply = "On it." if is_curt else world.random.choice(words.REPLIES)
    story.say(replied, agent, reply, is_public=flaw != "INC-011")
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
    if (not flaw and world.random.random() < 0.3) or flaw in ("DQ-004", "SLM-005"):
        _ask_back(world, story, owner, flaw)
    if flaw == "SLM-006":
        story.do(story.at + 2 * HOUR, owner, status="Pending")
        story.do(story.at + HOUR, owner, status="Work in progress")
    if flaw == "SLM-008":
        story.restart(story.at + 30 * MINUTE)
    _solve(world, story, plan, owner)
    for _ in range(_reopenings(world, plan)):
        _reopen(world, story, plan, owner)
    if flaw != "INC-004" and not (flaw == "INC-005" and plan.variant % 2 == 0):
        by = SHARED if flaw == "DQ-008" else "automation"
        story.do(story.at + world.draw(3 * DAY, 5 * DAY), by, status="Closed")
    if flaw == "DQ-005":
        other = next(one for one in words.INCIDENTS if one != story.issue.values[story.desk.field_id("category")])
        story.do(story.at + 3 * DAY, owner, category=other)
    if flaw == "DQ-004":
        story.forget("Waiting for customer")


def _reopenings(world: World, plan: Plan) -> int:
    if plan.flaw == "INC-007":
        return 2 + plan.variant % 2
    return 1 if plan.flaw == "SLM-011" else int(not plan.flaw and world.random.random() < 0.02)


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


def _ask_back(world: World, story: Story, owner: str, flaw: str) -> None:
    """Ask the customer, and wait for less than the work will take, unless waiting is all that meets the target."""
    story.say(story.at + world.draw(5 * MINUTE, 40 * MINUTE), owner, world.random.choice(words.QUESTIONS))
    story.do(story.at + MINUTE // 2, owner, status="Waiting for customer")
    low, _ = _QUICK[story.priority]
    longest = RESOLUTION_GOALS[story.priority] * 1000 if flaw == "SLM-005" else low * 54 * MINUTE
    story.wait(story.at + (longest if flaw == "SLM-005" else world.draw(20 * MINUTE, longest)), owner)
    story.do(story.at, owner, status="Work in progress")


def _solve(world: World, story: Story, plan: Plan, owner: str) -> None:
    flaw = plan.flaw
    low, high = _QUICK[story.priority]
    if flaw == "SLM-007":
        story.do(story.issue.created + 7 * HOUR, owner, priority="Medium", impact=IMPACTS[1], urgency=URGENCIES[1])
    work = world.draw(low * HOUR, high * HOUR) * (3 if not flaw and world.random.random() < 0.06 else 1)
    goal = RESOLUTION_GOALS[story.priority] * 1000
    if flaw == "INC-010":
        work = goal + 5 * HOUR
    elif flaw == "SLM-011" and not story.is_again:
        work = story.issue.created + goal - 15 * MINUTE - story.at
    elif story.at + work > story.issue.created + goal and flaw != "INC-008":
        story.escalate(owner)
    story.wait(story.at + work, owner, 365 * DAY if flaw == "INC-005" else 60 * HOUR)
    is_curt = flaw == "INC-005"
    if not is_curt:
        story.say(story.at, owner, world.random.choice(words.SOLUTIONS), is_public=flaw != "INC-011")
    resolution = None if is_curt and plan.variant % 2 == 0 else "Workaround" if flaw == "PRB-010" else "Done"
    left: dict[str, Any] = {"assignee": None} if flaw == "INC-001" and plan.variant % 4 == 3 else {}
    if flaw == "DQ-003":
        left["resolutiondate"] = story.at - 90 * MINUTE
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
