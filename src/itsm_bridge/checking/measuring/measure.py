"""Measure KPIs over the views of a run: the values of single subjects, and what is made of them by scope and period."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import orjson
import pyarrow as pa

from itsm_bridge.checking.definition import Kpi
from itsm_bridge.checking.frame import FIGURES, Frame
from itsm_bridge.checking.losses import Loss
from itsm_bridge.checking.measuring.statement import Measuring
from itsm_bridge.checking.measuring.trend import trend
from itsm_bridge.checking.needs import needs
from itsm_bridge.checking.verdicts import ALL_SOURCES, PASSES, TaintedBy, used

NO_VALUE = "a value that the figure is made from is missing"
NOTHING = "nothing to measure in the period"
FAILED = "it could not be measured: the problems of the assessment say why"
NAMED = {
    "service": frozenset({"service_id", "name"}), "support_group": frozenset({"support_group_id", "name"}),
}  # fmt: skip
"""Columns of the schema from which scopes get their names."""
_MANY = 4_000_000
"""How many values are collected before figures are made of them."""
_SPREAD = ("mean", "median", "p90")
_DIMENSIONS = {0b1111: "all", 0b0111: "source", 0b0011: "service", 0b0101: "team", 0b1110: "priority"}
"""Which columns are not grouped by: source, service, team, priority, from left to right."""
# Sums of decimals are the same in whatever order rows come; sums of floating numbers are not.
_COUNTS = "m.outcome <> 0 OR m.weight IS NULL OR m.weight > 0"
_ALONE = f"""
m.value, CASE WHEN {_COUNTS} THEN 1 ELSE 0 END, CAST(m.value AS DECIMAL(28, 6)), CAST(m.weight AS DECIMAL(28, 6))
"""
_TOGETHER = f"""
NULL, COUNT(*) FILTER (WHERE {_COUNTS}), SUM(CAST(m.value AS DECIMAL(28, 6))), SUM(CAST(m.weight AS DECIMAL(28, 6)))
"""
_FIGURES = """
SELECT
  m.kpi, m.period, GROUPING(m.source_id, m.service_id, m.team_id, m.priority) AS dimension,
  COALESCE(m.source_id, '*') AS source_id,
  CASE
    WHEN GROUPING(m.service_id) = 0 THEN COALESCE(m.service_id, '')
    WHEN GROUPING(m.team_id) = 0 THEN COALESCE(m.team_id, '')
    WHEN GROUPING(m.priority) = 0 THEN COALESCE(CAST(m.priority AS VARCHAR), '')
    ELSE COALESCE(m.source_id, '*')
  END AS scope,
  m.outcome,
  CAST(SUM(m.n) AS BIGINT), CAST(COALESCE(SUM(m.total), 0) AS DOUBLE), CAST(COALESCE(SUM(m.weight), 0) AS DOUBLE),
  QUANTILE_CONT(m.value, 0.5), QUANTILE_CONT(m.value, 0.9)
FROM measured AS m
GROUP BY m.kpi, m.period, m.outcome,
  GROUPING SETS ((), (m.source_id), (m.source_id, m.service_id), (m.source_id, m.team_id), (m.priority))
"""

Key = tuple[str, str, str]
"""Dimension, source, scope."""


@dataclass(slots=True)
class Measured:
    """What was measured of one scope in one period; `reasons` counts subjects that are not assessable."""

    n: int = 0
    sum: float = 0.0
    weight: float = 0.0
    median: float | None = None
    p90: float | None = None
    reasons: dict[str, int] = field(default_factory=dict)

    def value(self, kpi: Kpi) -> float | None:
        """Return the figure; None where nothing stands behind it."""
        if not self.n:
            return None
        numerator, denominator = self.parts(kpi)
        if denominator is not None and numerator is not None:
            return numerator / denominator
        return {"count": self.sum, "median": self.median, "p90": self.p90}[kpi.figure]

    def parts(self, kpi: Kpi) -> tuple[float | None, float | None]:
        """Return what is divided by what; nothing where the figure is no division."""
        if not self.n or kpi.figure not in ("share", "mean", "quotient"):
            return None, None
        return self.sum, self.weight if kpi.figure == "quotient" else self.n


@dataclass(slots=True)
class Measures:
    """The figures of one run. `losses` and `tainted` are what checks found not to be told or trusted."""

    connection: duckdb.DuckDBPyConnection
    frame: Frame
    sources: Sequence[str]
    losses: Sequence[Loss]
    tainted: Sequence[TaintedBy]
    is_asked: Callable[[Kpi], bool]
    kinds: Sequence[str] = ()
    asked: dict[int, Measuring] = field(default_factory=dict)
    measured: set[int] = field(default_factory=set)
    found: dict[tuple[int, int], dict[Key, Measured]] = field(default_factory=dict)
    collected: int = 0

    def __post_init__(self) -> None:
        self._rows(
            "CREATE OR REPLACE TEMP TABLE measured (kpi INTEGER, period INTEGER, outcome INTEGER, source_id VARCHAR, "
            "service_id VARCHAR, team_id VARCHAR, priority BIGINT, value DOUBLE, n BIGINT, total DECIMAL(38, 6), "
            "weight DECIMAL(38, 6))"
        )

    def collect(self, kpi: Kpi, parameters: Mapping[str, Any]) -> None:
        """Take down what subjects of a KPI come to in both periods; each value alone only where its spread is told."""
        number = len(self.asked)
        measuring = self.asked[number] = Measuring(kpi, needs(kpi), self.losses, self.tainted, self.kinds)
        if self.is_asked(kpi):
            self._collect(number, measuring, parameters)
        self.measured.add(number)
        if self.collected > _MANY:
            self._make_figures()

    def _collect(self, number: int, measuring: Measuring, parameters: Mapping[str, Any]) -> None:
        kpi = measuring.question
        statement = measuring.statement()
        outcome = f"WHEN v.outcome = {PASSES} AND v.value IS NULL THEN {measuring.code(NO_VALUE)} "
        if kpi.weight:
            outcome += f"WHEN v.outcome = {PASSES} AND v.weight IS NULL THEN {measuring.code(NO_VALUE)} "
        values, group = (_ALONE, "") if kpi.figure in _SPREAD else (_TOGETHER, "GROUP BY ALL")
        for period, binding in self._periods(measuring):
            sql = (
                f"INSERT INTO measured SELECT {number}, m.period, m.outcome, m.source_id, m.service_id, m.team_id, "
                f"m.priority, {values} FROM (SELECT {period} AS period, CASE {outcome}ELSE v.outcome END "
                "AS outcome, v.value, v.weight, v.source_id, v.service_id, v.team_id, v.priority "
                f"FROM ({statement}) AS v) AS m {group}"
            )
            self.collected += self._rows(sql, used(sql, {**parameters, **binding}))[0][0]

    def table(self) -> pa.Table:
        """Return the rows of all KPIs: for all sources, for each source, and for each scope that has subjects."""
        self._make_figures()
        names = dict(self._rows(
            "SELECT s.service_id, s.name FROM service AS s WHERE s.name IS NOT NULL "
            "UNION ALL SELECT g.support_group_id, g.name FROM support_group AS g WHERE g.name IS NOT NULL"
        ))  # fmt: skip
        rows = [row for number in self.asked for row in self._rows_of(number, names)]
        return pa.Table.from_pylist(rows, schema=FIGURES)

    def _periods(self, measuring: Measuring) -> Iterator[tuple[str, dict[str, Any]]]:
        frame = self.frame
        now = {"now": frame.now, "period_from": frame.period_from, "period_to": frame.period_to}
        if measuring.tells_both_periods:
            yield "v.period", {**now, "previous_from": frame.before}
            return
        yield "0", now
        if measuring.question.is_repeatable:
            yield "1", {**now, "period_from": frame.before, "period_to": frame.period_from}

    def _make_figures(self) -> None:
        for number, period, grouped, source, scope, outcome, n, *values in self._rows(_FIGURES):
            if number not in self.measured:  # it broke off half-way
                continue
            scopes = self.found.setdefault((number, period), {})
            measured = scopes.setdefault((_DIMENSIONS[grouped], source, scope), Measured())
            if outcome == PASSES:
                measured.n, (measured.sum, measured.weight, measured.median, measured.p90) = n, values
            else:
                measured.reasons[self.asked[number].reasons[outcome]] = n
        self._rows("DELETE FROM measured")
        self.collected = 0

    def _rows_of(self, number: int, names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        measuring, now, before = self.asked[number], self.found.get((number, 0), {}), self.found.get((number, 1), {})
        for key in self._keys(measuring, now):
            row = self._row(measuring, key, now.get(key, Measured()), before.get(key, Measured()), names)
            yield row if number in self.measured else {**row, "reason": FAILED}

    def _keys(self, measuring: Measuring, found: Iterable[Key]) -> list[Key]:
        always = [("all", ALL_SOURCES, ALL_SOURCES)]
        if measuring.source != f"'{ALL_SOURCES}'":
            always += [("source", source, source) for source in self.sources]
        return [*always, *sorted(set(found).difference(always))] if measuring.belongs else always

    def _row(
        self, measuring: Measuring, key: Key, now: Measured, before: Measured, names: Mapping[str, str]
    ) -> dict[str, Any]:
        kpi, (dimension, source, scope) = measuring.question, key
        value, previous = _rounded(now.value(kpi)), _rounded(before.value(kpi))
        numerator, denominator = now.parts(kpi)
        return {
            "kpi_id": kpi.id, "dimension": dimension, "source_id": source, "scope": scope,
            "scope_name": names.get(scope), "period_from": self.frame.period_from, "period_to": self.frame.period_to,
            "unit": kpi.unit, "value": value, "n": now.n, "numerator": _rounded(numerator),
            "denominator": _rounded(denominator), "median": _rounded(now.median), "p90": _rounded(now.p90),
            "not_assessable": sum(now.reasons.values()),
            "reasons": orjson.dumps(now.reasons, option=orjson.OPT_SORT_KEYS).decode(),
            "reason": None if value is not None else self._why_not(measuring, source, now),
            "previous_value": previous, "previous_n": before.n if kpi.is_repeatable else None,
            "trend": trend(kpi, (value, now.n), (previous, before.n)),
        }  # fmt: skip

    def _why_not(self, measuring: Measuring, source: str, now: Measured) -> str:
        if now.reasons:
            return max(now.reasons, key=lambda each: (now.reasons[each], each))
        lost = [each for each in measuring.lost if source in (ALL_SOURCES, each.source_id)]
        told = {each.source_id for each in lost}
        is_lost = bool(lost) and (source != ALL_SOURCES or told >= set(self.sources))
        return min(each.reason for each in lost) if is_lost else NOTHING

    def _rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[Any]:
        return self.connection.execute(sql, values or {}).fetchall()


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 9)
