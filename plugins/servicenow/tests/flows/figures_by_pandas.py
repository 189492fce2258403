"""KPIs computed with pandas alone: over the CSV of the real incident log, and over the canonical tables of a store.

Nothing of ours runs here. A figure is its value and how many records stand behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise

import pandas as pd
from incident_log_by_pandas import SETTLED, IncidentLog

from itsm_bridge.analysis import Bridge

Figure = tuple[float, int]
PENDING = {"Awaiting Problem", "Awaiting User Info", "Awaiting Evidence", "Awaiting Vendor"}


@dataclass(frozen=True)
class LogFigures:
    """Figures of the whole incident log."""

    log: IncidentLog

    @property
    def all(self) -> dict[str, Figure]:
        """Return the figures by KPI."""
        lasted, waited = self._lasted, self._waited
        urgent = lasted[self._priority.reindex(lasted.index) <= 2]
        settled = self._first_settled.combine_first(self.log.last["resolved_at"]).dropna()
        reopened = settled.index.isin(self.log.reopenings["number"].unique())
        is_timed = lasted > 0
        return {
            "incident_volume": (len(self.log.last), len(self.log.last)),
            "mttr": ((lasted - waited).median(), len(lasted)),
            "mttr_p1p2": (urgent.median(), len(urgent)),
            "reopen_rate": (reopened.mean(), len(settled)),
            "handoffs_avg": (self._handoffs.mean(), len(self._handoffs)),
            "wait_share": (waited.sum() / lasted.sum(), int(is_timed.sum())),
        }

    @property
    def percentiles(self) -> dict[str, float]:
        """Return 90th percentiles by KPI."""
        urgent = self._lasted[self._priority.reindex(self._lasted.index) <= 2]
        return {
            "mttr": (self._lasted - self._waited).quantile(0.9), "mttr_p1p2": urgent.quantile(0.9),
            "handoffs_avg": self._handoffs.quantile(0.9),
        }  # fmt: skip

    @property
    def mttr_by_priority(self) -> dict[str, Figure]:
        """Return the time to restore by priority."""
        net = self._lasted - self._waited
        groups = net.groupby(self._priority.reindex(net.index))
        return {str(priority): (each.median(), len(each)) for priority, each in groups}

    @cached_property
    def _priority(self) -> pd.Series[int]:
        return self.log.last["priority"].str[0].astype(int)

    @cached_property
    def _lasted(self) -> pd.Series[float]:
        resolved = self.log.last.dropna(subset=["resolved_at"])
        return (resolved["resolved_at"] - resolved["opened_at"]).dt.total_seconds()

    @cached_property
    def _waited(self) -> pd.Series[float]:
        """Seconds in an Awaiting state between opening and resolution, by number, for resolved incidents."""
        last = self.log.last
        begins = last["sys_created_at"].fillna(last["opened_at"])
        steps = self.log.steps.sort_values(["number", "sys_updated_at", "checkpoint"])
        stays = pd.DataFrame({
            "number": steps["number"], "state": steps["incident_state"], "since": steps["sys_updated_at"],
            "until": steps.groupby("number")["sys_updated_at"].shift(-1),
        })  # fmt: skip
        first = steps.groupby("number").head(1).set_index("number")
        since = begins.reindex(first.index)
        before = pd.DataFrame({
            "number": first.index, "state": first["before"].to_numpy(),
            "since": since.where(since < first["sys_updated_at"], first["sys_updated_at"]).to_numpy(),
            "until": first["sys_updated_at"].to_numpy(),
        })  # fmt: skip
        alone = last.loc[~last.index.isin(first.index)]
        never = pd.DataFrame({
            "number": alone.index, "state": alone["incident_state"].to_numpy(),
            "since": begins.reindex(alone.index).to_numpy(), "until": pd.NaT,
        })  # fmt: skip
        waits = pd.concat([stays, before, never])
        waits = waits[waits["state"].isin(PENDING)].join(last[["opened_at", "resolved_at"]], on="number")
        waits = waits.dropna(subset=["resolved_at"])
        until = waits["until"].fillna(waits["resolved_at"]).clip(upper=waits["resolved_at"])
        seconds = (until - waits["since"].clip(lower=waits["opened_at"])).dt.total_seconds().clip(lower=0)
        return seconds.groupby(waits["number"]).sum().reindex(self._lasted.index, fill_value=0.0)

    @cached_property
    def _first_settled(self) -> pd.Series[pd.Timestamp]:
        entries = self.log.steps
        entries = entries[entries["incident_state"].isin(SETTLED) & ~entries["before"].isin(SETTLED)]
        return entries.groupby("number")["sys_updated_at"].min().reindex(self.log.last.index)

    @cached_property
    def _handoffs(self) -> pd.Series[int]:
        held = (
            self.log.events[self.log.events["assignment_group"] != "?"].groupby("number")["assignment_group"].agg(list)
        )
        moves = held.map(lambda groups: sum(a != b for a, b in pairwise(groups)))
        return moves.reindex(self._lasted.index, fill_value=0)


@dataclass(frozen=True)
class StoreFigures:
    """Figures of the canonical tables of a store, over a period."""

    bridge: Bridge
    begins: datetime
    ends: datetime

    @property
    def all(self) -> dict[str, Figure]:
        """Return the figures by KPI."""
        return {**self._records, **self._changes, **self._clocks}

    @property
    def _records(self) -> dict[str, Figure]:
        incidents, requests = (self._of_type(kind) for kind in ("incident", "service_request"))
        resolved = incidents[self._within(incidents["resolved_at"])]
        done = requests[self._within(requests["resolved_at"])]
        lead = (done["resolved_at"] - done["opened_at"]).dt.total_seconds()
        linked = self.bridge.load("relation").query("relation_type == 'investigated_by'")["from_id"]
        both = pd.concat([incidents, requests])
        over = both["resolved_at"].fillna(both["closed_at"])
        alive = both[(both["opened_at"] < self.ends) & ~(over < self.begins)]
        is_open = ~(over.reindex(alive.index) < self.ends)
        age = (self.ends - alive.loc[is_open, "opened_at"]).dt.total_seconds()
        opened = incidents[self._within(incidents["opened_at"])]
        return {
            "mi_count": (opened["is_major"].fillna(False).sum(), len(opened)),
            "incident_linked": (resolved["work_item_id"].isin(linked).mean(), len(resolved)),
            "srq_lead": (lead.median(), len(lead)),
            "backlog_open": (is_open.sum(), len(alive)),
            "backlog_age_p90": (age.quantile(0.9), len(age)),
        }

    @property
    def _changes(self) -> dict[str, Figure]:
        changes = self._of_type("change").merge(self.bridge.load("change_detail"), on="work_item_id")
        changes = changes.set_index("work_item_id")
        moves = self.bridge.load("transition")
        moves = (
            moves[(moves["field"] == "state") & (moves["new_value"] == "implement")].groupby("work_item_id")["at"].min()
        )
        begun = pd.concat([changes["actual_start_at"], moves.reindex(changes.index)], axis=1).min(axis=1)
        done = changes[self._within(begun)].assign(begun=begun)
        closed = changes[self._within(changes["closed_at"]) & begun.notna()]
        told = closed[closed["outcome"].notna() & (closed["outcome"] != "unknown")]
        urgent = done[done["change_type"].isin(["normal", "emergency"])]
        planned = done[done["planned_start_at"].notna()]
        slack, end = timedelta(minutes=15), planned["actual_end_at"].fillna(planned["begun"])
        within = (planned["begun"] >= planned["planned_start_at"] - slack) & (end <= planned["planned_end_at"] + slack)
        return {
            "change_success_rate": ((told["outcome"] == "successful").mean(), len(told)),
            "emergency_ratio": ((urgent["change_type"] == "emergency").mean(), len(urgent)),
            "window_adherence": (within.mean(), len(planned)),
        }

    @property
    def _clocks(self) -> dict[str, Figure]:
        clocks = self.bridge.load("sla_instance").merge(
            self.bridge.load("sla_definition")[["sla_definition_id", "kind", "metric"]], on="sla_definition_id"
        )
        clocks = clocks[(clocks["stage"] == "completed") & clocks["metric"].isin(["resolution", "fulfil"])]
        clocks = clocks[clocks["kind"].fillna("sla").eq("sla") & self._within(clocks["stopped_at"])]
        return {"sla_attainment_claim": ((~clocks["is_breached"].astype(bool)).mean(), len(clocks))}

    def _of_type(self, kind: str) -> pd.DataFrame:
        records = self.bridge.load(kind)
        return records[records["state"] != "cancelled"]

    def _within(self, moment: pd.Series[pd.Timestamp]) -> pd.Series[bool]:
        return (moment >= self.begins) & (moment < self.ends)
