-- The stretches of time that make up a clock: the whole of it, and the pauses within it.
-- kept: no
WITH within AS (
  SELECT
    b.sla_instance_id, b.calendar_id, p.reason AS rule_reason, z.reason,
    CASE WHEN z.from_at < b.started_at THEN b.started_at ELSE z.from_at END AS from_at,
    CASE WHEN z.to_at < b.stop_at THEN z.to_at ELSE b.stop_at END AS to_at
  FROM clock_base AS b
  JOIN pause_rule AS p ON p.sla_definition_id = b.sla_definition_id
  JOIN state_interval AS z ON z.work_item_id = b.work_item_id AND z.state = p.state
  WHERE z.from_at < b.stop_at AND (z.to_at IS NULL OR z.to_at > b.started_at)
)
SELECT b.sla_instance_id, b.calendar_id, b.started_at AS from_at, b.stop_at AS to_at, 'gross' AS part
FROM clock_base AS b
UNION ALL
SELECT i.sla_instance_id, i.calendar_id, i.from_at, i.to_at, 'pause' AS part
FROM within AS i
WHERE i.rule_reason = '' OR i.rule_reason = i.reason
UNION ALL
SELECT i.sla_instance_id, i.calendar_id, i.from_at, i.to_at, 'unclear' AS part
FROM within AS i
WHERE i.rule_reason <> '' AND i.reason IS NULL
