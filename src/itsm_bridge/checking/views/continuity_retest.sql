-- When continuity was first tested after each change with major impact: a test of its service, or one that names the
-- change. Registers tell days, so that a test on the day on which the change ended counts.
WITH ended AS (
  SELECT i.work_item_id, i.service_id, COALESCE(c.actual_end_at, i.closed_at) AS ended_at
  FROM work_item AS i
  JOIN change_detail AS c ON c.work_item_id = i.work_item_id
  WHERE i.record_type = 'change' AND c.is_major_impact
),
tested AS (
  SELECT e.work_item_id, e.ended_at, r.closed_at
  FROM ended AS e
  JOIN service_register AS r ON r.service_id = e.service_id
  WHERE r.kind = 'continuity_test' AND r.closed_at <= $now
  UNION ALL
  SELECT e.work_item_id, e.ended_at, r.closed_at
  FROM ended AS e
  JOIN item_register AS r ON r.work_item_id = e.work_item_id
  WHERE r.kind = 'continuity_test' AND r.closed_at <= $now
)
SELECT t.work_item_id, MIN(t.closed_at) AS retested_at
FROM tested AS t
WHERE t.closed_at + INTERVAL '1' DAY > t.ended_at
GROUP BY t.work_item_id
