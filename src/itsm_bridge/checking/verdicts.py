"""The query that answers a question for each subject in scope, or says why it is not assessable."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from itsm_bridge.checking.definition import Check, Kpi
from itsm_bridge.checking.losses import Loss
from itsm_bridge.checking.needs import CheckNeeds, has_no_source, has_record, joins_record
from itsm_bridge.checking.views import RECORDS, records_of
from itsm_bridge.schema.runs import ORGANISATION

FAILS, PASSES = -1, 0
ALL_SOURCES = "*"
NO_POPULATION = "a value that decides whether the check applies is missing"
NO_ANCHOR = "the time that decides whether it falls into the period is missing"
NO_VALUE = "a value that the check reads is missing"
ALWAYS_READ = frozenset({"work_item_id", "source_id", "record_type", "opened_at", "closed_at", "updated_at"})
"""What is read of every record, whatever is asked."""

_ALIVE = (
    "COALESCE(w.opened_at < $period_to, TRUE) AND COALESCE(COALESCE(w.closed_at, w.updated_at) >= $period_from, TRUE)"
)


@dataclass(frozen=True, slots=True)
class TaintedBy:
    """What makes a reading untrustworthy for some records: the code in table `taint`, what it spoils, and why."""

    code: int
    columns: frozenset[str]
    reason: str


Q = TypeVar("Q", Check, Kpi)


@dataclass(slots=True)
class Asking(Generic[Q]):
    """A question made into SQL. Outcome n > 0 means not assessable for `reasons[n]`, others are the answer.

    `kinds` are the types of record that have a table of their own; without any, all records are in `w`.
    """

    question: Q
    needs: CheckNeeds
    losses: Sequence[Loss] = ()
    tainted: Sequence[TaintedBy] = ()
    kinds: Sequence[str] = ()
    reasons: dict[int, str] = field(default_factory=dict)

    nowhere: ClassVar[str] = ALL_SOURCES
    """Stands for the source of a subject that no source tells."""

    def statement(self) -> str:
        """Return the query: source_id, subject, work_item_id, outcome; one row per subject in scope."""
        lost = self.lost
        rowless = self._rowless(lost)
        where = [self.of_types, f"COALESCE({self._population(lost)}, TRUE)", self._in_period(lost)]
        if rowless:
            where.append(f"NOT ({self._any(rowless)})")
        statement = (
            f"SELECT {self.source} AS source_id, {self.question.subject.key} AS subject, "
            f"{self.record} AS work_item_id, "
            f"{self._outcome(lost)} AS outcome{self._more(True)} FROM {self.from_}{self._tainted_join()} "
            f"WHERE {' AND '.join(each for each in where if each)}"
        )
        if rowless:
            types = self.of_types
            statement += (
                f" UNION ALL SELECT w.source_id, w.work_item_id AS subject, w.work_item_id, "
                f"CASE {self._lost_codes(rowless)} END AS outcome{self._more(False)} FROM {self.records} "
                f"WHERE {f'{types} AND ' if types else ''}({self._any(rowless)}) AND {_ALIVE}"
            )
        return statement

    @property
    def lost(self) -> list[Loss]:
        """The losses that bear on this question."""
        return [loss for loss in self.losses if self._reads(self.needs.total.things, loss)]

    @property
    def from_(self) -> str:
        """The subject, with its record as `w` where it is not a record itself."""
        subject = self.question.subject
        if subject.view == RECORDS:
            return self.records
        named = subject.view if subject.view == subject.alias else f"{subject.view} AS {subject.alias}"
        if not joins_record(self.question):
            return named
        return f"{named} JOIN {self.records} ON w.work_item_id = {subject.alias}.work_item_id"

    @property
    def records(self) -> str:
        """The records of the types that the question is about, as `w`."""
        types = self.question.record_types
        tables = [records_of(kind) for kind in self.kinds if not types or kind in types]
        if len(tables) < 2:
            return f"{tables[0]} AS w" if tables else RECORDS
        listed = ", ".join(sorted(self.record_columns))
        return f"({' UNION ALL '.join(f'SELECT {listed} FROM {table}' for table in tables)}) AS w"

    @property
    def record_columns(self) -> frozenset[str]:
        """The columns that are read of records."""
        return ALWAYS_READ.union(column for view, column in self.needs.used if view == RECORDS)

    @property
    def has_record(self) -> bool:
        """Whether subjects belong to records."""
        return has_record(self.question)

    @property
    def source(self) -> str:
        """Expression of the source, or the word that stands for it where no source tells of the subject."""
        if self.has_record:
            return "w.source_id"
        return quoted(self.nowhere) if has_no_source(self.question) else f"{self.question.subject.alias}.source_id"

    @property
    def record(self) -> str:
        """Expression of the record."""
        return "w.work_item_id" if self.has_record else "CAST(NULL AS VARCHAR)"

    def _outcome(self, lost: Sequence[Loss]) -> str:
        whens = [self._lost_codes(lost)] if lost else []
        if self._relevant():
            whens.append("WHEN tainted.code IS NOT NULL THEN tainted.code")
        if self.question.population != "TRUE":
            whens.append(f"WHEN {self._population(lost)} IS NULL THEN {self.code(NO_POPULATION)}")
        if self.question.is_anchored:
            whens.append(f"WHEN ({self.question.anchor}) IS NULL THEN {self.code(NO_ANCHOR)}")
        whens += [f"WHEN ({each.when}) THEN {self.code(each.reason)}" for each in self.question.not_assessable]
        answer = self._answer()
        return f"CASE {' '.join(whens)} ELSE {answer} END" if whens else answer

    def _since(self) -> str:
        """Return from when on subjects that fall due are in scope."""
        return "$period_from"

    def _answer(self) -> str:
        """Return the outcome of a subject that can be told."""
        return str(PASSES)

    def _more(self, has_subject: bool) -> str:
        """Return more columns, each after a comma; where a record only stands in, there is no subject."""
        del has_subject
        return ""

    def _population(self, lost: Sequence[Loss]) -> str:
        """The population; parts that read what a source lost are unknown there, not false."""
        parts = []
        for sql, needs in self.needs.conjuncts:
            unknown = [loss for loss in lost if self._reads(needs.things, loss)]
            parts.append(f"CASE WHEN {self._any(unknown)} THEN NULL ELSE ({sql}) END" if unknown else f"({sql})")
        return f"({' AND '.join(parts)})"

    def _in_period(self, lost: Sequence[Loss]) -> str:
        """Keep subjects that fall due in the period; without a time those whose record lived in it."""
        if not self.question.is_anchored:
            return ""
        read = self.needs.anchor.things
        unknown = [loss for loss in lost if self._reads(read, loss)]
        anchor = f"({self.question.anchor})"
        due = f"({anchor} >= {self._since()} AND {anchor} < $period_to)"
        alive = _ALIVE if self.has_record else "TRUE"
        if unknown:
            return f"CASE WHEN {self._any(unknown)} OR {anchor} IS NULL THEN {alive} ELSE {due} END"
        return f"({due} OR ({anchor} IS NULL AND {alive}))"

    def _rowless(self, lost: Sequence[Loss]) -> list[Loss]:
        """Return the losses without which the subject has no rows, so that its records must stand in for it."""
        if not joins_record(self.question):
            return []
        return [loss for loss in lost if self._reads(self.needs.rows.things, loss)]

    def _reads(self, read: Collection[str], loss: Loss) -> bool:
        types = self.question.record_types
        applies = loss.record_type == "*" or not types or loss.record_type in types
        return loss.what in read and applies and (loss.record_type == "*" or self.has_record)

    def _any(self, lost: Sequence[Loss]) -> str:
        return " OR ".join(dict.fromkeys(self._condition(loss) for loss in lost)) or "FALSE"

    def _condition(self, loss: Loss) -> str:
        of_type = "" if loss.record_type == "*" else f" AND w.record_type = {quoted(loss.record_type)}"
        return f"({self.source} = {quoted(loss.source_id)}{of_type})"

    def _lost_codes(self, lost: Sequence[Loss]) -> str:
        return " ".join(f"WHEN {self._condition(loss)} THEN {self.code(loss.reason)}" for loss in lost)

    @property
    def of_types(self) -> str:
        """The condition on the type of record; empty where any type will do."""
        if not self.question.record_types or not self.has_record:
            return ""
        return f"w.record_type IN ({', '.join(quoted(each) for each in self.question.record_types)})"

    def _relevant(self) -> list[TaintedBy]:
        if not self.has_record or self.question.taints:
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

    def code(self, reason: str) -> int:
        """Return the outcome that stands for a reason."""
        for code, known in self.reasons.items():
            if known == reason:
                return code
        code = max((each for each in self.reasons if each < TAINT_CODES), default=0) + 1
        self.reasons[code] = reason
        return code


class Judging(Asking[Check]):
    """A check made into SQL. Outcome -1 is a fail, 0 a pass."""

    __slots__ = ()
    nowhere = ORGANISATION

    def _answer(self) -> str:
        # TRUE is 1, and its negative a fail. Naming the violation once keeps the engine from answering it twice.
        violation = f"CAST(CAST(({self.question.violation}) AS BOOLEAN) AS INTEGER)"
        return f"COALESCE(-{violation}, {self.code(NO_VALUE)})"


TAINT_CODES = 1_000_000
"""Codes from here on belong to taints, which several checks share."""


def quoted(word: str) -> str:
    """Quote a word as an SQL literal."""
    return "'" + word.replace("'", "''") + "'"


def used(sql: str, binding: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that a statement asks for: DuckDB refuses others."""
    names = set(re.findall(r"\$(\w+)", sql))
    return {name: value for name, value in binding.items() if name in names}
