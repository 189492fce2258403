-- The stretches of time that make up a clock: the whole of it, and the pauses within it. A pause is unclear where its
-- rule asks for a reason that the tool does not say; those until a settled record is taken up again are no waiting.
-- kept: no
WITH within AS (
  SELECT
    b.sla_instance_id, b.sla_definition_id, b.calendar_id, b.original_due_at, z.state, COALESCE(z.reason, r.reason) AS reason,
    CASE WHEN z.from_at < b.started_at THEN b.started_at ELSE z.from_at END AS from_at,
    CASE WHEN z.to_at < b.stop_at THEN z.to_at ELSE b.stop_at END AS to_at
  FROM clock_base AS b
  JOIN state_interval AS z
    ON z.work_item_id = b.work_item_id AND z.from_at < b.stop_at AND (z.to_at IS NULL OR z.to_at > b.started_at)
  LEFT JOIN stay_reason AS r ON r.work_item_id = z.work_item_id AND r.from_at = z.from_at AND r.seq = z.seq
  WHERE z.state IN (SELECT p.state FROM pause_rule AS p)
)
SELECT
  b.sla_instance_id, b.calendar_id, b.started_at AS from_at, b.stop_at AS to_at, 'gross' AS part, 0 AS is_unclear,
  0 AS is_waiting, CAST(NULL AS TIMESTAMP) AS waited_before_due_at
FROM clock_base AS b
UNION ALL
SELECT
  i.sla_instance_id, i.calendar_id, i.from_at, i.to_at, 'pause' AS part,
  CASE WHEN p.reason = '' OR p.reason = i.reason THEN 0 ELSE 1 END AS is_unclear,
  CASE WHEN i.state IN ('resolved', 'closed') THEN 0 ELSE 1 END AS is_waiting,
  CASE WHEN i.from_at <= i.original_due_at AND i.state NOT IN ('resolved', 'closed') THEN i.from_at END
    AS waited_before_due_at
FROM within AS i
JOIN pause_rule AS p ON p.sla_definition_id = i.sla_definition_id AND p.state = i.state
WHERE p.reason = '' OR p.reason = i.reason OR i.reason IS NULL
