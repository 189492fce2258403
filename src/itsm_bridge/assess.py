"""Judges one snapshot: runs the checks, concludes per clause, and publishes the assessment (design §7, §8)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache, partial
from typing import Any

import duckdb
import pyarrow as pa

from itsm_bridge.assessment import (
    Assessment,
    Circumstances,
    Earlier,
    conclude,
    earlier_results,
    load_clauses,
    periods_at_deviation,
    watched,
)  # fmt: skip
from itsm_bridge.assessment.gaps import Gap
from itsm_bridge.assessment.grades import severity_of
from itsm_bridge.checking import Check, CheckRun, Frame, Kpi, columns_read, needs_of, run_checks
from itsm_bridge.criteria import Criteria
from itsm_bridge.errors import StoreDamaged
from itsm_bridge.policy.people import names_people, with_pseudonyms
from itsm_bridge.privacy import Privacy
from itsm_bridge.progress import Progress
from itsm_bridge.reports.view import AssessmentView
from itsm_bridge.schema import TABLES, assessment_tables
from itsm_bridge.settings.period import period_before
from itsm_bridge.store.log import fetch
from itsm_bridge.store.manifests import ASSESSMENT, Manifest
from itsm_bridge.store.reading import assessed_table
from itsm_bridge.store.store import Store, new_connection, run_rows
from itsm_bridge.store.versions import VersionWriter
from itsm_bridge.sync import software
from itsm_bridge.trace import fill_policy, process_of

log = logging.getLogger(__name__)

_SPAN = {"work_item": {"opened_at"}, "sla_instance": {"started_at", "stopped_at", "due_at"}}


@dataclass(frozen=True, slots=True)
class Judged:
    """What one run of checks and KPIs over one snapshot gave, as the assessment of this number."""

    number: int
    run: CheckRun
    assessment: Assessment


def span_of(connection: duckdb.DuckDBPyConnection, now: datetime) -> tuple[date, date]:
    """Return the first and last day for which working time is needed: from the oldest record or clock to `now`."""
    found = connection.execute(
        "SELECT least((SELECT min(opened_at) FROM work_item), (SELECT min(started_at) FROM sla_instance))"
    ).fetchall()
    oldest: datetime | None = found[0][0]
    latest = connection.execute("SELECT max(coalesce(stopped_at, due_at)) FROM sla_instance").fetchall()[0][0]
    last = max(now.date(), latest.date()) if latest else now.date()
    return (oldest.date() if oldest else now.date()), min(last, date(now.year + 2, 1, 1))


def columns_judged(checks: Iterable[Check], kpis: Collection[Kpi]) -> dict[str, frozenset[str]]:
    """Return which columns of which tables an assessment reads: those of checks and KPIs, and those of `span_of`."""
    read = columns_read(checks, kpis)
    for table, names in _SPAN.items():
        read[table] = read.get(table, frozenset()) | names
    return read


def judge(
    store: Store, snapshot: Manifest, connection: duckdb.DuckDBPyConnection, criteria: Criteria, number: int,
    progress: Progress, privacy: Callable[[], Privacy],
) -> Judged:  # fmt: skip
    """Run the checks over a connected snapshot and conclude; nothing is written.

    `privacy` gives the pseudonyms of the store; it is asked only where the policy names accounts.
    """
    earlier = _earlier(store, number, criteria, snapshot)
    progress.note(f"running {len(criteria.checks)} checks and {len(criteria.kpis)} KPIs")
    fill_policy(connection, "earlier_result", earlier.results)
    run = carry_out(connection, criteria, number, privacy, watched=watched(earlier.findings))
    runs = _run_tables(snapshot)
    circumstances = Circumstances(
        number=number, now=criteria.now, adopted=criteria.policy.adopted,
        capabilities=runs["capability"],
        stream_runs=runs["stream_run"], policy=criteria.policy.tables,
        reads=needs_of(criteria.checks),
        sources=tuple(snapshot.body["sources"]), accepted_gaps=criteria.accepted_gaps,
        timezone=criteria.timezone,
    )  # fmt: skip
    return Judged(number, run, conclude(run, criteria.checks, load_clauses(), circumstances, earlier))


def carry_out(
    connection: duckdb.DuckDBPyConnection, criteria: Criteria, number: int, privacy: Callable[[], Privacy],
    **wanted: Any,
) -> CheckRun:  # fmt: skip
    """Run the checks over a connected snapshot in the light of the criteria; `wanted` are more fields of the frame."""
    for name, rows in criteria.policy.tables.items():
        if names_people(rows, TABLES[name]):
            rows = with_pseudonyms(rows, TABLES[name], privacy().people)
        fill_policy(connection, name, rows)
    before = period_before(criteria.period_from, criteria.period_to, criteria.timezone)
    frame = Frame(
        now=_naive(criteria.now), period_from=_naive(criteria.period_from), period_to=_naive(criteria.period_to),
        parameters={name: value.value for name, value in criteria.policy.parameters.items()},
        previous_from=_naive(before), number=number, **wanted,
    )  # fmt: skip
    return run_checks(connection, criteria.checks, frame, criteria.kpis)


def publish(store: Store, snapshot: Manifest, criteria: Criteria, judged: Judged, number: int) -> Manifest:
    """Append the assessment's tables and publish its manifest."""
    connection = new_connection()
    for name, rows in _tables(judged).items():
        keys = [rows[key].cast(pa.string()).to_pylist() for key in TABLES[name].key]
        joined = ["/".join(parts) for parts in zip(*keys, strict=True)]
        stored = store.assessment_log(name)
        stored.discard(number)  # findings of a run that broke off before it published
        writer = VersionWriter(stored, connection, number)
        writer.add(rows.append_column("_key", pa.array(joined, pa.string())))
        writer.close()
    body = {
        "snapshot": snapshot.number, "snapshot_hash": snapshot.hash, "frame": criteria.frame,
        "contents": store.contents.put(criteria.contents),
        "tables": store.digests([f"assessment/{name}" for name in assessment_tables()], number),
        "gaps": [asdict(gap) for gap in judged.assessment.gaps], "problems": [list(p) for p in judged.run.problems],
        "exit_code": judged.assessment.exit_code, "compared_with": _number_before(store, number),
        "software": software(),
    }  # fmt: skip
    return store.chain.publish(ASSESSMENT, number, body)


def differences(store: Store, stored: Manifest, judged: Judged) -> list[str]:
    """Return the names of tables in which a repeated judgement differs from the stored one."""
    found = []
    for name, rows in _tables(judged).items():
        keys = [(key, "ascending") for key in TABLES[name].key]
        if not assessed_table(store, name, stored.number).sort_by(keys).equals(rows.sort_by(keys)):
            found.append(name)
    return found


def view_of(store: Store, manifest: Manifest, criteria: Criteria) -> AssessmentView:
    """Return a published assessment as reports show it."""
    snapshot = store.snapshot(int(manifest.body["snapshot"]))
    runs = _run_tables(snapshot)
    tables = {name: assessed_table(store, name, manifest.number) for name in assessment_tables()}
    contents: Mapping[str, str] = manifest.body["contents"]
    mapping = {
        f"{source}: {name}": digest
        for source, about in snapshot.body["sources"].items()
        for name, digest in about["mapping"].items()
    }
    return AssessmentView(
        number=manifest.number, snapshot=snapshot.number, now=criteria.now, period_from=criteria.period_from,
        period_to=criteria.period_to, exit_code=manifest.body["exit_code"], sources=runs["source"],
        capabilities=runs["capability"], stream_runs=runs["stream_run"], results=tables["check_result"],
        findings=tables["finding"], conclusions=tables["conclusion"], figures=tables["kpi_result"],
        checks=criteria.checks, kpis=criteria.kpis, clauses=load_clauses(),
        gaps=tuple(Gap(**gap) for gap in manifest.body["gaps"]),
        problems=tuple((check, message) for check, message in manifest.body["problems"]),
        parameters=criteria.policy.parameters,
        adopted=criteria.policy.adopted, compared_with=manifest.body["compared_with"], timezone=criteria.timezone,
        snapshot_at=snapshot.at, head=manifest.hash, software=manifest.body["software"], mapping=mapping,
        policy={name.removeprefix("policy/"): d for name, d in contents.items() if name.startswith("policy/")},
        manifest=snapshot.body, policy_tables=criteria.policy.tables,
        process=cache(partial(process_of, store, manifest, criteria)),
    )  # fmt: skip


def _tables(judged: Judged) -> dict[str, pa.Table]:
    found, figures = judged.assessment, judged.run.figures
    number = pa.array([judged.number] * figures.num_rows, pa.int64())
    return {
        "check_result": found.check_result, "finding": found.finding, "conclusion": found.conclusion,
        "kpi_result": figures.add_column(0, "assessment", number).cast(TABLES["kpi_result"].arrow),
    }  # fmt: skip


def _earlier(store: Store, number: int, criteria: Criteria, snapshot: Manifest) -> Earlier:
    before = [manifest for manifest in store.assessments() if manifest.number < number]
    if not before:
        return Earlier()
    periods = [(m.number, _instant(m, "period_from"), _instant(m, "period_to")) for m in before]
    results = _stored(store, "check_result", before[-1].number, latest_by=None)
    return Earlier(
        number=before[-1].number, findings=_stored(store, "finding", before[-1].number, latest_by="finding_id"),
        periods_before=periods_at_deviation(results, periods, criteria.period_from),
        results=earlier_results(results, periods, criteria.period_from, _severities(criteria)),
        capabilities=_earlier_capabilities(store, before, snapshot),
    )  # fmt: skip


def _severities(criteria: Criteria) -> Mapping[str, str]:
    return {check.id: severity_of(check, criteria.policy.adopted) for check in criteria.checks}


def _earlier_capabilities(store: Store, before: Sequence[Manifest], snapshot: Manifest) -> pa.Table | None:
    """Return those of the snapshot that was judged before this one; judging one again must not hide what it lost."""
    judged = [int(m.body["snapshot"]) for m in before if m.body["snapshot"] < snapshot.number]
    if not judged:
        return None
    rows = _instants(run_rows(store.snapshot(max(judged)))["capability"], "capability")
    return pa.Table.from_pylist(rows, schema=TABLES["capability"].arrow)


def _stored(store: Store, name: str, up_to: int, latest_by: str | None) -> pa.Table:
    stored = store.assessment_log(name)
    if not stored.exists:
        return TABLES[name].arrow.empty_table()
    cursor = new_connection()
    cursor.register("log", stored.dataset())
    columns = ", ".join(f'"{column}"' for column in TABLES[name].names)
    once = f"QUALIFY row_number() OVER (PARTITION BY {latest_by} ORDER BY assessment DESC) = 1" if latest_by else ""
    found = fetch(cursor, f"SELECT {columns} FROM log WHERE _snapshot <= {up_to} {once}")
    return found.cast(TABLES[name].arrow)


def _number_before(store: Store, number: int) -> int | None:
    before = [manifest.number for manifest in store.assessments() if manifest.number < number]
    return before[-1] if before else None


def _run_tables(snapshot: Manifest) -> dict[str, pa.Table]:
    return {
        name: pa.Table.from_pylist(_instants(rows, name), schema=TABLES[name].arrow)
        for name, rows in run_rows(snapshot).items()
    }


def _instants(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    instants = [column.name for column in TABLES[name].columns if column.unit == "UTC"]
    names = TABLES[name].names
    return [
        {key: (datetime.fromisoformat(value) if key in instants and isinstance(value, str) else value)
         for key, value in row.items() if key in names}
        for row in rows
    ]  # fmt: skip


def _instant(assessment: Manifest, key: str) -> datetime:
    return datetime.fromisoformat(assessment.body["frame"][key])


def _naive(instant: datetime) -> datetime:
    return instant.replace(tzinfo=None)


def require_same(store: Store, stored: Manifest, judged: Judged) -> None:
    """Raise StoreDamaged when a repeated judgement differs from the stored one."""
    differing = differences(store, stored, judged)
    if differing:
        raise StoreDamaged(
            f"judging snapshot {stored.body['snapshot']} again with the contents of assessment {stored.number} "
            f"gives other rows in {', '.join(differing)}", where=store.path,
            hint="Run `itsm-bridge verify`; compare the software versions in the two manifests.")  # fmt: skip
