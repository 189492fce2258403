"""The KPIs of an assessment in words: each figure with what stands behind it, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from itsm_bridge.checking.quantities import words as length
from itsm_bridge.reports.words import count, percent
from itsm_bridge.schema.runs import KPI_DIMENSIONS

if TYPE_CHECKING:
    from itsm_bridge.checking.definition import Kpi
    from itsm_bridge.reports.view import AssessmentView

NO_FIGURE = "–"
TRENDS = {
    "worse": "worse", "better": "better", "higher": "higher", "lower": "lower", "unchanged": "unchanged",
    "too_few": "too few to judge",
}  # fmt: skip
"""What became of a figure, what asks for attention first."""
_FIGURES = {
    "count": "number", "share": "share", "mean": "mean", "median": "median", "p90": "90th percentile",
    "quotient": "share",
}  # fmt: skip
_NO_TREND = len(TRENDS)


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One figure of one scope as stored, with its KPI."""

    kpi: Kpi
    dimension: str
    source_id: str
    scope: str
    scope_name: str | None
    value: float | None
    n: int
    numerator: float | None
    denominator: float | None
    median: float | None
    p90: float | None
    not_assessable: int
    reasons: Mapping[str, int]
    reason: str | None
    previous_value: float | None
    previous_n: int | None
    trend: str | None

    @property
    def said(self) -> str:
        """The value in words."""
        return self.say(self.value)

    @property
    def basis(self) -> str:
        """What stands behind the value."""
        if self.value is None:
            return NO_FIGURE
        kind = _FIGURES[self.kpi.figure]
        if self.kpi.figure == "share" and self.numerator is not None:
            return f"{count(round(self.numerator))} of {count(self.n)}"
        return f"{'' if self.kpi.figure == 'count' else f'{kind} '}of {count(self.n)}"

    @property
    def before(self) -> str:
        """The value of the period before, with what stands behind it."""
        if self.previous_value is None:
            return NO_FIGURE
        return f"{self.say(self.previous_value)} of {count(self.previous_n)}"

    @property
    def arrow(self) -> str:
        """Where the value went; empty where there is nothing to compare."""
        if self.value is None or self.previous_value is None:
            return ""
        return "→" if self.value == self.previous_value else "↑" if self.value > self.previous_value else "↓"

    @property
    def tendency(self) -> str:
        """Arrow and word together."""
        return f"{self.arrow} {TRENDS[self.trend]}" if self.trend else NO_FIGURE

    @property
    def name(self) -> str:
        """The scope as people call it."""
        if self.dimension == "all":
            return "all"
        if self.scope == "":
            return "(none recorded)"
        return f"priority {self.scope}" if self.dimension == "priority" else self.scope_name or self.scope

    def say(self, value: float | None) -> str:
        """Write a value in the unit of the KPI; a missing one is a dash, never zero."""
        if value is None:
            return NO_FIGURE
        if self.kpi.unit == "seconds":
            return length(timedelta(seconds=value))
        if self.kpi.unit == "share":
            return percent(value)
        return count(int(value)) if value == int(value) and self.kpi.unit == "count" else f"{value:,.2f}"


def figure_lines(view: AssessmentView, dimension: str | None = None) -> tuple[FigureLine, ...]:
    """Return the figures of an assessment, or those split by one dimension, KPI by KPI in order of process."""
    kpis = {kpi.id: kpi for kpi in view.kpis}
    rows = [row for row in view.figures.to_pylist() if row["kpi_id"] in kpis]
    chosen = (row for row in rows if dimension is None or row["dimension"] == dimension)
    lines = (_line(row, kpis[row["kpi_id"]]) for row in chosen)
    # Sorting is stable: the rows of one KPI keep their order.
    return tuple(sorted(lines, key=lambda line: (line.kpi.process, line.kpi.id, KPI_DIMENSIONS.index(line.dimension))))


def by_attention(lines: Sequence[FigureLine]) -> list[FigureLine]:
    """Return the figures that have a value, what became worse first."""
    order = {name: n for n, name in enumerate(TRENDS)}
    told = [line for line in lines if line.value is not None]
    return sorted(told, key=lambda line: order.get(line.trend or "", _NO_TREND))


def _line(row: Mapping[str, Any], kpi: Kpi) -> FigureLine:
    fields = {name: row[name] for name in FigureLine.__dataclass_fields__ if name not in ("kpi", "reasons")}
    return FigureLine(kpi=kpi, reasons=json.loads(row["reasons"] or "{}"), **fields)
