"""(b) Wall of a sync with one connection against four, from an instance that takes its time for each page."""

from __future__ import annotations

import tempfile

from benchmarks.children import cost_of
from benchmarks.figures import Figure
from benchmarks.page_server import pages
from benchmarks.scale import Scale

DELAY_SECONDS = 0.3


def run(scale: Scale) -> list[Figure]:
    """Measure one sync with each number of connections."""
    walls = {}
    with pages(scale.slow_rows, DELAY_SECONDS) as url:
        for connections in (1, 4):
            with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
                cost = cost_of("sync", url=url, store=f"{folder}/store", connections=connections,
                               window_rows=scale.slow_window)  # fmt: skip
            walls[connections] = cost.wall
    detail = f"{scale.slow_rows:,} incidents in pages of 1,000, {DELAY_SECONDS * 1000:.0f} ms each; whole sync"
    return [Figure("connections", "Wall: sync over 1 connection / over 4 connections",
                   walls[1] / walls[4], "at least", 3.5, detail=detail)]  # fmt: skip
