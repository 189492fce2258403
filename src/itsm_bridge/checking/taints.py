"""What failed data-quality checks make untrustworthy, record by record or for a whole source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb

from itsm_bridge.checking.definition import Check, Taint
from itsm_bridge.checking.losses import Loss
from itsm_bridge.checking.verdicts import TAINT_CODES, Judging, TaintedBy, used


@dataclass(slots=True)
class Taints:
    """Taints found so far: table `taint` names records, `known` says what is spoilt, `losses` whole tables."""

    connection: duckdb.DuckDBPyConnection
    known: list[TaintedBy] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.connection.execute("CREATE OR REPLACE TEMP TABLE taint (work_item_id VARCHAR, code INTEGER)").fetchall()

    def spread(self, judging: Judging, binding: Mapping[str, Any]) -> None:
        """Note what a data-quality check spoils, in whatever period: other checks may read records outside of it."""
        for taint in judging.question.taints:
            if taint.tables:
                self._spoil_tables(judging, taint, binding)
            else:
                self._spoil_columns(judging, taint, binding)

    def _spoil_columns(self, judging: Judging, taint: Taint, binding: Mapping[str, Any]) -> None:
        code = TAINT_CODES + len(self.known)
        sql = f"INSERT INTO taint SELECT DISTINCT {judging.record}, {code} FROM {_spoilt(judging, taint)}"
        rows = self.connection.execute(sql, used(sql, binding)).fetchall()
        if rows and rows[0][0]:
            self.known.append(TaintedBy(code, frozenset(taint.columns), _reason(judging.question, taint.columns)))

    def _spoil_tables(self, judging: Judging, taint: Taint, binding: Mapping[str, Any]) -> None:
        sql = (
            f"SELECT DISTINCT {judging.source} AS source_id, {judging.question.subject.key} AS subject, "
            f"{taint.tables} AS tables FROM {_spoilt(judging, taint)} ORDER BY ALL"
        )
        for source, subject, tables in self.connection.execute(sql, used(sql, binding)).fetchall():
            named = [name.strip() for name in (tables or "").split(",") if name.strip()]
            if "work_item" in named:
                # Records that are held can be judged, whatever others are missing: that limits the population only.
                continue
            for table in named:
                reason = f"{judging.question.id} ({judging.question.title}): {subject} is not complete"
                self.losses.append(Loss(source, "*", table, reason))


def _spoilt(judging: Judging, taint: Taint) -> str:
    of_types = f"{judging.of_types} AND " if judging.of_types else ""
    return f"{judging.from_} WHERE {of_types}({judging.question.population}) AND ({taint.when})"


def _reason(check: Check, columns: tuple[str, ...]) -> str:
    names = ", ".join(name.removeprefix("work_item.") for name in columns)
    return f"{check.id} ({check.title}): {names} cannot be trusted"
