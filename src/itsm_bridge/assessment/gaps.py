"""What could not be assessed: gaps that were not expected, limits that lie in the nature of a tool, the exit code.

A *gap* is something that should have been assessable and was not: a stream interrupted or denied, a
right lost, a check that failed, an extraction that is not complete (DQ-009). A *limit* is data that the
tool does not have at all. Only gaps lead to exit code 3, unless the configuration accepts them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from itsm_bridge.assessment.completeness import COMPLETENESS_CHECK, LOST, stream_of
from itsm_bridge.errors import EXIT_INCOMPLETE, EXIT_NONCONFORMITY, EXIT_OK

_LEVEL = {"none": 0, "partial": 1, "full": 2}


@dataclass(frozen=True, slots=True)
class Gap:
    """Something expected that was not assessable, and what to ask for so that it is.

    `name` is what `accepted_gaps` calls it: `prod:sys_audit`, or `prod:incident.resolved_at` for a field.
    """

    name: str
    source_id: str
    what: str
    reason: str
    is_accepted: bool = False
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """Something that a tool cannot tell, or tells only in part, by its nature."""

    source_id: str
    capability: str
    record_type: str
    level: str
    reason: str


def find_gaps(
    stream_runs: pa.Table,
    findings: pa.Table,
    problems: Sequence[tuple[str, str]],
    *,
    accepted: Collection[str] = (),
    expected_sources: Iterable[str] = (),
    capabilities: pa.Table | None = None,
    earlier_capabilities: pa.Table | None = None,
) -> tuple[Gap, ...]:
    """Return the gaps, each once, in a stable order; those that `accepted` names are marked.

    `stream_runs` holds the last run of each stream, `findings` those that stand now. A capability
    that an earlier snapshot had and this one has less of is a right lost; where a stream or a field explains
    it, that gap says it already, and goes on saying it in the assessments after this one.
    """
    runs = stream_runs.to_pylist()
    lost = [*_lost_streams(runs), *_lost_fields(runs)]
    found = [
        *lost,
        *_missing_sources(runs, expected_sources),
        *_lost_capabilities(capabilities, earlier_capabilities, {gap.name for gap in lost}),
        *_incomplete(_of_completeness(findings), {(run["source_id"], run["stream"]) for run in runs}),
        *(Gap(f"check:{check}", "", f"check {check}", f"could not be carried out: {why}") for check, why in problems),
    ]
    once: dict[str, Gap] = {}
    for gap in found:
        if gap.source_id not in once:  # a source of which nothing came says it all
            once.setdefault(gap.name, gap)
    baseline = {name.strip() for name in accepted}
    return tuple(
        replace(gap, is_accepted=gap.name in baseline or gap.source_id in baseline - {""}) for gap in once.values()
    )


def find_limits(capabilities: pa.Table) -> tuple[Limit, ...]:
    """Return what the sources declare that they cannot tell, or not fully."""
    return tuple(
        Limit(row["source_id"], row["capability"], row["record_type"], row["level"], row["reason"] or "")
        for row in capabilities.to_pylist()
        if row["level"] != "full"
    )


def exit_code(grades: Iterable[str | None], gaps: Iterable[Gap]) -> int:
    """Return 3 for a gap that nobody accepted, else 1 for a nonconformity, else 0.

    `grades` are those of checks and conclusions of clauses; waived findings are in neither.
    """
    if any(not gap.is_accepted for gap in gaps):
        return EXIT_INCOMPLETE
    return EXIT_NONCONFORMITY if any(grade in ("minor", "major") for grade in grades) else EXIT_OK


def _lost_streams(runs: Sequence[Mapping[str, Any]]) -> Iterable[Gap]:
    for run in runs:
        if run["status"] in LOST:
            reason = run["reason"] or LOST[run["status"]]
            name = f"{run['source_id']}:{run['stream']}"
            what = f"stream {run['stream']} {LOST[run['status']]}"
            yield Gap(name, run["source_id"], what, reason, remedy=run.get("remedy") or "")


def _lost_fields(runs: Sequence[Mapping[str, Any]]) -> Iterable[Gap]:
    for run in runs:
        for field in (run.get("missing_fields") or "").split(", "):
            if field:
                what = f"field {field} of {run['stream']}"
                name = f"{run['source_id']}:{run['stream']}.{field}"
                reason = "it exists, but does not show to the account"
                yield Gap(name, run["source_id"], what, reason, remedy=run.get("remedy") or "")


def _missing_sources(runs: Sequence[Mapping[str, Any]], expected: Iterable[str]) -> Iterable[Gap]:
    present = {run["source_id"] for run in runs}
    for source in expected:
        if source not in present:
            yield Gap(source, source, f"source {source}", "nothing was read from it")


def _lost_capabilities(now: pa.Table | None, before: pa.Table | None, explained: Collection[str]) -> Iterable[Gap]:
    if now is None or before is None:
        return
    had = {_key(row): row["level"] for row in before.to_pylist()}
    for row in now.to_pylist():
        level = had.get(_key(row), row["level"])
        cause = (row["reason"] or "").partition(" ")[0].rstrip(":")
        if _LEVEL[row["level"]] < _LEVEL[level] and f"{row['source_id']}:{cause}" not in explained:
            name = f"{row['source_id']}:{row['capability']}"
            reason = row["reason"] or "no reason given"
            yield Gap(name, row["source_id"], f"{row['capability']} was {level} and is {row['level']}", reason)


def _of_completeness(findings: pa.Table) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = findings.filter(pc.field("check_id") == COMPLETENESS_CHECK).to_pylist()
    return found


def _incomplete(findings: Sequence[Mapping[str, Any]], streams: Collection[tuple[str, str]]) -> Iterable[Gap]:
    for row in findings:
        source, subject = row["source_id"], row["subject"]
        name = f"{source}:{stream_of(subject, source, streams) or COMPLETENESS_CHECK}"
        yield Gap(name, source, f"the data of {subject}", row["message"] or "it is not complete or not recent")


def _key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["source_id"], row["capability"], row["record_type"]
