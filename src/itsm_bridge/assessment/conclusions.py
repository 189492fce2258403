"""Conclusions per clause (catalogue §4.2): the worst finding, else how much is evidenced. A person confirms."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

import pyarrow as pa

from itsm_bridge.assessment.clauses import TOOL_EVIDENCE, Clause, Clauses
from itsm_bridge.assessment.evidence import REGISTER_CHECKS, Evidence
from itsm_bridge.assessment.grades import GRADE_RANK, INTEGRITY_CLAUSES, Grade, grade
from itsm_bridge.assessment.points import PointState, states_of
from itsm_bridge.assessment.rates import RANK, Counts, Status
from itsm_bridge.assessment.standings import ALL, Standing
from itsm_bridge.schema import TABLES

CONCLUSION = TABLES["conclusion"].arrow
Assurance = Literal["high", "medium", "low"]
WORST_FIRST = (
    "major", "minor", "observation", "opportunity_for_improvement", "conforming_so_far", "conforming", "not_assessed",
    "not_applicable",
)  # fmt: skip
SILENT = ("not_assessed", "not_applicable")
"""Conclusions that say nothing about conformity."""
_WORDS = {"major": "major", "minor": "minor", "observation": "observation", "ofi": "opportunity_for_improvement"}
_ASSURANCE: tuple[Assurance, ...] = ("low", "medium", "high")
_SYSTEMIC = 3


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What the evidence says about one clause. `checks` are those that speak about it and were run."""

    clause: str
    title: str
    conclusion: str
    assurance: Assurance | None
    points: int
    points_evidenced: int
    reasons: tuple[str, ...]
    checks: tuple[str, ...] = ()
    owner: str | None = None
    requirement: tuple[PointState, ...] = ()


def conclude_clauses(clauses: Clauses, evidence: Evidence) -> list[Conclusion]:
    """Return one conclusion for each clause, parents included, in the order of the standard."""
    leaves = {leaf.id: _leaf(leaf, evidence) for leaf in clauses.leaves}
    return [
        leaves[clause.id]
        if clause.is_leaf
        else _parent(clause, [leaves[c.id] for c in clauses.below(clause.id)], evidence.scope.owner(clause.id))
        for clause in clauses.values()
    ]


def table(conclusions: Iterable[Conclusion], number: int) -> pa.Table:
    """Return the `conclusion` table of assessment `number`."""
    rows = [
        {
            "assessment": number, "clause": c.clause, "title": c.title, "conclusion": c.conclusion,
            "assurance": c.assurance, "points": c.points, "points_evidenced": c.points_evidenced,
            "reasons": json.dumps(c.reasons, ensure_ascii=False), "owner": c.owner,
            "requirement": json.dumps([asdict(point) for point in c.requirement], ensure_ascii=False),
        }
        for c in conclusions
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=CONCLUSION)


def checks_of(clause: Clause, standings: Mapping[str, Standing]) -> tuple[str, ...]:
    """Return the checks that were run and speak about a clause: those of its points first."""
    of_points = [check for point in clause.points for check in point.checks if check in standings]
    others = [name for name, s in standings.items() if any(c.clause == clause.id for c in s.check.clauses)]
    return tuple(dict.fromkeys([*of_points, *others]))


def _leaf(clause: Clause, evidence: Evidence) -> Conclusion:
    ids = checks_of(clause, evidence.standings)
    standings = [found for name in ids if (found := _within(clause.id, evidence.standings[name], evidence))]
    denied = sorted(n or 0 for named, n in evidence.attested.denied if named == clause.id)
    worst = _worst(clause.id, standings, evidence, bool(denied))
    states = states_of(clause, evidence)
    shown = [state for state in states if state.is_evidenced]
    applies = evidence.scope.applies(clause.id)
    if worst is not None:
        conclusion = _WORDS[worst]
    elif not applies:
        conclusion = "not_applicable"
    elif len(shown) * 10 < len(states) * 3:
        conclusion = "not_assessed"
    else:
        conclusion = "conforming" if _may_be_green(clause, states, standings, evidence) else "conforming_so_far"
    reasons = (
        *([] if applies else [_NOT_APPLICABLE]),
        *(f"a person attested that {f'point {n}' if n else 'the clause'} is not fulfilled" for n in denied),
        *(sentence for s in _gravest_first(standings) if (sentence := _finding_sentence(s, clause.id))),
        *_coverage(states),
        *(f"{s.check.id} does not count: {s.why_no_evidence}" for s in standings if not s.is_evidence),
    )
    return Conclusion(
        clause.id, clause.title, conclusion, _assurance(standings, evidence), len(states), len(shown), reasons, ids,
        evidence.scope.owner(clause.id), states,
    )  # fmt: skip


_NOT_APPLICABLE = (
    "clause_scope.csv says that it does not apply; the standard lets nobody leave out a clause: an auditor will ask why"
)


def _parent(clause: Clause, below: Sequence[Conclusion], owner: str | None) -> Conclusion:
    children = [child for child in below if child.conclusion != "not_applicable"]
    assessed = [child for child in children if child.conclusion != "not_assessed"]
    nothing = "not_assessed" if children else "not_applicable"
    worst = min((c.conclusion for c in assessed), key=WORST_FIRST.index, default=nothing)
    if worst == "conforming" and len(assessed) < len(children):
        worst = "conforming_so_far"
    at_worst = [c.clause for c in assessed if c.conclusion == worst]
    reasons = [f"worst of its clauses: {', '.join(at_worst)}"] if at_worst else []
    reasons.append(f"{len(children) - len(assessed)} of {len(children)} clauses not assessed")
    if len(children) < len(below):
        reasons.append(f"{len(below) - len(children)} of {len(below)} clauses said not to apply")
    given = [child.assurance for child in assessed if child.assurance]
    assurance = min(given, key=_ASSURANCE.index, default=None)
    points, shown = sum(c.points for c in children), sum(c.points_evidenced for c in children)
    checks = tuple(dict.fromkeys(check for child in children for check in child.checks))
    return Conclusion(clause.id, clause.title, worst, assurance, points, shown, tuple(reasons), checks, owner)


def _within(clause: str, standing: Standing, evidence: Evidence) -> Standing | None:
    """Return where a check stands within one clause; None where the clause has nothing for it to judge.

    Checks of documents and activities serve many clauses: a document that is missing under one of them says
    nothing about the others.
    """
    if standing.check.id not in REGISTER_CHECKS:
        return standing
    mine = evidence.entries_of(clause, standing.check.id)
    wanting = sum(not entry.is_current for entry in mine)
    is_systemic = wanting >= _SYSTEMIC and standing.at_least == "systemic"
    status: Status = "systemic" if is_systemic else "deviation" if wanting else "pass"
    weight = grade(standing.check, status, ("*",) if standing.is_adopted else ())
    if not standing.is_evidence:
        return replace(standing, at_least=status, grade=weight)
    counts = Counts(len(mine), len(mine), 0, wanting)
    return (
        replace(standing, counts={ALL: counts}, statuses={ALL: status}, at_least=status, grade=weight) if mine else None
    )


def _grade_in(clause: str, standing: Standing) -> Grade | None:
    """Doubtful evidence is a nonconformity of evidence, wherever else the check is named; relations do not weigh."""
    if standing.check.basis == "integrity" and clause not in INTEGRITY_CLAUSES:
        return None
    return standing.grade


def _worst(clause: str, standings: Sequence[Standing], evidence: Evidence, is_denied: bool) -> Grade | None:
    grades = [_grade_in(clause, standing) for standing in standings]
    minors = [s for s, g in zip(standings, grades, strict=True) if g == "minor" and s.at_least == "systemic"]
    if len(minors) >= 2 or (any(s.is_repeated for s in minors) and _corrections_fail(evidence)):
        return "major"
    return max([*grades, "minor" if is_denied else None], key=GRADE_RANK.__getitem__)


def _corrections_fail(evidence: Evidence) -> bool:
    """Tell whether failures go on, period after period, without a nonconformity being raised (IMP-004)."""
    corrections = evidence.standings.get("IMP-004")
    return corrections is not None and RANK[corrections.at_least] >= RANK["deviation"]


def _may_be_green(
    clause: Clause, states: Sequence[PointState], standings: Sequence[Standing], evidence: Evidence
) -> bool:
    """Never on automated points alone: people must have shown a point, or confirmed the clause."""
    confirmed = evidence.attested.fulfilled
    people = (clause.id, None) in confirmed or any(
        state.evidence not in TOOL_EVIDENCE or (clause.id, state.number) in confirmed for state in states
    )
    is_whole = all(state.is_evidenced for state in states)
    return people and is_whole and all(s.is_evidence and s.status == "pass" for s in standings)


def _coverage(states: Sequence[PointState]) -> Iterable[str]:
    yield f"{sum(state.is_evidenced for state in states)} of {len(states)} points evidenced"
    in_part = sum(state.state == "in_part" for state in states)
    person = sum(state.evidence == "attestation" and not state.is_evidenced for state in states)
    if in_part:
        yield f"{in_part} of {len(states)} points evidenced in part only"
    if person:
        yield f"{person} of {len(states)} points need a person"


def _finding_sentence(standing: Standing, clause: str) -> str | None:
    found, counts = _grade_in(clause, standing), standing.overall
    if found is None or not counts.assessable:
        return None
    rate = f"{counts.failing} of {counts.assessable} failing"
    weight = {"major": "major nonconformity", "minor": "minor nonconformity", "ofi": "opportunity for improvement"}
    why = "" if standing.is_adopted or found != "ofi" else ", as the rule is not adopted"
    if found == "minor" and standing.check.severity == "major" and standing.at_least == "deviation":
        why += ", major where the risk was realised"
    return f"{standing.check.id}: {rate}, {standing.at_least} – {weight.get(found, found)}{why}"


def _gravest_first(standings: Sequence[Standing]) -> list[Standing]:
    return sorted(standings, key=lambda s: (-GRADE_RANK[s.grade], -RANK[s.at_least], s.check.id))


def _assurance(standings: Sequence[Standing], evidence: Evidence) -> Assurance | None:
    if not any(s.overall.assessable for s in standings):
        return None
    level = 2
    for standing in standings:
        share = standing.overall.not_assessable_share or 0.0
        if share > 0.20 or standing.loosened or standing.gate or standing.problem:
            level = 0
        elif share > 0.05 or evidence.lacking(standing.check.id, "partial"):
            level = min(level, 1)
    for standing in evidence.standings.values():
        if standing.check.basis == "integrity":
            doubt = RANK[standing.at_least] - RANK["isolated"]
            level = min(level, 2 - max(doubt, 0))
    return _ASSURANCE[level]
