"""The activities of the event log (view `activity`): what each means, and what a source must tell for it to show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from itsm_bridge.checking.losses import Loss

Alternatives = tuple[str, ...]
"""Capabilities, tables and columns of which one is enough."""

_STATES: tuple[Alternatives, ...] = (("transition",), ("history.state",))
_FIELDS: tuple[Alternatives, ...] = (("transition",), ("history.fields",))
_DECISIONS: tuple[Alternatives, ...] = (("approval",), ("approval.vote", "approval.rollup"))
_MESSAGES: tuple[Alternatives, ...] = (("comment",), ("comment.visibility",))
_RELEASE: tuple[Alternatives, ...] = (("release_detail",), ("release",))


@dataclass(frozen=True, slots=True)
class Activity:
    """One kind of event; `needs` holds, for each thing that must be told, what is enough."""

    meaning: str
    needs: tuple[Alternatives, ...] = _STATES


ACTIVITIES = {
    "create": Activity("the record was made", (("work_item.created_at", "work_item.opened_at"),)),
    "assign": Activity("a person was made its owner, at its creation or later", _FIELDS),
    "dispatch": Activity("put into the queue of a team or person (state assigned)"),
    "start": Activity("work began (state in progress)"),
    "pend": Activity("began to wait (state pending)"),
    "resume": Activity("taken up again after it had waited"),
    "resolve": Activity("resolved, or fulfilled"),
    "close": Activity("closed"),
    "reopen": Activity("taken up again after it was resolved or closed"),
    "cancel": Activity("cancelled"),
    "decline": Activity("set to rejected"),
    "revive": Activity("taken up again after it was cancelled or rejected"),
    "restart": Activity("put back to where it began (new, draft, plan)"),
    "request_approval": Activity("put up for approval (state approval or authorize)"),
    "assess": Activity("put up for assessment"),
    "analyse": Activity("its cause is looked for (state rca)"),
    "known_error": Activity("declared a known error"),
    "fix": Activity("being fixed"),
    "schedule": Activity("scheduled"),
    "implement": Activity("carried out: the state, or the recorded start of work where that is earlier"),
    "build": Activity("being built"),
    "test": Activity("being tested"),
    "deploy": Activity("deployed: the state, or the recorded time where that is earlier"),
    "review": Activity("under review, or reviewed"),
    "unknown": Activity("a state of the tool that the mapping does not know"),
    "approve": Activity("approved", _DECISIONS),
    "reject": Activity("refused by those who approve", _DECISIONS),
    "endorse": Activity("approved in a technical assessment", _DECISIONS),
    "object": Activity("refused in a technical assessment", _DECISIONS),
    "group_change": Activity("handed from one group to another", (("transition",), ("history.group",))),
    "prio_down": Activity("made less urgent", (("transition",), ("history.priority",))),
    "prio_up": Activity("made more urgent", (("transition",), ("history.priority",))),
    "plan_edit": Activity("dates, risk, type, items, scope or plans of a change altered", _FIELDS),
    "declare_major": Activity("declared a major incident", (("work_item.major_declared_at",),)),
    "respond": Activity("answered for the first time", _MESSAGES),
    "inform_requester": Activity("a message of ours to the requester, the first one included", _MESSAGES),
    "requester_message": Activity("a message of the requester", _MESSAGES),
    "inform_management": Activity("a message to management", _MESSAGES),
    "link_problem": Activity("linked to the problem that investigates it", (("relation",), ("relation.types",))),
    "link_change": Activity("linked to a change that caused or solves it", (("relation",), ("relation.types",))),
    "root_cause": Activity("a root cause recorded", (("problem_detail",), ("problem.cause",))),
    "accept": Activity("accepted (releases)", _RELEASE),
    "baseline": Activity("a baseline taken (releases)", _RELEASE),
    "measure": Activity("the outcome measured (releases)", _RELEASE),
}


def untold(activities: Iterable[str], losses: Sequence[Loss]) -> Iterator[Loss]:
    """Yield, per source and record type, a loss by which at least one of the activities does not show."""
    found: dict[tuple[str, str], Loss] = {}
    needs = dict.fromkeys(alternatives for name in activities for alternatives in ACTIVITIES[name].needs)
    for alternatives in needs:
        for loss in (each for each in losses if each.what in alternatives):
            if all(_is_lost(what, loss, losses) for what in alternatives):
                found.setdefault((loss.source_id, loss.record_type), loss)
    yield from found.values()


def _is_lost(what: str, where: Loss, losses: Sequence[Loss]) -> bool:
    """Tell whether a source lacks something for all records for which it lacks something else."""
    return any(
        each.what == what and each.source_id == where.source_id and each.record_type in ("*", where.record_type)
        for each in losses
    )
