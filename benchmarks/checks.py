"""(c) All checks that exist, derived views included, against six checks written in pandas on the same records."""

from __future__ import annotations

import tempfile

from benchmarks.children import cost_of
from benchmarks.figures import Figure
from benchmarks.scale import Scale


def run(scale: Scale) -> list[Figure]:
    """Make a company, judge it with our engine, and six times over with pandas."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        store = f"{folder}/store"
        made = cost_of("company", store=store, work_items=scale.work_items).told
        ours = cost_of("engine", store=store)
        pandas = cost_of("six_in_pandas", store=store)
    told, theirs = ours.told, pandas.told
    detail = (
        f"{scale.work_items:,} work items, {made['transition']:,} transitions, {made['sla_instance']:,} clocks, "
        f"{made['approval']:,} approvals; {told['checks']} checks, {told['findings']:,} findings"
    )
    alone = told["checking"] / theirs["checking"]
    reading = ours.wall / pandas.wall
    return [
        Figure("checks", f"Wall: all {told['checks']} checks with their views / six checks in pandas", alone,
               "at most", 0.5, detail=detail),
        Figure("checks", "Wall: the same, reading the store included on both sides", reading,
               detail=f"a check of ours costs {alone * 6 / max(told['checks'], 1):.2f} of one in pandas"),
        Figure("checks", "Peak memory of all checks", ours.peak, "at most", 3000, unit="MB",
               detail=f"six checks in pandas: {pandas.peak:,.0f} MB"),
    ]  # fmt: skip
