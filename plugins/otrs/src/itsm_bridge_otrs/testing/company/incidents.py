"""Incidents: reply, hand-offs, waiting, solution; bent where one is to be wrong on purpose."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from itsm_bridge.simulation.company import Plan, words
from itsm_bridge_otrs.testing.company import requests
from itsm_bridge_otrs.testing.company.story import NotYet, Story
from itsm_bridge_otrs.testing.company.world import (
    AGREEMENTS,
    DESK,
    EMERGENCY,
    NO_TARGETS,
    PARKED,
    QUEUES,
    RESPONSE_ONLY,
    SHARED,
    World,
    customers,
    instant,
    urgent,
)  # fmt: skip
from itsm_bridge_otrs.testing.vocabulary import ROOT
from itsm_bridge_otrs.testing.wall import DAY, HOUR, MINUTE

_CELLS, _WEIGHTS = zip(
    *{(1, 2): 4, (2, 1): 4, (2, 2): 30, (2, 3): 25, (3, 2): 25, (3, 1): 8, (3, 3): 4}.items(), strict=True
)
_HOURS = {"Gold 24x7": (1, 5), "Silver": (2, 30), "Bronze": (4, 60)}
_WAITING = ("INC-007", "INC-009", "DQ-004", "DQ-006", "DQ-007", "SLM-006")
"""Flaws of tickets that wait or come back: their agreement has no target for the solution."""


def tell(world: World, plan: Plan, *, is_major: bool = False) -> Story:
    """Write one incident with all that belongs to it."""
    flaw, variant = plan.flaw, plan.variant
    title = world.title(words.INCIDENTS[world.random.choice(list(words.INCIDENTS))])
    cell = (1, 1) if is_major else world.random.choices(_CELLS, _WEIGHTS)[0]
    if flaw and not is_major:
        cell = (3, 3) if flaw == "INC-006" else world.random.choice(((2, 2), (2, 3), (3, 2)))
    waits = flaw in _WAITING or (not flaw and not is_major and world.random.random() < 0.4)
    fields: dict[str, Any] = {
        "title": title, "text": words.DESCRIPTION.format(title=title), "queue": DESK, "service": world.service(),
        "way": world.random.choice(("mail", "mail", "phone")), "customer": world.random.choice(customers()),
        "type": "Incident::Major" if is_major else "Incident",
        "sla": NO_TARGETS if flaw == "INC-006" else RESPONSE_ONLY if waits else world.random.choice(AGREEMENTS),
        **urgent(*cell),
    }  # fmt: skip
    story = Story(world, plan.at, **fields | _bent(flaw, variant, fields))
    with suppress(NotYet):
        _live(world, story, plan, waits=waits)
    if flaw:
        world.plant(flaw, story.id)
    return story


def tell_major(world: World, plan: Plan) -> Story:
    """Write a major incident, with the problem that explains it where that is not what is wrong."""
    incident = tell(world, plan, is_major=True)
    with suppress(NotYet):
        if plan.flaw != "PRB-002":
            requests.tell_problem(world, Plan(incident.ticket.created + HOUR), incident)
    return incident


def tell_twice(world: World, plan: Plan) -> Story:
    """Write an incident that its customer reports twice; the second ticket is merged into the first."""
    first = tell(world, plan)
    with suppress(NotYet):
        at = first.ticket.created + 20 * MINUTE
        second = Story(
            world, at, title=f"Fwd: {first.ticket.title}", text=words.DESCRIPTION.format(title="as I said"), queue=DESK,
            customer=first.ticket.customer, service=world.service(), sla=NO_TARGETS, **urgent(3, 3),
        )  # fmt: skip
        agent = world.random.choice(words.AGENTS)
        if at + 8 * MINUTE < world.now:
            world.desk.merge(second.id, first.id, by=agent, at=instant(at + 8 * MINUTE))
    return first


def _bent(flaw: str, variant: int, fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that are wrong from the beginning."""
    match flaw, variant:
        case "INC-001", _:
            return ({"text": "broken"}, {"customer": ""}, {"service": ""})[variant % 3]
        case "INC-002", _:
            return {"dynamic": {"Urgency": fields["dynamic"]["Urgency"]}}
        case "INC-003", _:
            return {"priority": "2 low" if fields["priority"] == "3 normal" else "3 normal"}
        case "INC-006", _:
            return {"way": "mail"}
        case "SLM-012", _:
            return {"way": "mail", "sla": "Gold 24x7"}
        case "SLM-004", _:  # closed again some days later, of which more than a weekend counts
            return {"sla": "Silver"}
        case "INC-011", _:
            return {"way": "mail", "sla": NO_TARGETS}
        case "DQ-007", _ if variant % 3 == 1:
            return {"type": "Unclassified"}
        case "DQ-007", _ if variant % 3 == 2:
            return {"priority": EMERGENCY}
    return {}


def _live(world: World, story: Story, plan: Plan, *, waits: bool) -> None:
    flaw, agent = plan.flaw, world.random.choice(words.AGENTS)
    replied = story.at + (world.draw(30 * HOUR, 50 * HOUR) if flaw == "INC-006" else world.draw(MINUTE, 10 * MINUTE))
    story.take(replied - MINUTE // 2, agent, state="open")
    if flaw != "INC-011":
        is_curt = flaw in ("INC-005", "SLM-012")
        story.answer(replied, agent, "On it." if is_curt else world.random.choice(words.REPLIES))
    owner = _hand_over(world, story, flaw, agent)
    if flaw == "DQ-006":
        story.do(story.at + 5 * MINUTE, owner, state="new")
        story.do(story.at + 10 * MINUTE, owner, state="open")
    if flaw == "INC-009" or (flaw == "DQ-007" and plan.variant % 3 == 0):
        _leave(story, plan, owner)
        return
    if flaw in ("DQ-004", "SLM-006") or (not (flaw and not waits) and world.random.random() < (0.6 if waits else 0.3)):
        _ask_back(world, story, owner, is_silent=flaw == "SLM-006")
    _solve(world, story, plan, owner, waits=waits)
    for _ in range(2 + plan.variant % 2 if flaw == "INC-007" else int(waits and world.random.random() < 0.02)):
        story.come_back(story.at + world.draw(3 * HOUR, 12 * HOUR), "It happens again.")
        story.take(story.at + 20 * MINUTE, owner)
        _solve(world, story, plan, owner, waits=waits)
    if waits:
        story.close(story.at + world.draw(3 * DAY, 5 * DAY), ROOT)
    if flaw == "DQ-004":
        story.forget("pending reminder")
    if flaw == "SLM-004":
        story.do(story.at + world.draw(4 * DAY, 5 * DAY), owner, state="closed unsuccessful")


def _hand_over(world: World, story: Story, flaw: str, agent: str) -> str:
    """Pass the ticket on; moving it takes it away from its owner."""
    owner = agent
    for turn in range(6 if flaw == "INC-008" else 0):
        queue = QUEUES["servers"] if turn % 2 else QUEUES["network"]
        story.do(story.at + world.draw(2 * MINUTE, 20 * MINUTE), owner, queue=queue)
        owner = world.member("servers" if turn % 2 else "network")
        story.take(story.at + MINUTE, owner)
    team = ""
    for _ in range(world.random.choice((0, 0, 1, 1, 2))):
        team = world.team(but=team)
        story.do(story.at + world.draw(2 * MINUTE, 20 * MINUTE), owner, queue=QUEUES[team])
        owner = world.member(team)
        story.take(story.at + world.draw(MINUTE, 20 * MINUTE), owner)
    if flaw == "DQ-008":
        owner = SHARED
        story.take(story.at + MINUTE, owner)
    return owner


def _leave(story: Story, plan: Plan, owner: str) -> None:
    """Play the endings in which nobody goes on."""
    if plan.flaw == "DQ-007":
        story.do(story.at + 5 * HOUR, owner, state=PARKED, pending_until=story.at + 20 * DAY)
        story.wait(story.world.now, owner)
    elif plan.variant % 2:
        story.do(story.at + 2 * HOUR, owner, state="pending reminder", pending_until=story.at + 2 * DAY)
    else:
        story.note(story.at + 2 * HOUR, owner, words.NOTES[0])


def _ask_back(world: World, story: Story, owner: str, *, is_silent: bool) -> None:
    if not is_silent:
        story.answer(story.at + world.draw(5 * MINUTE, 40 * MINUTE), owner, world.random.choice(words.QUESTIONS))
    pause = 2 * HOUR if is_silent else MINUTE // 2
    story.do(story.at + pause, owner, state="pending reminder", pending_until=story.at + 3 * DAY)
    story.wait(story.at + world.draw(2 * HOUR, 2 * DAY), owner)
    story.come_back(story.at, "Here is what you asked for.")


def _solve(world: World, story: Story, plan: Plan, owner: str, *, waits: bool) -> None:
    """Solve the ticket; one that may wait is closed by itself some days later."""
    sla = world.desk.words.slas.by_id[story.ticket.sla].name
    low, high = _HOURS.get(sla, (2, 20))
    is_slow = not plan.flaw and world.random.random() < 0.06
    is_curt = plan.flaw == "INC-005"
    work = world.draw(low * HOUR, high * HOUR) * (3 if is_slow else 1)
    story.wait(story.at + work, owner, 365 * DAY if is_curt else 60 * HOUR)
    if not is_curt and plan.flaw != "INC-011":
        story.answer(story.at, owner, world.random.choice(words.SOLUTIONS))
    if waits:
        story.do(story.at + MINUTE, owner, state="pending auto close+", pending_until=story.at + 4 * DAY)
        return
    if plan.flaw == "PRB-010" or (not plan.flaw and world.random.random() < 0.05):
        _work_around(world, story, plan, owner)
    else:
        story.close(story.at + MINUTE, owner)


def _work_around(world: World, story: Story, plan: Plan, owner: str) -> None:
    """Close a ticket whose cause remains, with a problem that looks for it."""
    if not plan.flaw:
        requests.tell_problem(world, Plan(story.at + MINUTE), story)
    story.close(story.at + 30 * MINUTE, owner, "closed with workaround")
