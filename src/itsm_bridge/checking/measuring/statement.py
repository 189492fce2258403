"""A KPI made into SQL: the value of each subject beside its outcome, its period, and where its record belongs."""

from __future__ import annotations

from collections.abc import Iterable

from itsm_bridge.checking.definition import Kpi
from itsm_bridge.checking.verdicts import Asking
from itsm_bridge.checking.views import relations

SCOPES = ("service_id", "support_group_id", "priority")
"""What a record says about where it belongs."""
_TRUTH = ("count", "share")


class Measuring(Asking[Kpi]):
    """The query of a KPI. `period` is 0 for the period that is judged, 1 for the one before."""

    __slots__ = ()

    @property
    def tells_both_periods(self) -> bool:
        """Whether one query can tell both: where the moment of a subject alone says into which it falls."""
        is_bound = any("$period_" in sql for sql in self.question.expressions.values())
        return self.question.is_anchored and not is_bound

    @property
    def belongs(self) -> bool:
        """Whether subjects say where they belong, beyond their source."""
        return self.has_record or any(each in self._columns for each in SCOPES)

    @property
    def record_columns(self) -> frozenset[str]:
        """The columns that are read of records."""
        return super().record_columns.union(SCOPES)

    @property
    def scope_columns(self) -> frozenset[tuple[str, str]]:
        """The columns by which subjects that are no records say where they belong."""
        view = self.question.subject.view
        return frozenset((view, each) for each in SCOPES if each in self._columns)

    def _since(self) -> str:
        return "$previous_from" if self.tells_both_periods else "$period_from"

    def _more(self, has_subject: bool) -> str:
        kpi = self.question
        cast = "CAST(CAST(({}) AS BOOLEAN) AS INTEGER)" if kpi.figure in _TRUTH else "CAST(({}) AS DOUBLE)"
        value = cast.format(kpi.value) if has_subject else "NULL"
        weight = f"CAST(({kpi.weight}) AS DOUBLE)" if has_subject and kpi.weight else "NULL"
        period = "0"
        if has_subject and self.tells_both_periods:
            period = f"CASE WHEN ({kpi.anchor}) < $period_from THEN 1 ELSE 0 END"
        return f", {value} AS value, {weight} AS weight, {period} AS period{self._scope(has_subject)}"

    def _scope(self, has_subject: bool) -> str:
        alias = "w" if self.has_record or not has_subject else self.question.subject.alias
        parts = [f"{alias}.{each}" if alias == "w" or each in self._columns else "NULL" for each in SCOPES]
        return f", {parts[0]} AS service_id, {parts[1]} AS team_id, {parts[2]} AS priority"

    @property
    def _columns(self) -> Iterable[str]:
        return relations()[self.question.subject.view].columns
