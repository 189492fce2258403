"""Releases: planned, accepted, approved, deployed and looked back upon; and the changes that had a major impact."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from itsm_bridge_servicenow.testing.company import approvals, people, words
from itsm_bridge_servicenow.testing.company.story import NotYet, Story
from itsm_bridge_servicenow.testing.company.world import World
from itsm_bridge_servicenow.testing.records import DAY, HOUR, Row, epoch, stamp, sys_id

_PLAN = {
    "u_method": "Rolled out by the pipeline to one half of the nodes, then to the other.",
    "u_deliverables": "Packages, database scripts, notes for users and for operation.",
    "u_acceptance_criteria": "All regression tests pass and the service owner signs the test report.",
}
_LATELY = {"CHG-024": (5, 25), "REL-006": (5, 25), "CON-001": (92, 115)}
_LONG_AGO = 330
"""How many days ago changes were closed that are to be wrong: lately by the measure of each check, else any time."""


@dataclass(frozen=True, slots=True)
class ReleasePlan:
    """When a release is deployed, and what is to be wrong with it."""

    deployed: int
    flaw: str = ""
    variant: int = 0


def tell(world: World, number: str, plan: ReleasePlan) -> None:
    """Write one release of one or two changes that were carried out by then; nothing where there are none."""
    parts = [row for row in world.changes if plan.deployed - 60 * DAY < epoch(row["work_end"]) <= plan.deployed][-2:]
    if not parts:
        return
    group = world.group(people.TEAMS[-1])
    owner, approver = world.members[group][0], world.members[world.group(people.APPROVERS)][0]
    story = Story(world, "rm_release", number, plan.deployed - 21 * DAY, owner)
    story.begin(
        state="1", short_description=f"Release {number[-3:]} of {words.CHANGES[2][18:]}", priority="4", impact="2",
        urgency="3", description="What is new, and what was repaired since the last release.", assigned_to=owner,
        assignment_group=group, business_service=parts[-1]["business_service"], cmdb_ci="",
        start_date=stamp(plan.deployed - 4 * HOUR), end_date=stamp(plan.deployed),
        release_type="" if plan.flaw == "REL-001" else "minor", **_PLAN,
    )  # fmt: skip
    with suppress(NotYet):
        _live(world, story, plan, owner, approver)
    story.finish()
    for part in parts if plan.flaw != "REL-002" else ():
        world.add("rm_m2m_release_task", _item(story, part))
    if plan.flaw:
        world.plant(plan.flaw, story.key)
    else:
        _mark(world, parts[-1], has_report=True, has_test=True)


def bypass(world: World) -> None:
    """Mark changes with major impact that missed one of what such a change needs."""
    if not world.is_flawed:
        return
    for check, days in _LATELY.items():
        row = _free(world, *days) or _free(world, days[0], _LONG_AGO)
        if row is None:
            continue
        _mark(world, row, has_report=check != "REL-006", has_test=check != "CON-001")
        if check != "CHG-024":
            world.note_down("transition_plan", "8.5.2.1", row["number"], row["opened_at"][:10], row["work_start"][:10])
        world.plant(check, row["sys_id"])


def _free(world: World, least: int, most: int) -> Row | None:
    """Return a change that was closed so many days ago, and belongs to no release."""
    taken = {row["task"] for row in world.tables.get("rm_m2m_release_task", ())}
    vital = set(world.services[:8])
    return next(
        (row for row in world.changes
         if least * DAY < world.now - epoch(row["closed_at"]) < most * DAY and row["sys_id"] not in taken
         and row["business_service"] in vital and row["u_major_impact"] == "false"),
        None,
    )  # fmt: skip


def _mark(world: World, change: Row, *, has_report: bool, has_test: bool) -> None:
    """Say that a change had a major impact, and what was done about it afterwards."""
    if change["u_major_impact"] == "true":
        return
    change["u_major_impact"] = "true"
    number, ended, closed = change["number"], change["work_end"][:10], change["closed_at"][:10]
    if has_report:
        world.note_down("transition_report", "8.5.2.3", number, ended, closed)
    if has_test:
        world.note_down("continuity_test", "8.7.2", number, ended, closed)


def _live(world: World, story: Story, plan: ReleasePlan, owner: str, approver: str) -> None:
    story.update(story.at + DAY, owner, state="2")
    accepted = plan.deployed - 2 * DAY
    if plan.flaw != "REL-003":
        story.update(accepted, owner, u_acceptance_result="met", u_accepted_on=stamp(accepted))
    story.update(accepted + HOUR, owner, approval="requested")
    (vote,) = approvals.ask(story, [approver], world.group(people.APPROVERS), story.at)
    if story.at + 4 * HOUR <= world.now:
        approvals.decide(world, vote, "approved", story.at + 4 * HOUR)
    story.update(story.at + 4 * HOUR + 2, approver, approval="approved")
    begun = plan.deployed - 4 * HOUR
    kept = {} if plan.flaw == "REL-004" else {"u_baseline": f"tag {story.row['number']}", "u_baseline_on": stamp(begun)}
    story.update(begun, owner, work_start=stamp(begun), **kept)
    story.update(plan.deployed, owner, work_end=stamp(plan.deployed))
    measured = plan.deployed + 5 * DAY
    result = {} if plan.flaw == "REL-005" else {"u_outcome": "successful", "u_measured_on": stamp(measured)}
    story.update(
        measured, owner, state="3", active="false", closed_at=stamp(measured), closed_by=owner,
        close_notes="No incident came of it within the time of observation.", **result,
    )  # fmt: skip


def _item(story: Story, change: Row) -> Row:
    at = stamp(story.created)
    return {
        "sys_id": sys_id(story.key, "item", change["sys_id"]), "release": story.key, "task": change["sys_id"],
        "sys_created_on": at, "sys_created_by": "system", "sys_updated_on": at, "sys_updated_by": "system",
        "sys_mod_count": "0",
    }  # fmt: skip
