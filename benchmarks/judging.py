"""Jobs that judge: the company of the checks, our engine, and what one would do without it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

Timed = Callable[[], dict[str, Any] | None]


def company(store: str, work_items: int) -> Timed:
    """Write the company of the checks into a store."""
    from benchmarks.company import make_company

    def run() -> dict[str, Any]:
        streams = make_company(store, work_items).body["sources"]["bench"]["streams"]
        return {name: about["held"] for name, about in streams.items()}

    return run


def engine(store: str) -> Timed:
    """Judge the company with every check and KPI that exists; beside it, one pass over the history."""
    from benchmarks.company import NOW, PERIOD_FROM
    from itsm_bridge.builtin import itsm_checks, itsm_kpis
    from itsm_bridge.checking import Frame, columns_read, load_checks, load_kpis, run_checks
    from itsm_bridge.policy import load_policy
    from itsm_bridge.store.reading import reading
    from itsm_bridge.store.store import Store
    from itsm_bridge.trace import fill_policy

    opened = Store(store)
    checks, kpis = load_checks(itsm_checks()), load_kpis(itsm_kpis())
    span = (PERIOD_FROM.date(), NOW.date())
    policy = load_policy(None, ["bench"], "UTC", span)
    now, period_from = NOW.replace(tzinfo=None), PERIOD_FROM.replace(tzinfo=None)
    frame = Frame(now=now, period_from=period_from, period_to=now, previous_from=period_from - (now - period_from))

    def run() -> dict[str, Any]:
        with reading(opened, opened.snapshot(), columns_read(checks, kpis)) as connection:
            for name, table in policy.tables.items():
                fill_policy(connection, name, table)
            passing = min(_timed(lambda: connection.execute(_WINDOW_PASS).fetchall()) for _ in range(3))
            started = time.perf_counter()
            found = run_checks(connection, checks, frame, kpis)
            checking = time.perf_counter() - started
        if found.problems:
            raise RuntimeError(f"checks failed: {found.problems}")
        totals = {row["check_id"]: row["failing"] for row in found.counts.to_pylist() if row["source_id"] == "*"}
        return {
            "checks": len(checks), "kpis": len(kpis), "checking": checking, "findings": found.findings.num_rows,
            "failing": totals, "window": passing,
        }  # fmt: skip

    return run


_WINDOW_PASS = """
CREATE OR REPLACE TEMP TABLE passed AS
SELECT t.transition_id, LAG(t.new_value) OVER (PARTITION BY t.work_item_id ORDER BY t.at, t.seq) AS before
FROM transition AS t
"""


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def ten_rules(store: str, by: str) -> Timed:
    """Judge the completeness of every record by ten rules: `engine`, `pandas` or `pandera`."""
    from benchmarks import ten_rules as rules
    from itsm_bridge.analysis import open_store

    if by == "engine":
        return _ten_rules_of_ours(store)
    judge = rules.in_pandera() if by == "pandera" else rules.in_pandas

    def run() -> dict[str, Any]:
        frame = open_store(store).sql(f"SELECT {rules.COLUMNS} FROM work_item")
        started = time.perf_counter()
        failing = judge(frame)
        return {"checking": time.perf_counter() - started, "failing": sum(failing.values())}

    return run


def _ten_rules_of_ours(store: str) -> Timed:
    from benchmarks.company import NOW, PERIOD_FROM
    from benchmarks.ten_rules import as_checks
    from itsm_bridge.checking import Frame, columns_read, run_checks
    from itsm_bridge.store.reading import reading
    from itsm_bridge.store.store import Store

    opened, checks = Store(store), as_checks()
    frame = Frame(now=NOW.replace(tzinfo=None), period_from=PERIOD_FROM.replace(tzinfo=None),
                  period_to=NOW.replace(tzinfo=None))  # fmt: skip

    def run() -> dict[str, Any]:
        with reading(opened, opened.snapshot(), columns_read(checks)) as connection:
            started = time.perf_counter()
            found = run_checks(connection, checks, frame)
            return {"checking": time.perf_counter() - started, "failing": found.findings.num_rows}

    return run


def six_in_pandas(store: str) -> Timed:
    """Judge the company with six checks written in pandas."""
    from benchmarks.company import NOW
    from benchmarks.pandas_checks import COLUMNS, Frames, all_six
    from itsm_bridge.analysis import open_store

    def run() -> dict[str, Any]:
        bridge = open_store(store)
        frames = Frames(**{name: bridge.sql(f"SELECT {columns} FROM {name}") for name, columns in COLUMNS.items()})
        started = time.perf_counter()
        failing = all_six(frames, NOW)
        return {"checking": time.perf_counter() - started, "failing": failing}

    return run
