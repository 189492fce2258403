-- How long each clock stood still, and how many of its pauses are unclear or could not be measured.
SELECT
  m.sla_instance_id,
  CAST(COALESCE(SUM(CASE WHEN m.is_unclear = 0 THEN m.seconds END), 0) AS BIGINT) AS pause_seconds,
  SUM(m.is_unclear) AS unclear_pauses,
  COUNT(CASE WHEN m.is_unclear = 0 AND m.seconds IS NULL THEN 1 END) AS unmeasured
FROM span_time AS m
WHERE m.part = 'pause'
GROUP BY m.sla_instance_id
