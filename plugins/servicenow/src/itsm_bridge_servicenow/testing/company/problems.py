"""Problems: assessed, their cause found, fixed, resolved, closed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from itsm_bridge_servicenow.testing.company import words
from itsm_bridge_servicenow.testing.company.story import NotYet, Story
from itsm_bridge_servicenow.testing.company.world import World
from itsm_bridge_servicenow.testing.records import DAY, HOUR, stamp

_NOTE_EVERY = 4 * DAY
_PRIORITIES = {"PRB-008": "3", "INC-009": "4"}


@dataclass(frozen=True, slots=True)
class ProblemPlan:
    """When a problem is opened, what is wrong with it, and the incident that led to it."""

    opened: int
    flaw: str = ""
    variant: int = 0
    incident: str = ""
    is_major: bool = False


def tell(world: World, number: str, plan: ProblemPlan) -> Story | None:
    """Write one problem; None where it lies ahead of the present."""
    group = world.team()
    owner = world.member(group)
    try:
        story = Story(world, "problem", number, plan.opened, owner)
    except NotYet:
        return None
    service = world.random.choice(world.services)
    priority = "2" if plan.is_major else _PRIORITIES.get(plan.flaw) or world.random.choice("344")
    item = world.random.choice(world.items[service])
    story.begin(
        state="101", short_description=world.title(words.PROBLEMS), impact="2" if priority < "4" else "3",
        urgency={"2": "1", "3": "2", "4": "2"}[priority], priority=priority,
        description="Several incidents point to one underlying cause that has to be found.",
        business_service=service, cmdb_ci=item, assignment_group=group,
        first_reported_by_task=plan.incident, known_error="false", major_problem="false", contact_type="phone",
        category="" if plan.flaw == "PRB-003" else "software",
    )  # fmt: skip
    with suppress(NotYet):
        _live(world, story, plan, owner)
    world.cured.add(item)
    story.finish()
    if plan.flaw and plan.flaw != "PRB-009":
        world.plant(plan.flaw, story.key)
    return story


def _live(world: World, story: Story, plan: ProblemPlan, owner: str) -> None:
    story.update(story.at + HOUR, owner, assigned_to=owner)
    _wait(world, story, owner, DAY)
    story.update(story.at, owner, state="102")
    if plan.flaw == "INC-009":
        return
    if plan.flaw == "DQ-006":
        story.update(story.at + HOUR, owner, state="101")
        story.update(story.at + HOUR, owner, state="102")
    _wait(world, story, owner, 2 * DAY)
    story.update(story.at, owner, state="103")
    _wait(world, story, owner, 6 * DAY)
    if plan.flaw == "PRB-008":
        story.wait(story.at + 40 * DAY, owner, _NOTE_EVERY)
    cause = {} if plan.flaw == "PRB-004" else {"cause_notes": world.random.choice(words.CAUSES)}
    story.update(story.at, owner, state="104", **cause)
    if plan.flaw == "PRB-006":
        story.update(story.at + HOUR, owner, known_error="true")
        story.keep_alive(world.now, owner, _NOTE_EVERY)
        return
    is_known = bool(plan.incident) and world.random.random() < 0.4
    if is_known:
        story.update(
            story.at + HOUR, owner, known_error="true", workaround="Restart the service until the fix is live."
        )
    _wait(world, story, owner, 18 * DAY if plan.flaw == "PRB-005" else 10 * DAY if is_known else 4 * DAY)
    at = story.at
    fix = {"rfc": world.failed_change} if plan.flaw == "PRB-007" else {}
    story.update(
        at, owner, **fix, state="106", resolved_at=stamp(at), resolved_by=owner, resolution_code="fix_applied",
        fix_notes="The fix was rolled out to all nodes.", close_notes="Fix confirmed over two weeks of monitoring.",
    )  # fmt: skip
    at += 3 * DAY
    story.update(at, owner, state="107", closed_at=stamp(at), closed_by=owner, active="false")


def _wait(world: World, story: Story, owner: str, longest: int) -> None:
    story.wait(story.at + world.draw(longest // 3, longest), owner, _NOTE_EVERY)
