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
    columns = [] if earlier is None else _lists(earlier, ("status", "check_id", "subject"))
    for status, check, subject in zip(*columns, strict=True):
        if status in OPEN:
            found.setdefault(check, set()).add(subject)
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
    now: dict[str, int] = {}
    for place, identity in enumerate(_ids(failing)):
        now.setdefault(identity, place)
    before = {} if earlier is None else dict(zip(*_lists(earlier, ("finding_id", "status")), strict=True))
    found = failing.take(pa.array(now.values(), pa.int64()))
    checks = found.column("check_id").to_pylist()
    parts = [_complete(found, number, {
        "finding_id": list(now),
        "severity": [severities[check] for check in checks],
        "status": [_status(before.get(identity)) for identity in now],
    })]  # fmt: skip
    if earlier is not None:
        outcomes = _departed(earlier, now, scope)
        left = earlier.take(pa.array(outcomes, pa.int64()))
        parts.append(_complete(left, number, {"status": list(outcomes.values())}))
    return pa.concat_tables(parts)


def standing(findings: pa.Table) -> pa.Table:
    """Return the findings that fail now: neither departed, nor suppressed, nor waived."""
    if findings.num_rows == 0:
        return findings
    fails = pc.is_in(findings.column("status"), value_set=pa.array(["new", "persisting", "reopened"]))
    free = pc.and_(
        pc.invert(pc.fill_null(findings.column("is_waived"), False)), pc.is_null(findings.column("suppressed_by"))
    )
    return findings.filter(pc.and_(fails, free))


def _ids(failing: pa.Table) -> Iterable[str]:
    named = _lists(failing, ("check_id", "source_id", "work_item_id", "subject"))
    return (finding_id(*each) for each in zip(*named, strict=True))


def _lists(rows: pa.Table, names: Iterable[str]) -> list[list[Any]]:
    return [rows.column(name).to_pylist() for name in names]


def _status(known: str | None) -> str:
    if known is None:
        return "new"
    return "persisting" if known in OPEN else "reopened"


def _departed(earlier: pa.Table, now: Collection[str], scope: Scope) -> dict[int, str]:
    """Return what became of findings that stood and are not found now, by their place."""
    columns = _lists(earlier, ("finding_id", "status", "check_id", "source_id", "subject"))
    return {
        place: scope.outcome(check, source, subject)
        for place, (identity, status, check, source, subject) in enumerate(zip(*columns, strict=True))
        if status in OPEN and identity not in now
    }


def _complete(rows: pa.Table, number: int, given: Mapping[str, list[str]]) -> pa.Table:
    """Return rows in the columns of the finding table; what neither they nor `given` have is NULL."""
    columns = []
    for column in FINDING:
        if column.name == "assessment":
            columns.append(pa.repeat(pa.scalar(number, column.type), rows.num_rows))
        elif column.name in given:
            columns.append(pa.array(given[column.name], column.type))
        elif column.name in rows.column_names:
            columns.append(rows.column(column.name).cast(column.type))
        else:
            columns.append(pa.nulls(rows.num_rows, column.type))
    return pa.Table.from_arrays(columns, schema=FINDING)
