"""The lines of a report: sources, clauses, checks and findings, prepared once for every format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from itsm_bridge.assessment.gaps import Limit
from itsm_bridge.assessment.readiness import Readiness
from itsm_bridge.checking.definition import Check
from itsm_bridge.reports.figures import FigureLine


@dataclass(frozen=True, slots=True)
class StreamLine:
    """Completeness record of one stream. Numbers are None where the tool or the run does not say."""

    source_id: str
    stream: str
    status: str
    reason: str
    snapshot: int | None
    expected: int | None
    received: int | None
    held: int | None
    hidden: int | None
    truncated: int | None
    unmapped: int | None
    quarantined: int | None
    retried: int | None
    feeds: str
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def share(self) -> float | None:
        """Rows held divided by rows that the tool counts, at most 1; None where it does not count."""
        if self.held is None or not self.expected:
            return None
        return min(self.held / self.expected, 1.0)


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source with its streams, and what it cannot tell."""

    source_id: str
    adapter: str
    base_url: str
    timezone: str
    streams: tuple[StreamLine, ...]
    limits: tuple[Limit, ...]

    @property
    def asked(self) -> tuple[StreamLine, ...]:
        """Streams that were asked for: those skipped on purpose aside."""
        return tuple(stream for stream in self.streams if stream.status != "skipped")

    @property
    def complete(self) -> int:
        """How many of the streams asked for came completely."""
        return sum(stream.status == "complete" for stream in self.asked)

    def total(self, name: str) -> int | None:
        """Sum one number over the streams asked for; None where no stream states it."""
        stated = [value for stream in self.asked if (value := getattr(stream, name)) is not None]
        return sum(stated) if stated else None


@dataclass(frozen=True, slots=True)
class PointLine:
    """One requirement point of a clause, with the checks behind it and those of them that were run.

    `state` says whether it is evidenced, `by` through what; `missing` what lacks, `next_steps` what to do about it.
    """

    number: int
    text: str
    evidence: str
    checks: tuple[str, ...]
    run: tuple[str, ...]
    state: str = "untold"
    by: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClauseLine:
    """One clause with its proposed conclusion."""

    clause: str
    title: str
    group: str
    is_leaf: bool
    conclusion: str
    assurance: str | None
    points: int
    points_evidenced: int
    reasons: tuple[str, ...]
    checks: tuple[str, ...]
    requirement: tuple[PointLine, ...]
    owner: str | None = None
    evidence_class: str | None = None


@dataclass(frozen=True, slots=True)
class ParameterLine:
    """One parameter of a check as used; `approved` says by whom and when, for values that the policy sets."""

    name: str
    value: Any
    default: Any
    unit: str
    meaning: str
    is_set: bool
    approved: str


@dataclass(frozen=True, slots=True)
class ResultLine:
    """Counts of one check in one scope, as stored."""

    source_id: str
    status: str
    in_scope: int
    assessable: int
    not_assessable: int
    failing: int
    suppressed: int
    waived: int
    rate: float | None
    rate_low: float | None
    rate_high: float | None
    reasons: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check: what it asks, its counts over all sources and per source, and why it may not count."""

    check: Check
    overall: ResultLine
    sources: tuple[ResultLine, ...]
    clauses: tuple[str, ...]
    is_adopted: bool
    severity: str
    parameters: tuple[ParameterLine, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding with its evidence as name and value."""

    finding_id: str
    check_id: str
    source_id: str
    work_item_id: str | None
    subject: str
    number: str
    url: str | None
    severity: str
    status: str
    suppressed_by: str | None
    is_waived: bool
    message: str
    evidence: tuple[tuple[str, Any], ...]

    @property
    def is_open(self) -> bool:
        """Fails now, and is neither suppressed nor waived."""
        return self.status in ("new", "persisting", "reopened") and not self.suppressed_by and not self.is_waived


@dataclass(frozen=True, slots=True)
class Change:
    """What became of findings since the assessment before; all zero where there was none."""

    new: int
    reopened: int
    persisting: int
    unverified: int
    resolved: int
    gone: int


@dataclass(frozen=True, slots=True)
class Digest:
    """Everything that a report says, in the order in which people read it."""

    headline: str
    summary: str
    sources: tuple[SourceLine, ...]
    clauses: tuple[ClauseLine, ...]
    checks: tuple[CheckLine, ...]
    findings: tuple[FindingLine, ...]
    leaf_counts: Mapping[str, int]
    open_by_severity: Mapping[str, int]
    waived: int
    suppressed: int
    change: Change
    next_steps: tuple[str, ...]
    figures: tuple[FigureLine, ...] = ()
    readiness: Readiness | None = None

    @property
    def leaves(self) -> tuple[ClauseLine, ...]:
        """Clauses that ask for something themselves."""
        return tuple(line for line in self.clauses if line.is_leaf)

    @property
    def groups(self) -> tuple[ClauseLine, ...]:
        """Clauses 4 to 10."""
        return tuple(line for line in self.clauses if not line.is_leaf)

    @property
    def open_findings(self) -> int:
        """Findings that fail now, neither suppressed nor waived."""
        return sum(self.open_by_severity.values())

    def children(self, group: ClauseLine) -> Sequence[ClauseLine]:
        """Return the leaf clauses of a main clause."""
        return [line for line in self.leaves if line.group == group.clause]
