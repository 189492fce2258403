"""Conclusions per clause (catalogue §4.2): the worst finding, else how much is evidenced. A person confirms."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa

from itsm_bridge.assessment.clauses import TOOL_EVIDENCE, Clause, Clauses, Point
from itsm_bridge.assessment.grades import GRADE_RANK, INTEGRITY_CLAUSES, Grade
from itsm_bridge.assessment.rates import RANK
from itsm_bridge.assessment.standings import Standing
from itsm_bridge.schema import TABLES

CONCLUSION = TABLES["conclusion"].arrow
Assurance = Literal["high", "medium", "low"]
WORST_FIRST = (
    "major", "minor", "observation", "opportunity_for_improvement", "conforming_so_far", "conforming", "not_assessed",
)  # fmt: skip
_WORDS = {"major": "major", "minor": "minor", "observation": "observation", "ofi": "opportunity_for_improvement"}
_ASSURANCE: tuple[Assurance, ...] = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Attested:
    """What people confirmed or denied, as (clause, point) pairs that are current; point None is the whole clause."""

    fulfilled: frozenset[tuple[str, int | None]] = frozenset()
    denied: frozenset[tuple[str, int | None]] = frozenset()


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


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a conclusion is drawn from: standings of checks, attestations, and partial capabilities per check."""

    standings: Mapping[str, Standing]
    attested: Attested = Attested()
    partial: Mapping[str, Collection[str]] = field(default_factory=dict)


def conclude_clauses(clauses: Clauses, evidence: Evidence) -> list[Conclusion]:
    """Return one conclusion for each clause, parents included, in the order of the standard."""
    leaves = {leaf.id: _leaf(leaf, evidence) for leaf in clauses.leaves}
    return [
        leaves[clause.id] if clause.is_leaf else _parent(clause, [leaves[c.id] for c in clauses.below(clause.id)])
        for clause in clauses.values()
    ]


def table(conclusions: Iterable[Conclusion], number: int) -> pa.Table:
    """Return the `conclusion` table of assessment `number`."""
    rows = [
        {
            "assessment": number, "clause": c.clause, "title": c.title, "conclusion": c.conclusion,
            "assurance": c.assurance, "points": c.points, "points_evidenced": c.points_evidenced,
            "reasons": json.dumps(c.reasons, ensure_ascii=False),
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
    standings = [evidence.standings[name] for name in ids]
    denied = sorted(n or 0 for named, n in evidence.attested.denied if named == clause.id)
    grade = _worst(clause.id, standings, bool(denied))
    shown = [point for point in clause.points if _is_evidenced(clause.id, point, evidence)]
    if grade is not None:
        conclusion = _WORDS[grade]
    elif len(shown) * 10 < len(clause.points) * 3:
        conclusion = "not_assessed"
    else:
        conclusion = "conforming" if _may_be_green(clause, shown, standings, evidence) else "conforming_so_far"
    reasons = (
        *(f"a person attested that {f'point {n}' if n else 'the clause'} is not fulfilled" for n in denied),
        *(sentence for s in _gravest_first(standings) if (sentence := _finding_sentence(s, clause.id))),
        *_coverage(clause, shown, evidence),
        *(f"{s.check.id} does not count: {s.why_no_evidence}" for s in standings if not s.is_evidence),
    )
    assurance = _assurance(standings, evidence)
    return Conclusion(clause.id, clause.title, conclusion, assurance, len(clause.points), len(shown), reasons, ids)


def _parent(clause: Clause, children: Sequence[Conclusion]) -> Conclusion:
    assessed = [child for child in children if child.conclusion != "not_assessed"]
    worst = min((c.conclusion for c in assessed), key=WORST_FIRST.index, default="not_assessed")
    if worst == "conforming" and len(assessed) < len(children):
        worst = "conforming_so_far"
    at_worst = [c.clause for c in assessed if c.conclusion == worst]
    reasons = [f"worst of its clauses: {', '.join(at_worst)}"] if at_worst else []
    reasons.append(f"{len(children) - len(assessed)} of {len(children)} clauses not assessed")
    given = [child.assurance for child in assessed if child.assurance]
    assurance = min(given, key=_ASSURANCE.index, default=None)
    points, shown = sum(c.points for c in children), sum(c.points_evidenced for c in children)
    checks = tuple(dict.fromkeys(check for child in children for check in child.checks))
    return Conclusion(clause.id, clause.title, worst, assurance, points, shown, tuple(reasons), checks)


def _grade_in(clause: str, standing: Standing) -> Grade | None:
    """Doubtful evidence is a nonconformity of evidence, wherever else the check is named; relations do not weigh."""
    if standing.check.basis == "integrity" and clause not in INTEGRITY_CLAUSES:
        return None
    return standing.grade


def _worst(clause: str, standings: Sequence[Standing], is_denied: bool) -> Grade | None:
    grades = [_grade_in(clause, standing) for standing in standings]
    minors = [s for s, g in zip(standings, grades, strict=True) if g == "minor" and s.at_least == "systemic"]
    if len(minors) >= 2 or (any(s.is_repeated for s in minors) and _corrections_fail(standings)):
        return "major"
    return max([*grades, "minor" if is_denied else None], key=GRADE_RANK.__getitem__)


def _corrections_fail(standings: Sequence[Standing]) -> bool:
    return any(s.check.id == "IMP-004" and RANK[s.at_least] >= RANK["deviation"] for s in standings)


def _is_evidenced(clause: str, point: Point, evidence: Evidence) -> bool:
    if (clause, point.number) in evidence.attested.fulfilled:
        return True
    standings = [evidence.standings.get(check) for check in point.checks]
    if point.needs_a_person or not all(s is not None and _speaks(s) for s in standings):
        return False
    return point.evidence in TOOL_EVIDENCE or all(s is not None and s.status == "pass" for s in standings)


def _speaks(standing: Standing) -> bool:
    """Tell whether a check shows something, good or bad; data that is in doubt shows nothing about a requirement."""
    is_doubtful = standing.check.basis == "integrity" and RANK[standing.at_least] >= RANK["deviation"]
    return standing.is_evidence and not is_doubtful


def _may_be_green(clause: Clause, shown: Sequence[Point], standings: Sequence[Standing], evidence: Evidence) -> bool:
    """Never on automated points alone: people must have shown a point, or confirmed the clause."""
    people = (clause.id, None) in evidence.attested.fulfilled or any(
        point.evidence not in TOOL_EVIDENCE or (clause.id, point.number) in evidence.attested.fulfilled
        for point in shown
    )
    is_whole = len(shown) == len(clause.points)
    return people and is_whole and all(s.is_evidence and s.status == "pass" for s in standings)


def _coverage(clause: Clause, shown: Sequence[Point], evidence: Evidence) -> Iterable[str]:
    yield f"{len(shown)} of {len(clause.points)} points evidenced"
    open_points = [point for point in clause.points if point not in shown]
    person = [p for p in open_points if p.needs_a_person]
    in_part = [p for p in open_points if any((s := evidence.standings.get(c)) and _speaks(s) for c in p.checks)]
    if in_part:
        yield f"{len(in_part)} of {len(clause.points)} points evidenced in part only"
    if person:
        yield f"{len(person)} of {len(clause.points)} points need a person"


def _finding_sentence(standing: Standing, clause: str) -> str | None:
    grade, counts = _grade_in(clause, standing), standing.overall
    if grade is None or not counts.assessable:
        return None
    rate = f"{counts.failing} of {counts.assessable} failing"
    weight = {"major": "major nonconformity", "minor": "minor nonconformity", "ofi": "opportunity for improvement"}
    why = "" if standing.is_adopted or grade != "ofi" else ", as the rule is not adopted"
    return f"{standing.check.id}: {rate}, {standing.at_least} – {weight.get(grade, grade)}{why}"


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
        elif share > 0.05 or evidence.partial.get(standing.check.id):
            level = min(level, 1)
    for standing in evidence.standings.values():
        if standing.check.basis == "integrity":
            doubt = RANK[standing.at_least] - RANK["isolated"]
            level = min(level, 2 - max(doubt, 0))
    return _ASSURANCE[level]
