"""Changes: assessment, decision, window, review, closure; bent where one is to be wrong on purpose."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Literal

from itsm_bridge.simulation.company import Plan, words
from itsm_bridge_jira_sm.testing.company import incidents
from itsm_bridge_jira_sm.testing.company.story import NotYet, Story
from itsm_bridge_jira_sm.testing.company.world import ADVISER, IMPACTS, World
from itsm_bridge_jira_sm.testing.instants import DAY, HOUR, MINUTE, SECOND

_KIND_OF = {"CHG-008": "Emergency", "CHG-010": "Emergency", "CHG-023": "Standard"}
_LEAD_OF = {"CHG-023": -3 * HOUR, "REL-002": 6 * DAY}
_LATE = "Shop 3.0"
_UNRELEASED = frozenset({"CHG-002", "CHG-003", "CHG-005", "CHG-006", "CHG-007", "CHG-008", "CHG-010", "CHG-014"})
_LEAD = {"Normal": (5 * DAY, 9 * DAY), "Standard": (HOUR, 2 * DAY), "Emergency": (2 * HOUR, 3 * HOUR)}


class _Change:
    """One change while it is told: who asks, who does it, when it is planned."""

    def __init__(self, world: World, plan: Plan, component: str = "") -> None:
        self.world, self.flaw, self.variant = world, plan.flaw, plan.variant
        team = world.team()
        self.requester = world.member(team)
        self.implementer = world.member(team, but=(self.requester,))
        self.kind = _KIND_OF.get(self.flaw, "Normal")
        if not self.flaw:
            self.kind = world.random.choices(("Normal", "Standard", "Emergency"), (79, 15, 6))[0]
        # Plans tell when the work begins, as that is when most flaws show.
        self.start = plan.at if self.flaw else plan.at + world.draw(0, 7 * DAY)
        self.cause = None
        if self.kind == "Emergency" and self.flaw != "CHG-010":
            self.cause = world.incident_before(self.start - 4 * HOUR, 20 * DAY)
            if self.cause is None and not self.flaw:
                self.kind = "Normal"
            elif self.cause is not None and not self.flaw:
                self.start = self.cause.at + world.draw(4 * HOUR, 6 * HOUR)
        self.lead = _LEAD_OF.get(self.flaw) or world.draw(*_LEAD[self.kind])
        if self.flaw == "REL-002":  # asked for when the release was there, and the day after it was over
            self.lead = min(self.lead, self.start - world.released_at(3) - 36 * HOUR)
        self.end = self.start + world.draw(1, 4) * HOUR
        self.component = component or world.free_component(self.start - HOUR, self.end + 12 * HOUR)
        self.risk = {"Standard": "Low"}.get(self.kind, world.random.choice(("Medium", "Medium", "High", "Low")))
        if self.flaw:
            self.risk = "High" if self.flaw in ("CHG-007", "CHG-021") else "Low"
        self.story = Story(world, "Change", self.start - self.lead, self.requester, **self._fields())

    def _fields(self) -> dict[str, Any]:
        world = self.world
        fields: dict[str, Any] = {
            "summary": world.title(words.CHANGES), "description": words.JUSTIFICATION, "status": "Open",
            "priority": "Medium", "change_type": self.kind, "change_risk": self.risk, "change_reason": "Maintenance",
            "impact": IMPACTS[1], "urgency": "Medium", "planned_start": self.start, "planned_end": self.end,
            "implementation_plan": words.IMPLEMENTATION, "backout_plan": words.BACKOUT, "test_plan": words.TEST,
            "assignee": self.implementer, "request_type": "Request a change", "work_category": "changes",
            "affected_services": world.service(), "fixVersions": self._release(), "components": [self.component],
        }  # fmt: skip
        match self.flaw:
            case "CHG-001":
                fields |= ({"change_type": None}, {"reporter": None})[self.variant % 2]
            case "CHG-004":
                fields["change_risk"] = None
            case "CHG-015":
                fields["backout_plan"] = "none needed"
            case "CHG-016":
                fields["test_plan"] = "none"
            case "CHG-017":
                fields["planned_end"] = None
            case "CHG-013":
                fields["affected_services"] = [world.frozen()]
            case "CFG-001":
                fields["components"] = []
        return fields

    def _release(self) -> list[str]:
        """Return the next release after the work, where it is to be part of one."""
        if self.flaw == "REL-002":
            return [_LATE]
        number = next((n for n in range(1, 5) if self.world.released_at(n) > self.end + DAY), 0)
        return [f"Shop {number}.0"] if number and self.flaw not in _UNRELEASED else []

    def relate(self) -> None:
        """Link the incident that makes the change an emergency."""
        if self.cause is not None:
            self.story.at += MINUTE
            self.world.desk.link(self.story.id, self.cause.id, "Relates", by=self.requester, at=self.story.at)

    def decide(self) -> None:
        """Assess the change and have it decided."""
        world, story = self.world, self.story
        if self.kind == "Standard":
            story.do(story.at + 5 * MINUTE, "automation", status="Awaiting implementation")
            return
        if self.kind == "Normal":
            story.do(story.at + world.draw(2 * HOUR, DAY), self.requester, status="Planning")
            story.say(story.at + world.draw(HOUR, 8 * HOUR), self.implementer, "Assessed impact, risk and resources.",
                      is_public=False)  # fmt: skip
        story.do(story.at + 10 * MINUTE, self.requester, status="Awaiting CAB approval")
        asked = list(world.random.sample(words.BOARD, 2))
        if self.flaw == "CHG-006":
            asked = [self.requester]
        elif self.flaw == "CHG-007":
            asked = [world.random.choice(words.AGENTS)]
        elif self.flaw == "SUP-005":
            asked = [ADVISER]
        self._ask(asked)
        if self.flaw in ("CHG-002", "CHG-003", "CHG-008"):
            story.do(story.at + HOUR, self.implementer, status="Awaiting implementation")
            return
        step = 5 * MINUTE if self.kind == "Emergency" else world.draw(2 * HOUR, 10 * HOUR)
        for approver in self.asked:
            self._vote(approver, step, "approved")
        if self.flaw == "CHG-005":  # decided again, refused, and done all the same
            story.do(story.at + 2 * HOUR, self.implementer, status="Awaiting CAB approval")
            self._ask(self.asked[:1])
            self._vote(self.asked[0], HOUR, "declined")
            story.do(story.at + HOUR, self.implementer, status="Awaiting implementation")

    def _ask(self, approvers: list[str]) -> None:
        """Ask for approval, which the workflow does a moment after the step that leads there."""
        story, self.asked = self.story, approvers
        story.do(story.at + SECOND, self.requester, approvers=approvers)
        self.approval = self.world.desk.ask_approval(story.id, approvers, needed=len(approvers), at=story.at)

    def _vote(self, approver: str, wait: int, decision: Literal["approved", "declined"]) -> None:
        story = self.story
        story.at += wait
        if story.at > self.world.now:
            raise NotYet
        then = {"status": "Awaiting implementation"} if decision == "approved" else None
        self.world.desk.approve(story.id, self.approval, approver, decision, at=story.at, then=then)

    def implement(self) -> None:
        """Do the work, in the planned window or not."""
        world, story = self.world, self.story
        if self.flaw == "CHG-018":
            story.do(story.at + HOUR, self.implementer, implementation_plan=f"{words.IMPLEMENTATION} At once.")
        begun = max(self.start + world.draw(0, 8 * MINUTE), story.at + MINUTE)
        story.wait(begun, self.implementer, 3 * DAY)
        shown = self.start if self.flaw == "CHG-023" else begun
        story.do(begun, self.implementer, status="Implementing", actual_start=shown)
        if self.flaw == "CHG-003":
            for approver in self.asked:
                story.at += 30 * MINUTE
                if story.at > world.now:
                    raise NotYet
                world.desk.approve(story.id, self.approval, approver, at=story.at)
        overrun = 3 * HOUR if self.flaw == "CHG-012" else 0
        ended = max(self.end - world.draw(0, 20 * MINUTE), story.at + 10 * MINUTE) + overrun
        shown = begun - 2 * HOUR if self.flaw == "DQ-001" else ended
        story.do(ended, self.implementer, status="Under review", actual_end=shown)

    def close(self) -> None:
        """Review the change and close it with its outcome."""
        world, story = self.world, self.story
        reviewed = story.at + world.draw(26 * HOUR, 60 * HOUR)
        if self.flaw != "CHG-021":
            story.say(reviewed - MINUTE, self.requester, words.REVIEW, is_public=False)
        failed = not self.flaw and world.random.random() < 0.04
        resolution = None if self.flaw == "CHG-022" else "Failed" if failed else "Done"
        status = "Failed" if failed else "Closed" if self.flaw == "CHG-022" else "Completed"
        if self.flaw == "SRQ-005":
            story.part("Tell those concerned", self.implementer)
        story.do(reviewed, self.implementer, status=status, resolution=resolution)
        if self.flaw == "CHG-020":
            while (harmed := world.incident_after(self.end, 6 * DAY)) is None:
                incidents.tell(world, Plan(self.end + 2 * HOUR))
            world.desk.link(story.id, harmed.id, "Causes", by=self.implementer, at=max(story.at, harmed.at))


def tell(world: World, plan: Plan, component: str = "") -> Story | None:
    """Write one change, on a part of the product that is given or free; None where it lies ahead of the present."""
    with suppress(NotYet):
        change = _Change(world, plan, component)
        with suppress(NotYet):
            change.relate()
            change.decide()
            change.implement()
            change.close()
        if change.flaw:
            world.plant(change.flaw, f"{world.versions[_LATE]}/version" if plan.flaw == "REL-002" else change.story.id)
        if change.flaw == "CHG-014" and not component:
            tell(world, plan, change.component)
        return change.story
    return None
