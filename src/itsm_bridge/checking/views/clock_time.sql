-- Working seconds of each clock: all of it, its pauses, and how many stretches could not be measured.
-- kept: no
SELECT
  g.sla_instance_id, g.seconds AS gross_seconds, COALESCE(p.pause_seconds, 0) AS pause_seconds,
  COALESCE(p.unclear_pauses, 0) AS unclear_pauses, COALESCE(p.waiting_seconds, 0) AS waiting_seconds,
  p.last_wait_at,
  COALESCE(p.unmeasured, 0) + CASE WHEN g.seconds IS NULL THEN 1 ELSE 0 END AS unmeasured
FROM span_time AS g
LEFT JOIN clock_pause AS p ON p.sla_instance_id = g.sla_instance_id
WHERE g.part = 'gross'
