"""A constraint made into SQL: how each record in scope stands to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from itsm_bridge.checking.losses import Loss
from itsm_bridge.checking.verdicts import NO_POPULATION, quoted
from itsm_bridge.process.activities import untold
from itsm_bridge.process.constraint import Constraint
from itsm_bridge.process.templates import TEMPLATES, WINDOWS, Template

NO_HISTORY = "the tool keeps no readable history of the record"
UNMAPPED = "a state of the tool is not mapped"
UNDATED = "something that it asks for is recorded without a time"
LIVED = (
    "COALESCE(w.opened_at < $period_to, TRUE) AND COALESCE(COALESCE(w.closed_at, w.updated_at) >= $period_from, TRUE)"
)
"""Records that were open, closed or touched within the period; the same that checks look at."""
OVER = "COALESCE(w.state IN ('closed', 'cancelled', 'rejected'), FALSE)"
"""Whether a record has come to its end, so that nothing is awaited any more."""
_SUMS = """
    SUM(v.is_a) AS count_a, SUM(v.is_b) AS count_b, MAX(CASE WHEN v.seq = 1 THEN v.is_a END) AS first_is_a,
    MAX(CASE WHEN v.next_is_a IS NULL THEN v.is_a END) AS last_is_a"""


def statement(constraint: Constraint, losses: Sequence[Loss] = ()) -> str:
    """Return the query: source_id, work_item_id, reason, activations, violations, pending; a row per record in scope.

    A reason says why the record is not assessable; its numbers mean nothing then. Zero activations are vacuous.
    """
    template = TEMPLATES[constraint.template]
    parts = [TEMPLATES[name] for name in template.parts] or [template]
    seen = _in(constraint.activities)
    sees_all = any(part.sees_all for part in parts)  # parts of one template see the same
    told = [f"told{n} AS ({_told(constraint, part)})" for n, part in enumerate(parts)]
    sums = {
        name: " + ".join(f"COALESCE(t{n}.{name}, 0)" for n in range(len(parts)))
        for name in ("activations", "broken", "awaited")
    }
    joins = " ".join(f"LEFT JOIN told{n} AS t{n} ON t{n}.work_item_id = s.work_item_id" for n in range(len(parts)))
    return f"""
WITH scope AS ({_scope(constraint, losses)}),
event AS (
  SELECT e.work_item_id, e.seq, {_flag(constraint.a)} AS is_a, {_flag(constraint.b)} AS is_b,
    {_flag(constraint.reset)} AS is_reset
  FROM activity AS e
  WHERE e.at IS NOT NULL{"" if sees_all else f" AND e.activity IN ({seen})"}
),
unclear AS (
  SELECT e.work_item_id, MIN(CASE WHEN e.activity = 'unknown' THEN 1 ELSE 2 END) AS kind
  FROM activity AS e
  WHERE e.activity = 'unknown' OR (e.at IS NULL AND e.activity IN ({seen}))
  GROUP BY e.work_item_id
),
{", ".join(told)}
SELECT
  s.source_id, s.work_item_id,
  CASE
    WHEN s.reason IS NOT NULL THEN s.reason
    WHEN u.kind = 1 THEN {quoted(UNMAPPED)}
    WHEN u.kind = 2 THEN {quoted(UNDATED)}
  END AS reason,
  {sums["activations"]} AS activations,
  {sums["broken"]} + CASE WHEN s.is_over THEN {sums["awaited"]} ELSE 0 END AS violations,
  CASE WHEN s.is_over THEN 0 ELSE {sums["awaited"]} END AS pending
FROM scope AS s
LEFT JOIN unclear AS u ON u.work_item_id = s.work_item_id
{joins}
"""


def _scope(constraint: Constraint, losses: Sequence[Loss]) -> str:
    whens = [
        f"WHEN w.source_id = {quoted(loss.source_id)}{_of_type(loss)} THEN {quoted(loss.reason)}"
        for loss in untold(constraint.activities, losses)
    ]
    if constraint.population != "TRUE":
        whens.append(f"WHEN ({constraint.population}) IS NULL THEN {quoted(NO_POPULATION)}")
    types = f"w.record_type IN ({_in(constraint.record_types)}) AND " if constraint.record_types else ""
    return (
        f"SELECT w.work_item_id, w.source_id, {OVER} AS is_over, "
        f"CASE WHEN w.history_level = 'none' THEN {quoted(NO_HISTORY)} {' '.join(whens)} END AS reason "
        f"FROM w WHERE {types}COALESCE(({constraint.population}), TRUE) AND {LIVED}"
    )


def _told(constraint: Constraint, template: Template) -> str:
    """Return the numbers per record that has events; other records are told by what is missing."""
    if template.of_record:
        return _told_of_records(constraint, template)
    windows = "".join(f", {WINDOWS[name]} AS {name}" for name in template.windows)
    numbers = ", ".join(
        f"SUM(CASE WHEN ({template.activates}) AND ({condition}) THEN 1 ELSE 0 END) AS {name}"
        for name, condition in (("activations", "TRUE"), ("broken", template.broken), ("awaited", template.awaited))
    )
    return (
        f"SELECT p.work_item_id, {numbers} FROM (SELECT v.work_item_id, v.seq, v.is_a, v.is_b{windows} "
        f"FROM event AS v) AS p GROUP BY p.work_item_id"
    )


def _told_of_records(constraint: Constraint, template: Template) -> str:
    broken, awaited = (each.format(times=constraint.times) for each in (template.broken, template.awaited))
    following = f"{WINDOWS['next_is_a']} AS next_is_a" if "next_is_a" in template.windows else "0 AS next_is_a"
    return (
        f"SELECT s.work_item_id, 1 AS activations, CASE WHEN {broken} THEN 1 ELSE 0 END AS broken, "
        f"CASE WHEN {awaited} THEN 1 ELSE 0 END AS awaited FROM scope AS s LEFT JOIN (SELECT v.work_item_id,{_SUMS} "
        f"FROM (SELECT v.work_item_id, v.seq, v.is_a, v.is_b, {following} FROM event AS v) AS v "
        f"GROUP BY v.work_item_id) AS r ON r.work_item_id = s.work_item_id"
    )


def _flag(activities: Iterable[str]) -> str:
    listed = _in(activities)
    return f"CASE WHEN e.activity IN ({listed}) THEN 1 ELSE 0 END" if listed else "0"


def _in(words: Iterable[str]) -> str:
    return ", ".join(quoted(word) for word in words)


def _of_type(loss: Loss) -> str:
    return "" if loss.record_type == "*" else f" AND w.record_type = {quoted(loss.record_type)}"
