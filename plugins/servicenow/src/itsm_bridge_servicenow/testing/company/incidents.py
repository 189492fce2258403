"""Incidents, told from their course: reply, hand-offs, pauses, solution, closure."""

from __future__ import annotations

from contextlib import suppress

from itsm_bridge_servicenow.testing.company import clocks, people, words
from itsm_bridge_servicenow.testing.company.choices import AWAITING_PARTS
from itsm_bridge_servicenow.testing.company.incident_course import Course
from itsm_bridge_servicenow.testing.company.story import NotYet, Story
from itsm_bridge_servicenow.testing.company.world import World
from itsm_bridge_servicenow.testing.records import DAY, HOUR, MINUTE, Row, epoch, stamp, sys_id

_CODES = ("Solved (Permanently)", "Solved (Permanently)", "Solved Remotely (Permanently)", "Solved (Work Around)")
_NOTE_EVERY = 60 * HOUR
_ESCALATED = "2"
_SPARED = 10
"""A service without major incidents: outages of one service at one time would be one."""


def tell(world: World, number: str, course: Course) -> Story | None:
    """Write one incident with all that belongs to it; None where it lies ahead of the present."""
    caller = world.monitoring if course.channel == "monitoring" else world.random.choice(world.customers)
    agent = world.member(world.group(people.SERVICE_DESK))
    opener = agent if course.channel in ("phone", "walk-in", "chat") else caller
    try:
        story = Story(world, "incident", number, course.opened - course.backdated, opener, created=course.opened)
    except NotYet:
        return None
    _begin(world, story, course, caller)
    with suppress(NotYet):
        _live(world, story, course, agent, caller)
    if course.ending == "deleted":
        _delete(world, story)
        return None
    _spoil(story, course)
    _finish(world, story, course)
    return story


def _begin(world: World, story: Story, course: Course, caller: str) -> None:
    service = world.random.choice(world.services)
    if course.is_major and service == world.services[_SPARED]:
        service = world.services[_SPARED + 1]
    item = world.item(service)
    if not course.is_major:  # of these, somebody always asks why
        service, item = world.struck(service, item, course.category, course.opened)
    title = world.title(words.INCIDENTS[course.category])
    fields = {
        "state": "1", "caller_id": caller, "short_description": title,
        "description": words.DESCRIPTION.format(title=title), "category": course.category,
        "subcategory": words.SUBCATEGORIES[course.category], "contact_type": course.channel,
        "impact": str(course.impact), "urgency": str(course.urgency), "priority": str(course.priority),
        "severity": "3", "business_service": service, "cmdb_ci": item,
        "assignment_group": world.group(people.SERVICE_DESK), "reopen_count": "0", "notify": "1",
        "child_incidents": "0", "knowledge": "false",
    }  # fmt: skip
    if course.flaw == "AVL-001":
        course.fields = {
            "business_service": world.services[_SPARED],
            "cmdb_ci": world.items[world.services[_SPARED]][0],
        }
    story.begin(**{**fields, **course.fields})


def _live(world: World, story: Story, course: Course, agent: str, caller: str) -> None:
    _reply(world, story, course, agent)
    if course.is_major:
        named = {} if course.flaw == "INC-014" else {"u_manager": world.members[world.group(people.SERVICE_DESK)][0]}
        story.update(story.at + 2 * MINUTE, agent, major_incident_state="accepted", **named)
    elif course.priority == 1 and course.flaw != "INC-013":
        story.update(story.at + 2 * MINUTE, agent, major_incident_state="proposed")
        story.update(story.at + 5 * MINUTE, agent, major_incident_state="rejected")
    if course.problem:
        story.update(story.at + 70 * MINUTE, agent, problem_id=course.problem)
    if course.ending == "cancelled":
        story.update(
            story.at + world.draw(HOUR, 6 * HOUR),
            agent,
            state="8",
            active="false",
            close_notes="Withdrawn by the caller.",
        )
        return
    owner = _hand_over(world, story, course, agent)
    if course.reprioritised and course.flaw != "SLM-007":
        _reprioritise(story, course, owner, story.at + 3 * MINUTE)
    if _is_left_lying(world, story, course, owner):
        return
    _work(world, story, course, owner)
    _solve(world, story, course, owner)
    for _ in range(course.reopenings):
        _reopen(world, story, owner, caller)
        _solve(world, story, course, owner)
    if course.flaw != "INC-004":
        _close(world, story, course)
    if course.flaw == "DQ-005":
        story.update(story.at + 3 * DAY, owner, close_notes="Rewritten for the monthly report, see the other record.")


def _reply(world: World, story: Story, course: Course, agent: str) -> None:
    at = story.created + course.reply_after
    story.keep_alive(at, agent, 20 * HOUR)
    owner = {"assigned_to": agent} if course.has_owner else {}
    story.update(at, agent, state="2", work_start=stamp(at), **owner)
    text = "On it." if course.is_short_spoken else world.random.choice(words.REPLIES)
    story.say(at + world.draw(5, 50), agent, text)


def _hand_over(world: World, story: Story, course: Course, agent: str) -> str:
    owner, group = agent, world.group(people.SERVICE_DESK)
    if course.carrier:
        story.update(
            story.at + 10 * MINUTE, owner, assignment_group=world.group(people.CARRIER),
            assigned_to=world.member(world.group(people.CARRIER)), correlation_id=f"NC-{story.row['number'][3:]}",
        )  # fmt: skip
        return story.row["assigned_to"]
    for _ in range(course.handoffs):
        group = world.random.choice([other for other in map(world.group, people.TEAMS) if other != group])
        taker = world.member(group)
        named = {"assigned_to": taker} if course.has_owner else {}
        story.update(story.at + world.draw(2 * MINUTE, 20 * MINUTE), owner, assignment_group=group, **named)
        owner = taker
    return owner


def _reprioritise(story: Story, course: Course, by: str, at: int) -> None:
    impact, urgency, priority = course.reprioritised or (0, 0, 0)
    story.update(at, by, impact=str(impact), urgency=str(urgency), priority=str(priority))


def _is_left_lying(world: World, story: Story, course: Course, owner: str) -> bool:
    """Play the endings in which nobody goes on; says whether this was one."""
    if course.ending == "silent":
        story.update(story.at + HOUR, owner, escalation=_ESCALATED)
        story.say(story.at + HOUR, owner, world.note(), is_public=False)
    elif course.ending == "silent_pending":
        story.say(story.at + 2 * HOUR, owner, world.random.choice(words.QUESTIONS))
        story.update(story.at + MINUTE, owner, state="3", hold_reason="1")
    elif course.ending == "parked":
        story.update(story.at + 5 * HOUR, owner, escalation=_ESCALATED, state=AWAITING_PARTS)
        if course.variant % 2:
            story.keep_alive(world.now, owner, _NOTE_EVERY)
    else:
        return False
    return True


def _work(world: World, story: Story, course: Course, owner: str) -> None:
    """Work until the solution; pauses come on top, each with a question and now and then a reminder."""
    if course.steps_back:
        story.update(story.at + 5 * MINUTE, owner, state="1")
        story.update(story.at + 10 * MINUTE, owner, state="2")
    if course.flaw == "SLM-007":
        _reprioritise(story, course, owner, story.opened + 7 * HOUR + world.draw(0, 3 * HOUR))
    for reason, length in course.pauses:
        asked = {"correlation_id": f"V-{story.row['number'][3:]}"} if reason == "4" else {}
        if not course.is_short_spoken and reason:
            story.say(story.at + world.draw(5 * MINUTE, 40 * MINUTE), owner, world.random.choice(words.QUESTIONS))
        story.update(story.at + world.draw(1, 30), owner, state="3", hold_reason=reason, **asked)
        until = story.at + length
        story.keep_alive(until, owner, _NOTE_EVERY, is_public=True)
        story.update(until, owner, state="2", hold_reason="")
    time = world.always if course.priority < 3 else world.calendar
    start = max(story.created, story.opened)
    target = time.after(start, course.work) + sum(length for _, length in course.pauses)
    every = _NOTE_EVERY if not course.is_short_spoken else 365 * DAY
    due = clocks.due(story)
    if due < target and course.flaw != "INC-010":
        story.wait(due, owner, every)
        story.update(story.at, owner, escalation=_ESCALATED)
    story.wait(target, owner, every)


def _solve(world: World, story: Story, course: Course, owner: str) -> None:
    at = max(story.at + MINUTE, story.created + course.reply_after + 5 * MINUTE)
    # A workaround needs a problem that looks for the cause.
    codes = _CODES[-1:] if course.problem and not course.is_major else _CODES[:-1]
    solution = {"close_code": world.random.choice(codes), "close_notes": world.random.choice(words.SOLUTIONS)}
    solution |= course.solution
    if at > clocks.due(story) and story.row["escalation"] != _ESCALATED and course.flaw != "INC-010":
        story.update(at, owner, escalation=_ESCALATED)
    if course.ending == "direct":
        story.update(at, owner, state="7", active="false", closed_at=stamp(at), closed_by=owner, **solution)
        return
    by = owner if course.has_owner else ""
    if course.flaw == "DQ-008":
        owner = by = world.shared
    story.update(at, owner, state="6", resolved_at=stamp(at), resolved_by=by, work_end=stamp(at), **solution)


def _reopen(world: World, story: Story, owner: str, caller: str) -> None:
    at = story.at + world.draw(3 * HOUR, 12 * HOUR)
    count = str(int(story.row["reopen_count"]) + 1)
    story.update(at, caller, state="2", resolved_at="", resolved_by="", reopen_count=count, reopened_time=stamp(at))
    story.say(at + 20 * MINUTE, owner, world.note(), is_public=False)
    story.at += world.draw(HOUR, 3 * HOUR)


def _close(world: World, story: Story, course: Course) -> None:
    at, by = course.closed_at or story.at + world.draw(3 * DAY, 5 * DAY), course.closed_by or world.system
    story.update(at, by, state="7", active="false", closed_at=stamp(at), closed_by=by)


def _spoil(story: Story, course: Course) -> None:
    """Falsify what was told truly: dates, counters, lost history."""
    row = story.row
    if course.flaw == "DQ-001":
        row["resolved_at"] = stamp(epoch(row["closed_at"]) + DAY)
    if course.flaw == "DQ-003":
        row["resolved_at"] = stamp(epoch(row["resolved_at"]) - 3 * HOUR)
    if course.flaw == "DQ-004":
        if course.variant % 3 == 0:
            story.forget("state", "3")
        elif course.variant % 3 == 1:
            story.forget("state", story.states[-1][1])
        else:
            row["reopen_count"] = "2"


def _finish(world: World, story: Story, course: Course) -> None:
    rows = clocks.attach(story, course.without_clocks, course.restarted)
    story.finish()
    if course.flaw == "SLM-004":
        _misreport(rows, course.variant)
    _measure(world, story)
    if course.is_major or course.flaw == "AVL-001":
        _outage(world, story)
    if course.is_major:
        _tell_management(world, story, course)
    if story.row["category"] == "security" and course.flaw != "SEC-001" and story.row.get("resolved_at"):
        reviewed = stamp(epoch(story.row["resolved_at"]) + 3 * DAY)[:10]
        world.note_down("sec_review", "8.7.3.3", story.row["number"], stamp(story.created)[:10], reviewed)
    if course.flaw == "AVL-001":
        world.plant(course.flaw, sys_id(story.key, "outage"))
    elif course.flaw and course.flaw != "PRB-001":
        world.plant(course.flaw, story.key)
    if course.ending == "direct":
        world.plant("DQ-006", story.key)


def _tell_management(world: World, story: Story, course: Course) -> None:
    """Write into the register that top management was told, and what the review found."""
    number, day = story.row["number"], stamp(story.created)[:10]
    if course.flaw != "INC-015":
        world.note_down("mgmt_notice", "8.6.1", number, day, day)
    if course.flaw != "INC-016" and story.row.get("resolved_at"):
        world.note_down("mi_review", "8.6.1", number, day, stamp(epoch(story.row["resolved_at"]) + 3 * DAY)[:10])


def _misreport(rows: list[Row], variant: int) -> None:
    """Make the clock of the solution claim what did not happen."""
    row = rows[-1]
    if variant % 2:
        row["has_breached"] = "false" if row["has_breached"] == "true" else "true"
    else:
        row["business_duration"] = row["duration"] = stamp(epoch(row["business_duration"]) + 9 * HOUR)


def _measure(world: World, story: Story) -> None:
    """Write how long each state lasted (metric_instance)."""
    spans = zip(story.states, [*story.states[1:], None], strict=True)
    for number, ((at, state), following) in enumerate(spans):
        end = following[0] if following else None
        world.add("metric_instance", {
            "sys_id": sys_id(story.key, "metric", number), "id": story.key, "table": "incident",
            "field": "incident_state",
            "definition": sys_id("metric_definition", "Incident State Duration"), "field_value": state, "value": state,
            "start": stamp(at), "end": stamp(end) if end else "", "duration": stamp(end - at) if end else "",
            "calculation_complete": "true" if end else "false", "sys_created_on": stamp(at), "sys_created_by": "system",
            "sys_updated_on": stamp(end or at), "sys_updated_by": "system", "sys_mod_count": "0",
        })  # fmt: skip


def _outage(world: World, story: Story) -> None:
    begin, end = story.opened, epoch(story.row["resolved_at"]) if story.row.get("resolved_at") else None
    world.add("cmdb_ci_outage", {
        "sys_id": sys_id(story.key, "outage"), "number": story.row["number"].replace("INC", "OUT"),
        "cmdb_ci": story.row["business_service"], "begin": stamp(begin), "end": stamp(end) if end else "",
        "type": "outage", "task_number": story.key, "short_description": story.row["short_description"],
        "duration": stamp(end - begin) if end else "", "sys_created_on": stamp(begin), "sys_created_by": "system",
        "sys_updated_on": stamp(end or begin), "sys_updated_by": "system", "sys_mod_count": "0",
    })  # fmt: skip


def _delete(world: World, story: Story) -> None:
    """Delete the record after all: its history stays behind, as in the real tool."""
    world.tables.setdefault("sys_audit", []).extend(story.audit)
    at = stamp(story.at)
    world.add("sys_audit_delete", {
        "sys_id": sys_id(story.key, "deleted"), "tablename": "incident", "documentkey": story.key,
        "display_value": story.row["number"], "payload": "", "sys_created_on": at, "sys_created_by": "admin",
        "sys_updated_on": at, "sys_updated_by": "admin", "sys_mod_count": "0",
    })  # fmt: skip
