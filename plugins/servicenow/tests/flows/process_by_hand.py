"""How the incidents of the real log ran, told from the CSV alone: paths, steps, and the order of activities.

Nothing of ours runs here but the words for states. Events of one incident are in the order of their time, then of the
tool's own count of updates; within one update whoever holds the record changes before its state does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import declare_by_hand as declare
import pandas as pd
from incident_log_by_pandas import MISSING, STATES, IncidentLog

SETTLED = ("resolved", "closed")
RULES = """
process = "log"

[[constraints]]
id = "log_response"
title = "Who hands it over sees it start again"
template = "response"
record_types = ["incident"]
a = ["group_change"]
b = ["start", "resume"]
why = "a test"

[[constraints]]
id = "log_precedence"
title = "Nothing waits before work began"
template = "precedence"
record_types = ["incident"]
a = ["start"]
b = ["pend"]
why = "a test"

[[constraints]]
id = "log_succession"
title = "Resolved, then closed"
template = "succession"
record_types = ["incident"]
a = ["resolve"]
b = ["close"]
why = "a test"

[[constraints]]
id = "log_not_co_existence"
title = "Never both reopened and handed over"
template = "not_co_existence"
record_types = ["incident"]
a = ["reopen"]
b = ["group_change"]
why = "a test"

[[constraints]]
id = "log_alternate"
title = "Every wait ends before the next"
template = "alternate_succession"
record_types = ["incident"]
a = ["pend"]
b = ["resume"]
why = "a test"

[[constraints]]
id = "log_once"
title = "Handed over three times at most"
template = "absence"
record_types = ["incident"]
a = ["group_change"]
times = 4
why = "a test"
"""
"""Rules of a site of its own, so that the setting is tried with them."""


class Standing(NamedTuple):
    """How the incidents stand to a rule."""

    assessable: int
    vacuous: int
    violated: int
    activations: int
    violations: int


class Entry(NamedTuple):
    """One change: when, in which update, from what to what."""

    at: pd.Timestamp
    update: int
    before: str
    state: str


@dataclass(frozen=True)
class LogProcess:
    """The incidents of the log; all of them are closed at its end."""

    log: IncidentLog

    @cached_property
    def entries(self) -> dict[str, list[Entry]]:
        """Return the changes of state of each incident, the states in our words; those that change nothing are out."""
        found: dict[str, list[Entry]] = {}
        for number, changes in _updates(self.log.steps, "incident_state").items():
            for at, update, old, new in changes:
                earlier = found.setdefault(number, [])
                before, state = STATES.get(old, "unknown"), STATES.get(new, "unknown")
                if before != state:
                    earlier.append(Entry(at, update, earlier[-1].state if earlier else before, state))
        return found

    @cached_property
    def paths(self) -> dict[str, list[Entry]]:
        """Return the entries of each incident into its states; the first is as old as the record."""
        found = {}
        for last in self.log.last.itertuples():
            entries = self.entries.get(last.Index, [])
            made = last.opened_at if pd.isna(last.sys_created_at) else last.sys_created_at
            first = min(made, entries[0].at) if entries else made
            state = entries[0].before if entries else STATES.get(last.incident_state, "unknown")
            found[last.Index] = [Entry(first, -1, "", state), *entries]
        return found

    @cached_property
    def variants(self) -> pd.DataFrame:
        """Return number, median and 90th percentile of duration of each path."""
        rows = [
            (" → ".join(each.state for each in path), (path[-1].at - path[0].at).total_seconds())
            for path in self.paths.values()
        ]
        times = pd.DataFrame(rows, columns=["path", "seconds"]).groupby("path")["seconds"]
        return pd.DataFrame({"records": times.size(), "median": times.median(), "p90": times.quantile(0.9)})

    @cached_property
    def forbidden(self) -> Counter[tuple[str, str]]:
        """Return how often each step was taken that the default policy does not allow."""
        return Counter(step for steps in self._judged.values() for step in steps if step not in self._allowed)

    @property
    def following(self) -> int:
        """Return how many incidents took steps, and allowed ones only."""
        steps = {number: [(e.before, e.state) for e in entries] for number, entries in self.entries.items() if entries}
        return sum(self._allowed.issuperset(each) for each in steps.values())

    @cached_property
    def traces(self) -> dict[str, list[str]]:
        """Return the activities of each incident in order; incidents with a state that nobody knows are out."""
        handed = _updates(self._handovers, "assignment_group")
        found = {}
        for number, path in self.paths.items():
            if any(each.state == "unknown" for each in path):
                continue
            events = [(each.at, each.update, 1, activity(each.before, each.state)) for each in path]
            events += [(each.at, each.update, 0, "group_change") for each in handed.get(number, ())]
            found[number] = [name for *_, name in sorted(events) if name]
        return found

    def standing(self, template: str, a: Sequence[str], b: Sequence[str] = (), times: int = 0) -> Standing:
        """Return how the incidents stand to a rule, told from the definition of its template."""
        numbers = [
            declare.absence(trace, a, times, is_over=True) if times else declare.TWO[template](trace, a, b, True)
            for trace in self.traces.values()
        ]
        return Standing(
            len(numbers), sum(not each[0] for each in numbers), sum(each[1] > 0 for each in numbers),
            sum(each[0] for each in numbers), sum(each[1] for each in numbers),
        )  # fmt: skip

    @property
    def made_sla(self) -> dict[int, tuple[int, int]]:
        """Return per final priority how many incidents kept their target, and how many there are."""
        grouped = self.log.last.groupby(self.log.last["priority"].str[0].astype(int))["made_sla"]
        return {int(name): (int(kept.eq("true").sum()), len(kept)) for name, kept in grouped}

    @cached_property
    def _allowed(self) -> set[tuple[str, str]]:
        rules = self.log.table("transition_rules.csv").query("record_type == 'incident'")
        return set(zip(rules["from_state"], rules["to_state"], strict=True))

    @cached_property
    def _judged(self) -> dict[str, list[tuple[str, str]]]:
        return {
            number: [(e.before, e.state) for e in entries if "unknown" not in (e.before, e.state)]
            for number, entries in self.entries.items()
        }

    @cached_property
    def _handovers(self) -> pd.DataFrame:
        """Every change from one group to another; an incident without a group in between goes on from the last one."""
        held = self.log.events[self.log.events["assignment_group"] != MISSING].copy()
        held["before"] = held.groupby("number")["assignment_group"].shift()
        return held[held["before"].notna() & (held["before"] != held["assignment_group"])]


def _updates(rows: pd.DataFrame, column: str) -> dict[str, list[Entry]]:
    """Return what changed per incident, in the order of time, then of the tool's own count of updates."""
    names = ["number", "sys_updated_at", "checkpoint", "before", column]
    found: dict[str, list[Entry]] = {}
    for number, *change in rows.sort_values(names[1:3])[names].itertuples(index=False, name=None):
        found.setdefault(number, []).append(Entry(*change))
    return found


def activity(before: str, state: str) -> str:
    """Name what the entry into a state amounts to."""
    if before in SETTLED and state not in SETTLED:
        return "reopen"
    if before == "pending" and state in ("new", "in_progress"):
        return "resume"
    return {"in_progress": "start", "pending": "pend", "resolved": "resolve", "closed": "close"}.get(state, "")
