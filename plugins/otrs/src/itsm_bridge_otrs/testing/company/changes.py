"""Changes, which are tickets of the type RfC: assessment, decision, window, review; bent where one is to be wrong."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from itsm_bridge.simulation.company import Plan, words
from itsm_bridge_otrs.testing.company.story import NotYet, Story
from itsm_bridge_otrs.testing.company.world import CHANGES, World, customers
from itsm_bridge_otrs.testing.wall import DAY, HOUR, MINUTE

_LEAD = {"normal": (5 * DAY, 9 * DAY), "standard": (HOUR, 2 * DAY), "emergency": (2 * HOUR, 3 * HOUR)}
_KINDS = {**dict.fromkeys(("CHG-008", "CHG-009", "CHG-010"), "emergency"), "CHG-023": "standard"}
_DECISION = "ITSMDecisionResult"


class _Change:
    """One change while it is told: who asks, who does it, when it is planned."""

    def __init__(self, world: World, plan: Plan) -> None:
        self.world, self.flaw, self.variant = world, plan.flaw, plan.variant
        self.implementer = world.member(world.team())
        self.kind = _KINDS.get(self.flaw, "normal")
        if not self.flaw:
            self.kind = world.random.choices(("normal", "standard", "emergency"), (79, 15, 6))[0]
        # The incident that it answers was there before the change was even written down.
        before = plan.at - _LEAD["emergency"][1]
        self.trigger = world.emergency_before(before) if self.kind == "emergency" else ""
        if not self.flaw and not self.trigger and self.kind == "emergency":
            self.kind = "normal"
        self.lead = world.draw(*_LEAD[self.kind])
        # Plans tell when the work begins, as that is when most flaws show.
        self.start = plan.at if self.flaw else plan.at + world.draw(0, 7 * DAY)
        length = world.draw(1, 4) * HOUR
        self.start = world.plannable(self.start, length)
        self.end = self.start + length
        self.risk = "low" if self.kind == "standard" else world.random.choice(("medium", "medium", "high", "low"))
        if self.flaw:
            self.risk = "high" if self.flaw == "CHG-021" else "low"
        self.story = Story(world, self.start - self.lead, **self._fields())
        self.has_failed = self.flaw == "CHG-019" or (not self.flaw and world.random.random() < 0.02)

    def _fields(self) -> dict[str, Any]:
        world = self.world
        own: dict[str, Any] = {
            "ITSMImpact": "4 high", "ChangeType": self.kind, "ChangeRisk": self.risk, "BackoutPlan": words.BACKOUT,
            "TestPlan": "Installed in the test environment, and accepted there by two users.",
            "PlannedStart": world.local(self.start), "PlannedEnd": world.local(self.end),
        }  # fmt: skip
        fields: dict[str, Any] = {
            "title": world.title(words.CHANGES), "text": words.JUSTIFICATION, "type": "RfC", "queue": CHANGES,
            "service": world.service(), "customer": world.random.choice(customers()), "way": "mail", "dynamic": own,
        }  # fmt: skip
        match self.flaw:
            case "CHG-001" if self.variant % 2:
                fields["customer"] = ""
            case "CHG-001":
                del own["ChangeType"]
            case "CHG-004":
                del own["ChangeRisk"]
            case "CHG-016":
                del own["TestPlan"]
            case "CHG-017":
                del own["PlannedStart"], own["PlannedEnd"]
            case "CHG-015":
                own["BackoutPlan"] = "none needed"
        return fields

    def decide(self) -> None:
        """Assess the change and have it decided."""
        world, story = self.world, self.story
        story.take(story.at + 10 * MINUTE, self.implementer)
        if self.trigger and self.flaw != "CHG-010":
            story.refer(story.at + MINUTE, self.implementer, self.trigger)
        if self.kind == "standard":
            story.do(story.at + 5 * MINUTE, self.implementer, state="scheduled")
            return
        if self.kind == "normal":
            story.do(story.at + world.draw(2 * HOUR, DAY), self.implementer, state="in assessment")
            story.note(story.at + world.draw(HOUR, 8 * HOUR), self.implementer, "Assessed impact, risk and resources.")
        story.do(story.at + 10 * MINUTE, self.implementer, state="awaiting approval")
        if self.flaw not in ("CHG-002", "CHG-003", "CHG-008"):
            step = 5 * MINUTE if self.kind == "emergency" else world.draw(2 * HOUR, 10 * HOUR)
            decision = "Rejected" if self.flaw == "CHG-005" else "Approved"
            story.do(story.at + step, world.random.choice(words.BOARD), dynamic={_DECISION: decision})
        story.do(story.at + 10 * MINUTE, self.implementer, state="scheduled")
        if self.flaw == "CHG-018":
            story.do(story.at + HOUR, self.implementer, dynamic={"ChangeRisk": "medium"})

    def implement(self) -> None:
        """Do the work, in the planned window or not."""
        world, story = self.world, self.story
        if self.flaw == "CHG-022":
            return
        begun = max(self.start + world.draw(0, 8 * MINUTE), story.at + MINUTE)
        story.wait(begun, self.implementer, 3 * DAY)
        claimed = story.ticket.created - 5 * HOUR if self.flaw == "CHG-023" else begun
        started = {"ActualStart": world.local(claimed)}
        story.do(begun, self.implementer, state="in implementation", dynamic=started)
        if self.flaw == "CHG-003":
            story.do(story.at + 30 * MINUTE, world.random.choice(words.BOARD), dynamic={_DECISION: "Approved"})
        overrun = 3 * HOUR if self.flaw == "CHG-012" else 0
        ended = max(self.end - world.draw(0, 20 * MINUTE), story.at + 10 * MINUTE) + overrun
        shown = begun - 2 * HOUR if self.flaw == "DQ-001" else ended
        story.do(ended, self.implementer, state="in review", dynamic={"ActualEnd": world.local(shown)})

    def close(self) -> None:
        """Review the change and close it with its outcome."""
        world, story = self.world, self.story
        reviewed = world.awake(story.at + world.draw(26 * HOUR, 60 * HOUR))
        if self.flaw not in ("CHG-009", "CHG-021"):
            review = {"ReviewedOn": world.local(reviewed - MINUTE), "ReviewNote": words.REVIEW}
            story.do(reviewed - MINUTE, self.implementer, dynamic=review)
        if self.flaw == "CHG-020" or (self.has_failed and not self.flaw):
            story.do(story.at + MINUTE, self.implementer, dynamic={"BackedOut": "yes"})
        state = "closed unsuccessful" if self.has_failed else "closed successful"
        story.close(reviewed, self.implementer, state)


def tell(world: World, plan: Plan) -> Story | None:
    """Write one change; None where it lies ahead of the present."""
    with suppress(NotYet):
        change = _Change(world, plan)
        with suppress(NotYet):
            change.decide()
            change.implement()
            change.close()
        if change.flaw:
            world.plant(change.flaw, change.story.id)
        return change.story
    return None
