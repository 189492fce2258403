"""Votes (sysapproval_approver) and their rounds (sysapproval_group), each with its own history."""

from __future__ import annotations

from itsm_bridge_servicenow.testing.company.story import Story
from itsm_bridge_servicenow.testing.company.world import World
from itsm_bridge_servicenow.testing.records import Row, stamp, sys_id


def ask(story: Story, approvers: list[str], group: str, at: int) -> list[Row]:
    """Ask people to approve a record; returns the open votes."""
    world = story.world
    group_row = _group_row(story, group, at) if group else None
    return [_vote(world, story, approver, group_row, at) for approver in dict.fromkeys(approvers)]


def decide(world: World, vote: Row, decision: str, at: int, by: str = "") -> None:
    """Record a vote with its history; `by` who really pressed the button."""
    user = world.login(by or vote["approver"])
    world.add("sys_audit", {
        "sys_id": sys_id(vote["sys_id"], "audit", vote["sys_mod_count"]), "tablename": "sysapproval_approver",
        "documentkey": vote["sys_id"], "fieldname": "state", "oldvalue": vote["state"], "newvalue": decision,
        "user": user, "reason": "", "record_checkpoint": str(int(vote["sys_mod_count"]) + 1),
        "sys_created_on": stamp(at), "sys_created_by": user,
    })  # fmt: skip
    vote.update(
        state=decision, sys_updated_on=stamp(at), sys_updated_by=user, sys_mod_count=str(int(vote["sys_mod_count"]) + 1)
    )


def _vote(world: World, story: Story, approver: str, group: Row | None, at: int) -> Row:
    number = len(world.tables.get("sysapproval_approver", ()))
    row = {
        "sys_id": sys_id(story.key, "vote", approver, at, number), "sysapproval": story.key, "document_id": story.key,
        "source_table": story.table, "approver": approver, "state": "requested", "comments": "",
        "group": group["sys_id"] if group else "", "sys_created_on": stamp(at), "sys_created_by": "system",
        "sys_updated_on": stamp(at), "sys_updated_by": "system", "sys_mod_count": "0",
    }  # fmt: skip
    world.add("sysapproval_approver", row)
    return row


def _group_row(story: Story, group: str, at: int) -> Row:
    row = {
        "sys_id": sys_id(story.key, "round", at), "number": f"GAPRV{story.row['number'][3:]}", "parent": story.key,
        "sys_class_name": "sysapproval_group", "assignment_group": group, "approval": "requested", "state": "1",
        "short_description": "Group approval", "sys_created_on": stamp(at), "sys_created_by": "system",
        "sys_updated_on": stamp(at), "sys_updated_by": "system", "sys_mod_count": "0",
    }  # fmt: skip
    story.world.add("sysapproval_group", row)
    return row
