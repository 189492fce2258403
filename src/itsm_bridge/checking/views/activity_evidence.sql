-- Each activity that is required at intervals, with what the register says of it: when it was last finished, and up to
-- when the last report of it that was finished and sent out goes.
SELECT
  q.activity_id, q.kind, q.clause, q.subject_id, q.interval_days, q.is_active,
  q.interval_days * INTERVAL '1' DAY AS planned_interval,
  MAX(r.closed_at) AS last_done_at,
  MAX(CASE WHEN r.communicated_at <= $now THEN r.period_to END) AS reported_to,
  SUM(CASE WHEN r.communicated_at <= $now AND r.period_to IS NULL THEN 1 ELSE 0 END) AS undated_reports
FROM required_activity AS q
LEFT JOIN register_item AS r
  ON r.kind = q.kind AND COALESCE(r.subject_id, '') = COALESCE(q.subject_id, '') AND r.closed_at <= $now
GROUP BY q.activity_id, q.kind, q.clause, q.subject_id, q.interval_days, q.is_active
