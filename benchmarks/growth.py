"""(d) What many records cost: memory of a sync, a remap against it, and the night after."""

from __future__ import annotations

import tempfile

from benchmarks.children import Cost, cost_of
from benchmarks.figures import Figure
from benchmarks.page_server import let_a_night_pass, pages
from benchmarks.scale import Scale


def run(scale: Scale) -> list[Figure]:
    """Sync everything, let a night pass, sync again, remap."""
    rows = scale.growth_rows
    with pages(rows) as url, tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        store = f"{folder}/store"
        bare = cost_of("bare_loop", url=url, rows=rows)
        full = cost_of("sync", url=url, store=store)
        changed = let_a_night_pass(url)
        night = cost_of("sync", url=url, store=store)
        remap = cost_of("remap", url=url, store=store)
    _require(full.told["appended"] == rows, full)
    _require(night.told["appended"] == changed, night)
    _require(remap.told["appended"] == rows, remap)
    detail = f"{rows:,} incidents; peak is {full.peak / bare.peak:.1f} times that of the bare loop, which keeps nothing"
    return [
        Figure("growth", "Peak memory of a sync", full.peak, "at most", 700, unit="MB", detail=detail),
        Figure("growth", "Wall: remap of everything / its sync", remap.wall / full.wall, "at most", 0.25,
               detail=f"a mapping that changes every work item; CPU ratio {remap.cpu / full.cpu:.2f}"),
        Figure("growth", "Wall: sync after a night / the full one", night.wall / full.wall, "at most", 0.1,
               detail=f"{changed:,} of {rows:,} records changed; CPU ratio {night.cpu / full.cpu:.2f}"),
    ]  # fmt: skip


def _require(is_so: bool, cost: Cost) -> None:
    if not is_so:
        raise RuntimeError(f"rows are missing or doubled: {cost.told}")
