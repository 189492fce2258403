"""(a) CPU of a whole sync against the least that anybody has to do: fetch and parse the same pages."""

from __future__ import annotations

import tempfile

from benchmarks.children import cost_of
from benchmarks.figures import Figure, middle
from benchmarks.page_server import pages
from benchmarks.rows import FIELDS
from benchmarks.scale import Scale


def run(scale: Scale) -> list[Figure]:
    """Measure pairs of a bare loop and a sync of the same rows."""
    ratios = []
    with pages(scale.rows) as url:
        for _ in range(scale.pairs):
            bare = cost_of("bare_loop", url=url, rows=scale.rows)
            with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
                whole = cost_of("sync", url=url, store=f"{folder}/store")
            if not bare.told["rows"] == whole.told["held"] == scale.rows:
                raise RuntimeError(f"rows are missing: {bare.told}, {whole.told}")
            ratios.append(whole.cpu / bare.cpu)
    ratio, spread = middle(ratios)
    detail = f"{scale.rows:,} incidents of {FIELDS} fields in pages of 1,000; median of {scale.pairs} pairs"
    return [Figure("sync_cpu", "CPU: sync into a snapshot / bare requests.Session + orjson loop",
                   ratio, "at most", 2.5, spread=spread, detail=detail)]  # fmt: skip
