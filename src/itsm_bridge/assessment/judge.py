"""The assessment as a whole: from a run of the checks to results, findings, conclusions and the exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from itsm_bridge.assessment.clauses import Clauses
from itsm_bridge.assessment.completeness import Incomplete, find_incomplete
from itsm_bridge.assessment.conclusions import Conclusion, conclude_clauses
from itsm_bridge.assessment.conclusions import table as conclusion_table
from itsm_bridge.assessment.evidence import REGISTER_CHECKS, Evidence, attested, entries, lacks_of, scope_of
from itsm_bridge.assessment.findings import Scope, compare, standing
from itsm_bridge.assessment.gaps import Gap, exit_code, find_gaps
from itsm_bridge.assessment.standings import Standing, results, stand
from itsm_bridge.checking.definition import Check
from itsm_bridge.checking.frame import CheckRun
from itsm_bridge.checking.needs import CheckNeeds
from itsm_bridge.policy.reads import FILE_OF
from itsm_bridge.schema import TABLES


@dataclass(frozen=True, slots=True)
class Earlier:
    """What assessments before this one left: never changed, only compared with.

    `number` is the one before; `findings` the last row of each finding (`latest`);
    `periods_before` how many periods directly before this one each check was at deviation or worse
    (`periods.periods_at_deviation`); `results` where checks stood in them, as table `earlier_result`;
    `capabilities` those of the snapshot before.
    """

    number: int | None = None
    findings: pa.Table | None = None
    periods_before: Mapping[str, int] = field(default_factory=dict)
    results: pa.Table = field(default_factory=TABLES["earlier_result"].arrow.empty_table)
    capabilities: pa.Table | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the run of the checks does not say itself.

    `capabilities` and `stream_runs` are tables of the schema (the last run of each stream); `policy` has
    tables of the policy: attestations, documents, activities, registers, scope of clauses.
    `reads` is what each check reads (`checking.needs_of`); `sources` those that the configuration names.
    """

    number: int
    now: datetime
    adopted: frozenset[str] = frozenset()
    capabilities: pa.Table = field(default_factory=TABLES["capability"].arrow.empty_table)
    stream_runs: pa.Table = field(default_factory=TABLES["stream_run"].arrow.empty_table)
    policy: Mapping[str, pa.Table] = field(default_factory=dict)
    reads: Mapping[str, CheckNeeds] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    accepted_gaps: tuple[str, ...] = ()
    timezone: str = "UTC"


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
    conclusions = conclude_clauses(clauses, _evidence(run, standings, circumstances))
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


def _evidence(run: CheckRun, standings: Mapping[str, Standing], circumstances: Circumstances) -> Evidence:
    policy, zone = circumstances.policy, circumstances.timezone
    failing: dict[str, set[str]] = {}
    for row in run.findings.filter(pc.is_in(run.findings["check_id"], pa.array(REGISTER_CHECKS))).to_pylist():
        failing.setdefault(row["check_id"], set()).add(row["subject"])
    return Evidence(
        standings,
        attested(policy.get("attestation", TABLES["attestation"].arrow.empty_table()), circumstances.now, zone),
        entries(policy, failing, zone),
        scope_of(policy),
        circumstances.reads,
        lacks_of(circumstances.capabilities),
        frozenset(FILE_OF[name] for name, rows in policy.items() if name in FILE_OF and not rows.num_rows),
    )
