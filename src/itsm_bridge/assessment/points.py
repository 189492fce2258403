"""Requirement points: what evidences each, what is missing, and what to do next (catalogue §4.5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from itsm_bridge.assessment.clauses import TOOL_EVIDENCE, Clause, Point
from itsm_bridge.assessment.evidence import (
    ACTIVITIES_CHECK,
    DOCUMENTS_CHECK,
    REGISTER_CHECKS,
    REPORTS_CHECK,
    Entry,
    Evidence,
    Lack,
)  # fmt: skip
from itsm_bridge.assessment.rates import RANK
from itsm_bridge.assessment.standings import ALL, Standing
from itsm_bridge.checking.needs import has_no_source

State = Literal["evidenced", "in_part", "open", "denied"]
CLASSES = ("mostly records", "mixed", "register", "attestation")
_MOST, _MANY = 3, 12


@dataclass(frozen=True, slots=True)
class PointState:
    """One requirement point in one assessment.

    `by` says what evidences it (counts, register entries, people), `missing` what does not, `next_steps` what
    to do about that. A point counts only where `state` is `evidenced`.
    """

    number: int
    text: str
    evidence: str
    checks: tuple[str, ...]
    state: State
    by: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()

    @property
    def is_evidenced(self) -> bool:
        """Whether the point counts."""
        return self.state == "evidenced"


def class_of(points: Sequence[Point]) -> str:
    """Return the class of a clause: by which kind of evidence most of its points can be shown."""
    tool = sum(point.evidence in TOOL_EVIDENCE for point in points)
    people = sum(point.needs_a_person for point in points)
    register = len(points) - tool - people
    if tool:
        return "mostly records" if tool * 2 >= len(points) else "mixed"
    return "register" if register and register >= people else "attestation"


def kind_of(point: Point) -> str:
    """Return which kind of evidence a point needs: where no check speaks about it, a person's."""
    return "attestation" if point.needs_a_person else point.evidence


def states_of(clause: Clause, evidence: Evidence) -> tuple[PointState, ...]:
    """Return the state of each point of a clause."""
    return tuple(_state(clause.id, point, evidence) for point in clause.points)


def speaks(standing: Standing | None) -> bool:
    """Tell whether a check shows something, good or bad; data that is in doubt shows nothing about a requirement."""
    if standing is None:
        return False
    is_doubtful = standing.check.basis == "integrity" and RANK[standing.at_least] >= RANK["deviation"]
    return standing.is_evidence and not is_doubtful


def counted(standing: Standing) -> str:
    """Return a check's result with its denominator."""
    counts = standing.overall
    return f"{standing.check.id}: {counts.failing:,} of {counts.assessable:,} failing ({standing.status})"


def _state(clause: str, point: Point, evidence: Evidence) -> PointState:
    place = clause, point.number
    people = evidence.attested
    by: list[str] = []
    missing: list[str] = []
    steps: list[str] = []
    for found in (_of_check(clause, point, check, evidence) for check in point.checks):
        by += found.by
        missing += found.missing
        steps += found.steps
    steps += _what_sources_lack(point, evidence)
    is_shown = bool(point.checks) and not point.needs_a_person and not missing
    if place in people.denied:
        state: State = "denied"
        missing.append(f"not fulfilled, says {people.denied[place]}")
        steps.insert(0, f"attestations.csv: correct it, then change the line of {_spot(clause, point)}")
    elif place in people.fulfilled:
        state = "evidenced"
        by.append(f"attested by {people.fulfilled[place]}")
    elif is_shown:
        state = "evidenced"
    else:
        state = "in_part" if by else "open"
        missing += _unattested(clause, point, evidence)
        steps += [] if point.checks and not point.needs_a_person else [_attest(clause, point)]
    if state == "evidenced" and place in people.fulfilled:
        missing, steps = [], []
    return PointState(
        point.number, point.text, kind_of(point), point.checks, state, _once(by), _once(missing), _once(steps)
    )


@dataclass(frozen=True, slots=True)
class _Found:
    by: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


def _of_check(clause: str, point: Point, check: str, evidence: Evidence) -> _Found:
    standing = evidence.standings.get(check)
    if point.evidence == "register" and check in REGISTER_CHECKS:
        return _of_register(clause, check, standing, evidence)
    if standing is None:
        return _Found(missing=(f"{check} was not among the checks",), steps=(f"add check {check} to the assessment",))
    if not speaks(standing):
        return _Found(missing=(f"{check}: {why_silent(standing)}",), steps=tuple(_what_it_lacks(standing, evidence)))
    if point.evidence not in TOOL_EVIDENCE and standing.status != "pass":
        return _Found(missing=(counted(standing),), steps=(f"{check}: {standing.check.remedy}",))
    return _Found(by=(counted(standing),), steps=tuple(_what_fails(standing)))


def _of_register(clause: str, check: str, standing: Standing | None, evidence: Evidence) -> _Found:
    """A document or an activity is evidence for its own clause only, whatever becomes of those of other clauses."""
    mine = evidence.entries_of(clause, check)
    if not mine:
        missing = f"no {_THINGS[check]} of clause {clause} is registered"
        return _Found(missing=(missing,), steps=(_register(clause, check),))
    if not speaks(standing):
        why = why_silent(standing) if standing else "it was not among the checks"
        return _Found(missing=(f"{check}: {why}",), steps=(f"run {check}, which judges the registers",))
    current = [entry for entry in mine if entry.is_current]
    wanting = [entry for entry in mine if not entry.is_current]
    return _Found(
        _few([f"{entry.key}: {entry.words}" for entry in current]),
        _few([f"{entry.key}: {entry.words}, not current" for entry in wanting]),
        (_renew(check, wanting),) if wanting else (),
    )


def _few(words: Sequence[str]) -> tuple[str, ...]:
    more = [f"and {len(words) - _MANY} more"] if len(words) > _MANY else []
    return (*words[:_MANY], *more)


_THINGS = {DOCUMENTS_CHECK: "document", ACTIVITIES_CHECK: "activity", REPORTS_CHECK: "service report"}


def _register(clause: str, check: str) -> str:
    if check == DOCUMENTS_CHECK:
        return f"required_documents.csv, documents.csv: name the document of clause {clause} and its approved version"
    kind = ", kind service_report" if check == REPORTS_CHECK else ""
    return f"required_activities.csv, register.csv: plan the activity of clause {clause}{kind}; write what was done"


def _renew(check: str, wanting: Sequence[Entry]) -> str:
    names = ", ".join(entry.key for entry in wanting[:_MOST])
    more = f" and {len(wanting) - _MOST} more" if len(wanting) > _MOST else ""
    if check == DOCUMENTS_CHECK:
        return f"documents.csv: bring {names}{more} up to date: approved, with version, owner, approver, review date"
    return f"register.csv: carry out {names}{more}, and write it with the day on which it was closed"


def why_silent(standing: Standing) -> str:
    """Return why a check shows nothing."""
    if standing.is_evidence:
        return f"{counted(standing)[len(standing.check.id) + 2 :]}: its data is in doubt"
    return standing.why_no_evidence


def _what_it_lacks(standing: Standing, evidence: Evidence) -> Iterable[str]:
    check = standing.check.id
    if standing.is_evidence:
        yield f"{check}: {standing.check.remedy}"
    elif standing.problem:
        yield f"correct check {check}: `itsm-bridge checks test {check}`"
    elif standing.loosened:
        yield f"parameters.toml: bring the parameters of {check} back within their bounds"
    elif standing.gate:
        yield f"settle {standing.gate} first: until then nothing can be concluded from this data"
    elif standing.unseen_sources:
        yield f"let {', '.join(standing.unseen_sources)} be read completely: `itsm-bridge doctor` names what is missing"
    else:
        yield from _what_its_records_lack(standing, evidence)


def _what_its_records_lack(standing: Standing, evidence: Evidence) -> Iterable[str]:
    check, counts = standing.check.id, standing.overall
    files = evidence.files(check)
    empty = ", ".join(sorted(files & evidence.empty_files))
    if empty and _is_told_by_policy(counts.reasons):
        yield f"{empty}: fill it in; {check} rests on it"
    elif not counts.in_scope and files and has_no_source(standing.check):
        yield f"{empty or ', '.join(sorted(files))}: write what {check} looks for, or attest the point"
    elif not counts.in_scope:
        yield f"{check}: nothing to judge in the period; judge a longer one, or attest that there was none"
    elif standing.status == "insufficient":
        yield f"{check}: judge a longer period, or attest it; {counts.assessable} records are too few"
    elif not _lacks(standing, evidence) and counts.reasons:
        reason, number = max(counts.reasons.items(), key=lambda each: each[1])
        yield f"{check}: complete what it reads; for {number:,} of {counts.in_scope:,}: {reason}"


def _is_told_by_policy(reasons: Iterable[str]) -> bool:
    """Checks that miss something in the policy say so in their reasons."""
    return any("policy" in reason for reason in reasons)


def _what_sources_lack(point: Point, evidence: Evidence) -> Iterable[str]:
    """Say once for all checks of a point which capability of which source they need."""
    needed: dict[tuple[str, str], list[str]] = {}
    for check in point.checks:
        standing = evidence.standings.get(check)
        if standing is not None and not standing.is_evidence:
            for lack in _lacks(standing, evidence):
                needed.setdefault((lack.capability, lack.source_id), []).append(check)
    for (capability, source), checks in needed.items():
        need = "needs" if len(checks) == 1 else "need"
        how = "give it where `itsm-bridge doctor` says how, else attest the point"
        yield f"{', '.join(checks)} {need} {capability} of source {source}: {how}"


def _lacks(standing: Standing, evidence: Evidence) -> list[Lack]:
    blind = standing.blind_sources or tuple(source for source in standing.counts if source != ALL)
    return [lack for lack in evidence.lacking(standing.check.id) if lack.source_id in blind]


def _what_fails(standing: Standing) -> Iterable[str]:
    if RANK[standing.status] < RANK["isolated"]:
        return
    if not standing.is_adopted:
        yield f"adopted.toml: decide whether the rule of {standing.check.id} is yours; until then it is an improvement"
    elif standing.check.remedy:
        yield f"{standing.check.id}: {standing.check.remedy}"


def _unattested(clause: str, point: Point, evidence: Evidence) -> Iterable[str]:
    lapsed = evidence.attested.lapsed.get((clause, point.number))
    if lapsed:
        yield f"attested by {lapsed}"
    elif point.needs_a_person:
        whole = (clause, None) in evidence.attested.fulfilled
        yield "attested for the whole clause, not for this point" if whole else "nobody attested it"


def _attest(clause: str, point: Point) -> str:
    return f"attestations.csv: let a person judge it; a line for {_spot(clause, point)}, with name and day"


def _spot(clause: str, point: Point) -> str:
    return f"clause {clause}, point {point.number}"


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if word))
