-- Targets of suppliers and teams in force, each beside the customer targets that apply to all that it applies to. Goals
-- compare where both count in the same calendar; round the clock, the same number of seconds is never longer.
WITH standing AS (
  SELECT
    d.sla_definition_id, d.source_id, d.name, COALESCE(d.kind, 'sla') AS kind, d.metric, d.record_type, d.service_id,
    d.priority, d.goal_seconds, d.supplier_id,
    COALESCE(b.calendar_id, CASE WHEN COALESCE(d.source_schedule, '') = '' THEN '' ELSE '?' || d.source_schedule END)
      AS calendar
  FROM known_target AS d
  LEFT JOIN calendar_binding AS b
    ON b.source_id = d.source_id AND b.source_schedule = COALESCE(d.source_schedule, '')
  WHERE COALESCE(d.is_active, TRUE) AND (d.valid_from IS NULL OR d.valid_from <= $now)
    AND (d.valid_to IS NULL OR d.valid_to > $now)
),
beside AS (
  SELECT
    u.sla_definition_id, d.name AS customer_name, d.goal_seconds AS customer_goal_seconds,
    CASE
      WHEN u.goal_seconds > d.goal_seconds AND (u.calendar = d.calendar OR d.calendar = '') THEN 1
      WHEN u.goal_seconds <= d.goal_seconds AND (u.calendar = d.calendar OR u.calendar = '') THEN 0
    END AS is_longer
  FROM standing AS u
  JOIN standing AS d ON d.source_id = u.source_id AND d.metric = u.metric AND d.record_type = u.record_type
  WHERE u.kind IN ('uc', 'ola') AND d.kind = 'sla' AND (d.service_id IS NULL OR d.service_id = u.service_id)
    AND (d.priority IS NULL OR d.priority = u.priority)
)
SELECT
  u.sla_definition_id, u.source_id, u.name, u.kind, u.metric, u.supplier_id, u.goal_seconds,
  COUNT(*) AS customer_targets, SUM(CASE WHEN b.is_longer = 1 THEN 1 ELSE 0 END) AS exceeded,
  SUM(CASE WHEN b.is_longer IS NULL THEN 1 ELSE 0 END) AS unclear,
  MIN(CASE WHEN b.is_longer = 1 THEN b.customer_name END) AS exceeded_name,
  MIN(CASE WHEN b.is_longer = 1 THEN b.customer_goal_seconds END) AS exceeded_goal_seconds
FROM standing AS u
JOIN beside AS b ON b.sla_definition_id = u.sla_definition_id
GROUP BY u.sla_definition_id, u.source_id, u.name, u.kind, u.metric, u.supplier_id, u.goal_seconds
