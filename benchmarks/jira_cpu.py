"""(e) CPU and memory of a whole sync from Jira against the least that anybody has to do with the same pages."""

from __future__ import annotations

import tempfile

from benchmarks.children import Cost, cost_of
from benchmarks.figures import Figure, middle
from benchmarks.jira_issues import ENTRIES, FIELDS
from benchmarks.jira_server import jira
from benchmarks.scale import Scale

_MEMORY = 400


def run(scale: Scale) -> list[Figure]:
    """Measure issues alone, then issues with their histories."""
    alone = _measured(scale.issues, 0, scale.issue_pairs, 1.2)
    return [*alone, *_measured(scale.issues_with_history, ENTRIES, scale.issue_pairs, 1.6)]


def _measured(issues: int, entries: int, pairs: int, target: float) -> list[Figure]:
    ratios, peaks = [], []
    with jira(issues, entries) as url:
        for _ in range(pairs):
            bare = cost_of("bare_jira_loop", url=url, entries=entries)
            with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
                whole = cost_of("sync_jira", url=url, store=f"{folder}/store", entries=entries)
            _require_all(issues, entries, bare, whole)
            ratios.append(whole.cpu / bare.cpu)
            peaks.append(whole.peak)
    ratio, spread = middle(ratios)
    peak, _ = middle(peaks)
    of = f"{issues:,} issues of {FIELDS} fields" + (f" with histories of {entries}" if entries else "")
    detail = f"{of}, in pages of 100; median of {pairs} pairs"
    name = "with histories" if entries else "issues alone"
    return [
        Figure("jira_cpu", f"CPU, {name}: sync / bare requests.Session + orjson loop", ratio, "at most", target,
               spread=spread, detail=detail),
        Figure("jira_cpu", f"Peak memory, {name}", peak, "at most", _MEMORY, unit="MB"),
    ]  # fmt: skip


def _require_all(issues: int, entries: int, bare: Cost, whole: Cost) -> None:
    if not bare.told["issues"] == whole.told["issues"] == issues:
        raise RuntimeError(f"issues are missing: {bare.told}, {whole.told}")
    if not bare.told["changes"] == whole.told["changes"] >= issues * entries:
        raise RuntimeError(f"histories are missing: {bare.told}, {whole.told}")
