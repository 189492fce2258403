"""Draws the sample of an assessment: findings as stored, passing records by judging the snapshot again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import duckdb
import pyarrow as pa

from itsm_bridge import assess
from itsm_bridge.assessment.findings import standing
from itsm_bridge.criteria import Criteria
from itsm_bridge.errors import StoreDamaged, UsageError
from itsm_bridge.privacy import Privacy
from itsm_bridge.sampling.plan import (
    FAILING,
    PASSING,
    CheckSample,
    Drawn,
    ProcessSample,
    SamplingPlan,
    discovery_size,
    drawn_first,
    spread,
)  # fmt: skip
from itsm_bridge.store.manifests import Manifest
from itsm_bridge.store.reading import assessed_table, reading
from itsm_bridge.store.store import Store
from itsm_bridge.suggestions import did_you_mean

PROCESSES = ("incident", "service_request", "problem", "change", "release")
_SEED_LENGTH = 16
_READ = {
    "work_item": {
        "work_item_id", "source_id", "record_type", "number", "url", "priority", "service_id", "support_group_id",
        "is_major", "is_security", "opened_at", "closed_at", "updated_at",
    },
    "change_detail": {"work_item_id", "change_type", "outcome", "is_backed_out"},
    "service": {"service_id", "name"},
    "support_group": {"support_group_id", "name"},
}  # fmt: skip
_RECORDS = """
CREATE OR REPLACE TEMP TABLE sampled_record AS
SELECT i.work_item_id, i.source_id, i.record_type, i.number, i.url, i.priority, s.name AS service, g.name AS team,
  c.change_type, COALESCE(i.opened_at < $period_to, TRUE)
    AND COALESCE(COALESCE(i.closed_at, i.updated_at) >= $period_from, TRUE) AS is_alive,
  CASE WHEN i.is_major THEN 'major incident' WHEN i.is_security THEN 'security incident'
    WHEN c.outcome IN ('failed', 'backed_out') OR c.is_backed_out THEN 'failed change'
    WHEN c.change_type = 'emergency' THEN 'emergency change' END AS reason
FROM work_item AS i
LEFT JOIN change_detail AS c ON c.work_item_id = i.work_item_id
LEFT JOIN service AS s ON s.service_id = i.service_id
LEFT JOIN support_group AS g ON g.support_group_id = i.support_group_id
"""
_SHOWN = "work_item_id, source_id, number, url, reason, priority, service, team, change_type"


def draw(
    store: Store, assessment: Manifest, criteria: Criteria, privacy: Callable[[], Privacy], *, seed: str | None = None,
    checks: Collection[str] = (), confidence: float = 0.95, tolerance: float = 0.05, memory: str | None = None,
) -> SamplingPlan:  # fmt: skip
    """Return the sampling plan of a stored assessment. Without a seed, the hash of the assessment is one.

    `checks` limits it to some checks, and then leaves out the processes. UsageError where one is unknown;
    StoreDamaged where judging the snapshot again does not give what was stored.
    """
    _refuse_unknown(checks, [check.id for check in criteria.checks])
    size = discovery_size(confidence, tolerance)
    seed = seed or assessment.hash[:_SEED_LENGTH]
    snapshot = store.snapshot(int(assessment.body["snapshot"]))
    with reading(store, snapshot, _columns(criteria), memory=memory) as connection:
        run = assess.carry_out(connection, criteria, assessment.number, privacy, drawn=PASSING, seed=seed)
        results = assessed_table(store, "check_result", assessment.number)
        _require_same(store, assessment, results, run.counts)
        wanted = [check for check in criteria.checks if not checks or check.id in checks]
        findings = standing(assessed_table(store, "finding", assessment.number)).to_pylist()
        by_check: dict[str, list[dict[str, Any]]] = {}
        for row in findings:
            by_check.setdefault(row["check_id"], []).append(row)
        samples, records = [], []
        whole = {row["check_id"]: row for row in results.to_pylist() if row["source_id"] == "*"}
        for check in sorted(wanted, key=lambda each: each.id):
            failing = _failing(check.id, by_check.get(check.id, ()), seed)
            passing = _passing(check.id, run.drawn.get(check.id, ()))
            counts = whole.get(check.id, {"failing": 0, "suppressed": 0, "waived": 0, "assessable": 0})
            fine = counts["assessable"] - counts["failing"] - counts["suppressed"] - counts["waived"]
            samples.append(CheckSample(check.id, check.title, counts["failing"], len(failing), fine, len(passing)))
            records += [*failing, *passing]
        _prepare(connection, criteria)
        records = _labelled(connection, records)
        processes = [] if checks else [_process(connection, each, seed, size) for each in PROCESSES]
    return SamplingPlan(
        assessment.number, snapshot.number, seed, confidence, tolerance, tuple(samples),
        tuple(about for about, _ in processes), (*records, *(each for _, found in processes for each in found)),
    )  # fmt: skip


def _columns(criteria: Criteria) -> Mapping[str, frozenset[str]]:
    read = dict(assess.columns_judged(criteria.checks, criteria.kpis))
    for table, names in _READ.items():
        read[table] = read.get(table, frozenset()) | names
    return read


def _failing(check: str, rows: Iterable[Mapping[str, Any]], seed: str) -> list[Drawn]:
    known = {row["subject"]: row for row in rows}
    chosen = drawn_first(seed, check, known, FAILING)
    return [
        Drawn("failing", check, n, row["source_id"], subject, row["work_item_id"], row["number"], row["url"],
              row["message"] or "")
        for n, subject in enumerate(chosen, start=1)
        for row in (known[subject],)
    ]  # fmt: skip


def _passing(check: str, rows: Iterable[tuple[str, str, str | None]]) -> list[Drawn]:
    return [
        Drawn("passing", check, n, source, subject, work_item)
        for n, (source, subject, work_item) in enumerate(rows, start=1)
    ]


def _prepare(connection: duckdb.DuckDBPyConnection, criteria: Criteria) -> None:
    period = {"period_from": criteria.period_from, "period_to": criteria.period_to}
    connection.execute(_RECORDS, {name: at.replace(tzinfo=None) for name, at in period.items()}).fetchall()


def _labelled(connection: duckdb.DuckDBPyConnection, records: list[Drawn]) -> list[Drawn]:
    """Complete what is drawn with the numbers, links and strata of its records."""
    wanted = sorted({each.work_item_id for each in records if each.work_item_id})
    connection.register("drawn_record", pa.table({"work_item_id": pa.array(wanted, pa.string())}))
    sql = f"SELECT {_SHOWN} FROM sampled_record JOIN drawn_record USING (work_item_id)"
    known = {row[0]: row for row in connection.execute(sql).fetchall()}
    connection.unregister("drawn_record")
    found = []
    for each in records:
        row = known.get(each.work_item_id or "")
        if row is not None:
            _, _, number, url, _, priority, service, team, change_type = row
            each = replace(
                each, number=number, url=url, priority=priority, service=service, team=team, change_type=change_type
            )
        found.append(each)
    return found


def _process(
    connection: duckdb.DuckDBPyConnection, process: str, seed: str, size: int
) -> tuple[ProcessSample, list[Drawn]]:
    """Take all of what matters most, and from the rest draw evenly over priority, service, team and type of change."""
    of_process = "FROM sampled_record WHERE record_type = $process AND is_alive"
    named = {"process": process}
    taken = connection.execute(
        f"SELECT {_SHOWN} {of_process} AND reason IS NOT NULL ORDER BY reason, number, work_item_id", named
    ).fetchall()
    rest = connection.execute(f"SELECT COUNT(*) {of_process} AND reason IS NULL", named).fetchall()[0][0]
    places = spread(seed, process, rest, size)
    drawn = connection.execute(
        f"SELECT {_SHOWN} FROM (SELECT *, row_number() OVER (ORDER BY priority NULLS LAST, service NULLS LAST, "
        f"team NULLS LAST, change_type NULLS LAST, sha256($draw || work_item_id), work_item_id) - 1 AS place "
        f"{of_process} AND reason IS NULL) AS r WHERE place IN (SELECT UNNEST($places)) ORDER BY place",
        {**named, "draw": f"{seed}/{process}/", "places": list(places)},
    ).fetchall()
    about = ProcessSample(process, rest + len(taken), len(taken), size, len(drawn))
    found = [_record("all", process, n, row) for n, row in enumerate(taken, start=1)]
    return about, [*found, *(_record("random", process, n, row) for n, row in enumerate(drawn, start=1))]


def _record(part: Any, process: str, place: int, row: tuple[Any, ...]) -> Drawn:
    work_item, source, number, url, reason, priority, service, team, change_type = row
    return Drawn(
        part, process, place, source, work_item, work_item, number, url, reason or "", priority, service, team,
        change_type,
    )  # fmt: skip


def _refuse_unknown(checks: Iterable[str], known: Collection[str]) -> None:
    for check in checks:
        if check not in known:
            hint = "`itsm-bridge checks list` shows all of them."
            raise UsageError(f"check {check!r} was not in the assessment{did_you_mean(check, known)}", hint=hint)


def _require_same(store: Store, assessment: Manifest, stored: pa.Table, now: pa.Table) -> None:
    names = ("check_id", "source_id", "in_scope", "assessable", "failing")
    before, after = (
        {tuple(row.values()) for row in each.select(names).to_pylist() if row["in_scope"]} for each in (stored, now)
    )
    if before != after:
        differing = sorted({row[0] for row in before ^ after})
        raise StoreDamaged(
            f"judging the snapshot of assessment {assessment.number} again gives other counts for "
            f"{', '.join(differing[:5])}", where=store.path,
            hint="Run `itsm-bridge check` for an assessment by this version, and draw from that one.",
        )  # fmt: skip
