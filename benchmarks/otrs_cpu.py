"""(f) CPU and requests of a whole sync from OTRS against the same calls in a bare loop, and one ticket at a time."""

from __future__ import annotations

import tempfile

from benchmarks.children import cost_of
from benchmarks.figures import Figure, middle
from benchmarks.jobs import TICKETS_AT_ONCE
from benchmarks.otrs_server import otrs
from benchmarks.otrs_tickets import ARTICLES, HISTORY_ROWS
from benchmarks.scale import Scale

_ONE_BY_ONE = 1000


def run(scale: Scale) -> list[Figure]:
    """Measure pairs of a bare loop and a sync of the same tickets."""
    ratios, requests = [], []
    with otrs(scale.tickets) as url:
        one_by_one = cost_of("bare_otrs_loop", url=url, tickets=min(_ONE_BY_ONE, scale.tickets), at_once=1)
        for _ in range(scale.ticket_pairs):
            bare = cost_of("bare_otrs_loop", url=url, tickets=scale.tickets, at_once=TICKETS_AT_ONCE)
            with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
                whole = cost_of("sync_otrs", url=url, store=f"{folder}/store")
            _require_all(scale.tickets, bare.told, whole.told)
            ratios.append(whole.cpu / bare.cpu)
            requests.append(whole.told["requests"] / scale.tickets * 1000)
    ratio, spread = middle(ratios)
    each, _ = middle(requests)
    alone = one_by_one.told["requests"] / one_by_one.told["tickets"] * 1000
    detail = (
        f"{scale.tickets:,} tickets with {ARTICLES} articles and {HISTORY_ROWS} rows of history, "
        f"{TICKETS_AT_ONCE} at once; median of {scale.ticket_pairs} pairs"
    )
    return [
        Figure("otrs_cpu", "CPU: sync from OTRS / bare requests.Session + orjson loop over the same calls", ratio,
               "at most", 1.5, spread=spread, detail=detail),
        Figure("otrs_cpu", "Requests: one ticket at a time / ours", alone / each, "at least", 10,
               detail=f"{each:.0f} requests for a thousand tickets, preflight and comparison of ids included"),
    ]  # fmt: skip


def _require_all(tickets: int, bare: dict[str, int], whole: dict[str, int]) -> None:
    if not bare["tickets"] == whole["tickets"] == tickets or not bare["changes"] == whole["changes"]:
        raise RuntimeError(f"tickets or histories are missing: {bare}, {whole}")
