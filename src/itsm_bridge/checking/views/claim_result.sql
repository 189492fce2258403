-- Each clock whose finished result was already known from an earlier snapshot, with what the tool made of it later: how
-- often it was taken back or its verdict turned round, by how many seconds its time moved, and when. What the mapping
-- changed does not count, nor what came after the record had been taken up again. is_unclear: a verdict was missing.
WITH claimed AS (
  SELECT
    c.sla_instance_id, MIN(c.source_id) AS source_id, MIN(c.work_item_id) AS work_item_id,
    MAX(CASE WHEN c.stage = 'completed' THEN c.later_snapshots END) AS later_snapshots,
    MAX(CASE WHEN c.stage = 'completed' THEN c.stopped_at END) AS stopped_at,
    COUNT(*) AS claims, COUNT(CASE WHEN c.stage = 'completed' THEN 1 END) AS completions
  FROM sla_claim AS c
  GROUP BY c.sla_instance_id
),
followed AS (
  SELECT
    c.sla_instance_id, c.work_item_id, c.snapshot, c.seen_at, COALESCE(c.captured_at, c.seen_at) AS changed_at, c.is_remapped,
    c.stage, c.elapsed_seconds, c.is_breached,
    LAG(c.stage) OVER (PARTITION BY c.sla_instance_id ORDER BY c.snapshot NULLS LAST) AS earlier_stage,
    LAG(c.stopped_at) OVER (PARTITION BY c.sla_instance_id ORDER BY c.snapshot NULLS LAST) AS earlier_stopped_at,
    LAG(c.elapsed_seconds) OVER (PARTITION BY c.sla_instance_id ORDER BY c.snapshot NULLS LAST) AS earlier_elapsed_seconds,
    LAG(c.is_breached) OVER (PARTITION BY c.sla_instance_id ORDER BY c.snapshot NULLS LAST) AS earlier_breached
  FROM claimed AS k
  JOIN sla_claim AS c ON c.sla_instance_id = k.sla_instance_id
  WHERE k.claims > 1
),
compared AS (
  SELECT
    f.sla_instance_id, f.work_item_id, f.snapshot, f.seen_at, f.changed_at, f.earlier_stopped_at, f.elapsed_seconds,
    f.earlier_elapsed_seconds, f.is_breached, f.earlier_breached,
    CASE WHEN f.stage = 'cancelled' OR f.is_breached <> f.earlier_breached THEN 1 ELSE 0 END AS is_turned,
    CASE WHEN f.stage = 'completed' AND (f.is_breached IS NULL OR f.earlier_breached IS NULL) THEN 1 ELSE 0 END AS is_unclear,
    CASE WHEN f.stage = 'completed' THEN ABS(f.elapsed_seconds - f.earlier_elapsed_seconds) END AS moved_seconds
  FROM followed AS f
  WHERE f.earlier_stage = 'completed' AND f.stage IN ('completed', 'cancelled') AND NOT f.is_remapped
),
excused AS (
  SELECT DISTINCT c.sla_instance_id, c.snapshot
  FROM compared AS c
  JOIN reopening AS r
    ON r.work_item_id = c.work_item_id AND r.reopened_at >= c.earlier_stopped_at AND r.reopened_at <= c.seen_at
),
counted AS (
  SELECT
    c.sla_instance_id, c.changed_at, c.elapsed_seconds, c.earlier_elapsed_seconds, c.is_breached, c.earlier_breached,
    c.is_turned, c.is_unclear, c.moved_seconds,
    ROW_NUMBER() OVER (PARTITION BY c.sla_instance_id ORDER BY c.is_turned DESC NULLS LAST, c.moved_seconds DESC NULLS LAST,
      c.snapshot DESC NULLS LAST) AS place
  FROM compared AS c
  LEFT JOIN excused AS e ON e.sla_instance_id = c.sla_instance_id AND e.snapshot = c.snapshot
  WHERE e.sla_instance_id IS NULL
)
SELECT
  k.sla_instance_id, k.source_id, k.work_item_id, k.later_snapshots, k.stopped_at, m.changed_at, m.elapsed_seconds,
  m.earlier_elapsed_seconds, m.is_breached, m.earlier_breached, COALESCE(m.is_turned, 0) AS is_turned,
  COALESCE(m.is_unclear, 0) AS is_unclear, COALESCE(m.moved_seconds, 0) AS moved_seconds
FROM claimed AS k
LEFT JOIN counted AS m ON m.sla_instance_id = k.sla_instance_id AND m.place = 1
WHERE k.completions > 0
