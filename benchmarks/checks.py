"""All checks and KPIs, derived views included, against one pass over the history and six checks in pandas.

Then ten rules of completeness alone, against the same in pandas and in pandera.
"""

from __future__ import annotations

import tempfile

from benchmarks.children import Cost, cost_of
from benchmarks.figures import Figure
from benchmarks.scale import Scale


def run(scale: Scale) -> list[Figure]:
    """Make a company, judge it with our engine, and six times over with pandas."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        store = f"{folder}/store"
        made = cost_of("company", store=store, work_items=scale.work_items).told
        ours = cost_of("engine", store=store)
        pandas = cost_of("six_in_pandas", store=store)
        ten = {by: cost_of("ten_rules", store=store, by=by) for by in ("engine", "pandas", "pandera")}
    if len({cost.told["failing"] for cost in ten.values()}) > 1:
        raise RuntimeError(f"the ten rules find different records: {ten}")
    told, theirs = ours.told, pandas.told
    detail = (
        f"{scale.work_items:,} work items, {made['transition']:,} transitions, {made['sla_instance']:,} clocks, "
        f"{made['approval']:,} approvals; {told['checks']} checks, {told['findings']:,} findings"
    )
    alone = told["checking"] / theirs["checking"]
    reading = ours.wall / pandas.wall
    return [
        Figure("checks", f"Wall: all {told['checks']} checks, {told['kpis']} KPIs / one window pass over the history",
               told["checking"] / told["window"], "at most", 10, detail=detail),
        Figure("checks", "Wall: the same / six checks in pandas", alone, "at most", 0.5),
        Figure("checks", "Wall: the same, reading the store included on both sides", reading,
               detail=f"a check of ours costs {alone * 6 / max(told['checks'], 1):.2f} of one in pandas"),
        Figure("checks", "Peak memory of all checks and KPIs", ours.peak, "at most", 4000, unit="MB",
               detail=f"six checks in pandas: {pandas.peak:,.0f} MB"),
        *(_ten(by, ten["engine"], ten[by]) for by in ("pandas", "pandera")),
    ]  # fmt: skip


def _ten(by: str, ours: Cost, theirs: Cost) -> Figure:
    # Ours reads the columns of a rule while it checks it: what theirs read beforehand has to count as well.
    alone = ours.told["checking"] / theirs.told["checking"]
    detail = f"against the rules alone, once all is read: {alone:.1f}"
    about = f"Wall: ten rules of completeness, reading included / the same in {by}"
    return Figure("checks", about, ours.wall / theirs.wall, "at most", 1.0, detail=detail)
