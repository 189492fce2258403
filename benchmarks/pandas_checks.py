"""Six checks as an analyst would write them in pandas: the alternative that our engine is measured against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

SETTLED = ("resolved", "closed")
PAUSED = ("pending", *SETTLED)


@dataclass(frozen=True, slots=True)
class Frames:
    """The tables, with the columns that the six checks read."""

    work_item: pd.DataFrame
    change_detail: pd.DataFrame
    transition: pd.DataFrame
    approval: pd.DataFrame
    sla_instance: pd.DataFrame
    sla_definition: pd.DataFrame


COLUMNS = {
    "work_item": "work_item_id, record_type, state, requester_id, service_id, description_length, assignee_id, "
                 "resolved_by_id, opened_at, created_at, resolved_at, closed_at",
    "change_detail": "work_item_id, change_type, actual_start_at",
    "transition": 'work_item_id, "at", seq, field, old_value, new_value',
    "approval": "work_item_id, approver_id, decision, decided_at",
    "sla_instance": "sla_instance_id, work_item_id, sla_definition_id, started_at, stopped_at, stage, is_breached",
    "sla_definition": "sla_definition_id, metric, goal_seconds",
}  # fmt: skip


def completeness(f: Frames) -> pd.Series:
    """Incidents without requester, service, description or owner."""
    w = f.work_item[(f.work_item.record_type == "incident") & (f.work_item.state != "cancelled")]
    lacks_owner = w.resolved_at.notna() & w.assignee_id.fillna(w.resolved_by_id).isna()
    short = w.description_length.fillna(0) < 15
    return w.work_item_id[w.requester_id.isna() | w.service_id.isna() | short | lacks_owner]


def chronology(f: Frames, now: datetime) -> pd.Series:
    """Records whose times contradict each other or lie in the future."""
    w, late = f.work_item, pd.Timedelta(minutes=2)
    bad = (
        (w.resolved_at < w.opened_at - late) | (w.closed_at < w.opened_at - late) | (w.closed_at < w.resolved_at - late)
    )
    future = (w.opened_at > now + late) | (w.resolved_at > now + late) | (w.closed_at > now + late)
    return w.work_item_id[bad | future]


def change_before_approval(f: Frames) -> pd.Series:
    """Normal changes whose work began before the first approval."""
    approved = f.approval[f.approval.decision == "approved"].groupby("work_item_id").decided_at.min()
    began = f.transition[(f.transition.field == "state") & (f.transition.new_value == "implement")]
    first = began.groupby("work_item_id")["at"].min()
    c = f.change_detail[f.change_detail.change_type == "normal"]
    start = pd.concat([c.actual_start_at, c.work_item_id.map(first)], axis=1).min(axis=1)
    at = c.work_item_id.map(approved)
    return c.work_item_id[start.notna() & (at.isna() | (start < at))]


def reopen_loop(f: Frames) -> pd.Series:
    """Resolved records that were reopened twice or more."""
    t = f.transition[f.transition.field == "state"].sort_values(["work_item_id", "at", "seq"])
    before = t.groupby("work_item_id").new_value.shift().fillna(t.old_value)
    again = t[before.isin(SETTLED) & ~t.new_value.isin((*SETTLED, "cancelled"))]
    counts = again.groupby("work_item_id").size()
    w = f.work_item[f.work_item.resolved_at.notna()]
    return w.work_item_id[w.work_item_id.map(counts).fillna(0) >= 2]


def sla_recomputation(f: Frames) -> pd.Series:
    """Clocks whose claimed breach is not what history and pauses give."""
    clocks = f.sla_instance[f.sla_instance.stage == "completed"].merge(f.sla_definition, on="sla_definition_id")
    t = f.transition[f.transition.field == "state"].sort_values(["work_item_id", "at", "seq"])
    until = t.groupby("work_item_id")["at"].shift(-1)
    pauses = t.assign(until=until)[t.new_value.isin(PAUSED)][["work_item_id", "at", "until"]]
    within = clocks[["sla_instance_id", "work_item_id", "started_at", "stopped_at"]].merge(pauses, on="work_item_id")
    begin, end = within[["at", "started_at"]].max(axis=1), within[["until", "stopped_at"]].min(axis=1)
    seconds = (end - begin).dt.total_seconds().clip(lower=0)
    paused = seconds.groupby(within.sla_instance_id).sum()
    elapsed = (clocks.stopped_at - clocks.started_at).dt.total_seconds() - clocks.sla_instance_id.map(paused).fillna(0)
    return clocks.sla_instance_id[(elapsed > clocks.goal_seconds) != clocks.is_breached]


def self_approval(f: Frames) -> pd.Series:
    """Changes whose only approvers asked for them, own them or carried them out."""
    w = f.work_item[f.work_item.record_type == "change"][["work_item_id", "requester_id", "assignee_id"]]
    votes = f.approval[f.approval.decision == "approved"].merge(w, on="work_item_id")
    own = (votes.approver_id == votes.requester_id) | (votes.approver_id == votes.assignee_id)
    only = own.groupby(votes.work_item_id).all()
    return pd.Series(only.index[only])


def all_six(frames: Frames, now: datetime) -> dict[str, int]:
    """Run the six and return how many records each finds."""
    return {
        "completeness": len(completeness(frames)), "chronology": len(chronology(frames, now)),
        "change_before_approval": len(change_before_approval(frames)), "reopen_loop": len(reopen_loop(frames)),
        "sla_recomputation": len(sla_recomputation(frames)), "self_approval": len(self_approval(frames)),
    }  # fmt: skip
