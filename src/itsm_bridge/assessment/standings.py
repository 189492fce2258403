"""Where each check stands: its counts overall and per source, its status, its weight, and what makes it void."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import pyarrow as pa

from itsm_bridge.assessment.grades import Grade, grade, is_adopted, severity_of
from itsm_bridge.assessment.rates import RANK, Counts, Severity, Status, status, wilson
from itsm_bridge.checking.definition import Check
from itsm_bridge.checking.frame import CheckRun
from itsm_bridge.checking.needs import has_no_source, joins_record
from itsm_bridge.checking.views import relations
from itsm_bridge.policy.tables import FILES
from itsm_bridge.schema import TABLES

CHECK_RESULT = TABLES["check_result"].arrow
ALL = "*"
_MANY = frozenset({"w", "configuration_item", "known_item", "item_edit", "retained_record"})
"""Views without a record beside them that are as many as records are."""
_EVIDENCE = frozenset({"pass", "isolated", "deviation", "systemic"})


@dataclass(frozen=True, slots=True)
class Standing:
    """One check in one assessment.

    `status` is the ladder's word over all sources; `at_least` is what holds even if every record
    that could not be judged were fine, so that missing data never hides a failure that was seen.
    """

    check: Check
    counts: Mapping[str, Counts]
    statuses: Mapping[str, Status]
    at_least: Status
    severity: Severity
    grade: Grade | None
    is_adopted: bool
    is_repeated: bool = False
    loosened: tuple[str, ...] = ()
    problem: str | None = None
    gate: str | None = None
    unseen_sources: tuple[str, ...] = ()

    @property
    def status(self) -> Status:
        """Status over all sources."""
        return self.statuses[ALL]

    @property
    def overall(self) -> Counts:
        """Counts over all sources."""
        return self.counts[ALL]

    @property
    def is_evidence(self) -> bool:
        """True where the check was assessed everywhere that it applies, and its pass is not void."""
        doubts = self.blind_sources or self.unseen_sources or self.loosened or self.problem
        return self.status in _EVIDENCE and not doubts

    @property
    def blind_sources(self) -> tuple[str, ...]:
        """Sources that have records in scope, of which too many could not be judged."""
        return tuple(
            source
            for source, counts in self.counts.items()
            if source != ALL and counts.in_scope and self.statuses[source] == "not_assessed"
        )

    @property
    def why_no_evidence(self) -> str:
        """Why the check says nothing, in a few words; empty where it does."""
        if self.is_evidence:
            return ""
        if self.problem:
            return f"the check could not be carried out: {self.problem}"
        if self.loosened:
            return "; ".join(self.loosened)
        if self.gate:
            return f"integrity check {self.gate} fails systemically on the data that it reads"
        if self.unseen_sources:
            return f"nothing complete was read from {', '.join(self.unseen_sources)}"
        if self.overall.in_scope == 0:
            return _nothing(self.check)
        if self.status == "insufficient":
            return f"only {self.overall.assessable} assessable, too few to conclude"
        return "; ".join(self._blindness(source) for source in self.blind_sources or (ALL,))

    def _blindness(self, source: str) -> str:
        counts = self.counts[source]
        place = "" if source == ALL else f"in {source} "
        reasons = f" ({'; '.join(counts.reasons)})" if counts.reasons else ""
        return f"{place}{counts.not_assessable} of {counts.in_scope} not assessable{reasons}"


def stand(
    run: CheckRun,
    checks: Sequence[Check],
    *,
    adopted: Collection[str],
    periods_before: Mapping[str, int],
    incomplete: Collection[tuple[str, str]] = (),
) -> dict[str, Standing]:
    """Return where each check stands. `incomplete` are (source, check) pairs whose data was not complete."""
    counts = _counts(run.counts)
    problems = dict(run.problems)
    unseen: dict[str, list[str]] = {}
    for source, check_id in sorted(incomplete):
        if counts.get(check_id, {}).get(source, Counts()).in_scope == 0:
            unseen.setdefault(check_id, []).append(source)
    too_loose: dict[str, tuple[str, ...]] = {}
    for each in run.loosened:
        too_loose[each.check_id] = (*too_loose.get(each.check_id, ()), each.sentence)
    standings = {}
    for check in checks:
        standing = _standing(check, counts.get(check.id, {}), adopted, periods_before.get(check.id, 0))
        standings[check.id] = replace(
            _voided(standing, too_loose.get(check.id, ())),
            problem=problems.get(check.id),
            unseen_sources=tuple(unseen.get(check.id, ())),
        )
    return _gated(standings)


def results(standings: Mapping[str, Standing], number: int) -> pa.Table:
    """Return the `check_result` table of assessment `number`."""
    rows = [_row(standing, source, number) for standing in standings.values() for source in standing.counts]
    return pa.Table.from_pylist(rows, schema=CHECK_RESULT)


def is_few_subjects(check: Check) -> bool:
    """Tell whether the check judges services, sources, documents and the like, where a rate means nothing."""
    return check.subject.view not in _MANY and not joins_record(check)


def _nothing(check: Check) -> str:
    """Say that nothing is in scope; of what only the policy tells, which of its files would have to name it."""
    if not has_no_source(check):
        return "no record in scope"
    view = relations()[check.subject.view]
    files = " and ".join(file for file, table in FILES.items() if table in view.rows.tables)
    return f"nothing in scope: {files} of the policy folder names nothing" if files else "nothing in scope"


def _counts(table: pa.Table) -> dict[str, dict[str, Counts]]:
    found: dict[str, dict[str, Counts]] = {}
    names = ("in_scope", "assessable", "not_assessable", "failing", "suppressed", "waived")
    for row in table.to_pylist():
        reasons = row["reasons"]
        reasons = json.loads(reasons) if isinstance(reasons, str) else dict(reasons or {})
        numbers = {name: int(row[name] or 0) for name in names}
        found.setdefault(row["check_id"], {})[row["source_id"]] = Counts(**numbers, reasons=reasons)
    return found


def _standing(check: Check, counts: dict[str, Counts], adopted: Collection[str], before: int) -> Standing:
    whole = {ALL: counts.get(ALL, Counts()), **{s: c for s, c in sorted(counts.items()) if s != ALL}}
    few = is_few_subjects(check)
    statuses: dict[str, Status] = {
        source: status(c, _severity(check), is_few_subjects=few) for source, c in whole.items()
    }
    deviating = sum(RANK[s] >= RANK["deviation"] for source, s in statuses.items() if source != ALL)
    statuses[ALL] = status(
        whole[ALL], _severity(check), is_few_subjects=few, periods_before=before, scopes_at_deviation=deviating
    )
    known = [s if s != "not_assessed" else _at_least(whole[source], check, few) for source, s in statuses.items()]
    worst = max(known, key=RANK.__getitem__)
    return Standing(
        check, whole, statuses, worst, severity_of(check, adopted), grade(check, worst, adopted),
        is_adopted(check, adopted), is_repeated=before >= 2,
    )  # fmt: skip


def _severity(check: Check) -> Severity:
    return cast(Severity, check.severity)


def _at_least(counts: Counts, check: Check, few: bool) -> Status:
    if counts.failing == 0:
        return "not_assessed"
    as_if_fine = Counts(counts.in_scope, max(counts.in_scope, counts.assessable), 0, counts.failing)
    return status(as_if_fine, _severity(check), is_few_subjects=few)


def _voided(standing: Standing, too_loose: tuple[str, ...]) -> Standing:
    if not too_loose or RANK[standing.at_least] > RANK["pass"]:
        return replace(standing, loosened=too_loose)
    return replace(standing, loosened=too_loose, statuses=_none(standing), at_least="not_assessed")


def _none(standing: Standing) -> dict[str, Status]:
    return dict.fromkeys(standing.statuses, "not_assessed")


def _gated(standings: dict[str, Standing]) -> dict[str, Standing]:
    doubtful = [s.check.id for s in standings.values() if s.check.basis == "integrity" and s.at_least == "systemic"]
    for check_id, standing in standings.items():
        gate = next((name for name in doubtful if name != check_id and _depends(standing, name)), None)
        if gate:
            standings[check_id] = replace(standing, statuses=_none(standing), gate=gate)
    return standings


def _depends(standing: Standing, integrity_check: str) -> bool:
    word = re.compile(rf"\b{re.escape(integrity_check)}\b")
    return any(word.search(reason) for counts in standing.counts.values() for reason in counts.reasons)


def _row(standing: Standing, source: str, number: int) -> dict[str, Any]:
    counts = standing.counts[source]
    low, high = wilson(counts.failing, counts.assessable) or (None, None)
    return {
        "assessment": number, "check_id": standing.check.id, "source_id": source,
        "status": standing.statuses[source], "in_scope": counts.in_scope, "assessable": counts.assessable,
        "not_assessable": counts.not_assessable, "failing": counts.failing, "suppressed": counts.suppressed,
        "waived": counts.waived, "rate": counts.rate, "rate_low": low, "rate_high": high,
        "reasons": json.dumps(counts.reasons, ensure_ascii=False, sort_keys=True),
    }  # fmt: skip
