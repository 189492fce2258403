"""Which checks, in which sources, looked at data that was not complete."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from itsm_bridge.checking.needs import CheckNeeds
from itsm_bridge.schema import TABLES

COMPLETENESS_CHECK = "DQ-009"
"""The check that judges whether streams came completely and are recent."""

LOST = {"denied": "may not be read", "failed": "failed", "partial": "came in part only"}
"""Outcomes of a stream that was asked for and did not come whole."""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Incomplete:
    """(source, check) pairs whose data was not complete; `accepted` are those that the configuration accepts."""

    pairs: frozenset[Pair] = frozenset()
    accepted: frozenset[Pair] = frozenset()


def find_incomplete(
    stream_runs: pa.Table,
    findings: pa.Table,
    checks: Iterable[str],
    reads: Mapping[str, CheckNeeds],
    accepted: Collection[str],
) -> Incomplete:
    """Return which checks read data that was not complete.

    `findings` are those of the run; a failing completeness check counts like a stream that did not
    come whole. Where `reads` does not say what a check reads, every stream of the source concerns it.
    """
    checks = [check for check in checks if check != COMPLETENESS_CHECK]
    runs = stream_runs.to_pylist()
    lost = {(run["source_id"], run["stream"]): run for run in runs if run["status"] in LOST}
    lost |= {(run["source_id"], run["stream"]): run for run in _doubted(runs, findings)}
    expected: set[Pair] = set()
    tolerated: set[Pair] = set()
    for (source, stream), run in lost.items():
        concerned = {(source, check) for check in checks if _concerns(run, reads.get(check))}
        (tolerated if source in accepted or f"{source}:{stream}" in accepted else expected).update(concerned)
    return Incomplete(frozenset(expected | tolerated), frozenset(tolerated - expected))


def stream_of(subject: str, source: str, streams: Iterable[Pair]) -> str | None:
    """Return the stream that a finding of the completeness check is about; None where it is the source."""
    ends = (":", "/", "#")
    names = (stream for owner, stream in streams if owner == source)
    return next(
        (name for name in names if subject == name or subject.endswith(tuple(f"{end}{name}" for end in ends))), None
    )


def _doubted(runs: Sequence[Mapping[str, Any]], findings: pa.Table) -> Iterable[Mapping[str, Any]]:
    streams = [(run["source_id"], run["stream"]) for run in runs]
    for row in findings.select(["check_id", "source_id", "subject"]).to_pylist():
        if row["check_id"] == COMPLETENESS_CHECK:
            source = row["source_id"]
            stream = stream_of(row["subject"], source, streams)
            known = (run for run in runs if (run["source_id"], run["stream"]) == (source, stream))
            yield next(known, {"source_id": source, "stream": COMPLETENESS_CHECK, "feeds": None})


def _concerns(run: Mapping[str, Any], reads: CheckNeeds | None) -> bool:
    if reads is None:
        return True
    # Figures are made from everything; what is told by the policy alone is complete whatever a tool says.
    if any(TABLES[table].origin == "assessment" for table, _ in reads.total.columns):
        return True
    fed = {name.strip() for name in (run["feeds"] or "").split(",") if name.strip()}
    return bool(fed & reads.tables if fed else reads.tables)
