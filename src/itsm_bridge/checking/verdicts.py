"""The query that gives each subject of a check its verdict: pass, fail, or not assessable with a reason."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from itsm_bridge.checking.definition import Check
from itsm_bridge.checking.losses import Loss
from itsm_bridge.checking.needs import CheckNeeds, joins_record

FAILS, PASSES = -1, 0
NO_POPULATION = "a value that decides whether the check applies is missing"
NO_ANCHOR = "the time that decides whether it falls into the period is missing"
NO_VALUE = "a value that the check reads is missing"
ALWAYS_READ = frozenset({
    ("w", "work_item_id"), ("w", "source_id"), ("w", "record_type"), ("w", "opened_at"), ("w", "closed_at"),
    ("w", "updated_at"),
})  # fmt: skip

_ALIVE = (
    "COALESCE(w.opened_at < $period_to, TRUE) AND COALESCE(COALESCE(w.closed_at, w.updated_at) >= $period_from, TRUE)"
)


@dataclass(frozen=True, slots=True)
class TaintedBy:
    """What makes a reading untrustworthy for some records: the code in table `taint`, what it spoils, and why."""

    code: int
    columns: frozenset[str]
    reason: str


@dataclass(slots=True)
class Judging:
    """A check made into SQL. Outcome -1 is a fail, 0 a pass, n > 0 not assessable for `reasons[n]`."""

    check: Check
    needs: CheckNeeds
    losses: Sequence[Loss] = ()
    tainted: Sequence[TaintedBy] = ()
    reasons: dict[int, str] = field(default_factory=dict)

    def statement(self) -> str:
        """Return the query: source_id, subject, work_item_id, outcome; one row per subject in scope."""
        lost = self.lost
        rowless = self._rowless(lost)
        where = [self.of_types, f"COALESCE({self._population(lost)}, TRUE)", self._in_period(lost)]
        if rowless:
            where.append(f"NOT ({self._any(rowless)})")
        statement = (
            f"SELECT {self.source} AS source_id, {self.check.subject.key} AS subject, {self.record} AS work_item_id, "
            f"{self._outcome(lost)} AS outcome FROM {self.from_}{self._tainted_join()} "
            f"WHERE {' AND '.join(each for each in where if each)}"
        )
        if rowless:
            types = self.of_types
            statement += (
                f" UNION ALL SELECT w.source_id, w.work_item_id AS subject, w.work_item_id, "
                f"CASE {self._lost_codes(rowless)} END AS outcome FROM w "
                f"WHERE {f'{types} AND ' if types else ''}({self._any(rowless)}) AND {_ALIVE}"
            )
        return statement

    @property
    def lost(self) -> list[Loss]:
        """The losses that bear on this check."""
        return [loss for loss in self.losses if self._reads(self.needs.total.things, loss)]

    @property
    def from_(self) -> str:
        """The subject, with its record as `w` where it is not a record itself."""
        subject = self.check.subject
        named = subject.view if subject.view == subject.alias else f"{subject.view} AS {subject.alias}"
        return f"{named} JOIN w ON w.work_item_id = {subject.alias}.work_item_id" if joins_record(self.check) else named

    @property
    def has_record(self) -> bool:
        """Whether subjects belong to records."""
        return self.check.subject.view == "w" or joins_record(self.check)

    @property
    def source(self) -> str:
        """Expression of the source."""
        return "w.source_id" if self.has_record else f"{self.check.subject.alias}.source_id"

    @property
    def record(self) -> str:
        """Expression of the record."""
        return "w.work_item_id" if self.has_record else "CAST(NULL AS VARCHAR)"

    def _outcome(self, lost: Sequence[Loss]) -> str:
        whens = [self._lost_codes(lost)] if lost else []
        if self._relevant():
            whens.append("WHEN tainted.code IS NOT NULL THEN tainted.code")
        if self.check.population != "TRUE":
            whens.append(f"WHEN {self._population(lost)} IS NULL THEN {self._code(NO_POPULATION)}")
        if self.check.is_anchored:
            whens.append(f"WHEN ({self.check.anchor}) IS NULL THEN {self._code(NO_ANCHOR)}")
        whens += [f"WHEN ({each.when}) THEN {self._code(each.reason)}" for each in self.check.not_assessable]
        unknown = self._code(NO_VALUE)
        # TRUE is 1, and its negative a fail. Naming the violation once keeps the engine from answering it twice.
        verdict = f"COALESCE(-CAST(CAST(({self.check.violation}) AS BOOLEAN) AS INTEGER), {unknown})"
        return f"CASE {' '.join(whens)} ELSE {verdict} END" if whens else verdict

    def _population(self, lost: Sequence[Loss]) -> str:
        """The population; parts that read what a source lost are unknown there, not false."""
        parts = []
        for sql, needs in self.needs.conjuncts:
            unknown = [loss for loss in lost if self._reads(needs.things, loss)]
            parts.append(f"CASE WHEN {self._any(unknown)} THEN NULL ELSE ({sql}) END" if unknown else f"({sql})")
        return f"({' AND '.join(parts)})"

    def _in_period(self, lost: Sequence[Loss]) -> str:
        """Keep subjects that fall due in the period; without a time those whose record lived in it."""
        if not self.check.is_anchored:
            return ""
        read = self.needs.anchor.things
        unknown = [loss for loss in lost if self._reads(read, loss)]
        anchor = f"({self.check.anchor})"
        due = f"({anchor} >= $period_from AND {anchor} < $period_to)"
        alive = _ALIVE if self.has_record else "TRUE"
        if unknown:
            return f"CASE WHEN {self._any(unknown)} OR {anchor} IS NULL THEN {alive} ELSE {due} END"
        return f"({due} OR ({anchor} IS NULL AND {alive}))"

    def _rowless(self, lost: Sequence[Loss]) -> list[Loss]:
        """Return the losses without which the subject has no rows, so that its records must stand in for it."""
        if not joins_record(self.check):
            return []
        return [loss for loss in lost if self._reads(self.needs.rows.things, loss)]

    def _reads(self, read: Collection[str], loss: Loss) -> bool:
        applies = loss.record_type == "*" or not self.check.record_types or loss.record_type in self.check.record_types
        return loss.what in read and applies and (loss.record_type == "*" or self.has_record)

    def _any(self, lost: Sequence[Loss]) -> str:
        return " OR ".join(dict.fromkeys(self._condition(loss) for loss in lost)) or "FALSE"

    def _condition(self, loss: Loss) -> str:
        of_type = "" if loss.record_type == "*" else f" AND w.record_type = {quoted(loss.record_type)}"
        return f"({self.source} = {quoted(loss.source_id)}{of_type})"

    def _lost_codes(self, lost: Sequence[Loss]) -> str:
        return " ".join(f"WHEN {self._condition(loss)} THEN {self._code(loss.reason)}" for loss in lost)

    @property
    def of_types(self) -> str:
        """The condition on the type of record; empty where any type will do."""
        if not self.check.record_types or not self.has_record:
            return ""
        return f"w.record_type IN ({', '.join(quoted(each) for each in self.check.record_types)})"

    def _relevant(self) -> list[TaintedBy]:
        if not self.has_record or self.check.taints:
            return []
        readings = self.needs.readings
        return [each for each in self.tainted if each.columns & readings]

    def _tainted_join(self) -> str:
        relevant = self._relevant()
        if not relevant:
            return ""
        self.reasons.update((each.code, each.reason) for each in relevant)
        codes = ", ".join(str(each.code) for each in relevant)
        return (
            f" LEFT JOIN (SELECT t.work_item_id, MIN(t.code) AS code FROM taint AS t WHERE t.code IN ({codes})"
            f" GROUP BY t.work_item_id) AS tainted ON tainted.work_item_id = w.work_item_id"
        )

    def _code(self, reason: str) -> int:
        for code, known in self.reasons.items():
            if known == reason:
                return code
        code = max((each for each in self.reasons if each < TAINT_CODES), default=0) + 1
        self.reasons[code] = reason
        return code


TAINT_CODES = 1_000_000
"""Codes from here on belong to taints, which several checks share."""


def quoted(word: str) -> str:
    """Quote a word as an SQL literal."""
    return "'" + word.replace("'", "''") + "'"


def used(sql: str, binding: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that a statement asks for: DuckDB refuses others."""
    names = set(re.findall(r"\$(\w+)", sql))
    return {name: value for name, value in binding.items() if name in names}
