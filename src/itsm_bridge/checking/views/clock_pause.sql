-- How long each clock stood still, how many of its pauses are unclear or could not be measured, how much of it was
-- waiting, and when the last wait before the original due time began.
SELECT
  m.sla_instance_id,
  CAST(COALESCE(SUM(CASE WHEN m.is_unclear = 0 THEN m.seconds END), 0) AS BIGINT) AS pause_seconds,
  SUM(m.is_unclear) AS unclear_pauses,
  COUNT(CASE WHEN m.is_unclear = 0 AND m.seconds IS NULL THEN 1 END) AS unmeasured,
  CAST(COALESCE(SUM(CASE WHEN m.is_unclear = 0 AND m.is_waiting = 1 THEN m.seconds END), 0) AS BIGINT) AS waiting_seconds,
  MAX(CASE WHEN m.is_unclear = 0 THEN m.waited_before_due_at END) AS last_wait_at
FROM span_time AS m
WHERE m.part = 'pause'
GROUP BY m.sla_instance_id
