"""The verdicts of ten checks over the real incident log, computed from the CSV alone: by title, parameters and policy.

Nothing of ours runs here. The log has one row per update of an incident, in the words of the tool's forms;
`resolved_at` and `closed_code` are the final values in every row.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

MISSING = "?"
STATES = {
    "New": "new", "Active": "in_progress", "Resolved": "resolved", "Closed": "closed",
    **dict.fromkeys(("Awaiting Problem", "Awaiting User Info", "Awaiting Evidence", "Awaiting Vendor"), "pending"),
}  # fmt: skip
SETTLED = {"Resolved", "Closed"}
DATES = ("opened_at", "sys_created_at", "sys_updated_at", "resolved_at", "closed_at")


@dataclass(frozen=True, slots=True)
class Counts:
    in_scope: int
    assessable: int
    failing: int


@dataclass(frozen=True)
class IncidentLog:
    """The log, and where the packaged checks and the default policy lie (both are read as plain files)."""

    path: Path
    checks: Path
    policy: Path

    @cached_property
    def events(self) -> pd.DataFrame:
        """Every event, in the order of the log: minutes tie, and one clock went backwards."""
        events = pd.read_csv(self.path, dtype=str, keep_default_na=False)
        for name in DATES:
            events[name] = pd.to_datetime(events[name].replace(MISSING, None), format="%d/%m/%Y %H:%M")
        events["checkpoint"] = events["sys_mod_count"].astype(int)
        events["before"] = events.groupby("number")["incident_state"].shift()
        return events

    @cached_property
    def last(self) -> pd.DataFrame:
        """The last event of each incident, by number: the record as it is."""
        return self.events.groupby("number").tail(1).set_index("number")

    @cached_property
    def steps(self) -> pd.DataFrame:
        """Every change of state."""
        return self.events[self.events["before"].notna() & (self.events["before"] != self.events["incident_state"])]

    @cached_property
    def reopenings(self) -> pd.DataFrame:
        """Every step from Resolved or Closed to a state that is neither."""
        return self.steps[self.steps["before"].isin(SETTLED) & ~self.steps["incident_state"].isin(SETTLED)]

    def parameter(self, check: str, name: str) -> Any:
        """Return the default of a parameter as the check file states it; a length of time as Timedelta."""
        (file,) = self.checks.rglob(f"{check}.toml")
        stated = tomllib.loads(file.read_text(encoding="utf-8"))["parameters"][name]
        return pd.Timedelta(stated["default"]) if stated["kind"] == "duration" else stated["default"]

    def listed(self, name: str) -> set[str]:
        """Return a list of the default policy."""
        return set(tomllib.loads((self.policy / "lists.toml").read_text(encoding="utf-8"))[name])

    def table(self, file: str) -> pd.DataFrame:
        """Return a table of the default policy."""
        return pd.read_csv(self.policy / file, comment="#", dtype=str, keep_default_na=False)

    # -- the checks -----------------------------------------------------------------------------------

    @cached_property
    def verdicts(self) -> dict[str, Counts]:
        """Return the counts of each check that can be assessed on the log."""
        return {
            "INC-002": self._unclassified(), "INC-003": self._against_the_matrix(), "INC-004": self._never_resolved(),
            "INC-005": self._without_outcome(), "INC-007": self._reopened_again_and_again(),
            "INC-008": self._passed_to_and_fro(), "DQ-002": self._recorded_late(), "DQ-004": self._broken_history(),
            "DQ-006": self._steps_not_allowed(), "DQ-007": self._unknown_values(),
        }  # fmt: skip

    @property
    def _resolved(self) -> pd.DataFrame:
        return self.last[self.last["resolved_at"].notna()]

    def _unclassified(self) -> Counts:
        resolved = self._resolved
        empty = resolved[["category", "priority", "impact", "urgency"]].eq(MISSING).any(axis=1)
        catch_all = resolved["category"].str.strip().str.lower().isin(self.listed("default_category"))
        return Counts(len(resolved), len(resolved), int((empty | catch_all).sum()))

    def _against_the_matrix(self) -> Counts:
        matrix = self.table("priority_matrix.csv").query("record_type == 'incident' and source_id == ''")
        agreed = {(row.impact, row.urgency): row.priority for row in matrix.itertuples()}
        found = self.last[["impact", "urgency", "priority"]].apply(lambda column: column.str[0])
        wanted = [agreed.get((row.impact, row.urgency)) for row in found.itertuples()]
        cells = [pair for pair in zip(wanted, found["priority"], strict=True) if pair[0] is not None]
        return Counts(len(found), len(cells), sum(cell != priority for cell, priority in cells))

    def _never_resolved(self) -> Counts:
        closed = self.last[self.last["incident_state"] == "Closed"]
        closings = self.steps[self.steps["incident_state"] == "Closed"].groupby("number")["before"].last()
        return Counts(len(closed), len(closed), int((closings.reindex(closed.index) != "Resolved").sum()))

    def _without_outcome(self) -> Counts:
        """Neither notes nor messages are in the log: only the missing outcome can be seen."""
        without = int((self._resolved["closed_code"] == MISSING).sum())
        return Counts(len(self._resolved), without, without)

    def _reopened_again_and_again(self) -> Counts:
        quiet = self.parameter("INC-007", "quiet_reopen")
        entries = self.steps[self.steps["incident_state"].isin(SETTLED)]
        settled = {number: list(rows) for number, rows in entries.groupby("number").indices.items()}
        places, times = entries.index.to_numpy(), entries["sys_updated_at"].to_numpy()
        counted: dict[str, int] = {}
        for row in self.reopenings.itertuples():
            after = [times[i] for i in settled.get(row.number, ()) if places[i] > row.Index]
            if not after or after[0] > (row.sys_updated_at + quiet).to_datetime64():
                counted[row.number] = counted.get(row.number, 0) + 1
        often = {number for number, times in counted.items() if times >= self.parameter("INC-007", "max_reopens")}
        return Counts(len(self._resolved), len(self._resolved), len(often & set(self._resolved.index)))

    def _passed_to_and_fro(self) -> Counts:
        most, back = self.parameter("INC-008", "max_handoffs"), self.parameter("INC-008", "max_returns")
        held = self.events[self.events["assignment_group"] != MISSING].groupby("number")["assignment_group"].agg(list)
        failing = 0
        for groups in held.reindex(self._resolved.index).dropna():
            path = [group for n, group in enumerate(groups) if n == 0 or group != groups[n - 1]]
            returns = sum(group in path[:n] for n, group in enumerate(path))
            failing += len(path) - 1 > most or returns >= back
        return Counts(len(self._resolved), len(self._resolved), failing)

    def _recorded_late(self) -> Counts:
        created = self.last["sys_created_at"]
        late = created > self.last["opened_at"] + self.parameter("DQ-002", "backdating")
        return Counts(len(created), int(created.notna().sum()), int(late.sum()))

    def _broken_history(self) -> Counts:
        claimed = self.last["reopen_count"].astype(int)
        seen = self.reopenings.groupby("number").size().reindex(claimed.index, fill_value=0)
        return Counts(len(claimed), len(claimed), int((claimed != seen).sum()))

    def _steps_not_allowed(self) -> Counts:
        rules = self.table("transition_rules.csv").query("record_type == 'incident'")
        allowed = set(zip(rules["from_state"], rules["to_state"], strict=True))
        ours = [
            (STATES.get(row.before, "unknown"), STATES.get(row.incident_state, "unknown"))
            for row in self.steps.itertuples()
        ]
        steps = [step for step in ours if step[0] != step[1]]
        known = [step for step in steps if "unknown" not in step]
        return Counts(len(steps), len(known), sum(step not in allowed for step in known))

    def _unknown_values(self) -> Counts:
        known = self.last["incident_state"].isin(STATES) & self.last["priority"].str[0].isin([*"12345"])
        return Counts(len(known), len(known), int((~known).sum()))
