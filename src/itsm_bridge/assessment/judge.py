"""The assessment as a whole: from a run of the checks to results, findings, conclusions and the exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from itsm_bridge.assessment.clauses import Clauses
from itsm_bridge.assessment.completeness import Incomplete, find_incomplete
from itsm_bridge.assessment.conclusions import Attested, Conclusion, Evidence, conclude_clauses
from itsm_bridge.assessment.conclusions import table as conclusion_table
from itsm_bridge.assessment.findings import Scope, compare, standing
from itsm_bridge.assessment.gaps import Gap, exit_code, find_gaps
from itsm_bridge.assessment.standings import Standing, results, stand
from itsm_bridge.checking.definition import Check
from itsm_bridge.checking.frame import CheckRun
from itsm_bridge.checking.needs import CheckNeeds
from itsm_bridge.schema import TABLES

_ATTESTED_FOR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What assessments before this one left: never changed, only compared with.

    `number` is the one before; `findings` the last row of each finding (`latest`);
    `periods_before` how many periods directly before this one each check was at deviation or worse
    (`periods_at_deviation`); `capabilities` those of the snapshot before.
    """

    number: int | None = None
    findings: pa.Table | None = None
    periods_before: Mapping[str, int] = field(default_factory=dict)
    capabilities: pa.Table | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the run of the checks does not say itself.

    `capabilities` and `stream_runs` are tables of the schema (the last run of each stream);
    `reads` is what each check reads (`checking.needs_of`); `sources` those that the configuration names.
    """

    number: int
    now: datetime
    adopted: frozenset[str] = frozenset()
    capabilities: pa.Table = field(default_factory=TABLES["capability"].arrow.empty_table)
    stream_runs: pa.Table = field(default_factory=TABLES["stream_run"].arrow.empty_table)
    attestations: pa.Table = field(default_factory=TABLES["attestation"].arrow.empty_table)
    reads: Mapping[str, CheckNeeds] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    accepted_gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assessment:
    """Results, findings and conclusions as tables of the schema, and the figures that sum them up."""

    number: int
    check_result: pa.Table
    finding: pa.Table
    conclusion: pa.Table
    conclusions: tuple[Conclusion, ...]
    gaps: tuple[Gap, ...]
    by_severity: Mapping[str, int]
    by_status: Mapping[str, int]
    exit_code: int


def conclude(
    run: CheckRun,
    checks: Sequence[Check],
    clauses: Clauses,
    circumstances: Circumstances,
    earlier: Earlier | None = None,
) -> Assessment:
    """Judge a run of the checks: statuses by rate, findings over time, conclusions per clause, exit code."""
    earlier = earlier or Earlier()
    incomplete = find_incomplete(
        circumstances.stream_runs, run.findings, [check.id for check in checks], circumstances.reads,
        circumstances.accepted_gaps,
    )  # fmt: skip
    standings = stand(
        run, checks, adopted=circumstances.adopted, periods_before=earlier.periods_before,
        incomplete={pair for pair in incomplete.pairs if pair[1] in circumstances.reads},
    )  # fmt: skip
    findings = _findings(run, standings, circumstances, earlier, incomplete)
    partial = _partial(circumstances)
    evidence = Evidence(standings, attested(circumstances.attestations, circumstances.now), partial)
    conclusions = conclude_clauses(clauses, evidence)
    now_failing = standing(findings)
    gaps = find_gaps(
        circumstances.stream_runs, now_failing, run.problems, accepted=circumstances.accepted_gaps,
        expected_sources=circumstances.sources, capabilities=circumstances.capabilities,
        earlier_capabilities=earlier.capabilities,
    )  # fmt: skip
    grades = [*(s.grade for s in standings.values()), *(c.conclusion for c in conclusions)]
    return Assessment(
        number=circumstances.number,
        check_result=results(standings, circumstances.number),
        finding=findings,
        conclusion=conclusion_table(conclusions, circumstances.number),
        conclusions=tuple(conclusions),
        gaps=gaps,
        by_severity=dict(Counter(now_failing.column("severity").to_pylist())),
        by_status=dict(Counter(findings.column("status").to_pylist())),
        exit_code=exit_code(grades, gaps),
    )


def attested(attestations: pa.Table, now: datetime) -> Attested:
    """Return what people attested and is still current: not expired, and not older than twelve months."""
    now = now if now.tzinfo else now.replace(tzinfo=UTC)
    current = [
        row
        for row in attestations.to_pylist()
        if row["at"] is not None
        and now - _ATTESTED_FOR <= row["at"] <= now
        and (row["valid_to"] is None or row["valid_to"] > now)
    ]
    by_verdict = {
        verdict: frozenset((row["clause"], row["point"]) for row in current if row["verdict"] == verdict)
        for verdict in ("fulfilled", "not_fulfilled")
    }
    return Attested(by_verdict["fulfilled"] - by_verdict["not_fulfilled"], by_verdict["not_fulfilled"])


def periods_at_deviation(
    results_before: pa.Table, periods: Iterable[tuple[int, datetime, datetime]], period_from: datetime
) -> dict[str, int]:
    """Return how many periods directly before this one each check was at deviation or worse.

    `results_before` are check results of earlier assessments, `periods` their (number, from, to).
    Of assessments whose periods overlap only the latest counts, so that nightly sweeps over the
    same month are one period.
    """
    chain: list[int] = []
    start = period_from
    for number, begins, ends in sorted(periods, key=lambda period: (period[2], period[0]), reverse=True):
        if ends <= start:
            chain.append(number)
            start = begins
    worse: dict[int, set[str]] = {}
    for row in results_before.to_pylist():
        if row["source_id"] == "*" and row["status"] in ("deviation", "systemic"):
            worse.setdefault(row["assessment"], set()).add(row["check_id"])
    counted: dict[str, int] = {}
    for check in set().union(*worse.values()) if worse else ():
        unbroken = next((n for n, number in enumerate(chain) if check not in worse.get(number, ())), len(chain))
        counted[check] = unbroken
    return counted


def _findings(
    run: CheckRun,
    standings: Mapping[str, Standing],
    circumstances: Circumstances,
    earlier: Earlier,
    incomplete: Incomplete,
) -> pa.Table:
    crashed = {check for check, _ in run.problems}
    before = earlier.findings
    known = set() if before is None else set(before.column("check_id").to_pylist())
    scope = Scope(
        verdicts=run.verdicts,
        incomplete=incomplete.pairs,
        accepted=incomplete.accepted,
        unjudged=frozenset(crashed | (known - set(standings))),
    )
    severities = {check: s.severity for check, s in standings.items()}
    return compare(run.findings, before, scope, number=circumstances.number, severities=severities)


def _partial(circumstances: Circumstances) -> dict[str, frozenset[str]]:
    weak = {r["capability"] for r in circumstances.capabilities.to_pylist() if r["level"] == "partial"}
    return {check: found for check, reads in circumstances.reads.items() if (found := reads.capabilities & weak)}
