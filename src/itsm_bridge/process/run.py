"""Looks at the processes behind the records of one connection: paths, steps, constraints; each with its denominator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import duckdb
import orjson
import pyarrow as pa

from itsm_bridge.checking.losses import Loss, losses
from itsm_bridge.checking.verdicts import ALL_SOURCES, used
from itsm_bridge.checking.views import Plan, make_views, plan
from itsm_bridge.process.constraint import Constraint, population_columns
from itsm_bridge.process.paths import RECORDS, RECORDS_SQL, VARIANTS, VARIANTS_SQL, traced_sql
from itsm_bridge.process.statement import statement
from itsm_bridge.schema import TABLES

STEPS = pa.schema([
    ("source_id", pa.string()), ("record_type", pa.string()), ("from_state", pa.string()), ("to_state", pa.string()),
    ("verdict", pa.string()), ("reason", pa.string()), ("steps", pa.int64()), ("records", pa.int64()),
])  # fmt: skip
CONSTRAINTS = pa.schema([
    ("constraint_id", pa.string()), ("title", pa.string()), ("formula", pa.string()), ("source_id", pa.string()),
    *((name, pa.int64()) for name in (
        "in_scope", "not_assessable", "vacuous", "kept", "pending", "violated", "activations", "violations",
        "pending_activations",
    )),
    ("reasons", pa.string()), ("examples", pa.list_(pa.string())),
])  # fmt: skip
FOLLOWING = pa.schema([
    ("source_id", pa.string()), ("record_type", pa.string()), ("records", pa.int64()), ("following", pa.int64()),
    ("departing", pa.int64()), ("not_assessable", pa.int64()),
])  # fmt: skip
ALLOWED, FORBIDDEN, NOT_ASSESSABLE, NO_MODEL = "allowed", "not_allowed", "not_assessable", "no_model"
_MANY = 10
"""How many records that break a constraint are named."""
_OUTCOMES = ("vacuous", "kept", "pending", "violated")
_VIEWS = frozenset({
    ("w", name) for name in (
        "work_item_id", "source_id", "record_type", "state", "history_level", "opened_at", "closed_at", "updated_at",
    )
} | {
    ("activity", name) for name in ("work_item_id", "source_id", "at", "seq", "activity")
} | {
    ("model_step", name) for name in (
        "transition_id", "work_item_id", "source_id", "record_type", "from_state", "to_state", "at", "is_modelled",
        "reason", "is_allowed",
    )
} | {
    ("state_interval", name) for name in ("work_item_id", "state", "from_at", "to_at", "seq", "origin")
})  # fmt: skip
_STEPS = f"""
SELECT m.source_id, m.record_type, m.from_state, m.to_state,
  CASE
    WHEN m.is_modelled = 0 THEN '{NO_MODEL}'
    WHEN m.is_allowed = 1 THEN '{ALLOWED}'
    WHEN m.is_allowed = 0 THEN '{FORBIDDEN}'
    ELSE '{NOT_ASSESSABLE}'
  END AS verdict, CASE WHEN m.is_modelled = 1 THEN m.reason END AS reason, COUNT(*) AS steps,
  COUNT(DISTINCT m.work_item_id) AS records
FROM model_step AS m
WHERE m.at >= $period_from AND m.at < $period_to
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY m.source_id, m.record_type, steps DESC, m.from_state, m.to_state
"""
_FOLLOWING = """
WITH judged AS (
  SELECT m.source_id, m.record_type, m.work_item_id, MIN(m.is_allowed) AS worst,
    MAX(CASE WHEN m.is_allowed IS NULL THEN 1 ELSE 0 END) AS is_unclear
  FROM model_step AS m
  WHERE m.is_modelled = 1 AND m.at >= $period_from AND m.at < $period_to
  GROUP BY m.source_id, m.record_type, m.work_item_id
)
SELECT j.source_id, j.record_type, COUNT(*) AS records,
  COUNT(*) FILTER (WHERE j.worst = 1 AND j.is_unclear = 0) AS following,
  COUNT(*) FILTER (WHERE j.worst = 0) AS departing,
  COUNT(*) FILTER (WHERE COALESCE(j.worst, 1) = 1 AND j.is_unclear = 1) AS not_assessable
FROM judged AS j
GROUP BY j.source_id, j.record_type
ORDER BY j.source_id, j.record_type
"""


class Counted(NamedTuple):
    """Records of one source that stand to a constraint alike; `first` names the first of them."""

    source_id: str
    outcome: str
    reason: str | None
    records: int
    activations: int
    violations: int
    pending: int
    first: Sequence[str]


@dataclass(frozen=True, slots=True)
class Process:
    """What was seen. `records` says per source and record type what the paths are made of.

    `following` says how many records kept to the documented state model.
    """

    records: pa.Table = field(default_factory=RECORDS.empty_table)
    variants: pa.Table = field(default_factory=VARIANTS.empty_table)
    steps: pa.Table = field(default_factory=STEPS.empty_table)
    following: pa.Table = field(default_factory=FOLLOWING.empty_table)
    constraints: pa.Table = field(default_factory=CONSTRAINTS.empty_table)


def columns_read(constraints: Iterable[Constraint]) -> dict[str, frozenset[str]]:
    """Return which columns of which tables of the schema are read: all others may be missing."""
    found = {"source": {"source_id"}, "work_item": {"work_item_id", "number"}}
    found |= {name: set(TABLES[name].names) for name in ("capability", "stream_run")}
    for table, column in _plan(constraints).columns:
        found.setdefault(table, set()).add(column)
    return {table: frozenset(columns) for table, columns in found.items()}


def run_process(
    connection: duckdb.DuckDBPyConnection, constraints: Sequence[Constraint], period: tuple[datetime, datetime],
    now: datetime,
) -> Process:  # fmt: skip
    """Look at the processes behind all records that lived in the period; instants are UTC without a zone."""
    binding = {"now": now, "period_from": period[0], "period_to": period[1]}
    make_views(connection, _plan(constraints), binding)
    lost = losses(connection)

    def table(sql: str, schema: pa.Schema) -> pa.Table:
        return connection.sql(sql, params=used(sql, binding)).to_arrow_table().cast(schema)

    traced = f"CREATE OR REPLACE TEMP TABLE traced AS {traced_sql(lost)}"
    connection.execute(traced, used(traced, binding)).fetchall()
    kinds = {kind for (kind,) in connection.execute("SELECT DISTINCT t.record_type FROM traced AS t").fetchall()}
    rows = [
        row
        for each in constraints
        for row in _rows(each, _counted(connection, each, lost, binding) if kinds & {*each.record_types} else [])
    ]
    named = _numbers(connection, rows)
    for row in rows:
        row["examples"] = [named[each] for each in row["examples"]]
    return Process(
        records=table(RECORDS_SQL, RECORDS), variants=table(VARIANTS_SQL, VARIANTS),
        steps=table(_STEPS, STEPS), following=table(_FOLLOWING, FOLLOWING),
        constraints=pa.Table.from_pylist(rows, schema=CONSTRAINTS),
    )  # fmt: skip


def _plan(constraints: Iterable[Constraint]) -> Plan:
    return plan(_VIEWS.union(*(population_columns(each) for each in constraints)))


def _counted(
    connection: duckdb.DuckDBPyConnection, constraint: Constraint, lost: Sequence[Loss], binding: Mapping[str, Any]
) -> list[Counted]:
    """Count how the records stand to one constraint; a record that broke it once has broken it."""
    sql = f"""
        SELECT s.source_id,
          CASE
            WHEN s.reason IS NOT NULL THEN 'not_assessable'
            WHEN s.activations = 0 THEN 'vacuous'
            WHEN s.violations > 0 THEN 'violated'
            WHEN s.pending > 0 THEN 'pending'
            ELSE 'kept'
          END AS outcome,
          s.reason, COUNT(*), SUM(s.activations), SUM(s.violations), SUM(s.pending), MIN(s.work_item_id, {_MANY})
        FROM ({statement(constraint, lost)}) AS s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""
    return [Counted(*row) for row in connection.execute(sql, used(sql, binding)).fetchall()]


def _rows(constraint: Constraint, counted: Sequence[Counted]) -> Iterator[dict[str, Any]]:
    """Yield a row for all sources, and one for each that has records in scope; examples are ids so far."""
    for source in (ALL_SOURCES, *sorted({each.source_id for each in counted})):
        mine = [each for each in counted if source in (ALL_SOURCES, each.source_id)]
        numbers = {name: sum(each.records for each in mine if each.outcome == name) for name in _OUTCOMES}
        assessed = [each for each in mine if each.reason is None]
        reasons: dict[str, int] = {}
        for each in mine:
            if each.reason is not None:
                reasons[each.reason] = reasons.get(each.reason, 0) + each.records
        broke = sorted(name for each in mine if each.outcome == "violated" for name in each.first)
        yield {
            "constraint_id": constraint.id, "title": constraint.title, "formula": constraint.formula,
            "source_id": source, "in_scope": sum(each.records for each in mine),
            "not_assessable": sum(reasons.values()), **numbers,
            "activations": sum(each.activations for each in assessed),
            "violations": sum(each.violations for each in assessed),
            "pending_activations": sum(each.pending for each in assessed),
            "reasons": orjson.dumps(reasons, option=orjson.OPT_SORT_KEYS).decode(), "examples": broke[:_MANY],
        }  # fmt: skip


def _numbers(connection: duckdb.DuckDBPyConnection, rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the numbers by which people know the examples."""
    ids = sorted({each for row in rows for each in row["examples"]})
    sql = (
        "SELECT i.work_item_id, COALESCE(i.number, i.work_item_id) FROM work_item AS i "
        "WHERE i.work_item_id IN (SELECT UNNEST($ids))"
    )
    return dict(connection.execute(sql, {"ids": ids}).fetchall()) if ids else {}
