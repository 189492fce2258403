"""Changes, told from their course: assessment, decision, window, review, closure; and the tasks under them."""

from __future__ import annotations

from contextlib import suppress

from itsm_bridge_servicenow.testing.company import approvals, people, words
from itsm_bridge_servicenow.testing.company.change_course import ChangeCourse
from itsm_bridge_servicenow.testing.company.story import NotYet, Story
from itsm_bridge_servicenow.testing.company.world import MATRIX, World
from itsm_bridge_servicenow.testing.records import DAY, HOUR, MINUTE, stamp, sys_id

_NOTE_EVERY = 3 * DAY


def tell(world: World, number: str, course: ChangeCourse) -> Story | None:
    """Write one change with its votes and tasks; None where it lies ahead of the present."""
    group = world.team()
    requester = world.member(group)
    implementer = world.member(group, but=(requester,))
    try:
        story = Story(world, "change_request", number, course.opened, requester)
    except NotYet:
        return None
    _begin(world, story, course, group, requester, implementer)
    with suppress(NotYet):
        _live(world, story, course, requester, implementer)
    story.finish()
    if story.row.get("close_code") in ("unsuccessful", "backed_out"):
        world.failed_change = story.key
    if story.row.get("cmdb_ci"):
        world.add("task_ci", _affected(story))
    _task(world, story, group, implementer)
    if not course.flaw and course.kind == "normal" and story.row.get("close_code") == "successful":
        world.changes.append(story.row)
    if course.flaw and course.flaw != "CHG-020":
        world.plant(course.flaw, story.key)
        if course.flaw == "CHG-001" and not story.row["cmdb_ci"] and story.row.get("work_start"):
            world.plant("CFG-001", story.key)
    return story


def _begin(world: World, story: Story, course: ChangeCourse, group: str, requester: str, implementer: str) -> None:
    low, high = world.freeze
    is_near = low - 2 * DAY < course.start < high + 2 * DAY
    service = world.random.choice([name for name in world.services if not (is_near and name == world.frozen)])
    item = world.book(service, course.start, course.start + course.length + course.overrun)
    impact, urgency = (1, 2) if course.kind == "emergency" else (2, world.random.choice((2, 3)))
    fields = {
        "state": "-5", "type": course.kind, "short_description": world.title(words.CHANGES),
        "description": "See the plans for what will be done and how it will be verified.", "category": "software",
        "impact": str(impact), "urgency": str(urgency), "priority": str(MATRIX[impact, urgency]), "risk": course.risk,
        "requested_by": requester, "assigned_to": implementer, "assignment_group": group, "business_service": service,
        "cmdb_ci": item, "justification": words.JUSTIFICATION,
        "implementation_plan": words.IMPLEMENTATION, "backout_plan": words.BACKOUT, "test_plan": words.TEST,
        "start_date": stamp(course.start), "end_date": stamp(course.start + course.length),
        "cab_required": "true" if course.needs_board else "false", "phase": "requested",
        "unauthorized": "false", "on_hold": "false", "production_system": "true", "is_bulk": "false",
        "u_major_impact": "false",
        "conflict_status": "No Conflict",
        "std_change_producer_version": world.random.choice(world.templates) if course.kind == "standard" else "",
    }  # fmt: skip
    story.begin(**{**fields, **course.fields})


def _live(world: World, story: Story, course: ChangeCourse, requester: str, implementer: str) -> None:
    if course.kind == "standard":
        story.update(story.at + 5 * MINUTE, world.system, state="-2", approval="approved")
    elif course.kind == "emergency":
        _ask_emergency(world, story, course, requester, implementer)
    elif _is_turned_away(world, story, course, requester, implementer):
        return
    _implement(world, story, course, implementer)
    _review(world, story, course, implementer)


def _is_turned_away(world: World, story: Story, course: ChangeCourse, requester: str, implementer: str) -> bool:
    """Assess a normal change and have it decided; says whether it ended there."""
    story.update(story.at + world.draw(2 * HOUR, DAY), requester, state="-4", phase="plan")
    if course.is_silent:
        return True
    story.say(
        story.at + world.draw(HOUR, 8 * HOUR), implementer, "Assessed impact, risk and resources.", is_public=False
    )
    if course.is_cancelled:
        story.update(story.at + HOUR, requester, state="4", active="false", close_notes="No longer needed.")
        return True
    story.update(story.at + world.draw(HOUR, DAY), requester, state="-3", approval="requested")
    _decide(world, story, course, requester, implementer)
    story.update(story.at + MINUTE, implementer, state="-2")
    if course.flaw == "CHG-018":
        story.update(story.at + HOUR, implementer, implementation_plan="Replace the whole cluster in one go instead.")
    if course.decision == "revoked":
        _revoke(world, story, implementer)
    return False


def _decide(world: World, story: Story, course: ChangeCourse, requester: str, implementer: str) -> None:
    board = world.group(people.CAB if course.needs_board else people.APPROVERS)
    people_asked = [world.member(board, (requester, implementer)) for _ in range(3 if course.needs_board else 2)]
    if course.decision == "by requester":
        people_asked, board = [requester], ""
    elif course.decision == "by supplier":
        people_asked, board = [world.member(world.group(people.CARRIER))], ""
    elif course.decision == "without authority":
        people_asked, board = [world.random.choice(list(world.managers.values()))], ""
    votes = approvals.ask(story, people_asked, board, story.at)
    if course.decision in ("never", "late"):
        return
    at = story.at + world.draw(2 * HOUR, DAY)
    for number, vote in enumerate(votes):
        if at + number * HOUR <= world.now:
            approvals.decide(world, vote, "approved", at + number * HOUR)
    story.update(at + (len(votes) - 1) * HOUR + 2, votes[-1]["approver"], approval="approved")


def _revoke(world: World, story: Story, implementer: str) -> None:
    """Have the approved change decided again, and refused."""
    story.update(story.at + 2 * HOUR, implementer, approval="requested")
    votes = approvals.ask(story, [world.member(world.group(people.APPROVERS))], "", story.at)
    at = story.at + 3 * HOUR
    if at <= world.now:
        approvals.decide(world, votes[0], "rejected", at)
    story.update(at + 2, votes[0]["approver"], approval="rejected")


def _ask_emergency(world: World, story: Story, course: ChangeCourse, requester: str, implementer: str) -> None:
    story.update(story.at + 10 * MINUTE, requester, state="-3", approval="requested")
    approver = world.member(world.group(people.ECAB), (requester, implementer))
    votes = approvals.ask(story, [approver], world.group(people.ECAB), story.at)
    if course.decision == "never":
        return
    at = story.at + world.draw(10 * MINUTE, HOUR)
    if at <= world.now:
        approvals.decide(world, votes[0], "approved", at)
    story.update(at + 2, approver, approval="approved")


def _implement(world: World, story: Story, course: ChangeCourse, implementer: str) -> None:
    begun = max(course.start + world.draw(0, 8 * MINUTE), story.at + MINUTE)
    story.wait(begun, implementer, _NOTE_EVERY)
    started = course.start if course.flaw == "CHG-023" else begun
    story.update(begun, implementer, state="-1", work_start=stamp(started), phase="deploy")
    if course.decision == "late":
        vote = next(row for row in world.tables["sysapproval_approver"] if row["sysapproval"] == story.key)
        at = story.at + 40 * MINUTE
        if at <= world.now:
            approvals.decide(world, vote, "approved", at)
        story.update(at + 2, vote["approver"], approval="approved")
    planned_end = max(course.start + course.length, begun + 30 * MINUTE)
    ended = max(planned_end - world.draw(0, 20 * MINUTE) + course.overrun, story.at + MINUTE)
    story.update(ended, implementer, state="0", work_end=stamp(ended))
    if course.flaw != "CFG-005":
        world.touch(story.row.get("cmdb_ci", ""), ended + HOUR)
        world.edit(story.row.get("cmdb_ci", ""), ended + HOUR, implementer)


def _review(world: World, story: Story, course: ChangeCourse, implementer: str) -> None:
    reviewed = story.at + world.draw(26 * HOUR, 60 * HOUR)
    review = {"review_date": stamp(reviewed)[:10], "review_comments": words.REVIEW, "review_status": "3"}
    story.update(
        reviewed, implementer, state="3", active="false", closed_at=stamp(reviewed), closed_by=implementer,
        close_code=course.outcome, close_notes="Change completed and verified with the plan.", phase="closed",
        **(review if course.is_reviewed else {}),
    )  # fmt: skip


def _affected(story: Story) -> dict[str, str]:
    at = story.row["sys_created_on"]
    return {
        "sys_id": sys_id(story.key, "task_ci"), "task": story.key, "ci_item": story.row.get("cmdb_ci", ""),
        "sys_created_on": at, "sys_created_by": "system", "sys_updated_on": at, "sys_updated_by": "system",
        "sys_mod_count": "0",
    }  # fmt: skip


def _task(world: World, story: Story, group: str, implementer: str) -> None:
    """Write the implementation task, which moves with its change."""
    times = {state: at for at, state in story.states}
    number = story.row["number"].replace("CHG", "CTASK")
    task = Story(world, "change_task", number, story.created, implementer)
    task.begin(
        state="1", short_description=f"Implement: {story.row['short_description']}", change_request=story.key,
        parent=story.key, assignment_group=group, priority=story.row["priority"], impact=story.row["impact"],
        urgency=story.row["urgency"], change_task_type="implementation", planned_start_date=story.row["start_date"],
        planned_end_date=story.row["end_date"], business_service=story.row.get("business_service", ""),
        cmdb_ci=story.row.get("cmdb_ci", ""), description=words.IMPLEMENTATION,
    )  # fmt: skip
    with suppress(NotYet, KeyError):
        task.update(task.at + 10 * MINUTE, implementer, assigned_to=implementer)
        if "4" in times:
            task.update(times["4"], implementer, state="7", active="false", closed_at=stamp(times["4"]))
        task.update(times["-1"], implementer, state="2", work_start=stamp(times["-1"]))
        task.update(
            times["0"], implementer, state="3", active="false", closed_at=stamp(times["0"]), closed_by=implementer,
            work_end=stamp(times["0"]), close_notes="Done as planned.", close_code="successful",
        )  # fmt: skip
    task.finish()
