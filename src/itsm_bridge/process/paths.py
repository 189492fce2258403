"""The paths that records take through their states: which there are, how often, and how long they take."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from itsm_bridge.checking.losses import Loss
from itsm_bridge.checking.verdicts import quoted
from itsm_bridge.process.statement import LIVED, OVER

RECORDS = pa.schema([
    ("source_id", pa.string()), ("record_type", pa.string()),
    *((name, pa.int64()) for name in ("records", "without_history", "still_open", "complete", "variants")),
])  # fmt: skip
VARIANTS = pa.schema([
    ("source_id", pa.string()), ("record_type", pa.string()), ("place", pa.int64()), ("path", pa.string()),
    ("records", pa.int64()), ("share", pa.float64()), ("cumulative_share", pa.float64()),
    ("median_seconds", pa.float64()), ("p90_seconds", pa.float64()),
])  # fmt: skip
STEP = " → "
_HISTORY = ("transition", "history.state")


def traced_sql(losses: Sequence[Loss]) -> str:
    """Return the query for table `traced`: every record, with its path where it has ended and its history can be read.

    A state that stands for a step of its own at the same instant comes first: resolved before closed.
    """
    return f"""
    WITH record AS ({_record(losses)}),
    path AS (
      SELECT z.work_item_id, STRING_AGG(z.state, '{STEP}' ORDER BY z.from_at, z.seq, z.origin) AS path,
        EPOCH(MAX(z.from_at)) - EPOCH(MIN(z.from_at)) AS seconds
      FROM record AS r
      JOIN state_interval AS z ON z.work_item_id = r.work_item_id
      WHERE r.is_told AND r.is_over
      GROUP BY z.work_item_id
    )
    SELECT r.source_id, r.record_type, r.is_over, r.is_told, p.path, p.seconds
    FROM record AS r
    LEFT JOIN path AS p ON p.work_item_id = r.work_item_id"""


RECORDS_SQL = """
SELECT t.source_id, t.record_type, COUNT(*) AS records, COUNT(*) FILTER (WHERE NOT t.is_told) AS without_history,
  COUNT(*) FILTER (WHERE t.is_told AND NOT t.is_over) AS still_open,
  COUNT(*) FILTER (WHERE t.is_told AND t.is_over) AS complete, COUNT(DISTINCT t.path) AS variants
FROM traced AS t
GROUP BY t.source_id, t.record_type
ORDER BY t.source_id, t.record_type
"""
VARIANTS_SQL = """
WITH variant AS (
  SELECT t.source_id, t.record_type, t.path, COUNT(*) AS records, QUANTILE_CONT(t.seconds, 0.5) AS median_seconds,
    QUANTILE_CONT(t.seconds, 0.9) AS p90_seconds
  FROM traced AS t
  WHERE t.path IS NOT NULL
  GROUP BY t.source_id, t.record_type, t.path
),
placed AS (
  SELECT v.*, ROW_NUMBER() OVER kind AS place, SUM(v.records) OVER kind AS so_far,
    SUM(v.records) OVER (PARTITION BY v.source_id, v.record_type) AS total
  FROM variant AS v
  WINDOW kind AS (
    PARTITION BY v.source_id, v.record_type ORDER BY v.records DESC, v.path
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  )
)
SELECT v.source_id, v.record_type, v.place, v.path, v.records, v.records / CAST(v.total AS DOUBLE) AS share,
  v.so_far / CAST(v.total AS DOUBLE) AS cumulative_share, v.median_seconds, v.p90_seconds
FROM placed AS v
ORDER BY v.source_id, v.record_type, v.place
"""


def _record(losses: Sequence[Loss]) -> str:
    untold = [
        f"(w.source_id = {quoted(loss.source_id)}"
        + ("" if loss.record_type == "*" else f" AND w.record_type = {quoted(loss.record_type)}")
        + ")"
        for loss in losses
        if loss.what in _HISTORY
    ]
    lost = "".join(f" AND NOT {each}" for each in dict.fromkeys(untold))
    return (
        f"SELECT w.source_id, w.record_type, w.work_item_id, {OVER} AS is_over, "
        f"COALESCE(w.history_level, 'none') <> 'none'{lost} AS is_told FROM w WHERE {LIVED}"
    )
