"""Findings over time: one identity for one failing record, and what became of it since the assessment before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from itsm_bridge.checking.frame import Verdict
from itsm_bridge.schema import TABLES

FINDING = TABLES["finding"].arrow
OPEN = frozenset({"new", "persisting", "reopened", "unverified"})
"""Statuses of a finding that still stands, or may still stand."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the checks looked at now, so that a finding that is no longer there can be told apart.

    `verdicts` holds (check, subject) → verdict for the subjects of earlier findings that are still in
    scope (`CheckRun.verdicts`). `incomplete` are (source, check) pairs whose data was not complete, of
    which `accepted` are those that the configuration accepts. `unjudged` are checks that did not run
    to their end.
    """

    verdicts: Mapping[tuple[str, str], Verdict] = field(default_factory=dict)
    incomplete: frozenset[tuple[str, str]] = frozenset()
    accepted: frozenset[tuple[str, str]] = frozenset()
    unjudged: frozenset[str] = frozenset()

    def outcome(self, check: str, source: str, subject: str) -> str:
        """Return what became of a finding that was open and is not found now."""
        pair = source, check
        if check in self.unjudged or pair in self.incomplete - self.accepted:
            return "unverified"
        verdict = self.verdicts.get((check, subject))
        if verdict is None:
            return "unverified" if pair in self.accepted else "gone"
        return "resolved" if verdict == "pass" else "unverified"


def watched(earlier: pa.Table | None) -> dict[str, set[str]]:
    """Return the subjects of open findings per check: what `Frame.watched` asks the checks to answer for."""
    found: dict[str, set[str]] = {}
    for row in [] if earlier is None else earlier.to_pylist():
        if row["status"] in OPEN:
            found.setdefault(row["check_id"], set()).add(row["subject"])
    return found


def finding_id(check: str, source: str, work_item: str | None, subject: str) -> str:
    """Return the identity of a finding: the same for the same check, source, record and discriminator.

    Never depends on message, severity, parameters or evidence, so that none of them makes it a new one.
    """
    words = json.dumps([check, source, work_item, subject], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def latest(findings: pa.Table) -> pa.Table:
    """Return the last row of each finding over several assessments: what a new assessment is compared with."""
    if findings.num_rows == 0:
        return findings
    ordered = findings.sort_by([("assessment", "descending")])
    seen: set[str] = set()
    keep = []
    for row, identity in enumerate(ordered.column("finding_id").to_pylist()):
        if identity not in seen:
            seen.add(identity)
            keep.append(row)
    return ordered.take(pa.array(keep, pa.int64()))


def compare(
    failing: pa.Table,
    earlier: pa.Table | None,
    scope: Scope,
    *,
    number: int,
    severities: Mapping[str, str],
) -> pa.Table:
    """Return the finding table of assessment `number`.

    `failing` is what the checks found now; `earlier` the last row of each finding of the
    assessments before (`latest`). Findings that stood and are not found now come along once more,
    as resolved, gone or unverified. Rows of earlier assessments are read, never rewritten.
    """
    before = {} if earlier is None else {row["finding_id"]: row for row in earlier.to_pylist()}
    now: dict[str, dict[str, Any]] = {}
    for row in failing.to_pylist():
        identity = finding_id(row["check_id"], row["source_id"], row["work_item_id"], row["subject"])
        known = before.get(identity)
        row |= {"finding_id": identity, "severity": severities[row["check_id"]], "status": _status(known)}
        now.setdefault(identity, row)
    rows = [*now.values(), *_departed(before.values(), now, scope)]
    return pa.Table.from_pylist([_complete(row, number) for row in rows], schema=FINDING)


def standing(findings: pa.Table) -> pa.Table:
    """Return the findings that fail now: neither departed, nor suppressed, nor waived."""
    if findings.num_rows == 0:
        return findings
    fails = pc.is_in(findings.column("status"), value_set=pa.array(["new", "persisting", "reopened"]))
    free = pc.and_(
        pc.invert(pc.fill_null(findings.column("is_waived"), False)), pc.is_null(findings.column("suppressed_by"))
    )
    return findings.filter(pc.and_(fails, free))


def _status(known: Mapping[str, Any] | None) -> str:
    if known is None:
        return "new"
    return "persisting" if known["status"] in OPEN else "reopened"


def _departed(before: Iterable[Mapping[str, Any]], now: Collection[str], scope: Scope) -> Iterable[dict[str, Any]]:
    for row in before:
        if row["status"] in OPEN and row["finding_id"] not in now:
            outcome = scope.outcome(row["check_id"], row["source_id"], row["subject"])
            yield {**row, "status": outcome}


def _complete(row: Mapping[str, Any], number: int) -> dict[str, Any]:
    whole = {name: row.get(name) for name in FINDING.names}
    evidence = whole["evidence"]
    if evidence is not None and not isinstance(evidence, str):
        whole["evidence"] = json.dumps(evidence, ensure_ascii=False, default=str, sort_keys=True)
    return {**whole, "assessment": number}
