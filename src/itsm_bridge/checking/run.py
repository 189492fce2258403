"""Run checks over the canonical tables of one connection: verdicts, counts, findings (design §7)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb
import orjson
import pyarrow as pa

from itsm_bridge.checking.definition import Check, Kpi, Question
from itsm_bridge.checking.findings import Findings, find, labels
from itsm_bridge.checking.frame import COUNTS, FIGURES, FINDINGS, CheckRun, Frame, Verdict
from itsm_bridge.checking.losses import Loss, losses, lost_everywhere
from itsm_bridge.checking.measuring.measure import Measures
from itsm_bridge.checking.needs import has_no_source, has_record, needs
from itsm_bridge.checking.parameters import parameters
from itsm_bridge.checking.planning import views_read
from itsm_bridge.checking.taints import Taints
from itsm_bridge.checking.verdicts import ALL_SOURCES, FAILS, PASSES, Judging, used
from itsm_bridge.checking.views import make_views
from itsm_bridge.errors import CheckError
from itsm_bridge.schema.runs import ORGANISATION
from itsm_bridge.unreadable import is_unreadable

_WRONG_SQL = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)
"""Mistakes in a check file, whatever the data; other errors are those of one run."""


def run_checks(
    connection: duckdb.DuckDBPyConnection, checks: Sequence[Check], frame: Frame, kpis: Sequence[Kpi] = ()
) -> CheckRun:
    """Judge every record in the frame's light, and measure KPIs over the same views.

    The connection has every table of the schema under its name, instants as TIMESTAMP in UTC. Derived
    views are made in it as temporary tables. A check or KPI that cannot be carried out becomes a problem and
    the others go on; CheckError where its SQL cannot work, ConfigurationError where a parameter's value does not fit.
    """
    bindings = parameters([*checks, *kpis], frame.parameters)
    run = _Run(connection, frame, bindings.values)
    run.prepare(checks, kpis)
    # Data quality comes first: what it finds untrustworthy silences the checks and KPIs that read it.
    for check in sorted((each for each in checks if each.taints), key=lambda each: each.id):
        run.carry_out(check)
    # Then KPIs, as there are checks that judge figures.
    run.measure(kpis)
    for check in sorted((each for each in checks if not each.taints), key=lambda each: each.id):
        run.carry_out(check)
    run.explain()
    known = labels(connection, run.findings.values())
    findings = (run.findings[name].table(known) for name in sorted(run.findings))
    return CheckRun(
        counts=run.counts(checks),
        findings=pa.concat_tables([FINDINGS.empty_table(), *findings]),
        problems=tuple(run.problems),
        loosened=bindings.loosened,
        verdicts=run.verdicts,
        figures=run.figures,
        drawn=run.drawn,
    )


@dataclass(slots=True)
class _Run:
    connection: duckdb.DuckDBPyConnection
    frame: Frame
    values: Mapping[str, Mapping[str, Any]]
    sources: list[str] = field(default_factory=list)
    kinds: tuple[str, ...] = ()
    losses: tuple[Loss, ...] = ()
    taints: Taints = field(init=False)
    findings: dict[str, Findings] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)
    verdicts: dict[tuple[str, str], Verdict] = field(default_factory=dict)
    figures: pa.Table = field(default_factory=FIGURES.empty_table)
    drawn: dict[str, list[tuple[str, str, str | None]]] = field(default_factory=dict)
    tallies: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    """Per check and source: how many passed, and how many were not assessable for which reason."""

    def prepare(self, checks: Iterable[Check], kpis: Iterable[Kpi]) -> None:
        self.taints = Taints(self.connection)
        self.sources = [row[0] for row in self._rows("SELECT source_id FROM source ORDER BY 1 NULLS LAST")]
        found = losses(self.connection)
        self.losses = (*found, *lost_everywhere(found, self.sources, ORGANISATION))
        kinds = self._rows("SELECT DISTINCT i.record_type FROM work_item AS i ORDER BY 1")
        self.kinds = tuple(kind for (kind,) in kinds)
        made = views_read(filter(self._is_asked, checks), filter(self._is_asked, kpis), self.kinds)
        make_views(self.connection, made, self._binding())

    def _is_asked(self, question: Question) -> bool:
        """Tell whether there are records of the types that a question is about: else its SQL costs only planning."""
        if not question.record_types or not has_record(question):
            return True
        return any(kind in question.record_types for kind in self.kinds)

    def carry_out(self, check: Check) -> None:
        with self._noting_problems(check, "checks"):
            self._judge(check)
            return
        self.findings.pop(check.id, None)
        for key in [key for key in self.tallies if key[0] == check.id]:
            del self.tallies[key]

    def measure(self, kpis: Collection[Kpi]) -> None:
        """Measure KPIs; checks find the figures in table `kpi_result`."""
        if not kpis:
            return
        lost = (*self.losses, *self.taints.losses)
        measures = Measures(
            self.connection, self.frame, self.sources, lost, self.taints.known, self._is_asked, self.kinds
        )
        for kpi in kpis:
            with self._noting_problems(kpi, "kpi"):
                measures.collect(kpi, self.values[kpi.id])
        self.figures = measures.table()
        self._keep_figures()

    def _keep_figures(self) -> None:
        self.connection.register("figures", self.figures)
        names = ", ".join(self.figures.column_names)
        taken = ", ".join(
            f"make_timestamp(epoch_us(f.{name}))" if name in ("period_from", "period_to") else f"f.{name}"
            for name in self.figures.column_names
        )
        self._rows("DELETE FROM kpi_result")
        self._rows(
            f"INSERT INTO kpi_result (assessment, {names}) SELECT {self.frame.number}, {taken} FROM figures AS f"
        )
        self.connection.unregister("figures")

    @contextmanager
    def _noting_problems(self, question: Question, command: str) -> Iterator[None]:
        """Let one question fail alone; SQL that cannot work, whatever the data, ends the run."""
        try:
            yield
        except _WRONG_SQL as error:
            raise CheckError(
                f"its SQL does not work: {str(error).strip().splitlines()[0]}", where=str(question.path),
                hint=f"Correct the file; `itsm-bridge {command} test {question.id}` tries it.",
            ) from error  # fmt: skip
        except duckdb.Error as error:
            if is_unreadable(error):
                raise
            self.problems.append((question.id, " ".join(str(error).split())))

    def _judge(self, check: Check) -> None:
        if not self._is_asked(check):
            return
        judging = Judging(check, needs(check), (*self.losses, *self.taints.losses), self.taints.known, self.kinds)
        statement = judging.statement()
        binding = self._binding(check)
        self._rows(
            f"CREATE OR REPLACE TEMP TABLE judged AS SELECT source_id, outcome, COUNT(*) AS n, "
            f"LIST({{'s': subject, 'w': work_item_id}}) FILTER (WHERE outcome = {FAILS}) AS failing "
            f"FROM ({statement}) AS v GROUP BY source_id, outcome",
            used(statement, binding),
        )
        has_failing = self._tally(judging)
        if has_failing:
            self._rows(
                "CREATE OR REPLACE TEMP TABLE failing AS "
                "SELECT f.source_id, f.each.s AS subject, f.each.w AS work_item_id "
                f"FROM (SELECT source_id, UNNEST(failing) AS each FROM judged WHERE outcome = {FAILS}) AS f"
            )
            self.findings[check.id] = find(self.connection, judging, binding)
        self.taints.spread(judging, binding)
        self._watch(judging, statement, binding)
        self._draw(judging, statement, binding)

    def _tally(self, judging: Judging) -> bool:
        has_failing = False
        for source, outcome, n in self._rows("SELECT source_id, outcome, n FROM judged"):
            tally = self.tallies.setdefault((judging.question.id, source), {})
            if outcome == FAILS:
                has_failing = True
            elif outcome == PASSES:
                tally["pass"] = tally.get("pass", 0) + n
            else:
                key = f"reason:{judging.reasons[outcome]}"
                tally[key] = tally.get(key, 0) + n
        return has_failing

    def _watch(self, judging: Judging, statement: str, binding: Mapping[str, Any]) -> None:
        watched = list(self.frame.watched.get(judging.question.id, ()))
        if not watched:
            return
        sql = f"SELECT subject, outcome FROM ({statement}) AS v WHERE subject IN (SELECT UNNEST($watched))"
        said: dict[int, Verdict] = {FAILS: "fail", PASSES: "pass"}
        for subject, outcome in self._rows(sql, {**used(statement, binding), "watched": watched}):
            self.verdicts[judging.question.id, subject] = said.get(outcome, "not_assessable")

    def _draw(self, judging: Judging, statement: str, binding: Mapping[str, Any]) -> None:
        """Draw passing subjects: those whose hash with the seed comes first, so that anybody can draw them again."""
        if not self.frame.drawn:
            return
        check = judging.question.id
        sql = (
            f"SELECT source_id, subject, work_item_id FROM ({statement}) AS v WHERE outcome = {PASSES} "
            f"ORDER BY sha256($draw || subject), subject LIMIT {self.frame.drawn}"
        )
        found = self._rows(sql, {**used(statement, binding), "draw": f"{self.frame.seed}/{check}/"})
        self.drawn[check] = [(source, subject, item) for source, subject, item in found]

    def explain(self) -> None:
        """Mark findings that another check's finding on the same record explains."""
        failing = {name: frozenset(found.work_items) - {None} for name, found in self.findings.items()}
        for found in self.findings.values():
            found.explain(failing)

    def counts(self, checks: Iterable[Check]) -> pa.Table:
        """Return the table of counts: a row for every check and source, or the organisation where that is judged."""
        found: dict[tuple[str, str], list[int]] = {}
        for name, each in self.findings.items():
            for source, cause in zip(each.sources, each.causes, strict=True):
                found.setdefault((name, source), [0, 0])[cause is not None] += 1
        named = {source for _, source in (*self.tallies, *found)} - {ORGANISATION}
        rows = []
        failed = {check for check, _ in self.problems}
        for check in sorted(checks, key=lambda each: each.id):
            name = check.id
            if name in failed:
                continue
            mine = [
                _count(name, source, self.tallies.get((name, source), {}), found.get((name, source), [0, 0]))
                for source in ([ORGANISATION] if has_no_source(check) else sorted(named.union(self.sources)))
            ]
            rows += [_total(name, mine), *mine]
        for row in rows:
            row["reasons"] = orjson.dumps(row["reasons"], option=orjson.OPT_SORT_KEYS).decode()
        return pa.Table.from_pylist(rows, schema=COUNTS)

    def _binding(self, check: Check | None = None) -> dict[str, Any]:
        frame = {"now": self.frame.now, "period_from": self.frame.period_from, "period_to": self.frame.period_to}
        return {**self.values[check.id], **frame} if check else frame

    def _rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        # Everything is fetched at once: DuckDB refuses the next statement while a result is open.
        return self.connection.execute(sql, values or {}).fetchall()


def _count(check: str, source: str, tally: Mapping[str, int], found: Sequence[int]) -> dict[str, Any]:
    reasons = {key.removeprefix("reason:"): n for key, n in tally.items() if key.startswith("reason:")}
    assessable = tally.get("pass", 0) + sum(found)
    not_assessable = sum(reasons.values())
    return {
        "check_id": check, "source_id": source, "in_scope": assessable + not_assessable, "assessable": assessable,
        "not_assessable": not_assessable, "failing": found[0], "suppressed": found[1], "waived": 0, "reasons": reasons,
    }  # fmt: skip


def _total(check: str, rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    total = _count(check, ALL_SOURCES, {}, (0, 0))
    for row in rows:
        for name, value in row.items():
            if isinstance(value, int):
                total[name] += value
        for reason, n in row["reasons"].items():
            total["reasons"][reason] = total["reasons"].get(reason, 0) + n
    return total
